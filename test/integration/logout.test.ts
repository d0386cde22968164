// The end that a customer asks for: here at once, then on the server; and what is left of other logins.
import { expect } from 'chai';
import { isAuthError, unwrap, type EventMap } from '../../lib/index.js';
import { ADA, rejection, times, until, useStage } from './stage.js';

describe('Logout', () => {
  const stage = useStage();

  it('ends the session here before the server has answered, and then on the server', async () => {
    const { sandbox, auth, session } = await stage.loggedIn();
    const endings: EventMap['sessionEnded'][] = [];
    auth.on('sessionEnded', (event) => endings.push(event));
    const tokens = session.tokens();
    sandbox.fault({ on: 'logout', delay: 100 });
    const pending = session.logout();
    expect(session.state.status).to.equal('ended');
    expect(session.state.ended).to.include({ reason: 'logout' });
    expect(endings.map(({ session: key, reason }) => [key, reason])).to.deep.equal([[session.key, 'logout']]);
    expect(isAuthError(await rejection(session.http.get('/orders')), 'SESSION_ENDED')).to.equal(true);

    expect(await pending).to.include({ ok: true, status: 204 });
    expect(sandbox.counts().operations).to.have.nested.property('logout.received', 1);
    const resumed = auth.resume(tokens);
    expect(isAuthError(await rejection(resumed.http.get('/orders')), 'INVALID_TOKEN')).to.equal(true);
    expect(resumed.state.status, 'the refresh token is dead too').to.equal('ended');
  });

  it('ends the session here also where the server cannot be told, and says so', async () => {
    const { sandbox, session } = await stage.loggedIn();
    sandbox.fault({ on: 'logout', status: 503, times: 'always' });
    const result = await session.logout();
    expect(!result.ok && result.error).to.include({
      code: 'API_EXCEPTION',
      operation: 'logout',
      attempts: 4,
    });
    expect(session.state.status).to.equal('ended');
    sandbox.heal();
    expect((await session.logout()).ok, 'and it can be told again').to.equal(true);
  });

  it('of a token that is dead already has reached its goal, and refreshes nothing', async () => {
    const { sandbox, session } = await stage.loggedIn();
    sandbox.expireAccessTokens();
    expect(await session.logout()).to.include({ ok: true, status: 401 });
    expect(sandbox.counts().operations.refresh.received).to.equal(0);
  });

  it('twice is told to the listeners once', async () => {
    const { session } = await stage.loggedIn();
    const endings: unknown[] = [];
    session.on('sessionEnded', (event) => endings.push(event));
    const results = await times(3, () => session.logout());
    expect(results.map(({ ok }) => ok)).to.deep.equal([true, true, true]);
    expect(endings).to.have.length(1);
  });

  it('wins over a refresh that is under way: 10 of 10 calls that wait fail, 0 go on, and the late tokens are revoked', async () => {
    const { sandbox, auth, session } = await stage.loggedIn();
    const other = unwrap(await auth.login(ADA)); // another device
    sandbox.expireAccessTokens();
    unwrap(await other.refresh());
    sandbox.fault({ on: 'refresh', delay: 150 });
    const waiting = times(10, () => rejection(session.http.get('/orders')));
    await until(() => sandbox.counts().operations.refresh.received === 2);

    unwrap(await session.logout());
    for (const error of await waiting) expect(error).to.have.property('kind', 'session');
    expect(session.state).to.include({ status: 'ended', version: 1 });
    await until(() => sandbox.counts().operations.logout.received === 2);
    await until(() => sandbox.counts().operations.logout.answered[204] === 1);
    const alive = unwrap(await other.listSessions());
    expect(alive.map(({ id }) => id)).to.deep.equal([other.state.tokenId]);
    expect(sandbox.counts().operations.listOrders.answered, 'no call went on').to.deep.equal({ 401: 10 });
  });

  it('lets calls that are under way end as they will', async () => {
    const { sandbox, session } = await stage.loggedIn();
    sandbox.fault({ on: '/orders', delay: 100 });
    const running = session.http.get('/orders');
    await until(() => sandbox.counts().operations.listOrders.received === 1);
    unwrap(await session.logout());
    expect((await running).status).to.equal(200);
  });

  it('of one session leaves another of the same customer alone', async () => {
    const { auth, session } = await stage.loggedIn();
    const other = unwrap(await auth.login(ADA));
    unwrap(await session.logout());
    expect((await other.http.get('/orders')).status).to.equal(200);
  });
});

