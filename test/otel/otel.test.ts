// holdfast/otel: what the real SDK exports of real calls to the sandbox.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Histogram } from '@opentelemetry/sdk-metrics';
import { expect } from 'chai';
import type { EventMap } from '../../lib/index.js';
import { instrument, publishEvents } from '../../lib/otel/index.js';
import { DEMO } from '../../lib/sandbox/index.js';
import { ADA, QUICK, useStage } from '../integration/stage.js';
import { useSdk } from './sdk.js';

const times = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));

describe('holdfast/otel', () => {
  const sdk = useSdk();
  const stage = useStage();

  /** A client that is watched from before its login. */
  async function watched(policies: object = {}) {
    const sandbox = await stage.sandbox();
    const auth = stage.client(sandbox.url, { policies: { ...QUICK, ...policies } });
    const { tracerProvider, meterProvider } = sdk();
    const stop = instrument(auth, { tracerProvider, meterProvider });
    const login = await auth.login(ADA);
    if (!login.ok) throw login.error;
    return { sandbox, auth, session: login.value, stop };
  }
  const childrenOf = (name: string) => {
    const all = sdk().spans();
    const parent = all.find((span) => span.name === name && span.kind === SpanKind.INTERNAL)!;
    const { spanId } = parent.spanContext();
    return { parent, children: all.filter(({ parentSpanContext: above }) => above?.spanId === spanId) };
  };

  it('makes a span of each call, named as what was asked for, and one of each attempt below it', async () => {
    const { sandbox, session } = await watched();
    sandbox.fault({ on: 'getOrder', row: 'gateway' });
    await session.http.get('/orders/1?token=hidden');
    const { origin } = new URL(sandbox.url);
    const { hostname, port } = new URL(origin);
    const http = {
      'http.request.method': 'GET',
      'url.template': '/orders/{id}',
      'server.address': hostname,
      'server.port': Number(port),
      'url.scheme': 'http',
    };
    const call = sdk().spans().find(({ name, kind }) => name === 'GET /orders/{id}' && kind === SpanKind.INTERNAL)!;
    expect(call.attributes).to.deep.equal({ ...http, 'holdfast.operation': 'request', 'holdfast.attempts': 2 });
    expect(call.events.map(({ name }) => name)).to.deep.equal(['retry']);
    const { spanId } = call.spanContext();
    const attempts = sdk().spans().filter(({ parentSpanContext: above }) => above?.spanId === spanId);
    expect(attempts.map(({ name, kind }) => [name, kind])).to.deep.equal(times(2, () => ['GET /orders/{id}', SpanKind.CLIENT]));
    expect(attempts.map(({ attributes }) => attributes)).to.deep.equal([
      { ...http, 'http.response.status_code': 502, 'error.type': '502', 'holdfast.row': 'gateway', 'holdfast.reaction': 'retry' },
      { ...http, 'http.response.status_code': 200, 'http.request.resend_count': 1 },
    ]);
    expect(attempts.map(({ status }) => status.code)).to.deep.equal([SpanStatusCode.ERROR, SpanStatusCode.UNSET]);
    expect(childrenOf('login').children.map(({ name }) => name)).to.deep.equal(['POST /auth/login']);
  }); // prettier-ignore

  it('times spans so that attempts lie within their call, one after the other', async () => {
    const { sandbox, session } = await watched();
    sandbox.fault({ on: 'listOrders', status: 503, times: 2, delay: 20 });
    await session.http.get('/orders');
    const all = sdk().spans().filter(({ name }) => name === 'GET /orders');
    const ms = ([seconds, nanos]: readonly [number, number]) => seconds * 1_000 + nanos / 1e6;
    const [call] = all.filter(({ kind }) => kind === SpanKind.INTERNAL).map((span) => [ms(span.startTime), ms(span.endTime)]);
    const edges = all.filter(({ kind }) => kind === SpanKind.CLIENT).flatMap((span) => [ms(span.startTime), ms(span.endTime)]);
    expect(edges).to.have.length(6);
    expect([...edges].sort((one, other) => one - other)).to.deep.equal(edges);
    expect(edges[0]).to.be.at.least(call![0]! - 1);
    expect(edges.at(-1)).to.be.at.most(call![1]! + 1);
    expect(edges[1]! - edges[0]!).to.be.at.least(15);
  }); // prettier-ignore

  it('marks a call that failed, with its code', async () => {
    const { session } = await watched();
    await session.http.get('/nowhere').catch(() => undefined);
    const { parent, children } = childrenOf('GET /nowhere');
    expect(parent.status).to.deep.equal({ code: SpanStatusCode.ERROR, message: 'NOT_FOUND' });
    expect(parent.attributes['error.type']).to.equal('NOT_FOUND');
    expect(children.map(({ attributes }) => attributes['error.type'])).to.deep.equal(['404']);
  });

  it('ends the attempt of a call that was aborted under way, by its code', async () => {
    const { sandbox, session } = await watched();
    sandbox.fault({ on: 'listOrders', delay: 5_000 });
    await session.http.get('/orders', { signal: AbortSignal.timeout(50) }).catch(() => undefined);
    const { children } = childrenOf('GET /orders');
    expect(children.map(({ attributes }) => attributes['error.type'])).to.deep.equal(['ABORTED']);
  });

  it('puts each call below what was active where it was made, also after waits', async () => {
    const { sandbox, session } = await watched({ cooldown: { concurrency: 1 } });
    sandbox.fault({ on: 'listOrders', row: 'too-many-attempts', headers: { 'retry-after-ms': '50' } });
    sandbox.expireAccessTokens();
    const tracer = sdk().tracerProvider.getTracer('a test');
    const callers = times(6, (index) => tracer.startSpan(`caller ${index}`));
    await Promise.all(
      callers.map((span, index) =>
        context.with(trace.setSpan(context.active(), span), () => session.http.get(`/orders?page=${index}`)),
      ),
    );
    const calls = sdk().spans().filter(({ name, kind }) => name === 'GET /orders' && kind === SpanKind.INTERNAL);
    expect(calls.map(({ parentSpanContext: above }) => above?.spanId)).to.have.members(
      callers.map((span) => span.spanContext().spanId),
    );
    expect(calls.flatMap(({ events }) => events.map(({ name }) => name))).to.include.members(['queued', 'cooldown']);
  }); // prettier-ignore

  it('measures attempts and calls by the names of the conventions, in seconds', async () => {
    const { sandbox, session } = await watched();
    sandbox.fault({ on: 'listOrders', row: 'api-exception', delay: 30 });
    await session.http.get('/orders');
    const attempts = (await sdk().points('http.client.request.duration')).filter(
      ({ attributes }) => attributes['url.template'] === '/orders',
    );
    expect(attempts.map(({ attributes }) => [attributes['http.response.status_code'], attributes['error.type']]))
      .to.have.deep.members([[500, '500'], [200, undefined]]); // prettier-ignore
    const failed = attempts.find(({ attributes }) => attributes['error.type'])!.value as Histogram;
    expect(failed.sum).to.be.within(0.025, 5);
    expect(failed.buckets.boundaries[0]).to.equal(0.005);
    const calls = await sdk().points('holdfast.call.duration');
    expect(calls.map(({ attributes }) => attributes['holdfast.operation'])).to.have.members([
      'login',
      'request',
    ]);
    const [resends] = await sdk().points('holdfast.call.resends');
    expect(resends!.value).to.equal(1);
  });

  it('counts refreshes, sessions, cooldowns, and who waits just now', async () => {
    const { sandbox, session } = await watched();
    expect((await sdk().points('holdfast.session.started'))[0]!.value).to.equal(1);
    sandbox.expireAccessTokens();
    sandbox.fault({
      on: 'listOrders',
      row: 'too-many-attempts',
      headers: { 'retry-after-ms': '300' },
      after: 3,
    });
    const calls = Promise.all(times(8, () => session.http.get('/orders')));
    let waiting = 0;
    while (waiting === 0) waiting = ((await sdk().points('holdfast.call.waiting'))[0]?.value ?? 0) as number;
    await calls;
    for (const { value } of await sdk().points('holdfast.call.waiting')) expect(value).to.equal(0);
    expect((await sdk().points('holdfast.cooldowns'))[0]!.value).to.equal(1);
    expect((await sdk().points('holdfast.session.refreshes')).map(({ value }) => value)).to.deep.equal([1]);
    expect(((await sdk().points('holdfast.session.refresh.duration'))[0]!.value as Histogram).count).to.equal(
      1,
    );
    await session.logout();
    const [ended] = await sdk().points('holdfast.session.ended');
    expect([ended!.value, ended!.attributes['holdfast.reason']]).to.deep.equal([1, 'logout']);
  });

  it('tells nothing of a token, a password, a secret, a query, an id or a body', async () => {
    const { sandbox, auth, session } = await watched();
    const tokens = [await session.accessToken()].map(String);
    sandbox.fault([{ on: 'any', row: 'api-exception', after: 2 }, { on: 'any', drop: 'after', after: 4 }]);
    sandbox.expireAccessTokens();
    await Promise.allSettled([
      session.http.get('/orders/7654321?secret=hidden-query'),
      session.http.post('/orders', { card: 'hidden-body' }),
      auth.login({ email: ADA.email, password: 'hidden-password' }),
      auth.resume({ accessToken: 'hidden-access', refreshToken: 'hidden-refresh' }).http.get('/orders'),
    ]);
    await session.logout();
    const text = await sdk().everything();
    expect(text).to.contain('/orders/{id}');
    for (const secret of [...tokens, ADA.password, ADA.email, DEMO.client.secret, 'hidden', '7654321', session.key])
      expect(text).not.to.contain(secret);
  }); // prettier-ignore

  it('is silent once it was stopped, and leaves nobody counted as waiting', async () => {
    const { sandbox, session, stop } = await watched({ cooldown: { concurrency: 1 } });
    sandbox.fault({ on: 'listOrders', delay: 100, times: 'always' });
    const calls = Promise.all(times(3, () => session.http.get('/orders')));
    while (((await sdk().points('holdfast.call.waiting'))[0]?.value ?? 0) !== 2);
    stop();
    stop();
    const before = sdk().spans().length;
    await calls;
    expect(sdk().spans()).to.have.length(before);
    expect((await sdk().points('holdfast.call.waiting'))[0]!.value).to.equal(0);
  });

  it('works without an SDK, and refuses what is no client', async () => {
    const { session } = await stage.loggedIn();
    instrument(session);
    expect((await session.http.get('/orders')).status).to.equal(200);
    expect(() => instrument({} as never)).to.throw(TypeError, /^instrument: client must be a client of holdfast; got \{\}/);
    expect(() => instrument(session, { tracer: 1 } as never)).to.throw(TypeError, /there is no option tracer; known are tracerProvider/);
    expect(() => instrument(session, { tracerProvider: {} } as never)).to.throw(TypeError, /tracerProvider must be a provider with getTracer\(\); got \{\}/);
    expect(() => instrument(session, { meterProvider: null } as never)).to.throw(TypeError, /meterProvider must be a provider with getMeter\(\)/);
    expect(() => publishEvents(undefined as never)).to.throw(TypeError, /^publishEvents: client must be/);
  }); // prettier-ignore
});

