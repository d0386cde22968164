// What a holder of a session knows, what can happen to it, and what it asks to be done: the words of the machine in
// session-machine.ts.
import type { Claim, ClaimTerms, Ending, Seen, Version } from './record.js';
import type { RotationPolicy } from './rotation.js';

/** Tokens in hand; `gen` is 0 before the coordinator knows of the session. */
export interface Held<G> extends Version {
  readonly grant: G;
  /** When they were granted, on the holder's clock, ms. */
  readonly at: number;
  /** Server time minus ours that the lifetime of the tokens was reckoned with, ms. */
  readonly offset?: number | undefined;
}

/** The last refreshes in a row, if they failed. */
export interface Setback {
  readonly thrown: unknown;
  /** Failures in a row. */
  readonly count: number;
  readonly at: number;
  /** Not tried again before, ms. */
  readonly until: number;
}

export interface Holder<G> {
  readonly held: Held<G>;
  readonly flight?: Flight<G> | undefined;
  /** Since when the refresh token in hand is in doubt, ms. */
  readonly doubt?: number | undefined;
  readonly failed?: Setback | undefined;
  /** When the last refreshes that worked began, ms, oldest first. */
  readonly begun: readonly number[];
  /** Fence of a verdict of ours that the store did not confirm: where it turns out to have it, the end is ours to tell. */
  readonly untold?: number | undefined;
  /** Tokens that were refused a place in the record, which then could not be read: should it be over, they must not live. */
  readonly spare?: G | undefined;
  /** The coordinator did not say that the session has begun there. */
  readonly mayHaveBegun?: true | undefined;
  readonly end?: Ending | undefined;
}

export interface Need {
  readonly because: string;
  /** The access token in hand is good still. */
  readonly usable: boolean;
  /** Somebody asked by name. */
  readonly eager: boolean;
}

/** A need, and since when there is one, ms. */
export type Asked = Need & { readonly beganAt: number };

/** What is told of a refresh that worked. */
export interface Renewed {
  readonly status: number;
  readonly attempts: number;
}

export type Outcome =
  { readonly ok: true; readonly renewed: Renewed } | { readonly ok: false; readonly thrown: unknown };

/** Where a refresh is, and what it has brought so far. */
export type StepOf<G> =
  | { readonly step: 'beginning'; readonly tries: number }
  | { readonly step: 'claiming'; readonly ver: number } // version that the claim was about
  | { readonly step: 'waiting' }
  | { readonly step: 'marking'; readonly ver: number; readonly fence: number; readonly askedAt: number }
  | { readonly step: 'sending'; readonly ver: number; readonly fence: number; readonly sentAt: number }
  | (Unsaved<G> & { readonly step: 'committing' | 'pausing' | 'extending' })
  | {
      readonly step: 'reloading'; // somebody else went on: what is there now?
      readonly tries: number;
      readonly grant?: G;
      readonly verdict?: { readonly ver: number; readonly by: number | undefined; readonly thrown: unknown };
    }
  | {
      readonly step: 'ending';
      readonly ver: number; // that the verdict is about
      readonly end: Ending;
      readonly thrown: unknown;
      readonly tries: number;
    }
  | { readonly step: 'settling'; readonly outcome: Outcome };

/** A refresh, from the claim to the moment when those who wait hear of it. */
export type Flight<G> = Asked & StepOf<G>;

/** Tokens that nobody may use before they are saved. */
export interface Unsaved<G> {
  /** Version that they take the place of. */
  readonly from: number;
  readonly fence: number;
  readonly grant: G;
  /** When they came, ms: their life counts from then, however long saving them takes. */
  readonly grantedAt: number;
  readonly renewed: Renewed;
  readonly tries: number;
}

/** What a failed refresh says. */
export interface Mishap {
  readonly thrown: unknown;
  /**
   * `'dead'`: the refresh token is. `'refused'`: it was not taken. `'unclear'`: it may have been. `'silent'`: the same,
   * and the server may be at it still.
   */
  readonly says: 'dead' | 'refused' | 'unclear' | 'silent';
  /** How long the server asked to wait, ms. */
  readonly told?: number | undefined;
  /** Whoever waits knows why no answer came: the client was closed. */
  readonly explained?: true;
  readonly code?: string | undefined;
  readonly because?: string | undefined;
}

export type Event<G> =
  | (Need & { readonly is: 'needed' })
  | { readonly is: 'begun'; readonly version: Version; readonly seen?: Seen<G> | undefined }
  | { readonly is: 'claim'; readonly claim: Claim<G> }
  | { readonly is: 'marked'; readonly ok: boolean }
  | { readonly is: 'granted'; readonly grant: G; readonly renewed: Renewed }
  | { readonly is: 'failed'; readonly mishap: Mishap }
  | { readonly is: 'committed'; readonly ok: boolean }
  | { readonly is: 'settled' }
  | { readonly is: 'closed'; readonly ok: boolean } // the answer to an end after a verdict
  | { readonly is: 'down' } // the coordinator did not answer
  | { readonly is: 'gone' } // it has no record of the session any more
  | { readonly is: 'woke' }
  | { readonly is: 'abandoned' } // nobody waits any more
  | { readonly is: 'seen'; readonly seen: Seen<G> } // the record, after a hint
  | { readonly is: 'end'; readonly end: Ending }; // by the customer or the application

export type Effect<G> =
  | { readonly do: 'begin'; readonly grant: G }
  | (ClaimTerms & { readonly do: 'claim' })
  | { readonly do: 'mark'; readonly fence: number; readonly lease: number }
  | { readonly do: 'send'; readonly grant: G; readonly again: boolean }
  | { readonly do: 'commit'; readonly at: Version; readonly grant: G }
  | { readonly do: 'cool'; readonly fence: number; readonly forMs: number; readonly doubtful: boolean }
  | { readonly do: 'close'; readonly at: Version; readonly end: Ending } // the verdict about these tokens
  | { readonly do: 'end'; readonly gen: number; readonly end: Ending } // by whoever is first
  | { readonly do: 'ended'; readonly end: Ending } // the coordinator knows already, and it was us
  | { readonly do: 'load' }
  | { readonly do: 'wake'; readonly afterMs: number }
  | { readonly do: 'revoke'; readonly grant: G }
  | {
      readonly do: 'tell';
      readonly phase: 'started' | 'succeeded' | 'failed' | 'unsaved';
      readonly code?: string | undefined;
      readonly because?: string | undefined;
    }
  | { readonly do: 'release'; readonly outcome: Outcome };

export interface MachineTerms extends RotationPolicy {
  /** Longest that the exchange with the server may take, ms. */
  readonly timeout: number;
  /** Window of the limit of refreshes, ms. */
  readonly per: number;
}
