// The reference page's own samples, word for word, on the operations it speaks of and on calls of one's own: what a
// user who mocks this API with nock gets to see.
import { expect } from 'chai';
import nock from 'nock';
import { isAuthError, unwrap } from '../../lib/index.js';
import type { EndpointName } from '../../lib/contract/endpoints.js';
import { BASE, CALLS, errorOf, mock, RENEWED, TOKENS, useNock } from './mock.js';

const TROUBLE = 'Something went wrong while processing your request. Please try again shortly.';
const EXPIRED = 'Your session has expired. Please log in again.';
const DEACTIVATED =
  'Your customer account has been deactivated. If you have any questions, feel free to get in touch.';
const WAIT = 'You’ve made too many attempts. Please wait a moment and try again.';

interface Sample {
  readonly status: number;
  readonly key: string;
  readonly message: string;
  readonly kind: string;
  readonly retryable: boolean;
  /** Where the page, or the operation's own description, says that it can happen. */
  readonly on: readonly Exclude<EndpointName, 'refresh' | 'logout'>[];
}

const ALL = Object.keys(CALLS) as EndpointName[];
const everywhere = ALL.filter((name) => name !== 'refresh' && name !== 'logout') as Sample['on'];

const SAMPLES: readonly Sample[] = [
  {
    status: 500,
    key: 'API_EXCEPTION',
    message: TROUBLE,
    kind: 'unavailable',
    retryable: true,
    on: everywhere,
  },
  {
    status: 424,
    key: 'API_EXCEPTION',
    message: TROUBLE,
    kind: 'unavailable',
    retryable: true,
    on: everywhere,
  },
  {
    status: 401,
    key: 'INVALID_TOKEN',
    message: EXPIRED,
    kind: 'session',
    retryable: false,
    on: ['validate', 'updatePassword', 'listSessions', 'revoke'],
  },
  {
    status: 403,
    key: 'USER_DEACTIVATED',
    message: DEACTIVATED,
    kind: 'account',
    retryable: false,
    on: everywhere,
  },
  {
    status: 404,
    key: 'USER_NOT_FOUND',
    message: 'Your email address or password is incorrect. Please try again.',
    kind: 'account',
    retryable: false,
    on: ['login', 'sendPasswordResetEmail'],
  },
  {
    status: 406,
    key: 'PASSWORD_RESET_HASH_EXPIRED',
    message: 'This link has expired or has already been used.',
    kind: 'input',
    retryable: false,
    on: ['updatePasswordByHash'],
  },
  {
    status: 409,
    key: 'USER_ALREADY_EXISTS',
    message: 'An account with this email address already exists.',
    kind: 'conflict',
    retryable: false,
    on: ['register'],
  },
  {
    status: 429,
    key: 'TOO_MANY_ATTEMPTS',
    message: WAIT,
    kind: 'rate-limit',
    retryable: true,
    on: everywhere,
  },
];

const bodyOf = ({ key, message }: Sample) => ({ error: key, message, context: null });
const wantedOf = ({ status, key, message, kind, retryable }: Sample) => ({
  code: key,
  kind,
  status,
  key,
  message,
  userMessage: message,
  context: null,
  retryable,
});

describe('The samples of the reference page', () => {
  const { client, http } = useNock();

  for (const sample of SAMPLES) {
    const { status, key, on } = sample;
    const body = bodyOf(sample);
    const wanted = wantedOf(sample);
    /** A 401 of a bearer call costs a refresh and one more try; every other answer is final here. */
    const isRefreshed = status === 401;

    for (const operation of on)
      it(`${status} ${key} on ${operation}`, async () => {
        const auth = client();
        mock(operation)
          .times(isRefreshed ? 2 : 1)
          .reply(status, body);
        if (isRefreshed) mock('refresh').reply(200, RENEWED);
        const error = await errorOf(CALLS[operation](auth, auth.resume(TOKENS)));
        expect(isAuthError(error, key as 'API_EXCEPTION')).to.equal(true);
        expect(error).to.include({ ...wanted, operation, attempts: isRefreshed ? 2 : 1 });
        expect(error).to.not.have.any.keys('description', 'hint');
        expect(error.details).to.deep.equal([]);
      });

    it(`${status} ${key} on a call of one’s own with a session`, async () => {
      const session = client().resume(TOKENS);
      nock(BASE)
        .get('/orders')
        .times(isRefreshed ? 2 : 1)
        .reply(status, body);
      if (isRefreshed) mock('refresh').reply(200, RENEWED);
      const error = await errorOf(session.http.get('/orders'));
      expect(error).to.include({ ...wanted, operation: 'request', attempts: isRefreshed ? 2 : 1 });
      expect(session.state.status).to.equal('live');
    });

    it(`${status} ${key} on a call through createHttpClient()`, async () => {
      nock(BASE).get('/orders').reply(status, body);
      const error = await errorOf(http().get('/orders'));
      expect(error).to.include({ ...wanted, operation: 'request', attempts: 1 });
    });

    it(`${status} ${key} is the same with the key in lower case`, async () => {
      nock(BASE)
        .get('/orders')
        .reply(status, { ...body, error: key.toLowerCase() });
      const error = await errorOf(http().get('/orders'));
      expect(error).to.include({ ...wanted, key: key.toLowerCase() });
    });
  }

  it('200 SUCCESS on sign-in, refresh and session check', async () => {
    const auth = client();
    mock('login').reply(200, RENEWED);
    const session = unwrap(await CALLS.login(auth));
    expect(session.tokens()).to.include({ accessToken: 'access-2', refreshToken: 'refresh-2' });
    mock('validate').reply(200, { error: 'SUCCESS', message: 'Request completed successfully.' });
    mock('refresh').reply(200, { ...RENEWED, access_token: 'access-3' });
    expect(await session.validate()).to.include({ ok: true, status: 200, attempts: 1 });
    expect(await session.refresh()).to.include({ ok: true, status: 200, attempts: 1 });
    expect(session.tokens().accessToken).to.equal('access-3');
  });

  it('401 INVALID_TOKEN with a session that cannot refresh is INVALID_TOKEN, and the session is over', async () => {
    const session = client().resume({ accessToken: TOKENS.accessToken });
    mock('validate').reply(401, bodyOf(SAMPLES[2]!));
    const error = await errorOf(session.validate());
    expect(error).to.include({ code: 'INVALID_TOKEN', status: 401, userMessage: EXPIRED, attempts: 1 });
    expect(session.state.status).to.equal('ended');
  });
});

