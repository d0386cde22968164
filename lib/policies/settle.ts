// The end of a call: whatever ended it becomes the one error that callers know. An error that is not ours, such as
// one thrown by a user's interceptor, passes as it is.
import axios, { type AxiosError } from 'axios';
import { toAuthError, type AuthError, type Messages } from '../contract/auth-error.js';
import { causeOf } from '../contract/cause.js';
import { classify, type FailureTable } from '../contract/classify.js';
import type { Cause } from '../contract/codes.js';
import type { Operation } from '../contract/endpoints.js';
import { isSuccess, NO_BODY } from '../contract/answer.js';
import type { SessionRefusal } from '../ports.js';
import { Failure } from './failure.js';
import { readErrorBody } from '../contract/error-body.js';
import { spellingsOf } from '../contract/redact.js';
import { secretsOf } from './secrets.js';

interface Telling {
  readonly table: FailureTable;
  readonly messages: Messages;
}

/** The error that a caller sees for whatever a call was rejected with; what is no doing of the wire stays as it is. */
export function settle(thrown: unknown, operation: Operation, { table, messages }: Telling): unknown {
  if (thrown instanceof Failure) return errorOf(thrown, messages);
  if (!axios.isAxiosError(thrown)) return thrown;
  // Before or behind the wire: aborted before it began, a body that could not be serialised or parsed.
  const { response, config } = thrown;
  if (response && !isSuccess(response.status)) {
    const body = readErrorBody(response.data, secretsOf(config ?? {}).flatMap(spellingsOf));
    const { status } = response;
    const row = classify({ operation, auth: 'none', status, body }, table);
    return toAuthError(row, body, { operation, attempts: 1, ambiguous: false, status }, messages);
  }
  const cause = axios.isCancel(thrown) ? 'aborted' : response ? 'unreadable' : causeBefore(thrown);
  const error = without(cause, operation, { table, messages }, response ? (response.attempts ?? 1) : 0);
  return cause === 'aborted' ? withReason(error, (config?.signal as AbortSignal | undefined)?.reason) : error;
}

/** Without a config it comes from before any adapter: nothing was sent that could have been lost. */
function causeBefore(thrown: AxiosError): Cause {
  const cause = causeOf(thrown);
  return cause === 'lost' && !thrown.config ? 'unsendable' : cause;
}

/** The error of someone who waited for a session or its tokens outside of a call. */
export function settleRefresh(
  thrown: unknown,
  telling: Telling,
  signal?: AbortSignal,
  operation: Operation = 'refresh',
): unknown {
  if (thrown instanceof Failure) return errorOf(thrown, telling.messages);
  if (thrown instanceof Error) return thrown;
  const { cause, retryAfter } = thrown as SessionRefusal;
  const error = without(cause, operation, telling, 0, retryAfter);
  return cause === 'aborted' ? withReason(error, signal?.reason) : error;
}

function errorOf(
  { config: { call }, row, body, status, code, retryAfter, requestId, because }: Failure,
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
      status,
      retryAfter,
      requestId,
      because: [code && `It was reported as ${code}.`, because].filter(Boolean).join(' '),
    },
    messages,
  );
  return call.ended === 'aborted' ? withReason(error, call.reason) : error;
}

/** An abort keeps the caller's own reason, as `cause`. */
function withReason(error: AuthError, reason: unknown): AuthError {
  return Object.defineProperty(error, 'cause', { value: reason, enumerable: false, configurable: true });
}

/** The error of a call that ended without an answer to tell of. */
function without(
  cause: Cause,
  operation: Operation,
  { table, messages }: Telling,
  attempts: number,
  retryAfter?: number,
): AuthError {
  const auth = 'bearer'; // the rows that ask for a mode speak of sessions
  const row = classify({ operation, auth, cause, body: NO_BODY }, table);
  return toAuthError(row, NO_BODY, { operation, attempts, ambiguous: false, retryAfter }, messages);
}
