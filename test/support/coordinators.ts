// A coordinator that answers later, as one does that is not in this process, and that can be in trouble.
import type { Coordinator, Seat } from '../../lib/session/coordinator.js';
import { createMemoryCoordinator } from '../../lib/session/memory-coordinator.js';

type Method = Exclude<keyof Seat, 'subscribe'>;

export interface Remote extends Coordinator {
  /** Steps that reject, as long as they are in here. */
  readonly down: Set<Method>;
  /** Steps that take effect and reject all the same: the answer is lost. */
  readonly lost: Set<Method>;
  /** Steps that never answer. */
  readonly hung: Set<Method>;
  /** Steps in the order in which they were asked for. */
  readonly asked: Method[];
}

/** @param takes time of a step, ms */
export function remote(
  takes = 10,
  inner: Coordinator = createMemoryCoordinator({ idle: 3_600_000 }),
): Remote {
  const down = new Set<Method>();
  const lost = new Set<Method>();
  const hung = new Set<Method>();
  const asked: Method[] = [];
  async function step<T>(method: Method, carryOut: () => PromiseLike<T> | T): Promise<T> {
    asked.push(method);
    await new Promise((resolve) => setTimeout(resolve, takes));
    if (hung.has(method)) return new Promise(() => undefined);
    if (down.has(method)) throw new Error('The store is down.');
    const answer = await carryOut();
    if (lost.has(method)) throw new Error('The answer of the store was lost.');
    return answer;
  }
  return {
    down,
    lost,
    hung,
    asked,
    open(key) {
      const seat = inner.open(key);
      return {
        begin: (grant, joins) => step('begin', () => seat.begin(grant, joins)),
        load: () => step('load', () => seat.load()),
        claim: (terms) => step('claim', () => seat.claim(terms)),
        mark: (fence, lease) => step('mark', () => seat.mark(fence, lease)),
        commit: (at, grant) => step('commit', () => seat.commit(at, grant)),
        cool: (fence, forMs, doubtful) => step('cool', () => seat.cool(fence, forMs, doubtful)),
        end: (at, end) => step('end', () => seat.end(at, end)),
        subscribe: (onChange) => seat.subscribe(onChange),
      };
    },
  };
}
