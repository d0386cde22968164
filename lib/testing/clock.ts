// A clock that stands still: timers, `Date` and `performance.now()` of the process, until somebody lets time pass.

/** What of a clock is needed to let time pass; the fake timers of sinon, vitest and jest have it too. */
export interface FakeClock {
  /** Goes forward to the timer that is due first, and runs it. */
  readonly next: () => unknown;
  /** Timers that are set. */
  readonly countTimers: () => number;
}

/** A clock of ours. */
interface StoppedClock extends FakeClock {
  /** Time runs again. */
  readonly restore: () => void;
}

interface Timer {
  readonly id: number;
  readonly run: () => void;
  /** ms; repeats where it is an interval. */
  readonly every: number | undefined;
  readonly delay: number;
  at: number;
}

const atLeast = (least: number, ms: unknown) => Math.max(least, Number(ms) || 0);

type Callback = (...values: unknown[]) => void;

/** What is put in place of the real ones, by name. */
const REPLACED = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] as const;

type MaybeFake = typeof setTimeout & { readonly clock?: FakeClock };

/** The fake timers that somebody installed before, if there are any. */
export const clockInForce = () => (globalThis.setTimeout as MaybeFake).clock;

export const isFake = (timer: typeof setTimeout) => (timer as MaybeFake).clock !== undefined;

/** Stops time. The result goes forward, and `restore()` lets it run again. */
export function stopTime(): StoppedClock {
  const startedAt = Date.now();
  const elapsedBefore = Math.ceil(performance.now()); // whole, so that differences are exact
  const RealDate = Date;
  const timers = new Map<number, Timer>();
  let passed = 0;
  let made = 0;
  const now = () => startedAt + passed;
  // A timer of Node runs in the async context of whoever set it.
  const { AsyncResource } = process.getBuiltinModule('node:async_hooks');

  function set(callback: Callback, delay: number, values: unknown[], every?: number): object {
    made += 1;
    const run: () => void = AsyncResource.bind(() => callback(...values));
    const timer: Timer = { id: made, run, every, delay, at: passed + delay };
    timers.set(timer.id, timer);
    return handleOf(timer);
  }

  function handleOf(timer: Timer): object {
    const handle = {
      ref: () => handle,
      unref: () => handle,
      hasRef: () => timers.has(timer.id),
      refresh() {
        timer.at = passed + timer.delay;
        timers.set(timer.id, timer);
        return handle;
      },
      close: () => void timers.delete(timer.id),
      [Symbol.toPrimitive]: () => timer.id,
    };
    return handle;
  }

  const clear = (handle?: unknown) => void timers.delete(Number(handle));
  const fakes: Record<(typeof REPLACED)[number], unknown> = {
    setTimeout: (callback: Callback, delay?: number, ...values: unknown[]) =>
      set(callback, atLeast(0, delay), values),
    setInterval: (callback: Callback, delay?: number, ...values: unknown[]) =>
      set(callback, atLeast(1, delay), values, atLeast(1, delay)),
    clearTimeout: clear,
    clearInterval: clear,
    Date: new Proxy(RealDate, {
      construct: (real, given: unknown[], target) =>
        Reflect.construct(real, given.length > 0 ? given : [now()], target) as object,
      apply: () => new RealDate(now()).toString(),
      get: (real, name) => (name === 'now' ? now : (Reflect.get(real, name) as unknown)),
    }),
  };
  const originals = REPLACED.map(
    (name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const,
  );
  const ownNow = Object.getOwnPropertyDescriptor(performance, 'now');
  for (const name of REPLACED)
    Object.defineProperty(globalThis, name, { value: fakes[name], configurable: true, writable: true });
  Object.defineProperty(performance, 'now', {
    value: () => elapsedBefore + passed,
    configurable: true,
    writable: true,
  });

  return {
    next() {
      const [first] = [...timers.values()].sort((a, b) => a.at - b.at || a.id - b.id);
      if (!first) return;
      passed = Math.max(passed, first.at);
      if (first.every === undefined) timers.delete(first.id);
      else first.at = passed + first.every;
      first.run();
    },
    countTimers: () => timers.size,
    restore() {
      timers.clear();
      for (const [name, original] of originals)
        if (original) Object.defineProperty(globalThis, name, original);
      if (ownNow) Object.defineProperty(performance, 'now', ownNow);
      else Reflect.deleteProperty(performance, 'now');
    },
  };
}
