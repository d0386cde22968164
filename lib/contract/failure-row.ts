// What a row of the failure table is made of.
import type { AuthMode, Operation } from './endpoints.js';
import type { Cause, Code, Kind } from './codes.js';

/** What the client does about an answer. Exactly one policy owns each, so no status has two owners. */
export type Reaction =
  | 'accept' // the goal is reached
  | 'retry' // repeat with backoff, where the endpoint row allows it
  | 'cooldown' // close the bucket, wait, repeat
  | 'refresh' // get a newer access token, repeat once
  | 'fail'; // terminal

/** One way to match; every field given must match. Keys and hints are compared without case. */
export interface When {
  /** HTTP status of the answer: any of these, or a whole class. */
  readonly status?: readonly number[] | '2xx' | '4xx' | '5xx';
  /** `error` of the body: any of these. */
  readonly key?: readonly string[];
  /** `hint` of the body: any of these. */
  readonly hint?: readonly string[];
  /** The body is a JSON object: the API itself speaks, not a gateway or a wrong host. */
  readonly json?: true;
  /** The body names fields that are not valid. */
  readonly details?: true;
  /** A 401 that asks for credentials of another kind than a bearer token, without a key in its body. */
  readonly challenge?: 'foreign';
  /** What the request carried: any of these. */
  readonly auth?: readonly AuthMode[];
  /** The operation that was called: any of these; `'request'` is a call through an axios instance. */
  readonly operation?: readonly Operation[];
  /** Why there is no answer, or none that can be used: any of these. */
  readonly cause?: readonly Cause[];
}

/** One row of the failure table. `C` is the code; rows given by config may use codes of their own. */
export interface FailureRow<C extends string = string> {
  /** Unique in the table. A row given with the `id` of a built-in one takes its place. */
  readonly id: string;
  /** Any of these. */
  readonly when: readonly When[];
  /** What `error.code` says when the row applies. */
  readonly code: C;
  /** For codes that the built-in contract does not know. Default `'rejected'`. */
  readonly kind?: Kind;
  /** For codes that the built-in contract does not know. Default: the message of `REQUEST_REJECTED`. */
  readonly userMessage?: string;
  /** What the client does about the answer, as far as the policies and the endpoint allow it. */
  readonly reaction: Reaction;
  /** Whether the server may have carried the call out: `'no'` makes any repeat safe. */
  readonly processed: 'no' | 'unknown' | 'yes';
  /** A second try after a first one that worked gets this answer too: after an unclear failure it proves nothing. */
  readonly alsoAfterSuccess?: true;
  /** The server has, or seems to have, too much to do: fewer calls are under way to it from then on. */
  readonly overload?: true;
  /** What the answer means for the session of the call. Default `'keep'`. */
  readonly session?: 'keep' | 'end';
  /** Why, in a sentence; also where the answer is no. */
  readonly because: string;
  /** How sure we are of this row. */
  readonly proof?: 'documented' | 'seen' | 'inferred' | 'ours';
}

/** A row of the built-in table. */
export type BuiltIn = FailureRow<Code>;
