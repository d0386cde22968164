// Situations in which clients of this kind were measured to lose a session, refresh in a storm, wait for ever or mix up
// two customers; here over real sockets. Those that have a test elsewhere: a late 401, an aborted waiter and one 503
// (one-refresh), a limited or hanging token endpoint (session-kept), a logout during a refresh (logout), other origins
// (destinations), secrets in errors (test/secrets).
import { expect } from 'chai';
import { isAuthError, unwrap } from '../../lib/index.js';
import { sendJson } from '../support/local-server.js';
import { QUICK, rejection, times, until, useStage } from './stage.js';

const BEN = { email: 'ben@example.com', password: 'battery staple' };

describe('A server that ends the session when a refresh token comes twice', () => {
  const stage = useStage();

  it('20 parallel requests with an expired token: 20 ok, 1 refresh', async () => {
    const server = await stage.rotating(50);
    const session = stage.client(server.origin).resume(server.tokens);
    server.expire();
    const answers = await times(20, () => session.http.get('/orders'));
    expect(answers.filter(({ status }) => status === 200)).to.have.length(20);
    expect([server.rotations(), server.reused()]).to.deep.equal([1, false]);
  });

  it('5 refreshes by name at once: 5 ok, 1 refresh', async () => {
    const server = await stage.rotating(50);
    const session = stage.client(server.origin).resume(server.tokens);
    const results = await times(5, () => session.refresh());
    expect(results.filter(({ ok }) => ok)).to.have.length(5);
    expect([server.rotations(), server.reused()]).to.deep.equal([1, false]);
  });

  it('20 requests of 20 sessions from one cookie: 20 ok, 1 refresh', async () => {
    const server = await stage.rotating(50);
    const auth = stage.client(server.origin);
    server.expire();
    const answers = await times(20, () => auth.resume(server.tokens).http.get('/orders'));
    expect(answers.filter(({ status }) => status === 200)).to.have.length(20);
    expect([server.rotations(), server.reused()]).to.deep.equal([1, false]);
  });

  it('awaiting refresh() inside a listener of refreshes: both settle, 2 refreshes', async () => {
    const server = await stage.rotating();
    const session = stage.client(server.origin).resume(server.tokens);
    let inner: boolean | undefined;
    let told = 0;
    const again = async () => {
      const { ok } = await session.refresh();
      inner = ok;
    };
    session.on('refresh', ({ phase }) => {
      if (phase === 'succeeded' && (told += 1) === 1) void again();
    });
    expect(await session.refresh()).to.include({ ok: true });
    await until(() => inner !== undefined);
    expect(inner).to.equal(true);
    expect([server.rotations(), server.reused()]).to.deep.equal([2, false]);
    expect(session.state).to.include({ status: 'live', version: 3 });
  });
});

describe('Ten calls, one after the other,', () => {
  const stage = useStage();

  it('against an API whose 401 no refresh can fix: 5 refreshes in 30 s, 0 customers logged out', async () => {
    const { sandbox, session } = await stage.loggedIn();
    const endings: unknown[] = [];
    session.on('sessionEnded', (event) => endings.push(event));
    sandbox.fault({ on: '/orders', status: 401, times: 'always', body: { error: 'INVALID_TOKEN' } });
    const codes: unknown[] = [];
    for (let call = 0; call < 10; call += 1) {
      const error = await rejection(session.http.get('/orders'));
      codes.push(isAuthError(error) && error.code);
    }
    const expected = Array.from({ length: 10 }, (_, call) =>
      call < 5 ? 'INVALID_TOKEN' : 'REFRESH_LIMITED',
    );
    expect(codes).to.deep.equal(expected);
    expect(sandbox.counts().operations.refresh.received).to.equal(5);
    expect([session.state.status, endings.length]).to.deep.equal(['live', 0]);
  });

  it('while every refresh is answered 503 and the token is good still: 10 ok, 0 wait', async () => {
    const { sandbox, auth, session } = await stage.loggedIn(undefined, {
      policies: { refresh: { ahead: 60_000 } }, // with repeats that take their time
    });
    sandbox.fault({ on: 'refresh', status: 503, times: 'always' });
    const due = auth.resume({ ...session.tokens(), expiresIn: 1_600 }); // due when half of that is over
    await until(() => due.state.expiresAt!.getTime() - Date.now() < 790);
    const waits: number[] = [];
    for (let call = 0; call < 10; call += 1) {
      const began = performance.now();
      expect((await due.http.get('/orders')).status).to.equal(200);
      waits.push(performance.now() - began);
    }
    expect(Math.max(...waits), 'less than one pause between two refreshes').to.be.below(200);
    expect(sandbox.counts().operations.refresh.received).to.be.above(0);
    expect(due.state.ended).to.equal(undefined);
  });
});

