// Those who wait for the refresh of a session: each leaves alone, by its own signal or deadline, and all the others hear
// together what came of it.
import type { Outcome, Renewed } from '../decide/session-events.js';
import type { SessionRefusal, Waiter } from '../ports.js';

export interface WaitingRoom {
  readonly size: number;
  /** @param begin called once the waiter is there */
  enter(waiter: Waiter, begin?: () => void): Promise<Renewed>;
  /** Empties the room; the result tells those who were in it. */
  clear(): (outcome: Outcome) => void;
}

/** @param onEmpty called when the last one left before the refresh was over */
export function createWaitingRoom(onEmpty: () => void): WaitingRoom {
  interface Waiting {
    readonly place: number;
    settle(outcome: Outcome): void;
  }
  let waiting = new Set<Waiting>();

  return {
    get size() {
      return waiting.size;
    },
    enter(waiter, begin) {
      if (waiter.ended) return refuse({ cause: waiter.ended });
      return new Promise((resolve, reject) => {
        const one: Waiting = {
          place: waiter.place ?? 0,
          settle(outcome) {
            waiter.heldBy(undefined);
            if (outcome.ok) resolve(outcome.renewed);
            else reject(outcome.thrown); // a `SessionRefusal`, or the failure of the refresh
          },
        };
        waiter.heldBy({
          stop(cause) {
            waiter.heldBy(undefined);
            reject({ cause } satisfies SessionRefusal);
            if (waiting.delete(one) && waiting.size === 0) onEmpty();
          },
        });
        waiting.add(one);
        begin?.();
      });
    },
    clear() {
      // Whoever waited in a line before, and gave its turn away to come here, is behind nobody who came later.
      const left = [...waiting].sort((one, other) => one.place - other.place);
      waiting = new Set();
      return (outcome) => {
        for (const one of left) one.settle(outcome);
      };
    },
  };
}

/** @param thrown a `SessionRefusal`, or the failure of a refresh */
export function refuse(thrown: unknown): Promise<never> {
  return Promise.reject(thrown);
}
