// A timer that is set, moved and switched off without being made anew each time it stays the same.
import { LONGEST } from '../decide/retry-after.js';

export interface Alarm {
  /** Rings at `moment`, or at the next millisecond, or when no timer can be longer; an earlier setting is forgotten. */
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
  return {
    at(moment, now) {
      if (timer !== undefined && setFor === moment) return;
      off();
      setFor = moment;
      timer = setTimeout(
        () => {
          timer = undefined;
          ring();
        },
        Math.min(LONGEST, Math.max(1, Math.ceil(moment - now))),
      );
    },
    off,
  };
}
