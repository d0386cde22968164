// `virtualTime()`: retries, cooldowns and expiring tokens pass in no time, in any test runner.
import { check, number } from '../check-options.js';
import { LONGEST } from '../decide/retry-after.js';
import { clockInForce, isFake, stopTime, type FakeClock } from './clock.js';
import { arrivals } from './nock.js';

/** Time that passes when it is told to. */
export interface VirtualTime {
  /** Lets so many ms pass, timer by timer; what is answered meanwhile arrives. */
  readonly pass: (ms: number) => Promise<void>;
  /**
   * Lets time pass until a promise settles, and gives what it gives.
   * @throws Error where nothing is left that could settle it
   */
  readonly until: <T>(promise: PromiseLike<T>) => Promise<T>;
  /** Time runs again. Timers that are still set are dropped. */
  readonly restore: () => void;
}

// Taken before anybody could replace it: what a mock answers must arrive while time stands still.
const soon = globalThis.setTimeout;

/** An answer of nock arrives after three real timers of 1 ms; after so many without a new call, all have arrived. */
const QUIET = 10;

/**
 * Stops `setTimeout`, `setInterval`, `Date` and `performance.now()`. Where fake timers of sinon, vitest or jest are
 * installed already, it lets time pass on those, and they stay when it is restored. Sockets, streams, promises and
 * `setImmediate` stay real, so fake timers must leave `setImmediate`, `nextTick` and `queueMicrotask` alone.
 */
export function virtualTime(): VirtualTime {
  if (isFake(soon))
    throw new Error(
      'virtualTime: holdfast/testing was imported after fake timers were installed; import it first.',
    );
  const theirs = clockInForce();
  const clock: FakeClock & { readonly restore?: () => void } = theirs ?? stopTime();

  async function until<T>(promise: PromiseLike<T>): Promise<T> {
    const seen = { settled: false };
    const note = () => void (seen.settled = true);
    promise.then(note, note);
    await flush();
    while (!seen.settled) {
      if (clock.countTimers() === 0)
        throw new Error('virtualTime: the promise is pending, and no timer is set that it could wait for.');
      clock.next();
      await flush();
    }
    return promise;
  }

  return {
    until,
    async pass(ms) {
      check('virtualTime', 'the time to pass', ms, number(0, LONGEST, ' of ms'));
      await flush(); // timers of what has just begun come before the end
      await until(new Promise<void>((resolve) => setTimeout(resolve, ms)));
    },
    restore: () => {
      if (!theirs) clock.restore?.();
    },
  };
}

/** Until whatever needs no time has happened: one call may follow from the answer to another. */
async function flush(): Promise<void> {
  let seen = arrivals();
  for (let quiet = 0; quiet < QUIET; quiet += 1) {
    await new Promise<void>((resolve) => void soon(resolve, 1));
    if (arrivals() !== seen) quiet = 0;
    seen = arrivals();
  }
}
