// What one attempt brought back, as plain data: the only thing that `classify()` looks at.
import type { Cause } from './codes.js';
import type { AuthMode, Operation } from './endpoints.js';

/** One thing the server says is wrong, from an `errors` map or list. */
export interface Detail {
  /** The field it is about, in the wire's spelling, if the server named one. */
  readonly field?: string;
  /** What is wrong with it, in the words of the server, without secrets of the request. */
  readonly message: string;
}

/** The five fields of the contract's error body, each optional on the wire, plus the list of details. */
export interface ErrorBody {
  /** `error`, as sent: compare without case. */
  readonly key?: string;
  readonly message?: string;
  /** `error_description` */
  readonly description?: string;
  readonly hint?: string;
  readonly context?: unknown;
  readonly details: readonly Detail[];
}

/** An answer, or the reason why there is none. */
export interface Answer {
  readonly operation: Operation;
  /** What the attempt carried. */
  readonly auth: AuthMode;
  readonly status?: number;
  readonly cause?: Cause;
  /** Something else than the API asks for credentials. */
  readonly challenge?: 'foreign' | undefined;
  readonly body: ErrorBody;
}

export const NO_BODY: ErrorBody = Object.freeze({ details: Object.freeze([]) });

/** A 2xx. */
export const isSuccess = (status: number) => status >= 200 && status <= 299;
