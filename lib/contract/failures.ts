// The failure table: the one source of everything said about an answer. `classify()`, the error types, the sandbox,
// docs/errors.md and the tests read it. First match wins; the last row matches everything.
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
  readonly status?: readonly number[] | '2xx' | '4xx' | '5xx';
  readonly key?: readonly string[];
  readonly hint?: readonly string[];
  /** The body names fields that are not valid. */
  readonly details?: true;
  readonly auth?: readonly AuthMode[];
  readonly operation?: readonly Operation[];
  readonly cause?: readonly Cause[];
}

/** One row of the failure table. `C` is the code; rows given by config may use codes of their own. */
export interface FailureRow<C extends string = string> {
  readonly id: string;
  /** Any of these. */
  readonly when: readonly When[];
  readonly code: C;
  /** For codes that the built-in contract does not know. Default `'rejected'`. */
  readonly kind?: Kind;
  /** For codes that the built-in contract does not know. Default: the message of `REQUEST_REJECTED`. */
  readonly userMessage?: string;
  readonly reaction: Reaction;
  /** Whether the server may have carried the call out: `'no'` makes any repeat safe. */
  readonly processed: 'no' | 'unknown' | 'yes';
  /** A second try after a first one that worked gets this answer too: after an unclear failure it proves nothing. */
  readonly alsoAfterSuccess?: true;
  /** What the answer means for the session of the call. Default `'keep'`. */
  readonly session?: 'keep' | 'end';
  /** Why, in a sentence; also where the answer is no. */
  readonly because: string;
  /** How sure we are of this row. */
  readonly proof: 'documented' | 'seen' | 'inferred' | 'ours';
}

const DEAD_HINTS = [
  'Token has been revoked',
  'Token has expired',
  'Token is not linked to client',
  'Cannot decrypt the refresh token',
] as const;

const CODE_HINTS = ['Authorization code has been revoked', 'Authorization code has expired'] as const;

