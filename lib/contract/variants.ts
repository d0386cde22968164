// The same failures in other clothes: answers that are not the example of their row but must be read as it. A server
// changes its library, a proxy speaks HTML, a connection breaks off in mid-document; the meaning stays.
import { HTML, htmlPage, type Example } from './examples.js';
import type { BuiltInRow } from './failures.js';

/** A further answer that a row explains. */
export interface Variant extends Example {
  readonly row: BuiltInRow['id'];
  /** What is odd about it. */
  readonly about: string;
}

const UNAUTHENTICATED = { message: 'Unauthenticated.' } as const;

export const VARIANTS: readonly Variant[] = [
  // Two casings of one key occur, perhaps one per route.
  {
    row: 'invalid-client',
    about: 'the key in lower case, as the OAuth library writes it',
    operation: 'refresh',
    auth: 'basic',
    status: 401,
    body: {
      error: 'invalid_client',
      error_description: 'Client authentication failed',
      message: 'Client authentication failed',
    },
  },
  {
    row: 'invalid-client',
    about: 'a client that may not use this grant, newer OAuth library',
    operation: 'exchangeCode',
    auth: 'basic',
    status: 400,
    body: {
      error: 'unauthorized_client',
      error_description: 'The client may not use this authorization grant type.',
    },
  },
  {
    row: 'user-not-found',
    about: 'the key in lower case',
    operation: 'login',
    auth: 'basic',
    status: 404,
    body: { error: 'user_not_found', message: 'No such user.' },
  },
  {
    row: 'user-not-found',
    about: 'a login by the password grant of OAuth 2.0',
    operation: 'login',
    auth: 'basic',
    status: 400,
    body: { error: 'invalid_grant', error_description: 'User credentials are invalid.' },
  },
  {
    row: 'user-deactivated',
    about: 'the key in lower case, on a call with a session',
    operation: 'listSessions',
    auth: 'bearer',
    status: 403,
    body: { error: 'user_deactivated' },
  },

  // A dead refresh token has a status, a key and a hint that depend on the version of the OAuth library.
  {
    row: 'dead-refresh-token',
    about: '400 invalid_grant without a message, newer OAuth library',
    operation: 'refresh',
    auth: 'basic',
    status: 400,
    body: {
      error: 'invalid_grant',
      error_description: 'The refresh token is invalid.',
      hint: 'Token has expired',
    },
  },
  {
    row: 'dead-refresh-token',
    about: '400 invalid_request whose hint speaks of the token',
    operation: 'refresh',
    auth: 'basic',
    status: 400,
    body: { error: 'invalid_request', hint: 'Cannot decrypt the refresh token' },
  },
  {
    row: 'dead-refresh-token',
    about: 'a refresh through the own backend, without client credentials',
    operation: 'refresh',
    auth: 'none',
    status: 401,
    body: { error: 'INVALID_TOKEN', message: 'Your session has expired. Please log in again.' },
  },
  {
    row: 'invalid-grant',
    about: '400 invalid_request for a code that was used, older OAuth library',
    operation: 'exchangeCode',
    auth: 'basic',
    status: 400,
    body: { error: 'invalid_request', hint: 'Authorization code has been revoked' },
  },

  // A 401 that names nothing: the credentials of the call say what was refused.
  {
    row: 'invalid-token',
    about: 'a framework body without a key, on a bearer call',
    operation: 'listSessions',
    auth: 'bearer',
    status: 401,
    body: UNAUTHENTICATED,
  },
  {
    row: 'invalid-token',
    about: 'no body at all, on a bearer call to another API',
    operation: 'request',
    auth: 'bearer',
    status: 401,
  },
  {
    row: 'client-refused',
    about: 'a framework body without a key, on a refresh: the session lives on',
    operation: 'refresh',
    auth: 'basic',
    status: 401,
    body: UNAUTHENTICATED,
  },
  {
    row: 'unauthorized',
    about: 'a login through the own backend, without client credentials',
    operation: 'login',
    auth: 'none',
    status: 401,
    body: UNAUTHENTICATED,
  },
  {
    row: 'logout-already-done',
    about: 'a logout whose token is dead, without a key',
    operation: 'logout',
    auth: 'bearer',
    status: 401,
    body: UNAUTHENTICATED,
  },

  // Only the key says that a user is meant.
  {
    row: 'forbidden',
    about: 'an HTML page on a session call: an address is blocked, nobody is deactivated',
    operation: 'request',
    auth: 'bearer',
    status: 403,
    headers: HTML,
    body: htmlPage('403 Forbidden'),
  },
  {
    row: 'not-found',
    about: 'an HTML page on the reset mail: a wrong path, not an unknown user',
    operation: 'sendPasswordResetEmail',
    auth: 'basic',
    status: 404,
    headers: HTML,
    body: htmlPage('Not Found'),
  },
  {
    row: 'not-found',
    about: 'a JSON document that breaks off before its key is complete',
    operation: 'login',
    auth: 'basic',
    status: 404,
    headers: { 'content-type': 'application/json' },
    body: '{"error":"USER_NOT',
  },

  // A rate limit may come from the application or from the edge in front of it.
  { row: 'too-many-attempts', about: 'no body at all', operation: 'login', auth: 'basic', status: 429 },
  {
    row: 'too-many-attempts',
    about: 'an HTML page with Retry-After in seconds',
    operation: 'request',
    auth: 'bearer',
    status: 429,
    headers: { ...HTML, 'retry-after': '30' },
    body: htmlPage('Error 1015: You are being rate limited'),
  },
  {
    row: 'too-many-attempts',
    about: 'Retry-After as a date',
    operation: 'login',
    auth: 'basic',
    status: 429,
    headers: { 'retry-after': 'Fri, 31 Dec 2100 23:59:59 GMT' },
    body: { error: 'TOO_MANY_ATTEMPTS' },
  },

  // Validation comes as one named property, a map of fields or a list.
  {
    row: 'validation-failed',
    about: '400 validation_error naming one property',
    operation: 'login',
    auth: 'basic',
    status: 400,
    body: {
      error: 'validation_error',
      message: 'The property "email" is required.',
      context: { id: 'email', context: { rule: 'required' } },
    },
  },
  {
    row: 'validation-failed',
    about: '400 with a map of fields and no key',
    operation: 'updatePassword',
    auth: 'bearer',
    status: 400,
    body: { message: 'The given data was invalid.', errors: { new_password: 'Too short.' } },
  },
  {
    row: 'validation-failed',
    about: '400 with a list of errors',
    operation: 'request',
    auth: 'bearer',
    status: 400,
    body: {
      message: 'Bad request',
      errors: [{ field: 'email', message: 'Not an email address.' }, 'Too old.'],
    },
  },
  {
    row: 'invalid-request',
    about: 'half a JSON document',
    operation: 'register',
    auth: 'basic',
    status: 400,
    headers: { 'content-type': 'application/json' },
    body: '{"message":"The given data was invalid.","errors":{"email":["The em',
  },

  // The other side has many ways to be down.
  {
    row: 'api-exception',
    about: '424: a dependency of the service failed',
    operation: 'register',
    auth: 'basic',
    status: 424,
    body: {
      error: 'API_EXCEPTION',
      message: 'Something went wrong while processing your request. Please try again shortly.',
      context: null,
    },
  },
  {
    row: 'gateway',
    about: 'an HTML 502 on a refresh: the session lives on',
    operation: 'refresh',
    auth: 'basic',
    status: 502,
    headers: HTML,
    body: htmlPage('502 Bad Gateway'),
  },
  {
    row: 'server-error',
    about: '408: the server waited too long for the request',
    operation: 'validate',
    auth: 'bearer',
    status: 408,
  },
];
