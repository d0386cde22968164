// On the other side: oidc-provider 9.13.3, a certified OpenID provider, with rotation and reuse detection, over sockets.
// It asks for Node 22 and warns on 20, where it runs all the same. The API behind it asks for each token (RFC 7662).
import { expect } from 'chai';
import {
  createAuthClient,
  isAuthError,
  unwrap,
  type AuthClientOptions,
  type EventMap,
} from '../../lib/index.js';
import { QUICK, rejection, times, useStage } from '../integration/stage.js';
import {
  ENDPOINTS,
  escaped,
  SHOP,
  startAuthorizationServer,
  type AuthorizationServer,
} from './authorization-server.js';

describe('An OpenID provider', () => {
  const stage = useStage();

  function clientOf(server: AuthorizationServer, changes: Partial<AuthClientOptions> = {}) {
    const client = createAuthClient({
      baseURL: server.origin,
      credentials: escaped(SHOP),
      endpoints: ENDPOINTS,
      origins: [server.api],
      // After a lost answer nobody begins until the server must be done: a second more than the timeout.
      policies: {
        ...QUICK,
        refresh: { timeout: 1_000, rotation: 'strict', limit: { refreshes: 100, per: 1_000 } },
      },
      ...changes,
    });
    return stage.keep(client);
  }

  /** A provider, a client, a session that began with a code, and what is told of its end. */
  async function signedIn(firstLives?: number) {
    const server = stage.keep(await startAuthorizationServer(firstLives));
    const auth = clientOf(server);
    const endings: EventMap['sessionEnded'][] = [];
    auth.on('sessionEnded', (event) => endings.push(event));
    const session = unwrap(await auth.exchangeCode(await server.code()));
    return { server, auth, session, endings, orders: () => session.http.get(`${server.api}/orders`) };
  }

  it('gives tokens for a code with PKCE, and they open its API', async () => {
    const { session, orders } = await signedIn();
    expect(session.tokens()).to.have.all.keys('accessToken', 'refreshToken', 'expiresIn');
    expect((await orders()).status).to.equal(200);
  });

  it('takes a code once, and says so', async () => {
    const server = stage.keep(await startAuthorizationServer());
    const auth = clientOf(server);
    const code = await server.code();
    unwrap(await auth.exchangeCode(code));
    const again = await auth.exchangeCode(code);
    expect(!again.ok && again.error).to.include({ code: 'INVALID_GRANT', key: 'invalid_grant', status: 400 });
    const wrong = await auth.exchangeCode({ ...(await server.code()), codeVerifier: 'w'.repeat(43) });
    expect(!wrong.ok && wrong.error.code).to.equal('INVALID_GRANT');
  });

  it('sees one refresh of 100 calls that meet an expired token, and all are answered', async () => {
    const { server, auth, session } = await signedIn(1);
    const { accessToken, refreshToken } = session.tokens();
    const blind = auth.resume({ accessToken, ...(refreshToken && { refreshToken }) }); // knows of no expiry
    while (await server.isActive(accessToken)) await new Promise((resolve) => setTimeout(resolve, 50));
    const answers = await times(100, () => blind.http.get(`${server.api}/orders`));
    expect(answers.map(({ status }) => status)).to.deep.equal(Array<number>(100).fill(200));
    expect(server.presented).to.deep.equal([refreshToken]);
    expect(answers.filter(({ attempts }) => attempts === 2).length, 'calls that were refused').to.be.above(0);
  });

  it('is followed through 20 rotations', async () => {
    const { server, session, orders, endings } = await signedIn();
    const held = [session.tokens().refreshToken];
    for (let turn = 0; turn < 20; turn++) {
      unwrap(await session.refresh());
      held.push(session.tokens().refreshToken);
    }
    expect(server.presented).to.deep.equal(held.slice(0, 20));
    expect(new Set(held).size).to.equal(21);
    expect((await orders()).status).to.equal(200);
    expect(endings).to.deep.equal([]);
  });

  for (const [who, stolen] of [
    ['the thief is second', 'used'],
    ['the thief is first', 'fresh'],
  ] as const)
    it(`ends a session whose refresh token is used twice, once and for all calls: ${who}`, async () => {
      const { server, session, endings, orders } = await signedIn();
      const token = session.tokens().refreshToken!;
      if (stolen === 'used') unwrap(await session.refresh());
      const theft = await server.post('/token', { grant_type: 'refresh_token', refresh_token: token });
      expect(theft.status).to.equal(stolen === 'used' ? 400 : 200);
      if (stolen === 'fresh') {
        const result = await session.refresh();
        expect(!result.ok && result.error).to.include({ code: 'INVALID_TOKEN', key: 'invalid_grant' });
      }
      const errors = await times(20, () => rejection(orders()));
      const codes = new Set(errors.map((error) => isAuthError(error) && error.code));
      expect([...codes]).to.deep.equal([stolen === 'used' ? 'INVALID_TOKEN' : 'SESSION_ENDED']);
      expect(endings).to.have.length(1);
      expect(endings[0]).to.include({ session: session.key, reason: 'expired' });
      expect(server.presented, 'nothing is presented after the verdict').to.have.length(
        stolen === 'used' ? 3 : 2,
      );
    });

  it('that refuses the secret of the application ends no session', async () => {
    const { server, session } = await signedIn();
    for (const credentials of [{ ...SHOP, clientSecret: 'wrong' }, SHOP]) {
      const auth = clientOf(server, { credentials });
      const endings: unknown[] = [];
      auth.on('sessionEnded', (event) => endings.push(event));
      const misled = auth.resume(session.tokens());
      const result = await misled.refresh();
      expect(!result.ok && result.error).to.include({
        code: 'INVALID_CLIENT',
        key: 'invalid_client',
        status: 401,
      });
      expect([misled.state.status, endings.length]).to.deep.equal(['live', 0]);
    }
    expect(await session.refresh(), 'and nothing was used up').to.include({ ok: true });
  });

  it('is told of a logout, and both tokens are dead there', async () => {
    const { server, session, endings } = await signedIn();
    const { accessToken, refreshToken } = session.tokens();
    expect(await server.isActive(accessToken)).to.equal(true);
    expect(await session.logout()).to.include({ ok: true, status: 200 });
    expect([await server.isActive(accessToken), await server.isActive(refreshToken!)]).to.deep.equal([
      false,
      false,
    ]);
    expect(endings.map(({ reason }) => reason)).to.deep.equal(['logout']);
  });

  it('that has revoked the session elsewhere (RFC 7009) is believed at the next call', async () => {
    const { server, session, endings, orders } = await signedIn();
    await server.post('/token/revocation', { token: session.tokens().refreshToken! });
    expect(await rejection(orders())).to.include({ code: 'INVALID_TOKEN' });
    expect(endings.map(({ reason }) => reason)).to.deep.equal(['expired']);
  });

  it('that stops in the middle of a refresh and comes back finds the session as it was', async () => {
    const { server, session, endings, orders } = await signedIn();
    server.failNext('lost before');
    const result = await session.refresh();
    expect(!result.ok && result.error.retryable).to.equal(true);
    expect([session.state.status, server.presented.length, endings.length]).to.deep.equal(['live', 0, 0]);
    await server.comeBack();
    expect((await orders()).status, 'with the token in hand').to.equal(200);
    // Nobody can know that the token was not taken: it is shown again when the access token is of no use any more.
    await server.expire(session.tokens().accessToken);
    expect((await orders()).status).to.equal(200);
    expect(server.presented).to.have.length(1);
    expect(endings).to.deep.equal([]);
  });

  it('whose answer to a refresh is lost is not shown the token again while there is something to lose', async () => {
    const { server, session, endings, orders } = await signedIn();
    server.failNext('lost after');
    const lost = await session.refresh();
    expect(!lost.ok && lost.error.retryable).to.equal(true);
    await server.comeBack();
    expect(session.state).to.include({ status: 'live', inDoubt: true });
    const answers = await times(20, orders);
    expect(answers.every(({ status }) => status === 200)).to.equal(true);
    const again = await session.refresh();
    expect(!again.ok && again.error).to.include({ code: 'OUTCOME_UNKNOWN', retryable: true });
    expect(server.presented).to.have.length(1);
    expect(endings).to.deep.equal([]);
  });
});
