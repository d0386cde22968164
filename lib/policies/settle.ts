// The end of a call: whatever ended it becomes the one error that callers know. An error that is not ours, such as
// one thrown by a user's interceptor, passes as it is.
import axios, { type AxiosError } from 'axios';
import { toAuthError, type AuthError, type Messages } from '../contract/auth-error.js';
import { causeOf } from '../contract/cause.js';
import { classify, type FailureTable } from '../contract/classify.js';
import type { Cause } from '../contract/codes.js';
import { NO_BODY } from '../contract/answer.js';
import { Failure } from './failure.js';

/** The error that a caller sees for whatever a call was rejected with. */
export function settle(thrown: unknown, table: FailureTable, messages: Messages): unknown {
  if (thrown instanceof Failure) return errorOf(thrown, messages);
  if (axios.isCancel(thrown)) return outsideOf(thrown, 'aborted', table, messages);
  // Before or behind the wire: a body that could not be serialised, an answer that could not be parsed.
  if (axios.isAxiosError(thrown))
    return outsideOf(thrown, thrown.response ? 'unreadable' : causeOf(thrown), table, messages);
  return thrown;
}

function errorOf(
  { config: { call }, row, body, status, retryAfter, requestId, because }: Failure,
  messages: Messages,
): AuthError {
  const { operation, repeats, doubtful } = call.facts;
  const unclear = call.unclear > 0 || (doubtful && row.alsoAfterSuccess === true);
  const error = toAuthError(
    row,
    body,
    {
      operation,
      attempts: call.attempts,
      ambiguous: repeats === 'never' && unclear,
      ...(status !== undefined && { status }),
      ...(retryAfter !== undefined && { retryAfter }),
      ...(requestId !== undefined && { requestId }),
      ...(because && { because }),
    },
    messages,
  );
  return call.ended === 'aborted' ? withReason(error, call.reason) : error;
}

/** An abort keeps the caller's own reason, as `cause`. */
function withReason(error: AuthError, reason: unknown): AuthError {
  return Object.defineProperty(error, 'cause', { value: reason, enumerable: false, configurable: true });
}

function outsideOf(error: AxiosError, cause: Cause, table: FailureTable, messages: Messages): AuthError {
  const operation = 'request';
  const row = classify({ operation, auth: 'none', cause, body: NO_BODY }, table);
  const { signal } = error.config ?? {};
  const made = toAuthError(
    row,
    NO_BODY,
    { operation, attempts: error.response ? 1 : 0, ambiguous: false },
    messages,
  );
  return cause === 'aborted' ? withReason(made, (signal as AbortSignal | undefined)?.reason) : made;
}
