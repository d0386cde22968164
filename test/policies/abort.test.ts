// An abort ends a call at once, wherever it waits (R10), and costs one listener for each signal (R11).
import { getEventListeners } from 'node:events';
import axios from 'axios';
import { expect } from 'chai';
import { virtualTime, watch, type Watched } from '../support/virtual-time.js';
import { authBench, httpBench, isRefresh, limit, MINUTE, tokensOf, type AuthBench } from './clients.js';

const REASON = new Error('The user left the page.');
const NEVER_BACK = { status: 503, headers: { 'retry-after': '10' } };

/** Brings a call to a place where it waits, and says how often it was sent by then. */
type Place = readonly [
  name: string,
  attempts: number,
  begin: (
    signal: AbortSignal,
    flush: () => Promise<void>,
  ) => Promise<{ bench: AuthBench; call: Promise<unknown> }>,
];

const PLACES: readonly Place[] = [
  [
    'while it waits for room',
    0,
    async (signal, flush) => {
      const bench = authBench(() => ({ after: 5_000 }), { cooldown: { concurrency: 1 } });
      watch(bench.auth.http.get('/orders/1'));
      await flush();
      return { bench, call: bench.auth.http.get('/orders/2', { signal }) };
    },
  ],
  [
    'while it waits for a cooldown that it met',
    1,
    (signal) => {
      const bench = authBench([limit(10)]);
      return Promise.resolve({ bench, call: bench.auth.http.get('/orders', { signal }) });
    },
  ],
  [
    'while it waits for a cooldown that others met',
    0,
    async (signal, flush) => {
      const bench = authBench([limit(10)]);
      watch(bench.auth.http.get('/orders/1'));
      await flush();
      return { bench, call: bench.auth.http.get('/orders/2', { signal }) };
    },
  ],
  [
    'while it waits for its backoff',
    1,
    (signal) => {
      const bench = authBench([NEVER_BACK]);
      return Promise.resolve({ bench, call: bench.auth.http.get('/orders', { signal }) });
    },
  ],
  [
    'while it is under way',
    1,
    (signal) => {
      const bench = authBench(['never']);
      return Promise.resolve({ bench, call: bench.auth.http.get('/orders', { signal }) });
    },
  ],
  [
    'while it is under way in an adapter that does not listen',
    1,
    (signal) => {
      const bench = authBench([{ deaf: true, after: 5_000 }]);
      return Promise.resolve({ bench, call: bench.auth.http.get('/orders', { signal }) });
    },
  ],
  [
    'while it waits for a refresh that its 401 began',
    1,
    (signal) => {
      const bench = authBench((sent) => (isRefresh(sent) ? { after: 5_000, data: tokensOf(2) } : 401));
      return Promise.resolve({ bench, call: bench.resume().http.get('/orders', { signal }) });
    },
  ],
  [
    'while it waits for a refresh before it leaves',
    0,
    (signal) => {
      const bench = authBench((sent) => (isRefresh(sent) ? { after: 5_000, data: tokensOf(2) } : 200));
      return Promise.resolve({ bench, call: bench.resume({ expiresIn: 0 }).http.get('/orders', { signal }) });
    },
  ],
];

