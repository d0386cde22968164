// One refresh for all, over real sockets, against a server that rotates both tokens and revokes the old ones at once.
import { expect } from 'chai';
import type { Sandbox } from '../../lib/sandbox/index.js';
import { sendJson } from '../support/local-server.js';
import { QUICK, times, until, useStage } from './stage.js';

const statuses = (answers: readonly { status: number }[]) => [
  ...new Set(answers.map(({ status }) => status)),
];

function expectOneRefresh(sandbox: Sandbox): void {
  const { operations, refreshTokens } = sandbox.counts();
  expect(operations.refresh.answered).to.deep.equal({ 200: 1 });
  expect(refreshTokens).to.deep.equal({ presented: 1, distinct: 1, repeated: 0 });
}

describe('Calls with an expired access token', () => {
  const stage = useStage();

  for (const count of [200, 1_000])
    it(`all succeed with one refresh: ${count} at once`, async () => {
      const { sandbox, session } = await stage.loggedIn();
      sandbox.expireAccessTokens();
      const answers = await times(count, () => session.http.get('/orders'));
      expect(answers).to.have.length(count);
      expect(statuses(answers)).to.deep.equal([200]);
      expectOneRefresh(sandbox);
      expect(session.state).to.include({ status: 'live', version: 2 });
      expect(sandbox.counts().operations.listOrders.received, 'no call leaves three times').to.be.at.most(
        2 * count,
      );
    });

  it('all succeed with one refresh where the expiry is known, and no call leaves with the old token', async () => {
    const { sandbox, auth, session } = await stage.loggedIn();
    sandbox.expireAccessTokens();
    const resumed = auth.resume({ ...session.tokens(), expiresIn: 0 });
    const answers = await times(200, () => resumed.http.get('/orders'));
    expect(statuses(answers)).to.deep.equal([200]);
    expectOneRefresh(sandbox);
    expect(sandbox.counts().operations.listOrders.answered).to.deep.equal({ 200: 200 });
  });

  it('all succeed with one refresh where the token says nothing about its expiry', async () => {
    const server = await stage.rotating(50);
    const session = stage.client(server.origin).resume(server.tokens);
    expect(session.state).to.not.have.property('expiresAt');
    server.expire();
    const answers = await times(200, () => session.http.get('/orders'));
    expect(statuses(answers)).to.deep.equal([200]);
    expect(server.rotations()).to.equal(1);
    expect(server.reused()).to.equal(false);
    expect(session.tokens()).to.deep.equal({
      accessToken: 'opaque-access-2',
      refreshToken: 'opaque-refresh-2',
    });
  });

  it('all succeed with one refresh where they come in one after the other while it is under way', async () => {
    const { sandbox, session } = await stage.loggedIn();
    sandbox.expireAccessTokens();
    sandbox.fault({ on: 'refresh', delay: 150 });
    const calls: Promise<{ status: number }>[] = [];
    const trickle = setInterval(() => calls.push(session.http.get('/orders')), 2);
    await until(() => session.state.version === 2);
    await until(() => calls.length > 60);
    clearInterval(trickle);
    expect(statuses(await Promise.all(calls))).to.deep.equal([200]);
    expectOneRefresh(sandbox);
  });

  it('a 401 that lands after the refresh: its call is sent again, 0 extra refreshes', async () => {
    const { sandbox, session } = await stage.loggedIn();
    sandbox.expireAccessTokens();
    sandbox.fault({ on: '/orders/1', delay: 150 }); // refused at once, told late
    const late = session.http.get('/orders/1');
    await until(() => sandbox.counts().operations.getOrder.received === 1);
    await times(20, () => session.http.get('/orders'));
    expect(session.state.version).to.equal(2);
    expect((await late).status).to.equal(200);
    expect(sandbox.counts().operations.getOrder.answered).to.deep.equal({ 401: 1, 200: 1 });
    expectOneRefresh(sandbox);
  });

  it('one 503 in answer to the refresh: 200 ok, it is repeated once for all of them, 0 new logins, 0 ends told', async () => {
    const { sandbox, session } = await stage.loggedIn();
    sandbox.expireAccessTokens();
    sandbox.fault({ on: 'refresh', status: 503 });
    const endings: unknown[] = [];
    session.on('sessionEnded', (event) => endings.push(event));
    const answers = await times(200, () => session.http.get('/orders'));
    expect(statuses(answers)).to.deep.equal([200]);
    expect(sandbox.counts().operations.refresh.answered).to.deep.equal({ 503: 1, 200: 1 });
    expect([sandbox.counts().operations.login.received, endings.length]).to.deep.equal([1, 0]);
    expect(session.state).to.include({ status: 'live', version: 2 });
  });

  it('operations, accessToken() and refresh() join the same refresh', async () => {
    const { sandbox, auth, session } = await stage.loggedIn();
    sandbox.expireAccessTokens();
    const resumed = auth.resume({ ...session.tokens(), expiresIn: 0 });
    const [token, refreshed, listed, validated] = await Promise.all([
      resumed.accessToken(),
      resumed.refresh(),
      resumed.listSessions(),
      resumed.validate(),
    ]);
    expect([refreshed.ok, listed.ok, validated.ok]).to.deep.equal([true, true, true]);
    expect(token).to.equal(resumed.tokens().accessToken);
    expect(token).to.not.equal(session.tokens().accessToken);
    expectOneRefresh(sandbox);
  });

  it('one of 20 that wait is aborted: it leaves at once, the other 19 are ok, 1 refresh', async () => {
    const { sandbox, session } = await stage.loggedIn();
    sandbox.expireAccessTokens();
    sandbox.fault({ on: 'refresh', delay: 200 });
    const controller = new AbortController();
    const began = performance.now();
    const first = session.validate({ signal: controller.signal });
    const others = times(19, () => session.http.get('/orders'));
    await until(() => sandbox.counts().operations.refresh.received === 1);
    controller.abort();
    const aborted = await first;
    expect(aborted).to.have.nested.property('error.code', 'ABORTED');
    expect(session.state.status, 'the refresh is still under way').to.equal('refreshing');
    expect(performance.now() - began).to.be.below(200);
    expect((await others).filter(({ status }) => status === 200)).to.have.length(19);
    expectOneRefresh(sandbox);
  });

  it('refresh tells its listeners once that it began and once that it succeeded', async () => {
    const { sandbox, auth, session } = await stage.loggedIn();
    const phases: string[] = [];
    auth.on('refresh', ({ phase, session: key, version }) => phases.push(`${phase} ${key} ${version}`));
    sandbox.expireAccessTokens();
    await times(50, () => session.http.get('/orders'));
    expect(phases).to.deep.equal([`started ${session.key} 1`, `succeeded ${session.key} 2`]);
  });

  it('a token about to expire is renewed in the background: a call that it is still good for does not wait', async () => {
    const server = await stage.server(({ url }, response) => {
      const body = { access_token: 'access-2', refresh_token: 'refresh-2', expires_in: 3_600 };
      if (url === '/oauth/token') setTimeout(() => sendJson(response, 200, body), 200);
      else sendJson(response, 200, {});
    });
    const auth = stage.client(server.origin, { policies: { refresh: { ahead: 60_000 } } });
    // Never more than half of a lifetime: due after half a second.
    const session = auth.resume({ accessToken: 'access-1', refreshToken: 'refresh-1', expiresIn: 1_000 });
    await until(() => session.state.expiresAt!.getTime() - Date.now() < 490);
    expect(await session.http.get('/orders')).to.include({ status: 200, attempts: 1 });
    expect(session.state).to.include({ status: 'refreshing', version: 1 });
    await until(() => session.state.version === 2);
    expect(server.seen.filter(({ url }) => url === '/oauth/token')).to.have.length(1);
  });

  it('a token renewed in the background may die at once: the calls on their way go again, without a second refresh', async () => {
    const { sandbox, auth, session } = await stage.loggedIn(undefined, {
      policies: { ...QUICK, refresh: { ahead: 60_000 } },
    });
    const due = auth.resume({ ...session.tokens(), expiresIn: 1_000 });
    await until(() => due.state.expiresAt!.getTime() - Date.now() < 490);
    sandbox.fault({ on: 'refresh', delay: 100 });
    const answers = await times(20, () => due.http.get('/orders'));
    expect(statuses(answers)).to.deep.equal([200]);
    expectOneRefresh(sandbox);
    expect(due.state).to.include({ status: 'live', version: 2 });
  });
});
