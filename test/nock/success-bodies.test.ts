// A 2xx is believed only as far as its body bears it out.
import { expect } from 'chai';
import nock from 'nock';
import type { EndpointName } from '../../lib/contract/endpoints.js';
import { unwrap, type Schema } from '../../lib/index.js';
import { BASE, CALLS, errorOf, mock, RENEWED, TOKENS, useNock } from './mock.js';

const PAGE = '<!doctype html><html><body>Sign in to the guest network</body></html>';
const HTML = { 'content-type': 'text/html' };
const JSON_TYPE = { 'content-type': 'application/json' };

const WITH_TOKENS = [
  'register',
  'login',
  'guestLogin',
  'updatePasswordByHash',
  'exchangeCode',
  'refresh',
] as const;
const WITH_NOTHING = ['sendPasswordResetEmail', 'updatePassword', 'validate', 'revoke', 'logout'] as const;
const ALL = Object.keys(CALLS) as EndpointName[];

/** What a success leaves in doubt: the operation was carried out, but its answer is lost. */
const SPENT: readonly EndpointName[] = [
  'register',
  'sendPasswordResetEmail',
  'updatePasswordByHash',
  'exchangeCode',
  'updatePassword',
];

const NO_TOKENS: readonly (readonly [about: string, body: nock.Body, headers: Record<string, string>])[] = [
  ['nothing', '', {}],
  ['an empty object', {}, {}],
  ['null', 'null', JSON_TYPE],
  ['a list', [RENEWED], {}],
  ['text', 'OK', { 'content-type': 'text/plain' }],
  ['half a document', '{"access_token":"acc', JSON_TYPE],
  ['no access token', { ...RENEWED, access_token: undefined }, {}],
  ['an empty access token', { ...RENEWED, access_token: '' }, {}],
  ['an access token that is no text', { ...RENEWED, access_token: 42 }, {}],
  ['tokens of another type', { ...RENEWED, token_type: 'mac' }, {}],
];

describe('HTML behind a 200', () => {
  const { client } = useNock();

  for (const [about, headers] of [
    ['', HTML],
    [' that says it is JSON', JSON_TYPE],
  ] as const)
    for (const operation of ALL)
      it(`is no success of ${operation}${about}`, async () => {
        const auth = client();
        const session = auth.resume(TOKENS);
        mock(operation).reply(200, PAGE, headers);
        expect(await errorOf(CALLS[operation](auth, session))).to.include({
          code: 'INVALID_RESPONSE',
          kind: 'protocol',
          operation,
          attempts: 1,
          retryable: false,
          ambiguous: SPENT.includes(operation),
        });
        if (operation !== 'logout') expect(session.state.status).to.equal('live');
      });
});

describe('A token response', () => {
  const { client } = useNock();

  for (const [about, body, headers] of NO_TOKENS)
    it(`that is ${about} is INVALID_RESPONSE`, async () => {
      for (const operation of WITH_TOKENS) {
        const auth = client();
        const session = auth.resume(TOKENS);
        mock(operation).reply(200, body, headers);
        const error = await errorOf(CALLS[operation](auth, session));
        expect(error, operation).to.include({ code: 'INVALID_RESPONSE', operation });
        expect(session.state).to.include({ status: 'live', version: 1 });
        expect(session.tokens()).to.deep.equal(TOKENS);
      }
    });

  it('without a refresh token keeps the one in hand', async () => {
    const session = client().resume(TOKENS);
    mock('refresh').reply(200, { token_type: 'Bearer', expires_in: 60, access_token: 'access-2' });
    unwrap(await session.refresh());
    expect(session.tokens()).to.include({ accessToken: 'access-2', refreshToken: 'refresh-1' });
  });

  it('may have any 2xx, any case of its type and no lifetime', async () => {
    for (const [status, body] of [
      [200, { access_token: 'access-2' }],
      [201, { ...RENEWED, token_type: 'bearer' }],
      [202, { ...RENEWED, expires_in: '3600' }],
      [206, { ...RENEWED, expires_in: null, extra: true }],
    ] as const) {
      mock('login').reply(status, body);
      const result = await CALLS.login(client());
      expect(result).to.include({ ok: true, status });
      expect(unwrap(result).tokens().accessToken).to.equal('access-2');
    }
  });
});

