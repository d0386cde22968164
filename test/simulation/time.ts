// Virtual time for a run: timers, Date and performance stand still until the run lets time pass.
import { installClock } from '../support/virtual-time.js';
import type { Time } from './world.js';

/** Timers that ring at one moment: with more of them somebody waits for nothing, again and again. */
const MOST_AT_ONCE = 100_000;

export interface SimulatedTime extends Time {
  /** Longest that anybody wanted to be woken after, ms. */
  readonly longest: () => number;
  end(): void;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

export function simulateTime(): SimulatedTime {
  const clock = installClock();
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
    },
    jump: (ms) => clock.setSystemTime(Date.now() + ms),
    timers: () => clock.countTimers(),
    longest: () => longest,
    end: () => clock.uninstall(),
  };
}
