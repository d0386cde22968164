// One example answer for each row of the failure table: what the sandbox serves, docs/errors.md shows and the tests
// replay. Kept apart from the rows so that no client carries it. Other spellings of the same rows: variants.ts.
import type { Cause } from './codes.js';
import type { AuthMode, Operation } from './endpoints.js';
import type { BuiltInRow } from './failures.js';

/** An answer that a row of the failure table explains. */
export interface Example {
  /** A call that gets this answer. */
  readonly operation: Operation;
  readonly auth: AuthMode;
  readonly status?: number;
  /** Instead of a status, where no answer arrives; beside it, where the answer itself is the trouble. */
  readonly cause?: Cause;
  /** Names in lower case. Without a content type here a JSON value is `application/json`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A JSON value, or a text that is sent as it is; absent where the body is empty. */
  readonly body?: unknown;
}

export const HTML = { 'content-type': 'text/html; charset=utf-8' } as const;

/** The page that a proxy, a firewall or a wrong host shows in place of a JSON body. */
export const htmlPage = <const Title extends string>(title: Title) =>
  `<!doctype html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>` as const;

const EXPIRED = {
  error: 'INVALID_TOKEN',
  message: 'Your session has expired. Please log in again.',
  context: null,
} as const;

export const EXAMPLES = {
  // Ended on our side, and the connection: there is no answer to show.
  aborted: { operation: 'login', auth: 'basic', cause: 'aborted' },
  deadline: { operation: 'request', auth: 'bearer', cause: 'deadline' },
  closed: { operation: 'request', auth: 'bearer', cause: 'closed' },
  'queue-full': { operation: 'login', auth: 'basic', cause: 'queue-full' },
  'circuit-open': { operation: 'request', auth: 'bearer', cause: 'circuit-open' },
  'session-ended': { operation: 'request', auth: 'bearer', cause: 'session-ended' },
  'refresh-limit': { operation: 'request', auth: 'bearer', cause: 'refresh-limit' },
  'outcome-unknown': { operation: 'request', auth: 'bearer', cause: 'outcome-unknown' },
  'session-unavailable': { operation: 'request', auth: 'bearer', cause: 'session-unavailable' },
  unsendable: { operation: 'request', auth: 'none', cause: 'unsendable' },
  'not-mocked': { operation: 'request', auth: 'none', cause: 'not-mocked' },
  untrusted: { operation: 'login', auth: 'basic', cause: 'untrusted' },
  refused: { operation: 'login', auth: 'basic', cause: 'refused' },
  lost: { operation: 'refresh', auth: 'basic', cause: 'lost' },
  timeout: { operation: 'register', auth: 'basic', cause: 'timeout' },
  unreadable: {
    operation: 'login',
    auth: 'basic',
    status: 200,
    cause: 'unreadable',
    headers: HTML,
    body: htmlPage('Sign in to the guest network'),
  },

  // 401 and its four meanings.
  'logout-already-done': { operation: 'logout', auth: 'bearer', status: 401, body: EXPIRED },
  'revoke-already-done': { operation: 'revoke', auth: 'bearer', status: 404, body: { message: 'Not Found' } },
  'invalid-client': {
    operation: 'login',
    auth: 'basic',
    status: 401,
    headers: { 'www-authenticate': 'Basic realm="OAuth"' },
    body: { error: 'INVALID_CLIENT', message: 'Client authentication failed.', context: null },
  },
  'dead-refresh-token': {
    operation: 'refresh',
    auth: 'basic',
    status: 401,
    body: {
      error: 'invalid_request',
      error_description: 'The refresh token is invalid.',
      hint: 'Token has been revoked',
      message: 'The refresh token is invalid.',
    },
  },
  'foreign-challenge': {
    operation: 'request',
    auth: 'bearer',
    status: 401,
    headers: { ...HTML, 'www-authenticate': 'Basic realm="Staging"' },
    body: htmlPage('401 Authorization Required'),
  },
  'invalid-token': { operation: 'validate', auth: 'bearer', status: 401, body: EXPIRED },
  'invalid-token-elsewhere': { operation: 'request', auth: 'none', status: 401, body: EXPIRED },
  'unsupported-grant-type': {
    operation: 'refresh',
    auth: 'basic',
    status: 400,
    body: {
      error: 'unsupported_grant_type',
      error_description: 'The authorization grant type is not supported by the authorization server.',
      hint: 'Check that all required parameters have been provided',
      message: 'The authorization grant type is not supported by the authorization server.',
    },
  },
  'invalid-grant': {
    operation: 'exchangeCode',
    auth: 'basic',
    status: 400,
    body: {
      error: 'invalid_grant',
      error_description: 'The authorization code is invalid.',
      hint: 'Authorization code has been revoked',
    },
  },
  'client-refused': {
    operation: 'login',
    auth: 'basic',
    status: 401,
    body: { message: 'Unauthenticated.' },
  },
  unauthorized: { operation: 'request', auth: 'none', status: 401, body: { message: 'Unauthenticated.' } },

  // Terminal domain answers.
  'user-deactivated': {
    operation: 'login',
    auth: 'basic',
    status: 403,
    body: {
      error: 'USER_DEACTIVATED',
      message:
        'Your customer account has been deactivated. If you have any questions, feel free to get in touch.',
      context: null,
    },
  },
  forbidden: {
    operation: 'login',
    auth: 'basic',
    status: 403,
    headers: HTML,
    body: htmlPage('Access denied'),
  },
  'user-not-found': {
    operation: 'login',
    auth: 'basic',
    status: 404,
    body: {
      error: 'USER_NOT_FOUND',
      message: 'Your email address or password is incorrect. Please try again.',
      context: null,
    },
  },
  'not-found': {
    operation: 'login',
    auth: 'basic',
    status: 404,
    headers: HTML,
    body: htmlPage('404 Not Found'),
  },
  'password-reset-hash-expired': {
    operation: 'updatePasswordByHash',
    auth: 'basic',
    status: 406,
    body: {
      error: 'PASSWORD_RESET_HASH_EXPIRED',
      message: 'This link has expired or has already been used.',
      context: null,
    },
  },
  'user-already-exists': {
    operation: 'register',
    auth: 'basic',
    status: 409,
    body: {
      error: 'USER_ALREADY_EXISTS',
      message: 'An account with this email address already exists.',
      context: null,
    },
  },
  conflict: {
    operation: 'request',
    auth: 'bearer',
    status: 409,
    body: { error: 'CONFLICT', message: 'The order was changed by someone else.' },
  },

  // Rate limit.
  'too-many-attempts': {
    operation: 'login',
    auth: 'basic',
    status: 429,
    headers: { 'retry-after': '30', 'x-ratelimit-limit': '5', 'x-ratelimit-remaining': '0' },
    body: {
      error: 'TOO_MANY_ATTEMPTS',
      message: 'You’ve made too many attempts. Please wait a moment and try again.',
      context: null,
    },
  },

  // Validation.
  'validation-failed': {
    operation: 'register',
    auth: 'basic',
    status: 422,
    body: {
      message: 'The given data was invalid.',
      errors: {
        email: ['The email must be a valid email address.'],
        password: ['The password must be at least 8 characters.'],
      },
    },
  },
  'invalid-request': {
    operation: 'refresh',
    auth: 'basic',
    status: 400,
    body: {
      error: 'invalid_request',
      error_description: 'The request is missing a required parameter.',
      hint: 'Check the `refresh_token` parameter',
      message: 'The request is missing a required parameter.',
    },
  },

  // Trouble on the other side.
  'api-exception': {
    operation: 'login',
    auth: 'basic',
    status: 500,
    body: {
      error: 'API_EXCEPTION',
      message: 'Something went wrong while processing your request. Please try again shortly.',
      context: null,
    },
  },
  gateway: {
    operation: 'validate',
    auth: 'bearer',
    status: 502,
    headers: HTML,
    body: htmlPage('502 Bad Gateway'),
  },
  'not-implemented': {
    operation: 'request',
    auth: 'bearer',
    status: 501,
    body: { message: 'Not Implemented' },
  },
  'server-error': {
    operation: 'validate',
    auth: 'bearer',
    status: 520,
    headers: HTML,
    body: htmlPage('520 Unknown Error'),
  },

  // The rest.
  redirect: {
    operation: 'login',
    auth: 'basic',
    status: 302,
    headers: { location: 'https://www.example.com/login' },
  },
  rejected: {
    operation: 'register',
    auth: 'basic',
    status: 413,
    body: { message: 'Content Too Large' },
  },
  success: {
    operation: 'login',
    auth: 'basic',
    status: 200,
    headers: { 'cache-control': 'no-store' },
    body: {
      token_type: 'Bearer',
      expires_in: 2_678_400,
      access_token: 'an.access.token',
      refresh_token: 'a-refresh-token',
    },
  },
  unexpected: { operation: 'request', auth: 'bearer', status: 304 },
} as const satisfies Record<BuiltInRow['id'], Example>;
