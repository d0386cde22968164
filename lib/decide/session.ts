// The life of a session: when its token is due, who refreshes, and who only needs to send again.

/** When an access token was received and how long it lives, on a clock that never jumps, ms. */
export interface Lifespan {
  readonly receivedAt: number;
  readonly lifetime: number;
}

/** `'fresh'`: use it. `'stale'`: use it and refresh in the background. `'expired'`: refresh first. */
export type Freshness = 'fresh' | 'stale' | 'expired';

const LARGEST_SKEW = 60_000;
const SKEW_SHARE = 0.1;

/** A skew never takes more than half of a lifetime, or every new token would be due on arrival. */
const SKEW_LIMIT = 0.5;

/**
 * How fresh a token is. Expiry is advice: a token without a known lifespan counts as fresh until a 401 says otherwise.
 * @param ahead how long before expiry to refresh, ms; `'auto'`: a tenth of the lifetime, at most a minute
 */
export function freshness(span: Lifespan | undefined, now: number, ahead: number | 'auto'): Freshness {
  if (!span) return 'fresh';
  const left = span.receivedAt + span.lifetime - now;
  if (left <= 0) return 'expired';
  const skew = ahead === 'auto' ? Math.min(LARGEST_SKEW, span.lifetime * SKEW_SHARE) : ahead;
  return left <= Math.min(skew, span.lifetime * SKEW_LIMIT) ? 'stale' : 'fresh';
}

export interface RefreshLimit {
  /** Most refreshes of a session ... */
  readonly refreshes: number;
  /** ... within this time, ms. */
  readonly per: number;
}

/** What the decision about a refresh looks at. */
export interface RefreshFacts {
  readonly ended: boolean;
  readonly refreshing: boolean;
  /** Version of the tokens in hand. */
  readonly version: number;
  /** Version that the refused call was sent with. */
  readonly used: number;
  /** When the last refreshes began, ms, oldest first. */
  readonly begun: readonly number[];
  /** Until when the last failure stands for what another refresh would bring, ms. */
  readonly failedUntil: number;
}

export type RefreshDecision =
  | { readonly do: 'end' } // the session is over
  | { readonly do: 'replay' } // newer tokens are here already: a late 401
  | { readonly do: 'join' } // somebody refreshes already
  | { readonly do: 'refresh' }
  | { readonly do: 'share' } // the last refresh failed a moment ago: its failure is the answer
  | { readonly do: 'refuse'; readonly retryAfter: number }; // too many in too short a time

/** What a call needs whose token was refused, or is due. */
export function decideRefresh(facts: RefreshFacts, limit: RefreshLimit, now: number): RefreshDecision {
  if (facts.ended) return { do: 'end' };
  if (facts.used < facts.version) return { do: 'replay' };
  if (facts.refreshing) return { do: 'join' };
  const recent = facts.begun.filter((at) => now - at < limit.per);
  const oldest = recent[recent.length - limit.refreshes];
  if (oldest !== undefined) return { do: 'refuse', retryAfter: oldest + limit.per - now };
  return now < facts.failedUntil ? { do: 'share' } : { do: 'refresh' };
}

const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 15_000;

/**
 * How long a failed refresh is not tried again, ms: doubling, so that trouble of the server does not use up the limit.
 * @param failures failed refreshes in a row
 * @param told how long the server asked to wait, ms
 */
export function pauseAfterFailure(failures: number, told: number | undefined): number {
  return told ?? Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - 1));
}
