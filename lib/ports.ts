// What the rooms hand to each other, as types: who a call is made for, and what listeners are told.
import type { AuthMode, Operation } from './contract/endpoints.js';
import type { Cause } from './contract/codes.js';
import type { FailureRow, Reaction } from './contract/failure-row.js';
import type { Secret } from './contract/secret.js';
import type { EndReason } from './decide/record.js';

/** Ways a call can end from outside while it waits or is under way. */
export type EndCause = Extract<Cause, 'aborted' | 'deadline' | 'closed'>;

/** A wait, or an attempt under way: what lasts until it is told to stop, or over. */
export interface Stoppable {
  readonly stop: (cause: Cause) => void;
}

/** Someone who waits and may have to stop waiting. */
export interface Waiter {
  readonly ended: EndCause | undefined;
  /** Its place among those who wait: whoever came first has the lowest. Absent: before all others. */
  readonly place?: number;
  /** What to stop when the waiter ends: one thing at a time, and nothing any more where it is `undefined`. */
  heldBy(what: Stoppable | undefined): void;
  /** When its refused attempt left, on the clock of `performance.now()`. */
  readonly sentAt?: number;
}

/** What an attempt sends as `Authorization`, and the version of the tokens it was made from. */
export interface Credential {
  readonly header: Secret;
  readonly version: number;
  /** When the tokens were granted, on the clock of `performance.now()`. */
  readonly grantedAt: number;
}

/** Why a session has nothing to send with; what a refresh was refused with comes as that failure itself. */
export interface SessionRefusal {
  readonly cause: Cause;
  /** When asking again makes sense, ms from now. */
  readonly retryAfter?: number;
}

/** What a refresh failed with, as far as its session needs to know it. */
export interface RenewalFailure {
  readonly row?: Pick<FailureRow, 'code' | 'session' | 'because'>;
  /** Of the answer, if there was one. */
  readonly status?: number | undefined;
  /** Attempts after which the server may have taken the refresh token. */
  readonly unclear?: number;
  /** When asking again makes sense, ms. */
  readonly retryAfter?: number | undefined;
}

/** For whom a call is made: the application, a session, or nobody. */
export interface Identity {
  readonly mode: AuthMode;
  /** Separates the buckets of one identity from those of another. Never a token. */
  readonly key: string;
  /** Waits until there is something to send with; `undefined`: there is. Rejects with a refusal or a failed refresh. */
  ready(waiter: Waiter): Promise<unknown> | undefined;
  /** What to send with just now; `undefined`: nothing, or not yet (see `ready`). */
  credential(): Credential | undefined;
  /** Gets tokens newer than those of `version`. Absent where nothing can be refreshed. Rejects like `ready`. */
  refresh?(version: number, waiter: Waiter): Promise<void>;
  emit: Emit;
}

interface CallEvent {
  /** Wall clock, ms since 1970. */
  readonly at: number;
  /** Number of the call within its client. */
  readonly call: number;
  readonly operation: Operation;
  readonly method: string;
  /** Scheme, host and port; `undefined` where the request names none that can be called. */
  readonly origin: string | undefined;
  /** Path without ids and query, e.g. `/orders/{id}`. */
  readonly route: string;
  /** Name of the bucket that limits the call. */
  readonly bucket: string;
}

/** Every event with what it tells. No event carries a token, a header value, a body or a query. */
export interface EventMap {
  /** An attempt leaves; `attempt` counts from 1. */
  attempt: CallEvent & { readonly attempt: number };
  /** An attempt failed, by this `row` of the failure table; `reaction` is what the row asks for. */
  failure: CallEvent & {
    readonly attempt: number;
    readonly row: string;
    readonly code: string;
    readonly status?: number;
    readonly reaction: Reaction;
    readonly because: string;
  };
  /** A call waits: for a cooldown to end, for its turn, or for a server that fails altogether. `depth` counts who waits. */
  queued: CallEvent & { readonly reason: 'cooldown' | 'concurrency' | 'outage'; readonly depth: number };
  /** A failed attempt will be repeated after `afterMs`. */
  retry: CallEvent & {
    readonly attempt: number;
    readonly code: string;
    readonly status?: number;
    readonly afterMs: number;
    readonly because: string;
  };
  /** A bucket closed, for `forMs` from now. */
  cooldown: CallEvent & { readonly forMs: number; readonly because: string };
  /** The circuit breaker of the call's server changed its state (`policies.breaker`). */
  breaker: CallEvent & { readonly state: 'closed' | 'open' | 'half-open'; readonly because: string };
  /** A refresh of a session began or ended. */
  refresh: {
    readonly at: number;
    readonly session: string;
    /** `'unsaved'`: new tokens are here and could not be saved; nobody gets them before they are. */
    readonly phase: 'started' | 'succeeded' | 'failed' | 'unsaved';
    /** Version of the tokens then in hand. */
    readonly version: number;
    readonly code?: string;
    readonly because?: string;
  };
  /** A call is over. `ms` counts from its first step to its last. */
  settled: CallEvent & {
    readonly ok: boolean;
    readonly attempts: number;
    readonly ms: number;
    readonly status?: number;
    readonly code?: string;
    readonly because?: string;
  };
  /** A session began; told to the client's listeners, since the session's own cannot be there yet. */
  sessionStarted: { readonly at: number; readonly session: string };
  /** Once for each session. */
  sessionEnded: {
    readonly at: number;
    readonly session: string;
    readonly reason: EndReason;
    readonly because: string;
  };
}

export type { EndReason };

/** Name of an event. */
export type EventName = keyof EventMap;
/** Hears an event; what it returns or throws changes nothing. */
export type Listener<E extends EventName> = (event: EventMap[E]) => void;

/** Tells the listeners; `make` is called only if there is one. */
export type Emit = <E extends EventName>(name: E, make: () => EventMap[E]) => void;
