// The one record of a session that all its holders share, and what a coordinator does to it, each as one atomic step. Who
// refreshes is said by an intent with a deadline, not by a lock: whoever was paused finds out before it sends.

/** Which tokens: `gen` counts logins, logouts and changes of user, `ver` the token pairs since then. */
export interface Version {
  /** Which session: one more with each login, logout or change of user. */
  readonly gen: number;
  /** Which tokens of that session: 1 are the first, and each refresh adds 1. */
  readonly ver: number;
}

/** Why a session is over. */
export type EndReason = 'logout' | 'revoked' | 'expired' | 'mismatch' | 'replaced';

/** The end of a session, as all who hold it read it. */
export interface Ending {
  /** What ended it, for code. */
  readonly reason: EndReason;
  /** Why, as a sentence for a log. */
  readonly because: string;
  /** Fence of the attempt whose verdict it was: so its holder knows its own, should the answer get lost. */
  readonly by?: number | undefined;
}

/** Somebody is about to present the refresh token (`claimed`), or may have done so (`sent`). */
export interface Intent {
  /** Tells this attempt from every other one. */
  readonly fence: number;
  readonly phase: 'claimed' | 'sent';
  /** When it was claimed or sent, ms. */
  readonly at: number;
  /** Nobody else may begin before, ms. */
  readonly until: number;
}

/** `G` is a token set with what is known about it. Moments are those of the coordinator's clock, ms. */
export interface SessionRecord<G> extends Version {
  /** Gone once the session is over. */
  readonly grant: G | undefined;
  readonly grantedAt: number;
  /** Fence of the last claim. */
  readonly fence: number;
  readonly intent?: Intent | undefined;
  /** The refresh token was presented and nobody knows what came of it: since when, ms. */
  readonly doubt?: number | undefined;
  /** The last refresh failed: nobody tries before, ms. */
  readonly coolUntil?: number | undefined;
  readonly end?: Ending | undefined;
}

/** What a holder of the session sees of the record. */
export type Seen<G> =
  | (Version & {
      readonly grant: G;
      /** Age of the tokens, ms. */
      readonly age: number;
    })
  | (Version & { readonly end: Ending });

/** What becomes of a wish to refresh: the go-ahead, or why not. */
export type Claim<G> =
  | {
      readonly is: 'claimed';
      readonly fence: number;
      /** How long the refresh token has been in doubt, ms. */
      readonly doubtFor?: number;
    }
  | { readonly is: 'newer'; readonly seen: Seen<G> } // tokens, or the end, that the holder did not know of
  | { readonly is: 'busy'; readonly ms: number } // somebody refreshes, for so long at most
  | { readonly is: 'cooling'; readonly ms: number } // a refresh failed just now
  | { readonly is: 'lost' }; // there is no record, or an older one: that is not the end of a session

/** What a holder says when it wants to refresh. */
export interface ClaimTerms {
  /** What the holder has. */
  readonly seen: Version;
  /** How long nobody else may begin, ms. */
  readonly lease: number;
  /** Somebody asked by name: a cooldown does not hold it back. */
  readonly eager: boolean;
}

/** The tokens that a session ended with. */
export interface Last<G> {
  /** The number of these tokens within their session. */
  readonly ver: number;
  /** The tokens; `undefined` where the record had none any more. */
  readonly grant: G | undefined;
}

/** A step, and what it answers. */
type Step<G, A> = readonly [record: SessionRecord<G> | undefined, answer: A];

/**
 * A login: a new session, or another one in its place.
 * @param joins tokens from elsewhere rather than a login: a session that is there goes on
 */
export function begun<G>(
  record: SessionRecord<G> | undefined,
  grant: G,
  joins: boolean,
  now: number,
): Step<G, Version> {
  if (joins && record && !record.end) return [record, { gen: record.gen, ver: record.ver }];
  const next = { gen: (record?.gen ?? 0) + 1, ver: 1, grant, grantedAt: now, fence: record?.fence ?? 0 };
  return [next, { gen: next.gen, ver: 1 }];
}