describe('The payload examples of the reference page', () => {
  const { client } = useNock();

  it('Unauthorized Client', async () => {
    const sent = '{ "error": "INVALID_CLIENT", "message": "Client authentication failed.", "context": null }';
    for (const operation of ['login', 'register', 'guestLogin', 'exchangeCode', 'refresh'] as const) {
      const auth = client();
      const session = auth.resume(TOKENS);
      mock(operation).reply(401, sent, { 'content-type': 'application/json' });
      const error = await errorOf(CALLS[operation](auth, session));
      expect(error, operation).to.include({
        code: 'INVALID_CLIENT',
        kind: 'configuration',
        status: 401,
        key: 'INVALID_CLIENT',
        message: 'Client authentication failed.',
        userMessage: TROUBLE,
        context: null,
        operation,
      });
      expect(error).to.not.have.any.keys('description', 'hint');
      expect(session.state.status, 'our configuration logs nobody out').to.equal('live');
    }
  });

  it('Unsupported Grant Type', async () => {
    const sent =
      '{ "error": "unsupported_grant_type", "error_description": "The authorization grant type is not supported by the authorization server.", "hint": "Check that all required parameters have been provided", "message": "The authorization grant type is not supported by the authorization server." }';
    for (const operation of ['exchangeCode', 'refresh'] as const) {
      const auth = client();
      const session = auth.resume(TOKENS);
      mock(operation).reply(400, sent, { 'content-type': 'application/json' });
      const error = await errorOf(CALLS[operation](auth, session));
      expect(error, operation).to.include({
        code: 'UNSUPPORTED_GRANT_TYPE',
        kind: 'configuration',
        status: 400,
        key: 'unsupported_grant_type',
        message: 'The authorization grant type is not supported by the authorization server.',
        description: 'The authorization grant type is not supported by the authorization server.',
        hint: 'Check that all required parameters have been provided',
        userMessage: TROUBLE,
      });
      expect(session.state.status).to.equal('live');
    }
  });

  it('Invalid Token', async () => {
    const sent =
      '{ "error": "invalid_request", "error_description": "The refresh token is invalid.", "hint": "Token has been revoked", "message": "The refresh token is invalid." }';
    const session = client().resume(TOKENS);
    mock('refresh').reply(401, sent, { 'content-type': 'application/json' });
    expect(await errorOf(session.refresh())).to.include({
      code: 'INVALID_TOKEN',
      kind: 'session',
      status: 401,
      key: 'invalid_request',
      message: 'The refresh token is invalid.',
      description: 'The refresh token is invalid.',
      hint: 'Token has been revoked',
      userMessage: EXPIRED,
      operation: 'refresh',
      attempts: 1,
    });
    expect(session.state.status).to.equal('ended');
  });

  it('Validation: one named property, with its context', async () => {
    const context = { id: 'email', context: { rule: 'required' } };
    mock('login').reply(400, {
      error: 'validation_error',
      message: 'The property "email" is required.',
      context,
    });
    const error = await errorOf(CALLS.login(client()));
    expect(error).to.include({
      code: 'VALIDATION_FAILED',
      kind: 'input',
      status: 400,
      key: 'validation_error',
      message: 'The property "email" is required.',
    });
    expect(error.context).to.deep.equal(context);
  });
});
