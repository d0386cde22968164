// What workers and scenarios hand to each other, and the arithmetic of rounds.

/** The tokens of a session. */
export interface Pair {
  readonly access: string;
  readonly refresh: string;
}

/** What goes wrong in a storm besides the expired token. */
export interface Trouble {
  readonly name?: string;
  /** Client and answers know how long the token lasts. */
  readonly known?: boolean;
  /** Every second 401 arrives after the refresh. */
  readonly late?: boolean;
  /** The calls do not begin at once. */
  readonly trickle?: boolean;
  /** The first refresh is answered 503. */
  readonly unavailable?: boolean;
  /** The refresh token is refused. */
  readonly dead?: boolean;
}

/** What the server saw. */
export interface Counts {
  sends: number;
  refreshes: number;
  lost: number;
  limited: number;
}

/** Cost of one round of calls. */
export interface Cost {
  /** CPU time for one call, us. */
  readonly cpu: number;
  /** Wall time of the round, ms. */
  readonly wall: number;
}

/** A server's notes of what arrived, in the order of arrival. */
export interface Arrived {
  /** `Date.now()` of it. */
  readonly at: number;
  /** Which call it belongs to. */
  readonly call: number;
  /** How it was answered; 0 before that. */
  status: number;
}

/** How a call went. */
export interface Ended {
  /** When it began, ms since the load began. */
  readonly from: number;
  /** Until it was answered or failed, ms; `Infinity` where neither happened. */
  readonly took: number;
  readonly ok: boolean;
}

/** Quantile of the figures; 0.5 is the median. */
export function quantile(figures: readonly number[], q = 0.5): number {
  const sorted = [...figures].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const low = sorted[Math.floor(at)] ?? NaN;
  const high = sorted[Math.ceil(at)] ?? NaN;
  return low + (high - low) * (at - Math.floor(at));
}

/** Median of the ratios of each round: what slows the machine down for a while slows both sides. */
export function ratios(figures: readonly number[], base: readonly number[]): number[] {
  return figures.map((figure, round) => figure / (base[round] ?? NaN));
}

/** `1.02 (0.98–1.05)`: median and middle half. */
export function spread(figures: readonly number[], digits = 2): string {
  const [low, mid, high] = [0.25, 0.5, 0.75].map((q) => quantile(figures, q).toFixed(digits));
  return `${mid} (${low}–${high})`;
}

/** Number of pairs that stand in the wrong order. */
export function inversions(order: readonly number[]): number {
  if (order.length < 2) return 0;
  const middle = order.length >> 1;
  const [left, right] = [order.slice(0, middle), order.slice(middle)];
  let count = inversions(left) + inversions(right);
  left.sort((a, b) => a - b);
  right.sort((a, b) => a - b);
  let before = 0;
  for (const each of left) {
    while (before < right.length && right[before]! < each) before += 1;
    count += before;
  }
  return count;
}

export const percent = (share: number, digits = 0): string => `${(share * 100).toFixed(digits)} %`;
