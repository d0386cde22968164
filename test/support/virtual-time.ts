// Virtual time for a suite: timers, Date and performance stand still until a test lets time pass. Microtasks and
// setImmediate stay real, so promises settle as they always do.
import { AsyncResource } from 'node:async_hooks';
import FakeTimers, { type Clock } from '@sinonjs/fake-timers';

export interface VirtualTime {
  /** Lets so many ms pass, timer by timer. */
  readonly pass: (ms: number) => Promise<void>;
  /** Lets everything happen that needs no time. */
  readonly flush: () => Promise<void>;
  /** Lets time pass until the promise settles. Throws where it never would: nothing is left to wait for. */
  readonly finish: <T>(promise: PromiseLike<T>) => Promise<T>;
  /** Sets the wall clock forward or back; neither timers nor `performance` notice. */
  readonly jump: (ms: number) => void;
  /** Everything stands still for so long, and then each timer that is due rings once, late. */
  readonly sleep: (ms: number) => Promise<void>;
  /** Timers that are set just now. */
  readonly timers: number;
}

/** A day on which our clock stands at the start of each test. */
const TODAY = Date.parse('2026-11-22T12:00:00Z');

/** Time since `performance` began, at the start of each test: not 0, which is too easily confused with nothing. */
const START = 5_000;

/** Timers, Date and performance, which stand still from now on. */
export function installClock(): Clock {
  const clock = FakeTimers.install({
    now: TODAY - START,
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
  });
  clock.tick(START);
  return clock;
}

/**
 * Installs virtual time around every test of the suite that calls this. A promise that was rejected and that nobody
 * looked at fails the test; mocha alone would not notice.
 */
export function virtualTime(): VirtualTime {
  let clock: Clock;
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  beforeEach(() => {
    unhandled.length = 0;
    process.on('unhandledRejection', note);
    clock = installClock();
    keepContext();
  });
  afterEach(async () => {
    await time.flush();
    clock.uninstall();
    process.off('unhandledRejection', note);
    if (unhandled.length > 0) throw unhandled[0];
  });

  const time: VirtualTime = {
    async pass(ms) {
      await clock.tickAsync(ms);
    },
    flush: () => new Promise((resolve) => setImmediate(resolve)),
    async finish(promise) {
      const watched = watch(promise);
      await time.flush();
      while (watched.state === 'pending') {
        if (clock.countTimers() === 0) throw new Error('Stuck: a promise is pending and no timer is set.');
        clock.next();
        await time.flush();
      }
      return promise;
    },
    jump(ms) {
      clock.setSystemTime(Date.now() + ms);
    },
    async sleep(ms) {
      clock.jump(ms);
      await time.flush();
    },
    get timers() {
      return clock.countTimers();
    },
  };
  return time;
}

/** A timer of Node runs in the async context of whoever set it; a fake one does so only if it is told. */
function keepContext(): void {
  const fake = globalThis.setTimeout;
  const bound = (callback: () => void, ms?: number) => fake(AsyncResource.bind(callback), ms);
  globalThis.setTimeout = bound as unknown as typeof setTimeout;
}

/** What has become of a promise so far, to be looked at while time stands still. */
export interface Watched<T> {
  readonly state: 'pending' | 'resolved' | 'rejected';
  readonly value: T;
  readonly error: unknown;
  /** When it settled, ms of `performance`. */
  readonly at: number | undefined;
}

export function watch<T>(promise: PromiseLike<T>): Watched<T> {
  const watched = { state: 'pending', value: undefined, error: undefined, at: undefined } as {
    -readonly [K in keyof Watched<T | undefined>]: Watched<T | undefined>[K];
  };
  promise.then(
    (value) => Object.assign(watched, { state: 'resolved', value, at: performance.now() }),
    (error: unknown) => Object.assign(watched, { state: 'rejected', error, at: performance.now() }),
  );
  return watched as Watched<T>;
}
