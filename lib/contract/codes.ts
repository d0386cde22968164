// contract/: what the wire may say and what it means. Pure data and pure functions; imports nothing of ours.
// This file: every code an error can carry, its kind and the sentence a customer may read. The seven messages of
// the reference contract stand here word for word.

/** Coarse families of failure, for code that does not care about the exact one. `retryable`: asking again later can help. */
export const KINDS = {
  success: { retryable: false },
  session: { retryable: false },
  account: { retryable: false },
  input: { retryable: false },
  conflict: { retryable: false },
  forbidden: { retryable: false },
  'not-found': { retryable: false },
  configuration: { retryable: false },
  protocol: { retryable: false },
  rejected: { retryable: false },
  aborted: { retryable: false },
  closed: { retryable: false },
  'rate-limit': { retryable: true },
  unavailable: { retryable: true },
  unreachable: { retryable: true },
  interrupted: { retryable: true },
  timeout: { retryable: true },
  deadline: { retryable: true },
} as const satisfies Record<string, { retryable: boolean }>;

/** Name of a family of failures, e.g. `'session'` or `'rate-limit'`. */
export type Kind = keyof typeof KINDS;

const EXPIRED = 'Your session has expired. Please log in again.';
const TROUBLE = 'Something went wrong while processing your request. Please try again shortly.';
const WAIT = 'You’ve made too many attempts. Please wait a moment and try again.';
const OFFLINE = 'We could not reach the service. Please check your connection and try again.';
const SLOW = 'This is taking longer than expected. Please try again.';

export const CODES = {
  // The reference contract (docs/errors.md).
  SUCCESS: { kind: 'success', userMessage: 'Request completed successfully.' },
  API_EXCEPTION: { kind: 'unavailable', userMessage: TROUBLE },
  INVALID_TOKEN: { kind: 'session', userMessage: EXPIRED },
  USER_DEACTIVATED: {
    kind: 'account',
    userMessage:
      'Your customer account has been deactivated. If you have any questions, feel free to get in touch.',
  },
  USER_NOT_FOUND: {
    kind: 'account',
    userMessage: 'Your email address or password is incorrect. Please try again.',
  },
  PASSWORD_RESET_HASH_EXPIRED: {
    kind: 'input',
    userMessage: 'This link has expired or has already been used.',
  },
  USER_ALREADY_EXISTS: {
    kind: 'conflict',
    userMessage: 'An account with this email address already exists.',
  },
  TOO_MANY_ATTEMPTS: { kind: 'rate-limit', userMessage: WAIT },

  // What the API answers beyond its page.
  INVALID_CLIENT: { kind: 'configuration', userMessage: TROUBLE },
  INVALID_REQUEST: { kind: 'configuration', userMessage: TROUBLE },
  UNSUPPORTED_GRANT_TYPE: { kind: 'configuration', userMessage: TROUBLE },
  INVALID_GRANT: {
    kind: 'input',
    userMessage: 'This sign-in has expired or has already been used. Please log in again.',
  },
  VALIDATION_FAILED: {
    kind: 'input',
    userMessage: 'Some of the details are missing or not valid. Please check them and try again.',
  },
  UNAUTHORIZED: { kind: 'session', userMessage: 'Please log in to continue.' },
  FORBIDDEN: { kind: 'forbidden', userMessage: 'You are not allowed to do this.' },
  NOT_FOUND: { kind: 'not-found', userMessage: 'We could not find what you are looking for.' },
  CONFLICT: {
    kind: 'conflict',
    userMessage: 'This conflicts with an earlier change. Please reload and try again.',
  },
  REQUEST_REJECTED: { kind: 'rejected', userMessage: 'Your request could not be processed.' },
  UNEXPECTED_REDIRECT: { kind: 'configuration', userMessage: TROUBLE },
  INVALID_RESPONSE: { kind: 'protocol', userMessage: TROUBLE },
  UNEXPECTED_ANSWER: { kind: 'protocol', userMessage: TROUBLE },

  // What happens without an answer.
  CONNECTION_FAILED: { kind: 'unreachable', userMessage: OFFLINE },
  CONNECTION_LOST: { kind: 'interrupted', userMessage: OFFLINE },
  TIMEOUT: { kind: 'timeout', userMessage: SLOW },
  DEADLINE_EXCEEDED: { kind: 'deadline', userMessage: SLOW },
  ABORTED: { kind: 'aborted', userMessage: 'The request was cancelled.' },
  QUEUE_FULL: { kind: 'rate-limit', userMessage: WAIT },
  CIRCUIT_OPEN: { kind: 'unavailable', userMessage: TROUBLE },
  CLIENT_CLOSED: { kind: 'closed', userMessage: TROUBLE },
  SESSION_ENDED: { kind: 'session', userMessage: EXPIRED },
  REFRESH_LIMITED: { kind: 'rate-limit', userMessage: TROUBLE },
  OUTCOME_UNKNOWN: { kind: 'interrupted', userMessage: TROUBLE },
  SESSION_UNAVAILABLE: { kind: 'unavailable', userMessage: TROUBLE },
  NOT_MOCKED: { kind: 'configuration', userMessage: TROUBLE },
} as const satisfies Record<string, { kind: Kind; userMessage: string }>;

/** Every code of the built-in contract. Rows added by config may carry others. */
export type Code = keyof typeof CODES;

/** Every code that an `AuthError` of the built-in contract can carry. */
export type FailureCode = Exclude<Code, 'SUCCESS'>;

/** Reasons, other than an HTTP status, for which a call can end. */
export type Cause =
  | 'aborted' // by the caller's signal
  | 'deadline' // the total time of the call is used up
  | 'closed' // client.close()
  | 'circuit-open' // the circuit breaker is open
  | 'queue-full' // more calls wait than the bucket may hold
  | 'session-ended' // the session was over before the call left
  | 'refresh-limit' // the session refreshed too often in a short time
  | 'outcome-unknown' // the answer to a refresh was lost, so nobody knows which tokens are good
  | 'session-unavailable' // the store that holders of a session share is in trouble
  | 'unsendable' // the request could not be built
  | 'not-mocked' // a mock library had no answer for it
  | 'untrusted' // TLS: the peer could not be verified
  | 'refused' // no byte of the request was sent
  | 'lost' // the connection broke after bytes may have been sent
  | 'redirected' // the server pointed elsewhere, and the browser does not say with which status
  | 'timeout' // the attempt took longer than allowed
  | 'oversized' // a 2xx whose body is larger than allowed
  | 'unreadable'; // a 2xx whose body is not what was promised
