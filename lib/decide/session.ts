// The life of a session: when its token is due, who refreshes, and who only needs to send again.
import { mayPresentAgain, type RotationPolicy } from './rotation.js';

/** When an access token was received and how long it lives, on a clock that never jumps, ms. */
export interface Lifespan {
  readonly receivedAt: number;
  readonly lifetime: number;
  /** 0 to 1, drawn for each token: sessions that began together do not all refresh together. Default 0. */
  readonly spread?: number;
}

/** `'fresh'`: use it. `'stale'`: use it and refresh in the background. `'expired'`: refresh first. */
export type Freshness = 'fresh' | 'stale' | 'expired';

const LARGEST_SKEW = 60_000;
const SKEW_SHARE = 0.1;

/** A skew never takes more than half of a lifetime, or every new token would be due on arrival. */
const SKEW_LIMIT = 0.5;

/**
 * How fresh a token is. Expiry is advice: a token without a known lifespan counts as fresh until a 401 says otherwise.
 * @param ahead how long before expiry to refresh, ms; `'auto'`: a tenth of the lifetime, at most a minute, and up to a
 *   quarter of that earlier, which is drawn for each token
 */
export function freshness(span: Lifespan | undefined, now: number, ahead: number | 'auto'): Freshness {
  if (!span) return 'fresh';
  const left = span.receivedAt + span.lifetime - now;
  if (left <= 0) return 'expired';
  const { spread = 0 } = span;
  const early = Math.min(LARGEST_SKEW, span.lifetime * SKEW_SHARE) * (1 + spread / 4);
  const skew = ahead === 'auto' ? early : ahead;
  return left <= Math.min(skew, span.lifetime * SKEW_LIMIT) ? 'stale' : 'fresh';
}

/** Ends the loop of a server that refuses every new token. */
export interface RefreshLimit {
  /** Most refreshes that work, within `per`. Default 5. */
  readonly refreshes: number;
  /** Time that the limit counts over, ms. Default 30 000. */
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
  /** When the refused call left, ms; absent where nothing was sent yet. */
  readonly sentAt?: number | undefined;
  /** When the last refreshes that worked began, ms, oldest first. */
  readonly begun: readonly number[];
  /** The last refresh, if it failed: when, and until when it is not tried again, ms. */
  readonly failed?: { readonly at: number; readonly until: number } | undefined;
  /** How long the refresh token has been in doubt, ms; absent where it is not. */
  readonly doubtFor?: number | undefined;
  /** The access token in hand is good still. */
  readonly usable: boolean;
}

export type RefreshDecision =
  | { readonly do: 'end' } // the session is over
  | { readonly do: 'replay' } // newer tokens are here already: a late 401
  | { readonly do: 'join' } // somebody refreshes already
  | { readonly do: 'refresh' }
  | { readonly do: 'hold' } // the refresh token is in doubt, and to present it could end the session
  | { readonly do: 'share' } // the last refresh failed, and its failure is the answer for this call too
  | { readonly do: 'refuse'; readonly retryAfter: number }; // new tokens are refused again and again

/** What a call needs whose token was refused, or is due. */
export function decideRefresh(
  facts: RefreshFacts,
  limit: RefreshLimit,
  rotation: RotationPolicy,
  now: number,
): RefreshDecision {
  const { version, used, sentAt, begun, failed } = facts;
  if (facts.ended) return { do: 'end' };
  if (used < version) return { do: 'replay' };
  if (facts.refreshing) return { do: 'join' };
  const oldest = begun.filter((at) => now - at < limit.per).at(-limit.refreshes);
  if (oldest !== undefined) return { do: 'refuse', retryAfter: oldest + limit.per - now };
  // Refused together means answered together, however late the refusal arrives.
  const together = failed && sentAt !== undefined && sentAt <= failed.at;
  if (failed && (together || now < failed.until)) return { do: 'share' };
  const { doubtFor, usable } = facts;
  return doubtFor === undefined || mayPresentAgain(rotation, doubtFor, usable)
    ? { do: 'refresh' }
    : { do: 'hold' };
}

/** So many failures in a row may be bad luck; from then on the server is left in peace for a while. */
const PATIENCE = 10;
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 15_000;

/** How long a refresh is not tried again after `failures` of them in a row, ms. */
export function pauseAfterFailure(failures: number): number {
  return failures < PATIENCE ? 0 : Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - PATIENCE));
}
