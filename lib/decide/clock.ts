// What is known about the server's clock, from the `Date` of its answers and a clock of ours that never jumps. Ours may
// stand still while a laptop sleeps, and the date of the machine may be wrong; the server's is the one that counts.

/** Server time minus our monotonic time lies within, ms. */
export interface ServerClock {
  readonly least: number;
  readonly most: number;
}

/** `Date` counts in seconds. */
const RESOLUTION = 1_000;

/**
 * An answer told its date, ms since 1970: the server wrote it between these two moments of ours. Each answer narrows what
 * is known; one that contradicts it begins anew, because a clock jumped or ours stood still.
 */
export function observed(
  clock: ServerClock | undefined,
  date: number,
  sentAt: number,
  receivedAt: number,
): ServerClock {
  const told = { least: date - receivedAt, most: date + RESOLUTION - sentAt };
  const both = clock && { least: Math.max(clock.least, told.least), most: Math.min(clock.most, told.most) };
  return both && both.least <= both.most ? both : told;
}

/** The likeliest difference, ms. */
export const offsetOf = ({ least, most }: ServerClock) => (least + most) / 2;

/**
 * By how much more than ours, ms, the server's clock went on since a lifetime was taken down.
 * @param assumed the difference that was believed in then
 */
export function drift(clock: ServerClock | undefined, assumed: number | undefined): number {
  if (!clock || assumed === undefined) return 0;
  return Math.max(clock.least - assumed, 0) + Math.min(clock.most - assumed, 0);
}
