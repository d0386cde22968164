// The schedule of faults: what becomes of each exchange and each step, decided by a seed alone.
import { randomFrom } from '../../lib/testing/trouble.js';
import type { Trouble } from './plan.js';

/** What becomes of a request. */
export interface Fate {
  readonly name:
    | 'answered'
    | 'refused' // no connection
    | 'lost' // the connection breaks before the answer
    | 'silent' // no answer for ever
    | 'cut' // the connection breaks in the middle of the answer
    | 'twice' // the request arrives twice
    | 'unavailable' // 503 of a gateway
    | 'failed' // 500
    | 'limited' // 429
    | 'page' // a captive portal: 200 with HTML
    | 'stranger' // the tokens of somebody else
    | 'unknown client'; // the client credentials are refused
  /** The server carries the request out. */
  readonly acts: boolean;
  /** Time until the server acts, and from there to the answer, ms. */
  readonly before: number;
  readonly after: number;
}

/** What becomes of a step of the store. */
export interface StepFate {
  readonly fails: 'before' | 'after' | undefined;
  /** The record is not found. */
  readonly absent: boolean;
  readonly before: number;
  readonly after: number;
}

export interface Faults {
  /** Off: everything works, and quickly. */
  on: boolean;
  refresh(timeout: number): Fate;
  call(): Fate;
  /** `undefined`: the step is carried out at once. */
  step(): StepFate | undefined;
  /** When each copy of a hint arrives, ms: none, one or two. */
  hints(): readonly number[];
  /** A number from 0 up to 1, for whatever else may be so or so. */
  coin(): number;
}

/** Longest that a step of the store takes until it has its effect, and again until its answer is there, ms. */
export const STORE_TAKES = 15;

const QUICK: Fate = { name: 'answered', acts: true, before: 10, after: 10 };

export function createFaults({ seed, network, losses, store }: Trouble): Faults {
  // Sources of their own: a call more does not change what becomes of the refreshes.
  const [refreshes, calls, steps, coins] = [1, 2, 3, 4].map((source) => randomFrom(seed * 7 + source));
  const pick = <T>(random: () => number, ...choices: readonly T[]) =>
    choices[Math.floor(random() * choices.length)]!;
  const faults: Faults = {
    on: false,
    refresh(timeout) {
      const random = refreshes!;
      if (!faults.on) return QUICK;
      const long = random() < 0.3 ? timeout * 0.4 : 60;
      const [before, after] = [random() * long, random() * long];
      if (random() >= network) return { ...QUICK, before, after };
      const acts = losses && random() < 0.4;
      const name = pick(
        random,
        ...(['refused', 'unavailable', 'limited', 'lost', 'failed', 'silent', 'page'] as const),
        ...(losses ? (['stranger', 'twice', 'cut'] as const) : []),
        'unknown client' as const,
      );
      if (name === 'silent') return { name, acts, before: random() * (timeout + 900), after: Infinity };
      return { name, acts: always.has(name) || (acts && canAct.has(name)), before, after };
    },
    call() {
      const random = calls!;
      if (!faults.on) return QUICK;
      const long = random() < 0.15 ? 1_500 : 100;
      const [before, after] = [random() * 100, random() * long];
      if (random() >= network * 0.5) return { ...QUICK, before, after };
      const acts = losses && random() < 0.5;
      const name = pick(random, ...FATES_OF_CALLS);
      if (name === 'silent') return { name, acts, before, after: Infinity };
      return { name, acts: always.has(name) || (acts && canAct.has(name)), before, after };
    },
    step() {
      const random = steps!;
      if (store === null) return undefined;
      const [before, after] = [random() * STORE_TAKES, random() * STORE_TAKES];
      const kind = random();
      if (!faults.on || random() >= store) return { fails: undefined, absent: false, before, after };
      const absent = kind >= 0.8;
      return { fails: absent ? undefined : kind < 0.4 ? 'before' : 'after', absent, before, after };
    },
    hints() {
      const random = steps!;
      if (store === null) return [];
      const copies = faults.on ? Math.floor(random() * 3) : 1;
      return Array.from({ length: copies }, () => random() * 40);
    },
    coin: () => coins!(),
  };
  return faults;
}

/** Fates after which the server may have carried a refresh out. */
const canAct: ReadonlySet<Fate['name']> = new Set(['lost', 'failed', 'page']);
/** Fates that show that it has. */
const always: ReadonlySet<Fate['name']> = new Set(['stranger', 'twice', 'cut']);

const FATES_OF_CALLS = [
  'refused',
  'unavailable',
  'lost',
  'limited',
  'failed',
  'silent',
  'cut',
  'twice',
] as const;
