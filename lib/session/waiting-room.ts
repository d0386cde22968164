// Those who wait for a refresh, each as long as it may: leaving does not touch what the others wait for.
import type { SessionRefusal, Waiter } from '../ports.js';

export interface WaitingRoom<T> {
  join(waiter: Waiter): Promise<T>;
  /** Lets everybody go, with what they waited for. */
  resolve(value: T): void;
  /** Sends everybody away. */
  reject(thrown: unknown): void;
}

interface Waiting<T> {
  readonly waiter: Waiter;
  resolve(value: T): void;
  reject(thrown: unknown): void;
}

export function createWaitingRoom<T>(): WaitingRoom<T> {
  const waiting = new Set<Waiting<T>>();

  function empty(tell: (one: Waiting<T>) => void): void {
    for (const one of waiting) {
      one.waiter.heldBy(undefined);
      tell(one);
    }
    waiting.clear();
  }

  return {
    join: (waiter) =>
      new Promise((resolve, reject) => {
        const one = { waiter, resolve, reject };
        waiting.add(one);
        waiter.heldBy({
          stop(cause) {
            waiting.delete(one);
            waiter.heldBy(undefined);
            reject({ cause } satisfies SessionRefusal);
          },
        });
      }),
    resolve: (value) => empty((one) => one.resolve(value)),
    reject: (thrown) => empty((one) => one.reject(thrown)),
  };
}
