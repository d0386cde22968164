// The reference contract, word for word: its table of statuses, its three payloads and the calls that may be repeated.
import { expect } from 'chai';
import { classify, userMessageOf } from '../../lib/contract/classify.js';
import { CODES } from '../../lib/contract/codes.js';
import { ENDPOINTS, repeatsOf, type Operation } from '../../lib/contract/endpoints.js';
import { readErrorBody } from '../../lib/contract/error-body.js';
import { EXAMPLES } from '../../lib/contract/examples.js';
import { answer } from './answers.js';

const TROUBLE = 'Something went wrong while processing your request. Please try again shortly.';

/** Status, key, sentence for the customer, and an operation that the description names. */
const TABLE = [
  [200, 'SUCCESS', 'Request completed successfully.', 'login'],
  [500, 'API_EXCEPTION', TROUBLE, 'login'],
  [401, 'INVALID_TOKEN', 'Your session has expired. Please log in again.', 'validate'],
  [
    403,
    'USER_DEACTIVATED',
    'Your customer account has been deactivated. If you have any questions, feel free to get in touch.',
    'login',
  ],
  [404, 'USER_NOT_FOUND', 'Your email address or password is incorrect. Please try again.', 'login'],
  [
    406,
    'PASSWORD_RESET_HASH_EXPIRED',
    'This link has expired or has already been used.',
    'updatePasswordByHash',
  ],
  [409, 'USER_ALREADY_EXISTS', 'An account with this email address already exists.', 'register'],
  [429, 'TOO_MANY_ATTEMPTS', 'You’ve made too many attempts. Please wait a moment and try again.', 'login'],
  [424, 'API_EXCEPTION', TROUBLE, 'login'],
] as const;

describe('The reference contract', () => {
  for (const [status, key, message, operation] of TABLE)
    it(`says "${message}" for ${status} ${key}`, () => {
      const row = classify(answer(operation, ENDPOINTS[operation].auth, status, { key }));
      expect(row.code).to.equal(key);
      expect(CODES[key].userMessage).to.equal(message);
      expect(userMessageOf(row)).to.equal(message);
    });

  it('retries 500 and 424, waits on 429, refreshes on 401, and ends at 403, 404, 406 and 409', () => {
    const reactions = TABLE.map(([status, key, , operation]) => [
      status,
      classify(answer(operation, ENDPOINTS[operation].auth, status, { key })).reaction,
    ]);
    expect(Object.fromEntries(reactions)).to.deep.equal({
      200: 'accept',
      500: 'retry',
      424: 'retry',
      401: 'refresh',
      403: 'fail',
      404: 'fail',
      406: 'fail',
      409: 'fail',
      429: 'cooldown',
    });
  });
});

describe('The documented payloads', () => {
  it('INVALID_CLIENT: a null context, no hint, no description', () => {
    const sent = '{ "error": "INVALID_CLIENT", "message": "Client authentication failed.", "context": null }';
    expect(EXAMPLES['invalid-client'].body).to.deep.equal(JSON.parse(sent));
    expect(readErrorBody(sent)).to.deep.equal({
      key: 'INVALID_CLIENT',
      message: 'Client authentication failed.',
      context: null,
      details: [],
    });
  });

  it('unsupported_grant_type: a description that repeats the message, and a hint', () => {
    const sent =
      '{ "error": "unsupported_grant_type", "error_description": "The authorization grant type is not supported by the authorization server.", "hint": "Check that all required parameters have been provided", "message": "The authorization grant type is not supported by the authorization server." }';
    expect(EXAMPLES['unsupported-grant-type'].body).to.deep.equal(JSON.parse(sent));
    expect(readErrorBody(sent)).to.deep.equal({
      key: 'unsupported_grant_type',
      message: 'The authorization grant type is not supported by the authorization server.',
      description: 'The authorization grant type is not supported by the authorization server.',
      hint: 'Check that all required parameters have been provided',
      details: [],
    });
  });

  it('invalid_request: a refresh token that was revoked', () => {
    const sent =
      '{ "error": "invalid_request", "error_description": "The refresh token is invalid.", "hint": "Token has been revoked", "message": "The refresh token is invalid." }';
    expect(EXAMPLES['dead-refresh-token'].body).to.deep.equal(JSON.parse(sent));
    expect(readErrorBody(sent)).to.deep.equal({
      key: 'invalid_request',
      message: 'The refresh token is invalid.',
      description: 'The refresh token is invalid.',
      hint: 'Token has been revoked',
      details: [],
    });
  });
});

describe('After an unclear failure', () => {
  const repeats = (wanted: string) =>
    (Object.keys(ENDPOINTS) as Operation[]).filter(
      (name) => name !== 'request' && ENDPOINTS[name].repeats === wanted,
    );

  it('reads, revocations and logout may be repeated at will', () => {
    expect(repeats('any')).to.have.members(['validate', 'listSessions', 'revoke', 'logout']);
  });

  it('a login counts against the lock-out and a refresh may have rotated: once', () => {
    expect(repeats('once')).to.have.members(['login', 'guestLogin', 'refresh']);
  });

  it('what spends a hash or a code, makes an account or sends a mail is never repeated', () => {
    expect(repeats('never')).to.have.members([
      'register',
      'sendPasswordResetEmail',
      'updatePasswordByHash',
      'exchangeCode',
      'updatePassword',
    ]);
  });

  it('a call without a row goes by its method', () => {
    expect(['GET', 'head', 'PUT', 'delete'].map((method) => repeatsOf(undefined, method))).to.deep.equal(
      Array(4).fill('any'),
    );
    expect(['POST', 'patch'].map((method) => repeatsOf(undefined, method))).to.deep.equal(
      Array(2).fill('never'),
    );
  });
});
