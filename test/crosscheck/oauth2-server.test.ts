// On the other side: @node-oauth/oauth2-server 5.3.0, on an http server, with the password and the refresh grant. Its
// store here takes a refresh token once, and ends the session where one comes a second time.
import OAuth2Server, { type Client, type Token } from '@node-oauth/oauth2-server';
import { expect } from 'chai';
import { createAuthClient, isAuthError, unwrap, type AuthClientOptions } from '../../lib/index.js';
import { ADA, QUICK, rejection, times, useStage } from '../integration/stage.js';
import { sendJson, type SeenRequest } from '../support/local-server.js';

const SHOP = { clientId: 'shop', clientSecret: 'taken as it is: 100% +' };

const ENDPOINTS = {
  login: {
    path: '/token',
    encoding: 'form',
    fixed: { grant_type: 'password', scope: 'orders' },
    body: { email: 'username' },
  },
  refresh: { path: '/token', encoding: 'form' },
} as const satisfies AuthClientOptions['endpoints'];

/** What the package leaves to its users: where tokens are, and what becomes of one that was used. */
function createStore() {
  const client: Client = { id: SHOP.clientId, grants: ['password', 'refresh_token'] };
  let live: Token[] = [];
  const used = new Set<string>();
  return {
    expire() {
      for (const token of live) token.accessTokenExpiresAt = new Date(0);
    },
    /** Throws in place of an answer, once for each. */
    broken: 0,
    used,
    model: {
      getClient: (id: string, secret: string) =>
        Promise.resolve(id === SHOP.clientId && secret === SHOP.clientSecret && client),
      getUser: (name: string, password: string) =>
        Promise.resolve(name === ADA.email && password === ADA.password && { id: 'ada' }),
      validateScope: (_user: unknown, _client: unknown, scope?: string[]) => Promise.resolve(scope ?? []),
      saveToken: (token: Token, of: Client, user: object) => {
        const saved = { ...token, client: of, user };
        live.push(saved);
        return Promise.resolve(saved);
      },
      getAccessToken: (value: string) =>
        Promise.resolve(live.find(({ accessToken }) => accessToken === value)),
      getRefreshToken(value: string) {
        if (used.has(value)) live = [];
        return Promise.resolve(live.find(({ refreshToken }) => refreshToken === value) as never);
      },
      revokeToken({ refreshToken }: { readonly refreshToken: string }) {
        used.add(refreshToken);
        return Promise.resolve(true);
      },
    },
  };
}

