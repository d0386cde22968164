// Virtual time for a run: timers, Date and performance stand still until the run lets time pass.
import FakeTimers from '@sinonjs/fake-timers';
import type { Time } from './world.js';

/** A day on which the clock stands at the start of each run, and how long the process has run by then, ms. */
const TODAY = Date.parse('2026-11-22T12:00:00Z');
const START = 5_000;

/** Timers that ring at one moment: with more of them somebody waits for nothing, again and again. */
const MOST_AT_ONCE = 100_000;

export interface SimulatedTime extends Time {
  /** Longest that anybody wanted to be woken after, ms. */
  readonly longest: () => number;
  end(): void;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

export function simulateTime(): SimulatedTime {
  const clock = FakeTimers.install({
    now: TODAY - START,
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
  });
  clock.tick(START);
  const fake = globalThis.setTimeout;
  let longest = 0;
  globalThis.setTimeout = ((run: () => void, ms = 0) => {
    longest = Math.max(longest, ms);
    return fake(run, ms);
  }) as typeof setTimeout;

  return {
    /** Timer by timer, and after each of them everything that needs no time. */
    async pass(ms) {
      const sleep = { over: false };
      const end = performance.now() + ms;
      fake(() => (sleep.over = true), ms);
      await turn();
      let [moment, timers] = [performance.now(), 0];
      while (!sleep.over) {
        clock.next();
        await turn();
        if (performance.now() > moment) [moment, timers] = [performance.now(), 0];
        else if ((timers += 1) > MOST_AT_ONCE)
          throw new Error('Time stands still: timers go on without end.');
      }
      if (performance.now() < end) throw new Error('Time passes in a wrong way.');
    },
    jump: (ms) => clock.setSystemTime(Date.now() + ms),
    timers: () => clock.countTimers(),
    longest: () => longest,
    end: () => clock.uninstall(),
  };
}
