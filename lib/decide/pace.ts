// A rate at which calls leave. What is not used is saved, up to `most`, so that a quiet moment is not lost.

export interface Pace {
  readonly perSecond: number;
  /** Most calls that can be saved up; as many may leave at first. */
  readonly most: number;
  /** Calls that could leave at `at`. */
  readonly saved: number;
  readonly at: number;
}

export function newPace(perSecond: number, from: number, most: number): Pace {
  return { perSecond, most, saved: most, at: from };
}

function savedAt({ perSecond, most, saved, at }: Pace, now: number): number {
  return Math.min(most, saved + (Math.max(0, now - at) / 1_000) * perSecond);
}

/** How many calls may leave now. */
export function allowance(pace: Pace, now: number): number {
  // Sums of fractions are never exact: what lacks a hair of a call lacks nothing.
  return Math.max(0, Math.floor(savedAt(pace, now) + 1e-6));
}

/** One leaves. */
export function oneLeft(pace: Pace, now: number): Pace {
  return { ...pace, saved: savedAt(pace, now) - 1, at: Math.max(now, pace.at) };
}

/** One that was about to leave did not. */
export function oneBack(pace: Pace, now: number): Pace {
  return { ...pace, saved: Math.min(pace.most, savedAt(pace, now) + 1), at: Math.max(now, pace.at) };
}

/** The same calls at another rate from now on. */
export function atRate(pace: Pace, perSecond: number, now: number): Pace {
  return { ...pace, perSecond, saved: savedAt(pace, now), at: Math.max(now, pace.at) };
}

/** When the next call may leave. */
export function nextAt(pace: Pace, now: number): number {
  const missing = 1 - savedAt(pace, now);
  return missing > 0 ? Math.max(pace.at, now) + (missing / pace.perSecond) * 1_000 : now;
}
