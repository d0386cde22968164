// Routes of a server that speaks plain OAuth 2.0, by `endpoints`: what goes over the wire, byte for byte.
import { expect } from 'chai';
import { createAuthClient, unwrap, type AuthClientOptions } from '../../lib/index.js';
import { sendJson, type Answer, type LocalServer } from '../support/local-server.js';
import { ADA, CREDENTIALS, QUICK, rejection, until, useStage } from './stage.js';

const TOKENS = { token_type: 'Bearer', access_token: 'access-2', refresh_token: 'refresh-2', expires_in: 60 };
const BASIC = `Basic ${btoa(`${CREDENTIALS.clientId}:${CREDENTIALS.clientSecret}`)}`;
const FORM = 'application/x-www-form-urlencoded;charset=utf-8';

const ENDPOINTS = {
  login: { path: '/token', encoding: 'form', fixed: { grant_type: 'password' }, body: { email: 'username' } },
  exchangeCode: { path: '/token', encoding: 'form' },
  refresh: { path: '/token', encoding: 'form' },
  logout: { path: '/revoke', encoding: 'form', auth: 'basic' },
} as const satisfies AuthClientOptions['endpoints'];

const tokens: Answer = (_, response) => sendJson(response, 200, TOKENS);
const formsOf = ({ seen }: LocalServer) =>
  seen.map(({ text }) => Object.fromEntries(new URLSearchParams(text)));

