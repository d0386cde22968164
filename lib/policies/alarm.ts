// A timer that is set, moved and switched off without being made anew each time it stays the same.
import { moreTime } from '../decide/held-up.js';
import { LONGEST } from '../decide/retry-after.js';

export interface Alarm {
  /**
   * Rings at `moment`, or at the next millisecond, or when no timer can be longer; an earlier setting is forgotten. Where
   * everything was held up, a little later.
   */
  at(moment: number, now: number): void;
  off(): void;
}

export function alarm(ring: () => void): Alarm {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let setFor = 0;
  const off = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  const rings = () => {
    timer = undefined;
    ring();
  };
  return {
    at(moment, now) {
      if (timer !== undefined && setFor === moment) return;
      off();
      setFor = moment;
      const afterMs = Math.min(LONGEST, Math.max(1, Math.ceil(moment - now)));
      timer = setTimeout(() => {
        const more = moreTime(now + afterMs, performance.now());
        if (more > 0) timer = setTimeout(rings, more);
        else rings();
      }, afterMs);
    },
    off,
  };
}
