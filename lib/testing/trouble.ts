// A store in trouble: steps fail before or after they took effect, take their time, and hints come late, twice or never.
import type { Coordinator, Seat } from '../index.js';

export interface Trouble {
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Share of the steps that fail; half of them took effect. */
  share: number;
  /** Most time that a step takes, ms: steps overtake each other. */
  readonly slow: number;
}

/** Numbers from 0 up to 1 that a seed decides (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function troubled(coordinator: Coordinator, trouble: Trouble): Coordinator {
  const { random } = trouble;
  const pause = () => new Promise((resolve) => setTimeout(resolve, random() * trouble.slow));

  async function step<T>(carryOut: () => T): Promise<Awaited<T>> {
    const fails = random() < trouble.share;
    const before = random() < 0.5;
    await pause();
    if (fails && before) throw new Error('The store did not get it.');
    const answer = await carryOut();
    await pause();
    if (fails) throw new Error('The answer of the store was lost.');
    return answer;
  }

  return {
    open(key): Seat {
      const seat = coordinator.open(key);
      return {
        begin: (grant, joins) => step(() => seat.begin(grant, joins)),
        load: () => step(() => seat.load()),
        claim: (terms) => step(() => seat.claim(terms)),
        mark: (fence, lease) => step(() => seat.mark(fence, lease)),
        commit: (at, grant) => step(() => seat.commit(at, grant)),
        cool: (fence, forMs, doubtful) => step(() => seat.cool(fence, forMs, doubtful)),
        end: (at, end) => step(() => seat.end(at, end)),
        subscribe: (onChange) =>
          seat.subscribe(() => {
            for (let times = Math.floor(random() * 3); times > 0; times -= 1)
              setTimeout(onChange, random() * trouble.slow);
          }),
      };
    },
  };
}