describe('An operation that returns nothing', () => {
  const { client } = useNock();

  for (const operation of WITH_NOTHING)
    it(`${operation} takes any 2xx, with any body but a page`, async () => {
      for (const [status, body] of [
        [200, {}],
        [200, ''],
        [200, 'true'],
        [201, { error: 'SUCCESS' }],
        [204, ''],
      ] as const) {
        const auth = client();
        mock(operation).reply(status, body);
        const result = await CALLS[operation](auth, auth.resume(TOKENS));
        expect(result).to.include({ ok: true, status, value: undefined });
      }
    });
});

describe('A list of sessions', () => {
  const { client } = useNock();
  const entry = {
    id: 'a'.repeat(80),
    ip: '203.0.113.9',
    user_agent: 'Lynx',
    created_at: '2023-03-01 14:27:50',
    updated_at: '2023-03-01 14:27:50',
    expires_at: '2023-04-01T14:27:50.755000Z',
  };

  it('is read with both of its formats of time', async () => {
    mock('listSessions').reply(200, [entry, { id: 'b' }]);
    const sessions = unwrap(await client().resume(TOKENS).listSessions());
    expect(sessions).to.deep.equal([
      {
        id: entry.id,
        ip: entry.ip,
        userAgent: 'Lynx',
        createdAt: new Date('2023-03-01T14:27:50Z'),
        updatedAt: new Date('2023-03-01T14:27:50Z'),
        expiresAt: new Date('2023-04-01T14:27:50.755Z'),
      },
      { id: 'b' },
    ]);
  });

  it('that is none, or holds something else, is INVALID_RESPONSE', async () => {
    for (const body of [
      {},
      { data: [entry] },
      [entry, null],
      [{ ...entry, id: 42 }],
      [{ ip: entry.ip }],
      '',
      'null',
    ]) {
      mock('listSessions').reply(200, body, JSON_TYPE);
      const error = await errorOf(client().resume(TOKENS).listSessions());
      expect(error, JSON.stringify(body)).to.include({ code: 'INVALID_RESPONSE', attempts: 1 });
    }
  });
});

describe('request() with a schema', () => {
  const { client } = useNock();
  /** What zod and others generate, written by hand. */
  const orders: Schema<readonly { id: number }[]> = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) =>
        Array.isArray(value) && value.every((each: { id?: unknown }) => typeof each.id === 'number')
          ? { value: value as { id: number }[] }
          : { issues: [{ message: 'Not an order.', path: [0, { key: 'id' }] }] },
    },
  };

  it('returns what fits', async () => {
    nock(BASE)
      .get('/orders')
      .reply(200, [{ id: 1 }]);
    const result = await client().resume(TOKENS).request({ url: '/orders', schema: orders });
    expect(result).to.deep.equal({ ok: true, value: [{ id: 1 }], status: 200, attempts: 1 });
  });

  it('says what does not fit, and where', async () => {
    for (const body of [[{ id: 'one' }], PAGE, '']) {
      nock(BASE).get('/orders').reply(200, body);
      const error = await errorOf(client().request({ url: '/orders', schema: orders }));
      expect(error).to.include({ code: 'INVALID_RESPONSE', kind: 'protocol', status: 200 });
      expect(error.details).to.deep.equal([{ field: '0.id', message: 'Not an order.' }]);
    }
  });

  it('returns a refusal as it is', async () => {
    nock(BASE).get('/orders').reply(403, { error: 'USER_DEACTIVATED' });
    const error = await errorOf(client().resume(TOKENS).request({ url: '/orders', schema: orders }));
    expect(error).to.include({ code: 'USER_DEACTIVATED', status: 403 });
  });
});