describe('An OAuth 2.0 server', () => {
  const stage = useStage();

  async function serve() {
    const store = createStore();
    const oauth = new OAuth2Server({ model: store.model });
    const server = await stage.server(async ({ method, url, headers, text }: SeenRequest, response) => {
      const body = Object.fromEntries(new URLSearchParams(text));
      const asked = new OAuth2Server.Request({
        method,
        headers: headers as Record<string, string>,
        query: {},
        body,
      });
      const answer = new OAuth2Server.Response();
      try {
        if (url === '/token' && store.broken-- > 0) throw new OAuth2Server.ServerError('the store is away');
        await (url === '/token' ? oauth.token(asked, answer) : oauth.authenticate(asked, answer));
        sendJson(response, answer.status ?? 200, url === '/token' ? answer.body : [], answer.headers);
      } catch (thrown) {
        // As its wrapper for express does it.
        const error = thrown as InstanceType<typeof OAuth2Server.OAuthError>;
        const said = { error: error.name, error_description: error.message };
        const told = error instanceof OAuth2Server.UnauthorizedRequestError ? undefined : said;
        sendJson(response, error.code, told, answer.headers);
      }
    });
    const client = (credentials = SHOP) =>
      stage.keep(
        createAuthClient({
          baseURL: server.origin,
          credentials,
          endpoints: ENDPOINTS,
          policies: { ...QUICK, refresh: { rotation: 'strict', limit: { refreshes: 100, per: 1_000 } } },
        }),
      );
    const auth = client();
    const endings: string[] = [];
    auth.on('sessionEnded', ({ reason }) => endings.push(reason));
    const refreshes = () =>
      server.seen.filter(({ text }) => text.includes('grant_type=refresh_token')).length;
    return { store, server, client, auth, endings, refreshes };
  }

  it('signs in with the password grant, and says no as a login does', async () => {
    const { auth } = await serve();
    const session = unwrap(await auth.login(ADA));
    expect((await session.http.get('/orders')).status).to.equal(200);
    const wrong = await auth.login({ ...ADA, password: 'wrong horse' });
    expect(!wrong.ok && wrong.error).to.include({
      code: 'USER_NOT_FOUND',
      key: 'invalid_grant',
      status: 400,
    });
  });

  it('sees one refresh of 50 calls that meet an expired token, and ten rotations after it', async () => {
    const { auth, store, endings, refreshes } = await serve();
    const session = unwrap(await auth.login(ADA));
    store.expire();
    const answers = await times(50, () => session.http.get('/orders'));
    expect(answers.every(({ status }) => status === 200)).to.equal(true);
    expect(refreshes()).to.equal(1);
    for (let turn = 0; turn < 10; turn++) unwrap(await session.refresh());
    expect([refreshes(), store.used.size, endings.length]).to.deep.equal([11, 11, 0]);
    expect((await session.http.get('/orders')).status).to.equal(200);
  });

  it('ends a session whose refresh token was used by somebody else, once', async () => {
    const { auth, store, endings, refreshes } = await serve();
    const session = unwrap(await auth.login(ADA));
    store.used.add(session.tokens().refreshToken!);
    store.expire();
    const codes = await times(10, async () => {
      const error = await rejection(session.http.get('/orders'));
      return isAuthError(error) && error.code;
    });
    expect([...new Set(codes)]).to.deep.equal(['INVALID_TOKEN']);
    expect([endings, refreshes()]).to.deep.equal([['expired'], 1]);
  });

  it('that refuses the secret of the application ends no session', async () => {
    const { auth, client, endings } = await serve();
    const session = unwrap(await auth.login(ADA));
    const misled = client({ ...SHOP, clientSecret: 'wrong' }).resume(session.tokens());
    const result = await misled.refresh();
    expect(!result.ok && result.error).to.include({
      code: 'INVALID_CLIENT',
      key: 'invalid_client',
      status: 401,
    });
    expect(misled.state.status).to.equal('live');
    expect(await session.refresh(), 'and nothing was used up').to.include({ ok: true });
    expect(endings).to.deep.equal([]);
  });

  it('that fails with server_error is asked again, and the session is kept', async () => {
    const { auth, store, endings, refreshes } = await serve();
    const session = unwrap(await auth.login(ADA));
    store.expire();
    store.broken = 1;
    expect((await session.http.get('/orders')).status).to.equal(200);
    expect([refreshes(), endings.length]).to.deep.equal([2, 0]);
  });

  for (const [about, endpoints, expected] of [
    [
      'a grant it does not know',
      { login: { ...ENDPOINTS.login, fixed: { grant_type: 'magic' } } },
      'unsupported_grant_type',
    ],
    ['JSON in place of a form', { login: { ...ENDPOINTS.login, encoding: 'json' } }, 'invalid_request'],
    [
      'a field that is missing',
      { login: { ...ENDPOINTS.login, body: { email: 'mail' } } },
      'invalid_request',
    ],
  ] as const)
    it(`says ${expected} to ${about}, which is a matter of configuration`, async () => {
      const { server } = await serve();
      const auth = stage.keep(createAuthClient({ baseURL: server.origin, credentials: SHOP, endpoints }));
      const result = await auth.login(ADA);
      expect(!result.ok && result.error).to.include({ key: expected, kind: 'configuration', status: 400 });
      expect(server.seen).to.have.length(1);
    });
});
