// policies/refresh, policies/authorize: one refresh for all, and every attempt with the token of its moment.
import { expect } from 'chai';
import { virtualTime, watch } from '../support/virtual-time.js';
import { authBench, errorOf, isRefresh, limit, tokensOf, tokenServer } from './clients.js';
import type { Sent } from '../support/transport.js';

const bearer = ({ headers }: Sent) => headers.authorization?.replace('Bearer ', '');

describe('Many calls with a token that the server refuses', () => {
  const time = virtualTime();

  it('cost one refresh, and none of them is sent with the old token again', async () => {
    const server = tokenServer({ refreshAfter: 50 });
    const { resume, wire } = authBench(server.script);
    server.current = 41; // the session's token is not the server's
    const session = resume();
    await time.finish(Promise.all(Array.from({ length: 200 }, (_, n) => session.http.get(`/orders/${n}`))));
    expect(server.refreshes).to.equal(1);
    const calls = wire.sent.filter((sent) => !isRefresh(sent));
    expect(calls.map(bearer)).to.deep.equal([
      ...Array<string>(16).fill('at-1'), // no more leave for a server that nothing is known about
      ...Array<string>(200).fill('at-42'),
    ]);
  });

  it('cost one refresh where it is known to be expired, and no call is sent with it at all', async () => {
    const server = tokenServer({ refreshAfter: 50 });
    const { resume, wire } = authBench(server.script);
    const session = resume({ expiresIn: 1 });
    await time.pass(10);
    await time.finish(Promise.all(Array.from({ length: 200 }, (_, n) => session.http.get(`/orders/${n}`))));
    expect(server.refreshes).to.equal(1);
    const calls = wire.sent.filter((sent) => !isRefresh(sent));
    expect(new Set(calls.map(bearer))).to.deep.equal(new Set(['at-2']));
    expect(calls).to.have.length(200);
  });

  it('cost one refresh also where their 401s arrive one by one (I12)', async () => {
    const server = tokenServer({ refreshAfter: 50 });
    const { resume } = authBench((sent) => {
      const answer = server.script(sent);
      return answer === 401 ? { status: 401, after: sent.number * 10 } : answer;
    });
    server.current = 41;
    const session = resume();
    await time.finish(Promise.all(Array.from({ length: 30 }, (_, n) => session.http.get(`/orders/${n}`))));
    expect(server.refreshes).to.equal(1);
    expect(session.state.version).to.equal(2);
  });

  it('cost one refresh also where it fails and their 401s arrive one by one', async () => {
    const { resume, wire } = authBench((sent) =>
      isRefresh(sent) ? { status: 403, after: 25 } : { status: 401, after: sent.number * 10 },
    );
    const session = resume();
    const calls = Array.from({ length: 16 }, (_, n) => watch(session.http.get(`/orders/${n}`)));
    await time.pass(1_000);
    for (const { error } of calls) expect(error).to.include({ code: 'FORBIDDEN', attempts: 1 });
    expect(wire.sent.filter(isRefresh)).to.have.length(1);
    expect(session.state.status).to.equal('live');
  });

  it('all fail with the one refusal where the refresh token is dead, and the session ends once', async () => {
    const dead = { status: 401, data: { error: 'invalid_grant', hint: 'Token has been revoked' } };
    const { resume, wire, heard } = authBench((sent) => (isRefresh(sent) ? { ...dead, after: 50 } : 401));
    const session = resume();
    const calls = Array.from({ length: 50 }, (_, n) => watch(session.http.get(`/orders/${n}`)));
    await time.pass(50);
    for (const { error } of calls) expect(error).to.include({ code: 'INVALID_TOKEN', operation: 'request' });
    expect(wire.sent.filter(isRefresh)).to.have.length(1);
    expect(heard('sessionEnded')).to.have.length(1);
    expect(await errorOf(session.http.get('/orders'))).to.include({ code: 'SESSION_ENDED', attempts: 0 });
    expect(wire.sent).to.have.length(16 + 1);
  });

  it('all fail and keep the session where the refresh fails otherwise', async () => {
    for (const answer of [
      429,
      500,
      403,
      { data: '<html>' },
      { data: {} },
      { fails: 'ECONNRESET' },
    ] as const) {
      const { resume, heard } = authBench((sent) => (isRefresh(sent) ? answer : 401), {
        cooldown: { fallback: 20_000 },
      });
      const session = resume();
      const calls = [1, 2, 3].map((n) => watch(session.http.get(`/orders/${n}`)));
      await time.pass(15_000);
      const name = JSON.stringify(answer);
      expect(
        calls.map(({ state }) => state),
        name,
      ).to.deep.equal(['rejected', 'rejected', 'rejected']);
      for (const { error } of calls)
        expect(error, name).to.have.property('code').that.is.not.oneOf(['INVALID_TOKEN']);
      for (const { error } of calls) expect(error, name).to.have.property('because').that.contains('refresh');
      expect(session.state.status, name).to.equal('live');
      expect(heard('sessionEnded'), name).to.have.length(0);
      await time.pass(60_000);
    }
  });
});

