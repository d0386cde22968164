// What every operation puts on the wire: method, path, auth mode, headers and body of section 2 of the contract, and
// nothing else.
import { expect } from 'chai';
import nock from 'nock';
import type { EndpointName } from '../../lib/contract/endpoints.js';
import { unwrap } from '../../lib/index.js';
import { BASE, BASIC, CALLS, GRACE, mock, RENEWED, ROUTES, TOKENS, useNock } from './mock.js';

const PERSON = { first_name: 'Grace', last_name: 'Hopper', email: 'grace@example.com', gender: 'f' };
const BEARER = `Bearer ${TOKENS.accessToken}`;

interface Wanted {
  readonly authorization: string;
  readonly body?: object;
  /** `X-Shop-Id` goes with the call. */
  readonly shopHeader?: true;
  readonly answer: readonly [status: number, body?: nock.Body];
}

const WANTED: Readonly<Record<EndpointName, Wanted>> = {
  register: {
    authorization: BASIC,
    body: { ...PERSON, password: 'long enough', shop_id: 1001 },
    answer: [201, RENEWED],
  },
  login: {
    authorization: BASIC,
    body: { email: 'ada@example.com', password: 'correct horse', shop_id: 1001 },
    answer: [200, RENEWED],
  },
  guestLogin: { authorization: BASIC, body: { ...PERSON, shop_id: 1001 }, answer: [200, RENEWED] },
  sendPasswordResetEmail: {
    authorization: BASIC,
    body: {
      email: 'ada@example.com',
      reset_url: 'https://shop.example.com/reset?hash={hash}',
      shop_id: 1001,
    },
    answer: [204],
  },
  updatePasswordByHash: {
    authorization: BASIC,
    body: { password: 'a new password', hash: 'hash-1', shop_id: 1001 },
    answer: [200, RENEWED],
  },
  exchangeCode: {
    authorization: BASIC,
    body: { grant_type: 'authorization_code', code: 'code-1' },
    answer: [200, RENEWED],
  },
  refresh: {
    authorization: BASIC,
    body: { grant_type: 'refresh_token', refresh_token: TOKENS.refreshToken },
    answer: [200, RENEWED],
  },
  updatePassword: {
    authorization: BEARER,
    body: { password: 'correct horse', new_password: 'a new password' },
    answer: [204],
  },
  validate: { authorization: BEARER, answer: [200, {}] },
  listSessions: { authorization: BEARER, answer: [200, []] },
  revoke: { authorization: BEARER, shopHeader: true, answer: [204] },
  logout: { authorization: BEARER, shopHeader: true, answer: [204] },
};

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

/** Lets the request of an operation in and remembers it. */
function capture(operation: EndpointName, [status, body]: Wanted['answer']): Sent[] {
  const sent: Sent[] = [];
  mock(operation).reply(function (path, content) {
    sent.push({ method: this.req.method, path, headers: this.req.headers, body: content });
    return [status, body ?? ''];
  });
  return sent;
}

