// decide/: what to do next, as pure functions over plain data. Time and randomness come in as arguments.
// This file: how long to wait before a repeat.

export interface Backoff {
  /** First delay, ms. */
  readonly initial: number;
  /** Each delay is this many times the one before. */
  readonly factor: number;
  /** No delay of ours is longer, ms. */
  readonly max: number;
  /** `'full'`: anywhere between 0 and the delay, so that clients which failed together do not return together. */
  readonly jitter: 'full' | 'none';
}

/**
 * Delay before repeat number `retry` (1 is the first), ms.
 * @param random a number from 0 up to, not including, 1
 */
export function backoffDelay(
  retry: number,
  { initial, factor, max, jitter }: Backoff,
  random: number,
): number {
  // factor ** n overflows to Infinity for large n: the cap makes that harmless, save for 0 times Infinity.
  const ceiling = initial === 0 ? 0 : Math.min(max, initial * factor ** Math.max(0, retry - 1));
  return Math.round(jitter === 'full' ? ceiling * random : ceiling);
}