describe('The events of a call', () => {
  const stage = useStage();
  const NAMES = ['attempt', 'failure', 'queued', 'retry', 'cooldown', 'breaker', 'settled'] as const;

  it('end with settled, which comes once, whatever happens to the call', async () => {
    const { sandbox, auth, session } = await stage.loggedIn(undefined, {
      policies: { ...QUICK, timeout: { attempt: 300, total: 3_000 }, cooldown: { concurrency: 4, maxQueued: 45, maxWait: 2_000 } },
    });
    const last = new Map<number, string>();
    const after: string[] = [];
    for (const name of NAMES)
      auth.on(name, ({ call }: EventMap[(typeof NAMES)[number]]) => {
        if (last.get(call) === 'settled') after.push(name);
        last.set(call, name);
      });
    sandbox.fault([
      { on: 'listOrders', row: 'too-many-attempts', headers: { 'retry-after-ms': '20' }, after: 9, times: 2 },
      { on: 'listOrders', status: 503, after: 5, times: 4 },
      { on: 'listOrders', drop: 'before', after: 3, times: 3 },
      { on: 'listOrders', stall: true, times: 2, after: 2 },
    ]);
    sandbox.expireAccessTokens();
    const controller = new AbortController();
    const thrower = () => {
      throw new Error('mine');
    };
    const calls = times(60, (index) =>
      session.http.get('/orders', { ...(index % 7 === 0 && { signal: controller.signal }), ...(index % 11 === 0 && { validateStatus: thrower }) }),
    );
    setTimeout(() => controller.abort(), 30);
    const ends = await Promise.allSettled(calls);
    expect(new Set(ends.map(({ status }) => status))).to.have.keys('fulfilled', 'rejected');
    expect(after).to.deep.equal([]);
    expect([...last.values()].filter((name) => name !== 'settled')).to.deep.equal([]);
  }); // prettier-ignore
});

describe('publishEvents()', () => {
  const stage = useStage();

  it('publishes each event on a diagnostics channel, until it is ended', async () => {
    const heard: unknown[] = [];
    const listen = (message: unknown, name: string | symbol) => void heard.push([name, message]);
    subscribe('holdfast:settled', listen);
    try {
      const { auth, session } = await stage.loggedIn();
      const end = publishEvents(auth);
      await session.http.get('/orders');
      end();
      await session.http.get('/orders');
      expect(heard).to.have.length(1);
      const [[name, event]] = heard as [[string, EventMap['settled']]];
      expect(name).to.equal('holdfast:settled');
      expect(event).to.include({ route: '/orders', ok: true, status: 200 });
    } finally {
      unsubscribe('holdfast:settled', listen);
    }
  });
});