export function seenOf<G>(record: SessionRecord<G>, now: number): Seen<G> {
  const { gen, ver, grant, grantedAt, end } = record;
  if (end || grant === undefined) return { gen, ver, end: end ?? LOST };
  return { gen, ver, grant, age: Math.max(0, now - grantedAt) };
}

const LOST: Ending = { reason: 'revoked', because: 'The record has no tokens.' };

export function claimed<G>(
  record: SessionRecord<G> | undefined,
  { seen, lease, eager }: ClaimTerms,
  now: number,
): Step<G, Claim<G>> {
  if (!record || isOlder(record, seen)) return [record, { is: 'lost' }];
  if (record.end || isOlder(seen, record)) return [record, { is: 'newer', seen: seenOf(record, now) }];
  const { intent, coolUntil = 0 } = record;
  if (intent && now < intent.until) return [record, { is: 'busy', ms: intent.until - now }];
  if (now < coolUntil && !eager) return [record, { is: 'cooling', ms: coolUntil - now }];
  const doubt = record.doubt ?? (intent?.phase === 'sent' ? intent.at : undefined);
  const fence = record.fence + 1;
  const next: SessionRecord<G> = {
    ...record,
    fence,
    doubt,
    coolUntil: undefined,
    intent: { fence, phase: 'claimed', at: now, until: now + lease },
  };
  return [next, { is: 'claimed', fence, ...(doubt !== undefined && { doubtFor: now - doubt }) }];
}

/** Written before the refresh token leaves, so that a crash leaves a trace; again, to hold on to it for longer. */
export function marked<G>(
  record: SessionRecord<G> | undefined,
  fence: number,
  lease: number,
  now: number,
): Step<G, boolean> {
  const intent = intentOf(record, fence);
  if (!record || !intent || now >= intent.until) return [record, false];
  const at = intent.phase === 'sent' ? intent.at : now;
  return [{ ...record, intent: { fence, phase: 'sent', at, until: now + lease } }, true];
}

/**
 * New tokens, in place of those of `at`. By version and not by fence: whoever was so late that somebody else has tried
 * meanwhile may still be the one with the good tokens, and whoever saves first is right.
 */
export function committed<G>(
  record: SessionRecord<G> | undefined,
  at: Version,
  grant: G,
  now: number,
): Step<G, boolean> {
  if (!record || record.end || record.gen !== at.gen || record.ver !== at.ver) return [record, false];
  return [{ gen: at.gen, ver: at.ver + 1, grant, grantedAt: now, fence: record.fence }, true];
}

/** The attempt failed; nobody tries again for `forMs`. @param doubtful the server may have taken the token */
export function cooled<G>(
  record: SessionRecord<G> | undefined,
  fence: number,
  forMs: number,
  doubtful: boolean,
  now: number,
): Step<G, void> {
  const intent = intentOf(record, fence);
  if (!record || !intent) return [record, undefined];
  const doubt = record.doubt ?? (doubtful ? intent.at : undefined);
  return [{ ...record, intent: undefined, doubt, coolUntil: forMs > 0 ? now + forMs : undefined }, undefined];
}

/**
 * The session is over, if it is still the one that was meant.
 * @param at with a `ver`: only if these are its tokens still; a verdict about older ones says nothing
 */
export function ended<G>(
  record: SessionRecord<G> | undefined,
  at: { readonly gen: number; readonly ver?: number },
  end: Ending,
): Step<G, Last<G> | undefined> {
  if (!record || record.end || record.gen !== at.gen) return [record, undefined];
  if (at.ver !== undefined && record.ver !== at.ver) return [record, undefined];
  const { gen, ver, fence, grantedAt, grant } = record;
  return [
    { gen, ver, fence, grantedAt, grant: undefined, end },
    { ver, grant },
  ];
}

function isOlder(one: Version, other: Version): boolean {
  return one.gen < other.gen || (one.gen === other.gen && one.ver < other.ver);
}

/** The intent of this attempt, while the session goes on. */
function intentOf<G>(record: SessionRecord<G> | undefined, fence: number): Intent | undefined {
  return record?.intent?.fence === fence && !record.end ? record.intent : undefined;
}