describe('A call of a session', () => {
  const time = virtualTime();

  it('that waited in the queue leaves with the token of that moment', async () => {
    const { resume, wire } = authBench(({ url }) => {
      if (url.endsWith('/oauth/token')) return { data: tokensOf(2) };
      return url.endsWith('/first') ? { after: 5_000 } : 200;
    }, { cooldown: { concurrency: 1 } }); // prettier-ignore
    const session = resume();
    const calls = [session.http.get('/orders/first'), session.http.get('/orders/second')];
    await time.pass(1_000);
    await session.refresh();
    await time.finish(Promise.all(calls));
    expect(wire.sent.map(bearer).filter((token) => token?.startsWith('at'))).to.deep.equal(['at-1', 'at-2']);
  });

  it('that waited for room until its token expired never sends it', async () => {
    const { resume, wire } = authBench(
      (sent) => (isRefresh(sent) ? { data: tokensOf(2), after: 100 } : { after: 5_000 }),
      { cooldown: { concurrency: 1 } },
    );
    const { http } = resume({ expiresIn: 4_000 });
    await time.finish(Promise.all([http.get('/orders/1'), http.get('/orders/2')]));
    expect(wire.sent.filter((sent) => !isRefresh(sent)).map(bearer)).to.deep.equal(['at-1', 'at-2']);
  });

  it('that waited for a cooldown until its token expired never sends it', async () => {
    const { resume, wire } = authBench((sent) => {
      if (isRefresh(sent)) return { data: tokensOf(2), after: 100 };
      return sent.number === 1 ? limit(10) : 200;
    });
    const session = resume({ expiresIn: 5_000 });
    const calls = [session.http.get('/orders/1')];
    await time.flush();
    calls.push(session.http.get('/orders/2'));
    await time.finish(Promise.all(calls));
    expect(wire.sent.filter((sent) => !isRefresh(sent)).map(bearer)).to.deep.equal(['at-1', 'at-2', 'at-2']);
  });

  it('that is refused a second time fails, and the session is kept (R33)', async () => {
    const { resume, wire } = authBench((sent) => (isRefresh(sent) ? { data: tokensOf(2) } : 401));
    const session = resume();
    const error = await errorOf(time.finish(session.http.get('/orders')));
    expect(error).to.include({ code: 'INVALID_TOKEN', status: 401, attempts: 2 });
    expect(error.because).to.contain('Not refreshed again: the new token was refused too');
    expect(wire.sent.filter(isRefresh)).to.have.length(1);
    expect(session.state).to.include({ status: 'live', version: 2 });
  });

  it('that meets one trouble after the other gets through all of them', async () => {
    const answers = [503, 401, limit(1), 503];
    const { resume } = authBench((sent) =>
      isRefresh(sent) ? { data: tokensOf(2) } : (answers.shift() ?? 200),
    );
    expect(await time.finish(resume().http.get('/orders'))).to.include({ status: 200, attempts: 5 });
  });

  it('shows no token in its response', async () => {
    const { resume, auth } = authBench();
    for (const response of [await resume().http.get('/orders'), await auth.http.get('/orders')]) {
      expect(response.config.headers.has('Authorization')).to.equal(false);
      expect(JSON.stringify(response.config)).not.to.match(/at-1|rt-1|Bearer /);
    }
  });

  it('refreshes with the credentials of the application, and no bearer', async () => {
    const { resume, wire } = authBench((sent) => (isRefresh(sent) ? { data: tokensOf(2) } : 200));
    await time.finish(resume().refresh());
    expect(wire.sent[0]).to.deep.include({ method: 'post', url: 'https://api.example.com/v1/oauth/token' });
    expect(wire.sent[0]?.headers.authorization).to.equal(`Basic ${btoa('app:app-secret')}`);
    expect(JSON.parse(String(wire.sent[0]?.data))).to.deep.equal({
      grant_type: 'refresh_token',
      refresh_token: 'rt-1',
    });
  });

  it('refreshes even while the bucket of its calls is closed or full (R31)', async () => {
    const { resume, wire } = authBench(
      (sent) => (isRefresh(sent) ? { data: tokensOf(2) } : { after: 5_000 }),
      { cooldown: { concurrency: 1 } },
    );
    const session = resume();
    const slow = session.http.get('/oauth');
    await time.flush();
    expect(await session.refresh()).to.include({ ok: true });
    expect(wire.sent).to.have.length(2);
    await time.finish(slow);
  });
});

describe('A refresh', () => {
  const time = virtualTime();

  it('waits for no call, though their server has room for none (I19)', async () => {
    const { resume, wire } = authBench((sent) =>
      isRefresh(sent) ? { data: tokensOf(2) } : { after: 5_000 },
    );
    const session = resume();
    const calls = Array.from({ length: 200 }, (_, n) =>
      session.http.get(`/${n}`, { holdfast: { bucket: `${n}` } }),
    );
    await time.flush();
    expect(wire.sent.length, 'there is room for some of them').to.be.within(1, 199);
    expect(await session.refresh()).to.include({ ok: true });
    await time.finish(Promise.all(calls));
  });
});

describe('Sessions of one client', () => {
  const time = virtualTime();

  it('know nothing of each other', async () => {
    const { resume, wire } = authBench((sent) => {
      if (isRefresh(sent)) return { data: tokensOf(String(sent.data).includes('rt-a') ? 10 : 20) };
      return ['Bearer a', 'Bearer b'].includes(sent.headers.authorization ?? '') ? 401 : 200;
    });
    const a = resume({ accessToken: 'a', refreshToken: 'rt-a' });
    const b = resume({ accessToken: 'b', refreshToken: 'rt-b' });
    await time.finish(Promise.all([a.http.get('/orders/a'), b.http.get('/orders/b')]));
    const last = (path: string) => wire.sent.filter(({ url }) => url.endsWith(path)).at(-1)!;
    expect([bearer(last('/orders/a')), bearer(last('/orders/b'))]).to.deep.equal(['at-10', 'at-20']);
    await time.finish(a.logout());
    expect([a.state.status, b.state.status]).to.deep.equal(['ended', 'live']);
  });
});
