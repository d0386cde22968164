// Timers that ring too late: a tab that was frozen, a process that was stopped, a loop that was busy.

/** A timer that is so late was held up, and everything else with it, ms. */
const LATE = 1_000;

/**
 * How long whoever waits for something has to wait on after its timer, ms: what came while all stood still gets a turn
 * before it is taken for missing. An answer to a refresh may hold the only good tokens.
 */
export function moreTime(due: number, now: number): number {
  return now - due >= LATE ? 100 : 0;
}
