// The operations of the authentication API as data: how each is addressed, authenticated and filled in, and whether
// it may be repeated when nobody knows if the server carried it out.
import { readNothing, readSessions, readTokens, type Read } from './success-body.js';

/** What an attempt carries in its `Authorization` header. */
export type AuthMode = 'basic' | 'bearer' | 'none';

/**
 * Whether a call may be sent again after an *unclear* failure (timeout, 5xx, connection lost after sending):
 * `'any'` as often as the policy allows, `'once'`, or `'never'`. A failure that proves the call was not
 * processed (429, 401, no byte sent) never counts against it.
 */
export type Repeats = 'any' | 'once' | 'never';

/** One row of the endpoint table. */
export interface Endpoint {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** Relative to `baseURL`; `{name}` is replaced by that input field, percent-encoded. */
  readonly path: string;
  readonly auth: AuthMode;
  readonly repeats: Repeats;
  /** Input field to wire field. Fields that are not listed are not sent. */
  readonly body?: Readonly<Record<string, string>>;
  /** The same for input fields that may be left out. */
  readonly optional?: Readonly<Record<string, string>>;
  /** How the fields are sent. Default `'json'`. */
  readonly encoding?: 'json' | 'form';
  /** Wire fields sent with a fixed value. */
  readonly fixed?: Readonly<Record<string, string>>;
  /** Where the shop goes; the reference API spells it in three ways. */
  readonly shop?: 'body' | 'header';
  /** Longest wait for a cooldown, ms, where a person waits for the answer; otherwise `cooldown.maxWait`. */
  readonly patience?: number;
  /** Other calls wait for it, so it waits for no room at the server. */
  readonly urgent?: true;
  /** It ends what must not stay valid, so it is sent even where a circuit breaker is open. */
  readonly ends?: true;
  /** Reads what a 2xx carries; `undefined`: it is not what was promised. */
  readonly read: (data: unknown) => Read<unknown>;
}

/** How long a form may wait for a cooldown before it should count down instead, ms. */
const FORM_PATIENCE = 5_000;

/** The names alone, for whoever needs no more: a bundle without operations goes without their rows. */
export const OPERATIONS = [
  'register',
  'login',
  'guestLogin',
  'sendPasswordResetEmail',
  'updatePasswordByHash',
  'exchangeCode',
  'refresh',
  'updatePassword',
  'validate',
  'listSessions',
  'revoke',
  'logout',
] as const;

/** Name of a row of the endpoint table. */
export type EndpointName = (typeof OPERATIONS)[number];

/** An operation, or `'request'` for any other call made through an axios instance of ours. */
export type Operation = EndpointName | 'request';

// No spreads below: a bundler keeps what may run a getter.
const PERSON = {
  firstName: 'first_name',
  lastName: 'last_name',
  email: 'email',
  gender: 'gender',
} as const;

export const ENDPOINTS = {
  register: {
    method: 'post',
    path: '/auth/register',
    auth: 'basic',
    repeats: 'never',
    body: {
      firstName: 'first_name',
      lastName: 'last_name',
      email: 'email',
      gender: 'gender',
      password: 'password',
    },
    shop: 'body',
    patience: FORM_PATIENCE,
    read: readTokens,
  },
  login: {
    method: 'post',
    path: '/auth/login',
    auth: 'basic',
    repeats: 'once', // each try counts against the lock-out
    body: { email: 'email', password: 'password' },
    shop: 'body',
    patience: FORM_PATIENCE,
    read: readTokens,
  },
  guestLogin: {
    method: 'post',
    path: '/auth/login/guest',
    auth: 'basic',
    repeats: 'once',
    body: PERSON,
    shop: 'body',
    patience: FORM_PATIENCE,
    read: readTokens,
  },
  sendPasswordResetEmail: {
    method: 'post',
    path: '/auth/password/send-reset-email',
    auth: 'basic',
    repeats: 'never', // a second mail
    body: { email: 'email', resetUrl: 'reset_url' },
    shop: 'body',
    patience: FORM_PATIENCE,
    read: readNothing,
  },
  updatePasswordByHash: {
    method: 'put',
    path: '/auth/password/update-by-hash',
    auth: 'basic',
    repeats: 'never', // the hash is single-use
    body: { password: 'password', hash: 'hash' },
    shop: 'body',
    patience: FORM_PATIENCE,
    read: readTokens,
  },
  exchangeCode: {
    method: 'post',
    path: '/oauth/token',
    auth: 'basic',
    repeats: 'never', // the code is single-use
    fixed: { grant_type: 'authorization_code' },
    body: { code: 'code' },
    optional: { redirectUri: 'redirect_uri', codeVerifier: 'code_verifier' }, // RFC 6749, RFC 7636
    patience: FORM_PATIENCE,
    read: readTokens,
  },
  refresh: {
    method: 'post',
    path: '/oauth/token',
    auth: 'basic',
    repeats: 'once',
    urgent: true,
    fixed: { grant_type: 'refresh_token' },
    body: { refreshToken: 'refresh_token' },
    read: readTokens,
  },
  updatePassword: {
    method: 'put',
    path: '/auth/password',
    auth: 'bearer',
    repeats: 'never',
    body: { password: 'password', newPassword: 'new_password' },
    patience: FORM_PATIENCE,
    read: readNothing,
  },
  validate: {
    method: 'get',
    path: '/oauth/token/validate',
    auth: 'bearer',
    repeats: 'any',
    read: readNothing,
  },
  listSessions: {
    method: 'get',
    path: '/oauth/tokens',
    auth: 'bearer',
    repeats: 'any',
    read: readSessions,
  },
  revoke: {
    method: 'delete',
    path: '/oauth/tokens/{tokenId}',
    auth: 'bearer',
    repeats: 'any',
    ends: true,
    shop: 'header',
    read: readNothing,
  },
  logout: {
    method: 'post',
    path: '/auth/logout',
    auth: 'bearer',
    repeats: 'any',
    ends: true,
    shop: 'header',
    read: readNothing,
  },
} as const satisfies Record<EndpointName, Endpoint>;

/** Methods that may be repeated by definition (RFC 9110 section 9.2.2). */
const IDEMPOTENT: ReadonlySet<string> = new Set(['get', 'head', 'options', 'put', 'delete', 'query']);

/** Repeatability of a call that has no row: by its method. */
export function repeatsOf(endpoint: Endpoint | undefined, method: string): Repeats {
  return endpoint?.repeats ?? (IDEMPOTENT.has(method.toLowerCase()) ? 'any' : 'never');
}