describe('Endpoints of an OAuth 2.0 server', () => {
  const stage = useStage();
  const client = ({ origin }: LocalServer, changes: Partial<AuthClientOptions> = {}) =>
    stage.client(origin, { policies: QUICK, endpoints: ENDPOINTS, shopId: undefined, ...changes });

  it('get a form where the row says so, the same at each attempt', async () => {
    const server = await stage.server((request, response) =>
      server.seen.length === 1 ? sendJson(response, 503) : tokens(request, response),
    );
    const session = client(server).resume({ accessToken: 'access-1', refreshToken: 'a b+c/d=é&x' });
    expect(await session.refresh()).to.include({ ok: true, attempts: 2 });
    for (const { method, url, headers, text } of server.seen) {
      expect([method, url]).to.deep.equal(['POST', '/token']);
      expect(headers).to.include({ 'content-type': FORM, authorization: BASIC, accept: 'application/json' });
      expect(text).to.equal('grant_type=refresh_token&refresh_token=a+b%2Bc%2Fd%3D%C3%A9%26x');
    }
  });

  it('get the redirect and the verifier of a code where there are some', async () => {
    const server = await stage.server(tokens);
    const auth = client(server);
    const code = { code: 'code-1', redirectUri: 'https://shop.example.com/cb', codeVerifier: 'v'.repeat(43) };
    expect((await auth.exchangeCode(code)).ok).to.equal(true);
    expect((await auth.exchangeCode({ code: 'code-2' })).ok).to.equal(true);
    expect(formsOf(server)).to.deep.equal([
      {
        grant_type: 'authorization_code',
        code: code.code,
        redirect_uri: code.redirectUri,
        code_verifier: code.codeVerifier,
      },
      { grant_type: 'authorization_code', code: 'code-2' },
    ]);
    const empty = await rejection(auth.exchangeCode({ code: 'code-3', codeVerifier: '' }));
    expect(empty).to.be.instanceOf(TypeError).with.property('message').that.includes('codeVerifier');
    expect(server.seen).to.have.length(2);
  });

  it('get fields by other names, and more of them', async () => {
    const server = await stage.server(tokens);
    const { login } = ENDPOINTS;
    const endpoints = { login: { ...login, fixed: { ...login.fixed, scope: 'shop openid' } } };
    expect((await client(server, { endpoints }).login(ADA)).ok).to.equal(true);
    expect(formsOf(server)).to.deep.equal([
      { grant_type: 'password', username: ADA.email, password: ADA.password, scope: 'shop openid' },
    ]);
  });

  it('learn of a logout as RFC 7009 has it: by the application, with the refresh token', async () => {
    const server = await stage.server((_, response) => sendJson(response, 200));
    const auth = client(server);
    expect(await auth.resume({ accessToken: 'access-1', refreshToken: 'refresh-1' }).logout()).to.include({
      ok: true,
      status: 200,
    });
    expect((await auth.resume({ accessToken: 'access-1' }).logout()).ok).to.equal(true);
    expect(server.seen.map(({ url, headers }) => [url, headers.authorization])).to.deep.equal([
      ['/revoke', BASIC],
      ['/revoke', BASIC],
    ]);
    expect(formsOf(server), 'the access token only where there is no other').to.deep.equal([
      { token: 'refresh-1' },
      { token: 'access-1' },
    ]);
  });

  it('know a client without a secret by its id in the form', async () => {
    const server = await stage.server(tokens);
    const fixed = { client_id: 'app' };
    const endpoints = {
      exchangeCode: { ...ENDPOINTS.exchangeCode, fixed },
      refresh: { ...ENDPOINTS.refresh, fixed },
      logout: { ...ENDPOINTS.logout, fixed },
    };
    const auth = stage.keep(createAuthClient({ baseURL: server.origin, endpoints }));
    const session = unwrap(await auth.exchangeCode({ code: 'code-1' }));
    unwrap(await session.refresh());
    unwrap(await session.logout());
    expect(server.seen.map(({ headers }) => headers.authorization)).to.deep.equal(Array(3).fill(undefined));
    expect(formsOf(server)).to.deep.equal([
      { grant_type: 'authorization_code', client_id: 'app', code: 'code-1' },
      { grant_type: 'refresh_token', client_id: 'app', refresh_token: 'refresh-2' },
      { client_id: 'app', token: 'refresh-2' },
    ]);
  });

  it('learn of tokens that came after a logout, too', async () => {
    const server = await stage.server((request, response) => {
      if (request.url === '/revoke') sendJson(response, 200);
      else void session.logout().then(() => tokens(request, response));
    });
    const session = client(server).resume({ accessToken: 'access-1', refreshToken: 'refresh-1' });
    expect((await session.refresh()).ok).to.equal(false);
    await until(() => server.seen.length === 3);
    expect(formsOf(server).slice(1)).to.deep.equal([{ token: 'refresh-1' }, { token: 'refresh-2' }]);
  });

  it('that refuse the application at a logout are no success', async () => {
    const server = await stage.server((_, response) => sendJson(response, 401, { error: 'invalid_client' }));
    const session = client(server).resume({ accessToken: 'access-1', refreshToken: 'refresh-1' });
    const result = await session.logout();
    expect(!result.ok && result.error).to.include({ code: 'INVALID_CLIENT', operation: 'logout' });
    expect(session.state.status).to.equal('ended');
  });

  it('say of a wrong password what a login says everywhere', async () => {
    const server = await stage.server((_, response) => sendJson(response, 400, { error: 'invalid_grant' }));
    const result = await client(server).login(ADA);
    expect(!result.ok && result.error).to.include({ code: 'USER_NOT_FOUND', status: 400 });
  });

  it('that repeat in an error what they were sent show nothing of it', async () => {
    const server = await stage.server(({ text }, response) =>
      sendJson(response, 400, { error: 'invalid_request', error_description: `what is ${text}?` }),
    );
    const codeVerifier = 'a-verifier-that-only-its-owner-knows';
    const result = await client(server).exchangeCode({ code: 'a-code-of-one-use', codeVerifier });
    expect(!result.ok && result.error.description).to.include('what is grant_type=authorization_code');
    expect(JSON.stringify(result)).not.to.match(/a-verifier|a-code/);
  });

  it('may be at an address of their own, among the origins', async () => {
    const server = await stage.server(tokens);
    const endpoints = { refresh: { path: `${server.origin}/token`, encoding: 'form' } } as const;
    const elsewhere = { endpoints, origins: [server.origin] };
    const session = stage.client('https://api.example.com', elsewhere).resume({
      accessToken: 'access-1',
      refreshToken: 'refresh-1',
    });
    expect(await session.refresh()).to.include({ ok: true });
    expect(server.seen.map(({ headers }) => headers.authorization)).to.deep.equal([BASIC]);
  });

  it('take what the sandbox takes as well', async () => {
    const { sandbox, session } = await stage.loggedIn({}, { endpoints: { refresh: { encoding: 'form' } } });
    expect(await session.refresh()).to.include({ ok: true });
    expect(sandbox.counts().operations.refresh.received).to.equal(1);
  });

  for (const [about, endpoints, says] of [
    ['an encoding', { refresh: { encoding: 'xml' } }, "refresh.encoding must be 'json' or 'form'"],
    ['a field', { login: { body: { username: 'u' } } }, 'endpoints.login.body.username'],
    ['an empty name', { login: { body: { email: '' } } }, 'login.body must be a map of texts'],
    ['a fixed number', { login: { fixed: { scope: 1 } } }, 'login.fixed must be a map of texts'],
    ['a credential', { refresh: { auth: 'basic' } }, 'endpoints.refresh.auth'],
    ['a farewell', { logout: { auth: 'none' } }, "logout.auth must be 'bearer' or 'basic'"],
    ['a strange host', { refresh: { path: 'https://id.example.com/token' } }, 'refresh.path must be a path'],
    ['a host without scheme', { refresh: { path: '//id.example.com/token' } }, 'refresh.path must be a path'],
  ] as const)
    it(`name ${about} that cannot be`, () => {
      const options = { endpoints } as unknown as Partial<AuthClientOptions>;
      expect(() => stage.client('https://api.example.com', options)).to.throw(TypeError, says);
    });
});
