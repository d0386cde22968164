// The coordinator contract: who among all holders of a session (requests, tabs, processes) refreshes it, and what its
// tokens are. Each method is one atomic step on one record; decide/record.ts says exactly which.
import type { TokenSet } from '../contract/success-body.js';
import type { Claim, ClaimTerms, Ending, Last, Seen, Version } from '../decide/record.js';

/** An adapter that needs no waiting answers at once, and then nothing here waits either. */
export type Awaitable<T> = T | PromiseLike<T>;

/** A token set with what is known about it. */
export interface Grant {
  /** The tokens, sealed; `textOfGrant()` writes them out. */
  readonly tokens: TokenSet;
  /** Life of the access token from the moment of the grant, ms, if it is known. */
  readonly lifetime?: number | undefined;
  /** Whose tokens they are, by the `sub` of the access token, if it can be read. */
  readonly subject?: string | undefined;
}

/** A place at the record of one session. A method that rejects or throws means trouble with the store, never an end. */
export interface Seat {
  /**
   * A login: a new session, or one in place of what is there.
   * @param joins the tokens are from elsewhere: a session that is there and has not ended stays as it is
   */
  begin(grant: Grant, joins: boolean): Awaitable<Version>;
  /** The record; `undefined` where there is none, which is not the end of a session. */
  load(): Awaitable<Seen<Grant> | undefined>;
  /** Asks to be the one who refreshes. */
  claim(terms: ClaimTerms): Awaitable<Claim<Grant>>;
  /** Writes down that the refresh token leaves now; `false`: the claim has lapsed. Again: the lease begins anew. */
  mark(fence: number, lease: number): Awaitable<boolean>;
  /** New tokens in place of those of `at`; `false`: those are not the current ones any more. */
  commit(at: Version, grant: Grant): Awaitable<boolean>;
  /** Gives a claim back. Nobody claims for `forMs`; `doubtful`: the server may have taken the refresh token. */
  cool(fence: number, forMs: number, doubtful: boolean): Awaitable<void>;
  /**
   * Ends the session, with a `ver` only if those are its tokens still. Answers the one call that did: with the last
   * tokens, so that those too can be revoked which the caller did not know of.
   */
  end(at: { readonly gen: number; readonly ver?: number }, end: Ending): Awaitable<Last<Grant> | undefined>;
  /**
   * Calls back when somebody else may have changed the record: a hint to load it, which may be lost or come twice.
   * @returns stops that; with the end of the session, once its holder knows of it
   */
  subscribe(onChange: () => void): (end?: Ending) => void;
}

/** Gives out places. */
export interface Coordinator {
  /** The place of one holder at the record of the session that has this `key`. Asks the store nothing yet. */
  open(key: string): Seat;
}
