// Rows of the failure table about credentials: the meanings of 401, and the grants of OAuth.
import type { BuiltIn } from '../failure-row.js';

const DEAD_HINTS = [
  'Token has been revoked',
  'Token has expired',
  'Token is not linked to client',
  'Cannot decrypt the refresh token',
] as const;

const CODE_HINTS = ['Authorization code has been revoked', 'Authorization code has expired'] as const;

export const UNAUTHORIZED = [
  // 401 has four meanings: auth mode and endpoint first, then the key (contract: section Errors, 401).
  {
    id: 'logout-already-done',
    when: [{ status: [401], auth: ['bearer'], operation: ['logout'] }],
    code: 'SUCCESS',
    reaction: 'accept',
    processed: 'yes',
    because: 'The token is already dead: logout has reached its goal.',
    proof: 'inferred',
  },
  {
    id: 'revoke-already-done',
    when: [{ status: [404], operation: ['revoke'], json: true }],
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
    id: 'foreign-challenge',
    when: [{ status: [401], auth: ['bearer'], challenge: 'foreign' }],
    code: 'INVALID_TOKEN',
    reaction: 'fail',
    processed: 'no',
    because:
      'Something before the API asks for credentials of its own, such as a proxy: new tokens would not help.',
    proof: 'inferred',
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
] as const satisfies readonly BuiltIn[];