export const FAILURES = [
  // Ended on our side: nothing more is sent.
  {
    id: 'aborted',
    when: [{ cause: ['aborted'] }],
    code: 'ABORTED',
    reaction: 'fail',
    processed: 'unknown',
    because: 'The caller aborted the call.',
    proof: 'ours',
  },
  {
    id: 'deadline',
    when: [{ cause: ['deadline'] }],
    code: 'DEADLINE_EXCEEDED',
    reaction: 'fail',
    processed: 'unknown',
    because: 'The total time of the call, waiting included, is used up.',
    proof: 'ours',
  },
  {
    id: 'closed',
    when: [{ cause: ['closed'] }],
    code: 'CLIENT_CLOSED',
    reaction: 'fail',
    processed: 'unknown',
    because: 'The client was closed.',
    proof: 'ours',
  },
  {
    id: 'queue-full',
    when: [{ cause: ['queue-full'] }],
    code: 'QUEUE_FULL',
    reaction: 'fail',
    processed: 'no',
    because: 'More calls wait for this bucket than policies.cooldown.maxQueued allows.',
    proof: 'ours',
  },
  {
    id: 'session-ended',
    when: [{ cause: ['session-ended'], auth: ['bearer'] }],
    code: 'SESSION_ENDED',
    reaction: 'fail',
    processed: 'no',
    because: 'The session is over; nothing was sent.',
    proof: 'ours',
  },
  {
    id: 'refresh-limit',
    when: [{ cause: ['refresh-limit'], auth: ['bearer'] }],
    code: 'REFRESH_LIMITED',
    reaction: 'fail',
    processed: 'no',
    because: 'The session refreshed too often in a short time; it is kept, but this call is given up.',
    proof: 'ours',
  },
  {
    id: 'unsendable',
    when: [{ cause: ['unsendable'] }],
    code: 'INVALID_REQUEST',
    reaction: 'fail',
    processed: 'no',
    because: 'The request could not be built from the given url, data or settings.',
    proof: 'ours',
  },
  {
    id: 'not-mocked',
    when: [{ cause: ['not-mocked'] }],
    code: 'NOT_MOCKED',
    reaction: 'fail',
    processed: 'no',
    because: 'The mock library of the test has no answer for this request; repeating it cannot help.',
    proof: 'seen',
  },

  // The connection.
  {
    id: 'untrusted',
    when: [{ cause: ['untrusted'] }],
    code: 'CONNECTION_FAILED',
    reaction: 'fail',
    processed: 'no',
    because: 'The certificate of the server could not be verified; repeating cannot help.',
    proof: 'ours',
  },
  {
    id: 'refused',
    when: [{ cause: ['refused'] }],
    code: 'CONNECTION_FAILED',
    reaction: 'retry',
    processed: 'no',
    because: 'No connection was made, so no byte of the request was sent.',
    proof: 'ours',
  },
  {
    id: 'lost',
    when: [{ cause: ['lost'] }],
    code: 'CONNECTION_LOST',
    reaction: 'retry',
    processed: 'unknown',
    because: 'The connection broke; the server may have carried the call out.',
    proof: 'ours',
  },
  {
    id: 'timeout',
    when: [{ cause: ['timeout'] }],
    code: 'TIMEOUT',
    reaction: 'retry',
    processed: 'unknown',
    because: 'The attempt took longer than policies.timeout.attempt; the server may have carried it out.',
    proof: 'ours',
  },
  {
    id: 'unreadable',
    when: [{ cause: ['unreadable', 'oversized'] }],
    code: 'INVALID_RESPONSE',
    reaction: 'fail',
    processed: 'yes',
    because: 'The answer says success, but its body is not what this operation returns.',
    proof: 'inferred',
  },

  // 401 has four meanings: auth mode and endpoint first, then the key (contract: section Errors, 401).
  {
    id: 'logout-already-done',
    when: [{ status: [401, 404], operation: ['logout'] }],
    code: 'SUCCESS',
    reaction: 'accept',
    processed: 'yes',
    because: 'The token is already dead: logout has reached its goal.',
    proof: 'inferred',
  },
  {
    id: 'revoke-already-done',
    when: [{ status: [404], operation: ['revoke'] }],
    code: 'SUCCESS',
    reaction: 'accept',
    processed: 'yes',
    because: 'There is no such token any more: revoking it has reached its goal.',
    proof: 'inferred',
  },
  {
    id: 'invalid-client',
    when: [{ status: [400, 401], key: ['invalid_client', 'unauthorized_client'] }],
    code: 'INVALID_CLIENT',
    reaction: 'fail',
    processed: 'no',
    because: 'The client id or secret is wrong. This is our configuration; no customer is logged out for it.',
    proof: 'documented',
  },
  {
    id: 'dead-refresh-token',
    when: [
      {
        status: [401],
        operation: ['refresh'],
        key: ['invalid_request', 'invalid_grant', 'invalid_token'],
      },
      { status: [400], operation: ['refresh'], key: ['invalid_grant'] },
      { status: [400, 401], operation: ['refresh'], hint: DEAD_HINTS },
    ],
    code: 'INVALID_TOKEN',
    reaction: 'fail',
    processed: 'no',
    session: 'end',
    because: 'The refresh token is invalid, expired or revoked: the session cannot be continued.',
    proof: 'documented',
  },
  {
    id: 'invalid-token',
    when: [{ status: [401], auth: ['bearer'] }],
    code: 'INVALID_TOKEN',
    reaction: 'refresh',
    processed: 'no',
    because: 'The access token is invalid or has expired.',
    proof: 'documented',
  },
  {
    id: 'invalid-token-elsewhere',
    when: [{ status: [401], key: ['invalid_token'], operation: ['request'] }],
    code: 'INVALID_TOKEN',
    reaction: 'fail',
    processed: 'no',
    because: 'A token that this client does not manage was refused.',
    proof: 'documented',
  },
  {
    id: 'unsupported-grant-type',
    when: [
      {
        status: [400, 401],
        key: ['unsupported_grant_type'],
        operation: ['refresh', 'exchangeCode', 'request'],
      },
    ],
    code: 'UNSUPPORTED_GRANT_TYPE',
    reaction: 'fail',
    processed: 'no',
    because: 'The server does not support the OAuth grant type that was asked for.',
    proof: 'documented',
  },
  {
    id: 'invalid-grant',
    when: [
      { status: [400], key: ['invalid_grant'], operation: ['exchangeCode', 'request'] },
      { status: [400, 401], hint: CODE_HINTS, operation: ['exchangeCode', 'request'] },
    ],
    code: 'INVALID_GRANT',
    reaction: 'fail',
    processed: 'no',
    alsoAfterSuccess: true,
    because: 'The authorization code was used or has expired.',
    proof: 'seen',
  },
  {
    id: 'client-refused',
    when: [{ status: [401], auth: ['basic'] }],
    code: 'INVALID_CLIENT',
    reaction: 'fail',
    processed: 'no',
    because: 'A call with client credentials was refused without naming a token: check id and secret.',
    proof: 'inferred',
  },
  {
    id: 'unauthorized',
    when: [{ status: [401], auth: ['none'] }],
    code: 'UNAUTHORIZED',
    reaction: 'fail',
    processed: 'no',
    because: 'The call carried no credentials of this client and was refused.',
    proof: 'inferred',
  },

  // Terminal domain answers: never repeated, never refreshed.
  {
    id: 'user-deactivated',
    when: [{ status: [403], key: ['user_deactivated'] }],
    code: 'USER_DEACTIVATED',
    reaction: 'fail',
    processed: 'no',
    because: 'The account was blocked or deactivated.',
    proof: 'documented',
  },
  {
    id: 'forbidden',
    when: [{ status: [403] }],
    code: 'FORBIDDEN',
    reaction: 'fail',
    processed: 'no',
    because:
      'Only the key says that an account is deactivated; without it the caller or its address is blocked.',
    proof: 'inferred',
  },
  {
    id: 'user-not-found',
    when: [
      {
        status: [404],
        key: ['user_not_found'],
        operation: [
          'login',
          'guestLogin',
          'sendPasswordResetEmail',
          'updatePasswordByHash',
          'updatePassword',
          'request',
        ],
      },
    ],
    code: 'USER_NOT_FOUND',
    reaction: 'fail',
    processed: 'no',
    because: 'No user matches the given details; a wrong password answers the same.',
    proof: 'documented',
  },
  {
    id: 'not-found',
    when: [{ status: [404] }],
    code: 'NOT_FOUND',
    reaction: 'fail',
    processed: 'no',
    because: 'Without its key a 404 does not speak of a user: check baseURL and path.',
    proof: 'inferred',
  },
  {
    id: 'password-reset-hash-expired',
    when: [
      { status: [406], operation: ['updatePasswordByHash'] },
      { status: [406], key: ['password_reset_hash_expired'], operation: ['request'] },
    ],
    code: 'PASSWORD_RESET_HASH_EXPIRED',
    reaction: 'fail',
    processed: 'no',
    alsoAfterSuccess: true,
    because: 'The reset hash has expired or was used.',
    proof: 'documented',
  },
  {
    id: 'user-already-exists',
    when: [
      { status: [409], operation: ['register', 'guestLogin'] },
      { status: [409], key: ['user_already_exists'], operation: ['request'] },
    ],
    code: 'USER_ALREADY_EXISTS',
    reaction: 'fail',
    processed: 'no',
    alsoAfterSuccess: true,
    because: 'The e-mail address belongs to an account.',
    proof: 'documented',
  },
  {
    id: 'conflict',
    when: [{ status: [409] }],
    code: 'CONFLICT',
    reaction: 'fail',
    processed: 'no',
    because: 'The call conflicts with the state of the server.',
    proof: 'inferred',
  },

  // Rate limit.
  {
    id: 'too-many-attempts',
    when: [{ status: [429] }],
    code: 'TOO_MANY_ATTEMPTS',
    reaction: 'cooldown',
    processed: 'no',
    because: 'The server limits how often this may be called.',
    proof: 'documented',
  },

  // Validation.
  {
    id: 'validation-failed',
    when: [{ status: [422] }, { status: [400], key: ['validation_error'] }, { status: [400], details: true }],
    code: 'VALIDATION_FAILED',
    reaction: 'fail',
    processed: 'no',
    because: 'The server named fields that are missing or not valid.',
    proof: 'documented',
  },
  {
    id: 'invalid-request',
    when: [{ status: [400] }],
    code: 'INVALID_REQUEST',
    reaction: 'fail',
    processed: 'no',
    because: 'The server could not make sense of the request: a parameter is missing or malformed.',
    proof: 'documented',
  },

  // Trouble on the other side.
  {
    id: 'api-exception',
    when: [{ status: [424, 500] }],
    code: 'API_EXCEPTION',
    reaction: 'retry',
    processed: 'unknown',
    because: 'The service or one of its dependencies failed.',
    proof: 'documented',
  },
  {
    id: 'gateway',
    when: [{ status: [502, 503, 504] }],
    code: 'API_EXCEPTION',
    reaction: 'retry',
    processed: 'unknown',
    because: 'A gateway in front of the service could not get an answer from it.',
    proof: 'documented',
  },
  {
    id: 'not-implemented',
    when: [{ status: [501, 505] }],
    code: 'API_EXCEPTION',
    reaction: 'fail',
    processed: 'no',
    because: 'The server does not implement what was asked; repeating cannot help.',
    proof: 'inferred',
  },
  {
    id: 'server-error',
    when: [{ status: '5xx' }, { status: [408, 425] }],
    code: 'API_EXCEPTION',
    reaction: 'retry',
    processed: 'unknown',
    because: 'The server gave up on the request.',
    proof: 'inferred',
  },

  // The rest.
  {
    id: 'redirect',
    when: [{ status: [301, 302, 303, 307, 308] }],
    code: 'UNEXPECTED_REDIRECT',
    reaction: 'fail',
    processed: 'unknown',
    because: 'Redirects are not followed, so that no credential reaches an unknown host: check baseURL.',
    proof: 'inferred',
  },
  {
    id: 'rejected',
    when: [{ status: '4xx' }],
    code: 'REQUEST_REJECTED',
    reaction: 'fail',
    processed: 'no',
    because: 'The server rejected the request; the same request would be rejected again.',
    proof: 'inferred',
  },
  {
    id: 'success',
    when: [{ status: '2xx' }],
    code: 'SUCCESS',
    reaction: 'accept',
    processed: 'yes',
    because: 'The request was carried out.',
    proof: 'documented',
  },
  {
    id: 'unexpected',
    when: [{}],
    code: 'UNEXPECTED_ANSWER',
    reaction: 'fail',
    processed: 'unknown',
    because: 'The answer fits no row of the contract.',
    proof: 'ours',
  },
] as const satisfies readonly (FailureRow<Code> & { readonly code: Code })[];

/** The built-in rows, with everything that classification needs in one type. */
export type BuiltInRow = (typeof FAILURES)[number];