describe('An abort', () => {
  const time = virtualTime();

  for (const [name, attempts, begin] of PLACES)
    it(`ends a call ${name}: at once, for good, with the caller's own reason`, async () => {
      const controller = new AbortController();
      const { bench, call: promise } = await begin(controller.signal, time.flush);
      const call = watch(promise);
      await time.flush();
      expect(call.state).to.equal('pending');
      const mine = () => bench.wire.sent.filter((sent) => !isRefresh(sent) && !sent.url.endsWith('/1'));
      expect(mine()).to.have.length(attempts);
      const before = { now: performance.now(), retries: bench.heard('retry').length };

      controller.abort(REASON);
      await time.flush();
      expect(performance.now()).to.equal(before.now);
      expect(call.error).to.include({ code: 'ABORTED', kind: 'aborted', attempts, retryable: false });
      expect(call.error).to.have.property('cause', REASON);
      expect(getEventListeners(controller.signal, 'abort')).to.have.length(0);

      await time.pass(MINUTE);
      expect(mine()).to.have.length(attempts);
      expect(bench.heard('retry')).to.have.length(before.retries);
      const settled = bench.heard('settled').filter(({ code }) => code === 'ABORTED');
      expect(settled).to.have.length(1);
      expect(time.timers).to.equal(0);
    });

  it('before a call begins sends nothing', async () => {
    const { http, wire } = httpBench();
    const call = watch(http.get('/orders', { signal: AbortSignal.abort(REASON) }));
    await time.flush();
    expect(call.error).to.include({ code: 'ABORTED', attempts: 0 });
    expect(call.error).to.have.property('cause', REASON);
    expect(wire.sent).to.have.length(0);
  });

  it('in an interceptor of the caller, who knows better than to go on, sends nothing', async () => {
    const { http, wire } = httpBench();
    const controller = new AbortController();
    http.interceptors.request.use((config) => (controller.abort(REASON), config));
    const call = watch(http.get('/orders', { signal: controller.signal }));
    await time.flush();
    expect(call.error).to.include({ code: 'ABORTED', attempts: 0 });
    expect(wire.sent).to.have.length(0);
  });

  it('by a cancel token of axios ends a call as well, and leaves nothing behind', async () => {
    const { http, wire } = httpBench([NEVER_BACK]);
    const source = axios.CancelToken.source();
    const call = watch(http.get('/orders', { cancelToken: source.token }));
    await time.flush();
    source.cancel('The user left the page.');
    await time.pass(MINUTE);
    expect(call.error).to.include({ code: 'ABORTED', attempts: 1 });
    expect(wire.sent).to.have.length(1);
    expect(time.timers).to.equal(0);
  });

  it('by a listener that hears of the attempt keeps the call from being sent, and every other call of the signal', async () => {
    const { http, wire } = httpBench([limit(1)]);
    const controller = new AbortController();
    const calls = [watch(http.get('/orders/1', { signal: controller.signal }))];
    await time.flush();
    calls.push(watch(http.get('/orders/2', { signal: controller.signal })));
    http.on('attempt', () => controller.abort(REASON));
    await time.pass(MINUTE);
    for (const { error } of calls)
      expect(error).to.include({ code: 'ABORTED' }).and.have.property('cause', REASON);
    expect(wire.sent).to.have.length(1);
  });

  it('tells the transport, so that the connection is let go', async () => {
    const { http, wire } = httpBench(['never']);
    const controller = new AbortController();
    const call = watch(http.get('/orders', { signal: controller.signal }));
    await time.flush();
    controller.abort();
    await time.flush();
    expect(wire.sent[0]?.signal.aborted).to.equal(true);
    expect(call.error).to.have.property('cause', controller.signal.reason);
  });

  it('keeps any reason, whatever it is', async () => {
    for (const reason of ['left', 0, null, { why: 'left' }]) {
      const { http } = httpBench(['never']);
      const controller = new AbortController();
      const call = watch(http.get('/orders', { signal: controller.signal }));
      await time.flush();
      controller.abort(reason);
      await time.flush();
      expect((call.error as Error).cause).to.equal(reason);
    }
  });

  it('after the end changes nothing', async () => {
    const { http, heard } = httpBench();
    const controller = new AbortController();
    const response = await http.get('/orders', { signal: controller.signal });
    controller.abort(REASON);
    await time.flush();
    expect(response.status).to.equal(200);
    expect(heard('settled')).to.have.length(1);
  });

  it('of an operation, a refresh or a wait for a token is an error like any other', async () => {
    const { auth, resume } = authBench(() => 'never');
    const controller = new AbortController();
    const { signal } = controller;
    const session = resume({ expiresIn: 0 });
    const login = watch(auth.login({ email: 'a@example.com', password: 'secret' }, { signal }));
    const refresh = watch(session.refresh({ signal }));
    const token = watch(session.accessToken({ signal }));
    await time.flush();
    controller.abort(REASON);
    await time.flush();
    for (const { value } of [login, refresh] as Watched<{ ok: boolean; error?: unknown }>[])
      expect(value.ok ? undefined : value.error)
        .to.include({ code: 'ABORTED' })
        .and.have.property('cause', REASON);
    expect(token.error).to.include({ code: 'ABORTED' }).and.have.property('cause', REASON);
    expect(getEventListeners(signal, 'abort')).to.have.length(0);
    await time.pass(MINUTE);
  });

  it('ends a stream that is still being read, also where the call was repeated', async () => {
    for (const script of [[200], [503, 200]]) {
      const { http, wire } = httpBench(script);
      const controller = new AbortController();
      await time.finish(http.get('/export', { responseType: 'stream', signal: controller.signal }));
      expect(wire.sent.at(-1)?.signal.aborted).to.equal(false);
      controller.abort(REASON);
      expect(wire.sent.at(-1)?.signal.aborted).to.equal(true);
    }
  });
});

describe('A signal that many calls share', () => {
  const time = virtualTime();

  it('carries one listener for 10 000 calls, and none when they are over', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => void warnings.push(warning);
    process.on('warning', note);
    const { http } = httpBench(() => ({ after: 10 }));
    const controller = new AbortController();
    const calls = Array.from({ length: 10_000 }, () => http.get('/orders', { signal: controller.signal }));
    await time.flush();
    expect(getEventListeners(controller.signal, 'abort')).to.have.length(1);
    const all = watch(Promise.all(calls));
    await time.pass(1_000);
    expect(all.state).to.equal('resolved');
    expect(getEventListeners(controller.signal, 'abort')).to.have.length(0);
    expect(time.timers).to.equal(0);
    process.off('warning', note);
    expect(warnings).to.deep.equal([]);
  });

  it('ends all of them at once, whether they wait or are under way', async () => {
    const { http, wire } = httpBench(() => 'never', { cooldown: { concurrency: 5 } });
    const controller = new AbortController();
    const calls = Array.from({ length: 1_000 }, () =>
      watch(http.get('/orders', { signal: controller.signal })),
    );
    await time.flush();
    controller.abort(REASON);
    await time.flush();
    expect(calls.filter(({ state }) => state !== 'rejected')).to.have.length(0);
    expect(wire.sent).to.have.length(5);
    expect(time.timers).to.equal(0);
  });
});