describe('Sessions of a customer', () => {
  const stage = useStage();

  it('are listed with real dates, the own one among them', async () => {
    const { auth, session } = await stage.loggedIn();
    const other = unwrap(await auth.login(ADA));
    const listed = unwrap(await session.listSessions());
    expect(listed.map(({ id }) => id)).to.have.members([session.state.tokenId, other.state.tokenId]);
    for (const each of listed) {
      expect(each.ip).to.contain('127.0.0.1');
      expect(Math.abs(Date.now() - each.createdAt!.getTime())).to.be.below(5_000);
      expect(each.expiresAt!.getTime() - Date.now()).to.be.within(30 * 86_400_000, 31 * 86_400_000);
    }
  });

  it('are revoked by id: that one ends with its next call, this one goes on', async () => {
    const { auth, session } = await stage.loggedIn();
    const other = unwrap(await auth.login(ADA));
    unwrap(await session.revoke(other.state.tokenId));
    expect(isAuthError(await rejection(other.http.get('/orders')), 'INVALID_TOKEN')).to.equal(true);
    expect(other.state.status).to.equal('ended');
    expect(session.state.status).to.equal('live');
    expect((await session.http.get('/orders')).status).to.equal(200);
  });

  it('that are gone already count as revoked', async () => {
    const { auth, session } = await stage.loggedIn();
    const id = unwrap(await auth.login(ADA)).state.tokenId;
    expect(await session.revoke(id)).to.include({ ok: true, status: 204 });
    expect(await session.revoke(id)).to.include({ ok: true, status: 404 });
  });

  for (const how of ['without an id', 'by the own id'] as const)
    it(`end themselves when revoked ${how}`, async () => {
      const { auth, session } = await stage.loggedIn();
      const tokens = session.tokens();
      const pending = how === 'by the own id' ? session.revoke(session.state.tokenId) : session.revoke();
      expect(session.state.ended).to.include({ reason: 'revoked' });
      unwrap(await pending);
      expect((await auth.resume(tokens).validate()).ok).to.equal(false);
    });

  it('end on every device when the password is reset', async () => {
    const { sandbox, auth, session } = await stage.loggedIn();
    const hash = sandbox.resetHash(ADA.email);
    const fresh = unwrap(await auth.updatePasswordByHash({ password: 'a new password', hash }));
    expect((await session.validate()).ok).to.equal(false);
    expect(session.state.status).to.equal('ended');
    expect((await fresh.validate()).ok).to.equal(true);
  });
});

describe('Tokens in hand', () => {
  const stage = useStage();

  it('go on as the same session elsewhere, through a store that holds texts', async () => {
    const { sandbox, session } = await stage.loggedIn();
    const stored = JSON.stringify(session.tokens());
    const elsewhere = stage
      .client(sandbox.url)
      .resume(JSON.parse(stored) as ReturnType<typeof session.tokens>);
    expect(elsewhere.state).to.include({
      status: 'live',
      version: 1,
      customerId: session.state.customerId,
      tokenId: session.state.tokenId,
    });
    const apart = elsewhere.state.expiresAt!.getTime() - session.state.expiresAt!.getTime();
    expect(Math.abs(apart)).to.be.below(1_000);
    expect((await elsewhere.http.get('/orders')).status).to.equal(200);
    sandbox.expireAccessTokens();
    expect((await elsewhere.http.get('/orders')).status).to.equal(200);
    expect(elsewhere.tokens().refreshToken).to.not.equal(session.tokens().refreshToken);
  });

  it('are those of the last refresh', async () => {
    const { auth, session } = await stage.loggedIn();
    const before = session.tokens();
    unwrap(await session.refresh());
    const after = session.tokens();
    expect(after.accessToken).to.not.equal(before.accessToken);
    expect(await session.accessToken()).to.equal(after.accessToken);
    expect((await auth.resume(after).validate()).ok).to.equal(true);
  });

  it('that are none are refused with the name of what is wrong', async () => {
    const { auth } = await stage.loggedIn();
    expect(() => auth.resume({ accessToken: '' })).to.throw(TypeError, 'tokens.accessToken');
    expect(() => auth.resume({ accessToken: 'a', refreshToken: 1 } as never)).to.throw(
      TypeError,
      'tokens.refreshToken',
    );
    expect(() => auth.resume({ accessToken: 'a', expiresIn: NaN })).to.throw(
      TypeError,
      'tokens.expiresIn must be a number of ms; got NaN',
    );
    expect(() => auth.resume(undefined as never)).to.throw(TypeError, 'tokens');
  });
});
