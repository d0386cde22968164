// Outages and limits over real time: ridden out where that is possible, and no longer than the call may take.
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { createHttpClient, type EventMap } from '../../lib/index.js';
import { sendJson, startLocalServer, vacantPort } from '../support/local-server.js';
import { QUICK, rejection, times, until, useStage } from './stage.js';

describe('An outage', () => {
  const stage = useStage();

  it('of the API is ridden out by everyone who waits', async () => {
    const { sandbox, session } = await stage.loggedIn(undefined, {
      policies: { retry: { ...QUICK.retry, retries: 80 } },
    });
    sandbox.fault({ on: 'listOrders', status: 503, times: 80 });
    const answers = await times(40, () => session.http.get('/orders'));
    expect(answers.map(({ status }) => status)).to.deep.equal(Array(40).fill(200));
    expect(sandbox.counts().operations.listOrders.answered).to.deep.equal({ 503: 80, 200: 40 });
  });

  it('in which nobody listens is ridden out, even by what must not be done twice: no byte was sent', async () => {
    const port = await vacantPort();
    const auth = stage.client(`http://127.0.0.1:${port}`, {
      policies: { retry: { retries: 50, backoff: { initial: 20, factor: 1, jitter: 'none' } } },
    });
    const refusals: string[] = [];
    auth.on('retry', ({ code }) => refusals.push(code));
    const registered = auth.register({
      firstName: 'Grace',
      lastName: 'Hopper',
      email: 'grace@example.com',
      gender: 'f',
      password: 'long enough',
    });
    await until(() => refusals.length >= 2);
    const server = stage.keep(
      await startLocalServer(
        (_, response) => sendJson(response, 200, { access_token: 'a', refresh_token: 'r' }),
        port,
      ),
    );
    const result = await registered;
    expect(result).to.include({ ok: true, status: 200 });
    expect(result.ok && result.attempts).to.equal(refusals.length + 1);
    expect(new Set(refusals)).to.deep.equal(new Set(['CONNECTION_FAILED']));
    expect(server.seen).to.have.length(1);
  });

  it('that lasts ends the calls with its own error, and the amount of repeats is bounded for all together', async () => {
    const server = await stage.server((_, response) => sendJson(response, 503));
    const budget = { ratio: 0.1, floorPerSecond: 0.001, burst: 10 };
    const client = stage.keep(
      createHttpClient({
        baseURL: server.origin,
        policies: { retry: { ...QUICK.retry, budget }, cooldown: { maxWait: 500 } },
      }),
    );
    const errors = await times(200, () => rejection(client.get('/orders')));
    for (const error of errors)
      expect(error).to.include({ code: 'API_EXCEPTION', status: 503, kind: 'unavailable' });
    // Those that left before it was known, 10 repeats saved up and a tenth of the calls; then one after another tries.
    expect(server.seen.length).to.be.within(20, 200 + 10 + 20);
  });

  it('is waited out as long as the server asks', async () => {
    let calls = 0;
    const server = await stage.server((_, response) =>
      (calls += 1) === 1
        ? sendJson(response, 503, undefined, { 'retry-after': '1' })
        : sendJson(response, 200, { ok: true }),
    );
    const client = stage.keep(createHttpClient({ baseURL: server.origin, policies: QUICK }));
    const began = performance.now();
    expect(await client.get('/orders')).to.include({ status: 200, attempts: 2 });
    expect(performance.now() - began).to.be.within(995, 2_500);
  });
});

describe('A limit', () => {
  const stage = useStage();

  it('closes the bucket for everyone: calls queue, wait for Retry-After in real time, and all succeed', async () => {
    const { sandbox, session } = await stage.loggedIn();
    const queued: EventMap['queued'][] = [];
    const cooldowns: EventMap['cooldown'][] = [];
    session.on('queued', (event) => queued.push(event));
    session.on('cooldown', (event) => cooldowns.push(event));
    sandbox.fault({ on: '/orders', rateLimit: { limit: 10, per: 1_000 } });

    const began = performance.now();
    const first = times(12, () => session.http.get('/orders'));
    await until(() => cooldowns.length > 0);
    const second = times(5, (index) => session.http.get(`/orders/${(index % 3) + 1}`));
    const answers = [...(await first), ...(await second)];
    expect(answers.map(({ status }) => status)).to.deep.equal(Array(17).fill(200));
    expect(performance.now() - began).to.be.within(990, 4_000);

    const log = sandbox.requests().filter(({ path }) => path.startsWith('/v1/orders'));
    const refusedAt = log.find(({ status }) => status === 429)!.atMs;
    const burst = log.filter(({ atMs }) => atMs < refusedAt + 500);
    expect(burst, 'nothing leaves while the bucket is closed').to.have.length(12);
    for (const { atMs } of log.slice(12)) expect(atMs).to.be.at.least(refusedAt + 990);
    expect(queued.filter(({ reason }) => reason === 'cooldown')).to.have.length(7);
  });

  it('of one bucket leaves the others open', async () => {
    const { sandbox, session } = await stage.loggedIn();
    sandbox.fault({ on: '/orders', status: 429, headers: { 'retry-after': '1' } });
    const limited = session.http.get('/orders');
    await until(() => sandbox.counts().operations.listOrders.received === 1);
    const began = performance.now();
    expect((await session.validate()).ok).to.equal(true);
    expect(performance.now() - began).to.be.below(500);
    expect((await limited).status).to.equal(200);
  });

  it('that is longer than a form may wait is told at once, with the time to count down', async () => {
    const { sandbox, auth } = await stage.loggedIn({ lockout: { failures: 2 } });
    const wrong = { email: 'ben@example.com', password: 'a guess' };
    await auth.login(wrong);
    await auth.login(wrong);
    const began = performance.now();
    const result = await auth.login(wrong);
    expect(performance.now() - began).to.be.below(1_000);
    expect(!result.ok && result.error).to.include({ code: 'TOO_MANY_ATTEMPTS', status: 429, attempts: 1 });
    expect(!result.ok && result.error.retryAfter).to.be.within(50_000, 60_000);
    expect(sandbox.counts().operations.login.answered).to.include({ 429: 1 });
  });

  it('that nobody wants to wait for is left by abort and by deadline, at once', async () => {
    const { sandbox, session } = await stage.loggedIn();
    sandbox.fault({ on: '/orders', status: 429, headers: { 'retry-after': '20' } });
    const controller = new AbortController();
    let isClosed = false;
    session.on('cooldown', () => (isClosed = true));
    const aborted = rejection(session.http.get('/orders', { signal: controller.signal }));
    await until(() => isClosed);
    const impatient = await rejection(session.http.get('/orders', { holdfast: { deadline: 100 } }));
    expect(impatient).to.include({ code: 'TOO_MANY_ATTEMPTS', attempts: 0 });
    await setTimeout(20);
    controller.abort(new Error('the page was left'));
    const error = await aborted;
    expect(error).to.include({ code: 'ABORTED', attempts: 1 });
    expect(error).to.have.nested.property('cause.message', 'the page was left');
    expect(sandbox.counts().operations.listOrders.received).to.equal(1);
  });
});