describe('Every operation', () => {
  const { client } = useNock();

  for (const [name, wanted] of Object.entries(WANTED)) {
    const operation = name as EndpointName;
    const [method, path] = ROUTES[operation];
    it(`${operation}: ${method} ${path}`, async () => {
      const auth = client();
      const sent = capture(operation, wanted.answer);
      const result = await CALLS[operation](auth, auth.resume(TOKENS));
      expect(result).to.include({ ok: true, status: wanted.answer[0], attempts: 1 });
      expect(sent).to.have.length(1);
      const { headers, body, ...line } = sent[0]!;
      expect(line).to.deep.equal({ method, path: `/v1${path}` });
      expect(headers).to.include({ accept: 'application/json', authorization: wanted.authorization });
      expect(headers['x-shop-id']).to.equal(wanted.shopHeader && '1001');
      if (wanted.body) {
        expect(body).to.deep.equal(wanted.body);
        expect(headers['content-type']).to.contain('application/json');
      } else expect(body).to.equal('');
    });
  }

  it('of the application goes without credentials where the client has none: its own backend adds them', async () => {
    const auth = client({ credentials: undefined });
    const sent = capture('login', [200, RENEWED]);
    unwrap(await auth.login({ email: 'ada@example.com', password: 'correct horse' }));
    expect(sent[0]!.headers).to.not.have.property('authorization');
  });

  it('leaves the shop out where the client has none', async () => {
    const auth = client({ shopId: undefined });
    const [login, logout] = [capture('login', [200, RENEWED]), capture('logout', [204])];
    const session = unwrap(await auth.login({ email: 'ada@example.com', password: 'correct horse' }));
    unwrap(await session.logout());
    expect(login[0]!.body).to.not.have.property('shop_id');
    expect(logout[0]!.headers).to.not.have.property('x-shop-id');
  });

  it('takes headers of the application along, such as the address of the customer', async () => {
    const headers = { 'x-original-client-ip': '203.0.113.9' };
    const auth = client({ axios: { headers } });
    const sent = capture('login', [200, RENEWED]);
    unwrap(await auth.login({ email: 'ada@example.com', password: 'correct horse' }));
    expect(sent[0]!.headers).to.include({ ...headers, accept: 'application/json', authorization: BASIC });
  });

  it('sends no field that the contract does not know', async () => {
    const auth = client();
    const sent = capture('guestLogin', [200, RENEWED]);
    unwrap(await auth.guestLogin({ ...GRACE, password: 'not for guests', isAdmin: true } as typeof GRACE));
    expect(sent[0]!.body).to.deep.equal({ ...PERSON, shop_id: 1001 });
  });

  it('puts ids into the path percent-encoded', async () => {
    const auth = client();
    nock(BASE).delete('/oauth/tokens/..%2Flogout%3Fa%3Db%23c').reply(204);
    expect(await auth.resume(TOKENS).revoke('../logout?a=b#c')).to.include({ ok: true });
  });

  it('carries one idempotency key through every attempt where it is asked for', async () => {
    const auth = client({ policies: { retry: { backoff: { initial: 1, max: 1 } } } });
    const keys: unknown[] = [];
    mock('register')
      .times(2)
      .reply(function () {
        keys.push(this.req.headers['idempotency-key']);
        return keys.length === 1 ? [503] : [200, RENEWED];
      });
    const result = await auth.register({ ...GRACE, password: 'long enough' }, { idempotencyKey: true });
    expect(result).to.include({ ok: true, attempts: 2 });
    expect(keys[0]).to.match(/^[0-9a-f-]{36}$/);
    expect(keys[1]).to.equal(keys[0]);
  });

  it('goes to another path where the options say so, and keeps the rest of its row', async () => {
    const auth = client({
      baseURL: 'https://idp.example.com',
      endpoints: { refresh: { path: '/v2/token' }, validate: { method: 'post', path: '/v2/introspect' } },
    });
    const session = auth.resume(TOKENS);
    nock('https://idp.example.com', { reqheaders: { authorization: BASIC } })
      .post('/v2/token', { grant_type: 'refresh_token', refresh_token: TOKENS.refreshToken })
      .reply(200, RENEWED);
    nock('https://idp.example.com', { reqheaders: { authorization: 'Bearer access-2' } })
      .post('/v2/introspect')
      .reply(200, {});
    unwrap(await session.refresh());
    unwrap(await session.validate());
  });

  it('uses the tokens that a sign-in brought, and those of a refresh from then on', async () => {
    const auth = client();
    mock('login').reply(200, { ...RENEWED, access_token: 'access-of-login' });
    const session = unwrap(await auth.login({ email: 'ada@example.com', password: 'correct horse' }));
    nock(BASE).get('/orders').matchHeader('authorization', 'Bearer access-of-login').reply(401);
    nock(BASE)
      .post('/oauth/token', { grant_type: 'refresh_token', refresh_token: 'refresh-2' })
      .reply(200, RENEWED);
    nock(BASE).get('/orders').matchHeader('authorization', 'Bearer access-2').reply(200, ['an order']);
    const response = await session.http.get<unknown>('/orders');
    expect(response.data).to.deep.equal(['an order']);
    expect(session.tokens()).to.include({ accessToken: 'access-2', refreshToken: 'refresh-2' });
  });
});