describe('A token endpoint', () => {
  const stage = useStage();

  it('that is answered 429 for 10 calls at once: 10 fail with the limit, 1 request, 0 customers logged out', async () => {
    const { sandbox, session } = await stage.loggedIn();
    const endings: unknown[] = [];
    session.on('sessionEnded', (event) => endings.push(event));
    sandbox.expireAccessTokens();
    sandbox.fault({ on: 'refresh', status: 429, headers: { 'retry-after': '600' }, times: 'always' });
    const errors = await times(10, () => rejection(session.http.get('/orders')));
    expect(errors.filter((error) => isAuthError(error, 'TOO_MANY_ATTEMPTS'))).to.have.length(10);
    expect(sandbox.counts().operations.refresh.received).to.equal(1);
    expect([session.state.status, endings.length]).to.deep.equal(['live', 0]);
  });

  it('that leaves out refresh_token: the old one is kept, 3 refreshes work with it', async () => {
    let access = 1;
    const presented: unknown[] = [];
    const server = await stage.server(({ url, text, headers }, response) => {
      if (url === '/oauth/token') {
        presented.push((JSON.parse(text) as Record<string, unknown>).refresh_token);
        access += 1;
        sendJson(response, 200, { token_type: 'Bearer', access_token: `access-${access}` });
      } else
        sendJson(response, headers.authorization === `Bearer access-${access}` ? 200 : 401, {
          error: 'INVALID_TOKEN',
        });
    });
    const session = stage
      .client(server.origin)
      .resume({ accessToken: 'access-1', refreshToken: 'the-one', expiresIn: 60_000 });
    for (let round = 1; round <= 3; round += 1) {
      access += 1; // and nobody has it
      expect((await session.http.get('/orders')).status).to.equal(200);
      expect(session.tokens()).to.include({ refreshToken: 'the-one' });
    }
    expect(presented).to.deep.equal(['the-one', 'the-one', 'the-one']);
  });
});

describe('Another customer who logs in under the same key during a refresh', () => {
  const stage = useStage();

  it('sees 10 of 10 answers of their own; of 10 calls that waited 0 go on, and the late tokens are revoked', async () => {
    const { sandbox, auth, session } = await stage.loggedIn();
    sandbox.expireAccessTokens();
    const elsewhere = stage.client(sandbox.url);
    const tokens = unwrap(await elsewhere.login(BEN)).tokens();
    sandbox.fault({ on: 'refresh', delay: 150 });
    const waiting = times(10, () => rejection(session.http.get('/orders')));
    await until(() => sandbox.counts().operations.refresh.received === 1);

    const ben = auth.resume(tokens, { key: session.key });
    const answers = await times(10, () => ben.http.get<unknown>('/orders'));
    expect(answers.filter(({ status }) => status === 200)).to.have.length(10);
    const errors = await waiting;
    expect(errors.filter((error) => isAuthError(error) && error.kind === 'session')).to.have.length(10);
    expect(session.state).to.include({ status: 'ended', version: 1 });
    await until(() => sandbox.counts().operations.logout.answered[204] === 1);
    expect(ben.state.status).to.equal('live');
    expect(ben.state.subject).to.be.a('string').and.not.to.equal(session.state.subject);
    expect(ben.tokens().accessToken).to.equal(tokens.accessToken);
    expect((await ben.http.get('/orders')).status).to.equal(200);
  });
});

describe('10 000 concurrent calls on an expired token', function () {
  this.timeout(60_000);
  const stage = useStage();

  it('1 refresh, 0 failures, no call sent twice except those that got a 401', async () => {
    const refused = new Map<string, number>();
    const seen = new Map<string, number>();
    let refreshes = 0;
    const server = await stage.server(({ url, headers }, response) => {
      if (url === '/oauth/token') {
        refreshes += 1;
        const pair = { access_token: 'access-2', refresh_token: 'refresh-2', token_type: 'Bearer' };
        setTimeout(() => sendJson(response, 200, pair), 50);
        return;
      }
      seen.set(url, (seen.get(url) ?? 0) + 1);
      const good = headers.authorization === 'Bearer access-2';
      if (!good) refused.set(url, (refused.get(url) ?? 0) + 1);
      sendJson(response, good ? 200 : 401, { error: 'INVALID_TOKEN' });
    });
    // A machine with too much to do may need seconds for a connection; that is no reason to send a call again.
    const patient = { ...QUICK, timeout: { attempt: 40_000 } };
    const session = stage
      .client(server.origin, { policies: patient })
      .resume({ accessToken: 'access-1', refreshToken: 'refresh-1' });
    const answers = await times(10_000, (call) => session.http.get(`/orders/${call}`));
    expect(answers.filter(({ status }) => status === 200)).to.have.length(10_000);
    expect(refreshes).to.equal(1);
    const twice = [...seen].filter(([, sent]) => sent !== 1);
    expect(twice.map(([url, sent]) => [url, sent])).to.deep.equal([...refused.keys()].map((url) => [url, 2]));
    expect(Math.max(...refused.values())).to.equal(1);
    expect(seen.size).to.equal(10_000);
  });
});
