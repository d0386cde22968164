// One example answer for each row of the failure table: what the sandbox serves, docs/errors.md shows and the tests
// replay. Kept apart from the rows so that no client carries it.
import type { Cause } from './codes.js';
import type { AuthMode, Operation } from './endpoints.js';
import type { BuiltInRow } from './failures.js';

/** An answer that a row of the failure table explains. */
export interface Example {
  /** A call that gets this answer. */
  readonly operation: Operation;
  readonly auth: AuthMode;
  readonly status?: number;
  /** Instead of a status, where no answer arrives. */
  readonly cause?: Cause;
  readonly headers?: Readonly<Record<string, string>>;
  /** A JSON value, or a text that is sent as it is. */
  readonly body?: unknown;
}
