// `close()` ends everything at once, and nothing of a client is left when its calls are over (R6, R12).
import { expect } from 'chai';
import { getEventListeners } from 'node:events';
import { virtualTime, watch } from '../support/virtual-time.js';
import { authBench, errorOf, httpBench, isRefresh, limit, MINUTE, tokensOf } from './clients.js';

const BUSY = { status: 503, headers: { 'retry-after': '20' } };

describe('A client that is closed', () => {
  const time = virtualTime();

  it('ends every call at once, wherever it waits, and leaves no timer', async () => {
    const { http, wire, heard } = httpBench(
      ({ url }) => (url.includes('limited') ? limit(20) : url.includes('busy') ? BUSY : 'never'),
      { cooldown: { concurrency: 2 } },
    );
    const { signal } = new AbortController();
    const paths = ['/slow/1', '/slow/2', '/slow/waits-for-room', '/limited/1', '/limited/2', '/busy/1'];
    const calls = paths.map((path) => watch(http.get(path, { signal })));
    await time.flush();
    expect(calls.every(({ state }) => state === 'pending')).to.equal(true);
    expect(heard('queued').map(({ reason }) => reason)).to.have.members([
      'concurrency',
      'cooldown',
      'cooldown',
    ]);
    expect(heard('retry')).to.have.length(1);
    expect(wire.sent).to.have.length(5);

    http.close();
    await time.flush();
    for (const { error } of calls) expect(error).to.include({ code: 'CLIENT_CLOSED', kind: 'closed' });
    expect(time.timers).to.equal(0);
    expect(getEventListeners(signal, 'abort')).to.have.length(0);
    const slow = wire.sent.filter(({ url }) => url.includes('slow'));
    expect(slow.map((sent) => sent.signal.aborted)).to.deep.equal([true, true]);
    await time.pass(MINUTE);
    expect(wire.sent).to.have.length(5);
  });

  it('ends those who wait for a refresh, and the refresh, and keeps the session', async () => {
    const { auth, resume, wire } = authBench((sent) => (isRefresh(sent) ? 'never' : 401));
    const session = resume();
    const calls = [watch<unknown>(session.http.get('/orders'))];
    await time.flush();
    calls.push(watch(session.http.get('/products')), watch(session.accessToken()));
    await time.flush();
    expect(calls.map(({ state }) => state)).to.deep.equal(['pending', 'pending', 'pending']);
    auth.close();
    await time.flush();
    for (const { error } of calls) expect(error).to.include({ code: 'CLIENT_CLOSED' });
    expect(wire.sent.find(isRefresh)?.signal.aborted).to.equal(true);
    expect(session.state.status).to.equal('live');
    expect(time.timers).to.equal(0);
  });

  it('ends every later call before anything is sent', async () => {
    const { auth, resume, wire, heard } = authBench();
    const session = resume();
    auth.close();
    expect(await errorOf(auth.http.get('/orders'))).to.include({ code: 'CLIENT_CLOSED', attempts: 0 });
    expect(await errorOf(session.http.get('/orders'))).to.include({ code: 'CLIENT_CLOSED', attempts: 0 });
    for (const result of [
      await auth.login({ email: 'a@example.com', password: 'secret' }),
      await session.refresh(),
      await session.logout(),
    ])
      expect(result.ok ? undefined : result.error).to.include({ code: 'CLIENT_CLOSED' });
    expect(wire.sent).to.have.length(0);
    expect(time.timers).to.equal(0);
    expect(heard('attempt')).to.have.length(0);
  });

  it('may be closed twice, and closes no other', async () => {
    const { http } = httpBench();
    const { http: other } = httpBench();
    http.close();
    http.close();
    expect(await other.get('/orders')).to.include({ status: 200 });
    expect(await errorOf(http.get('/orders'))).to.include({ code: 'CLIENT_CLOSED' });
  });

  it('by a listener that hears of the attempt sends nothing', async () => {
    const { http, wire } = httpBench(() => ({ after: 100 }));
    http.on('attempt', () => http.close());
    const call = watch(http.get('/orders'));
    await time.pass(MINUTE);
    expect(call.error).to.include({ code: 'CLIENT_CLOSED' });
    expect(wire.sent).to.have.length(0);
  });
});

describe('A call that is over', () => {
  const time = virtualTime();

  for (const [name, script] of [
    ['that worked', [200]],
    ['that failed', [404]],
    ['that was repeated', [503, 503, 200]],
    ['that was limited', [limit(3), limit(3), 200]],
    ['that took too long', ['never', 'never', 'never', 'never']],
    ['that was limited for too long', [limit(1_000)]],
    ['that got no connection', [{ fails: 'ECONNREFUSED' }, { fails: 'ECONNRESET' }]],
  ] as const)
    it(`${name} leaves no timer and no listener`, async () => {
      const { http } = httpBench(script);
      const { signal } = new AbortController();
      const call = watch(http.get('/orders', { signal }));
      await time.finish(http.get('/orders', { signal }).catch(() => undefined));
      while (call.state === 'pending') await time.pass(1_000);
      expect(time.timers).to.equal(0);
      expect(getEventListeners(signal, 'abort')).to.have.length(0);
    });

  it('leaves no timer after a refresh either', async () => {
    const { resume } = authBench((sent) => (isRefresh(sent) ? { data: tokensOf(2), after: 100 } : 200));
    const session = resume({ expiresIn: 0 });
    await time.finish(session.http.get('/orders'));
    expect(time.timers).to.equal(0);
  });

  it('leaves no timer after a background refresh that nobody waited for', async () => {
    const { resume, wire } = authBench((sent) => (isRefresh(sent) ? { data: tokensOf(2), after: 100 } : 200));
    const session = resume({ expiresIn: 10_000 });
    await time.pass(9_500);
    await session.http.get('/orders');
    expect(session.state.status).to.equal('refreshing');
    await time.pass(100);
    expect(session.state).to.include({ status: 'live', version: 2 });
    expect(wire.sent).to.have.length(2);
    expect(time.timers).to.equal(0);
  });
});
