// The trace context of whoever makes a call, as it leaves with the attempts.
import { context, propagation, trace, type Span } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import axios, { type InternalAxiosRequestConfig } from 'axios';
import { expect } from 'chai';
import { addHeaderOf, type AddHeader } from '../../lib/events.js';
import { createHttpClient, type AuthClientOptions } from '../../lib/index.js';
import { instrument } from '../../lib/otel/index.js';
import { ADA, QUICK, times, useStage } from '../integration/stage.js';
import { sendJson } from '../support/local-server.js';
import { useSdk } from './sdk.js';

describe('The trace context of a caller', () => {
  const sdk = useSdk();
  const stage = useStage();
  before(() => void propagation.setGlobalPropagator(new W3CTraceContextPropagator()));
  after(() => propagation.disable());

  const start = (name: string) => sdk().tracerProvider.getTracer('a test').startSpan(name);
  const within = <T>(span: Span, work: () => T) => context.with(trace.setSpan(context.active(), span), work);
  const providers = () => {
    const { tracerProvider, meterProvider } = sdk();
    return { tracerProvider, meterProvider };
  };
  const headerOf = (span: Span) => `00-${span.spanContext().traceId}-${span.spanContext().spanId}-01`;

  const pathOf = (url: string) => url.replace(/^\w+:\/\/[^/]+(?:\/v1)?/, '');

  /** A client that is watched, its session, and what left it: path and header of each attempt. */
  async function watched(changes: Partial<AuthClientOptions> = {}) {
    const sandbox = await stage.sandbox();
    const sent: InternalAxiosRequestConfig[] = [];
    const left = () => sent.map(({ url, headers }) => [pathOf(url!), headers.get('traceparent')] as const);
    const send = axios.getAdapter('http');
    const adapter = (config: InternalAxiosRequestConfig) => {
      sent.push(config);
      return send(config);
    };
    const auth = stage.client(sandbox.url, { axios: { adapter }, ...changes });
    const stop = instrument(auth, providers());
    const caller = start('signs in');
    const login = await within(caller, () => auth.login(ADA));
    if (!login.ok) throw login.error;
    return { sandbox, session: login.value, left, stop, caller };
  }

  it('goes with operations, and with nothing that nobody traces', async () => {
    const { session, left, caller } = await watched();
    await session.http.get('/orders');
    expect(left()).to.deep.equal([
      ['/auth/login', headerOf(caller)],
      ['/orders', undefined],
    ]);
  });

  it('goes with each attempt of the call, whatever that waited for, and with the refresh it needed', async () => {
    const { sandbox, session, left } = await watched({
      policies: { ...QUICK, cooldown: { concurrency: 1 } },
    });
    sandbox.fault([
      { on: 'listOrders', row: 'gateway', after: 2 },
      { on: 'listOrders', row: 'too-many-attempts', headers: { 'retry-after-ms': '30' }, after: 4 },
    ]);
    sandbox.expireAccessTokens();
    const callers = Array.from({ length: 5 }, (_, index) => start(`caller ${index}`));
    await times(5, (index) => within(callers[index]!, () => session.http.get(`/orders?page=${index}`)));
    const orders = left().filter(([path]) => path.startsWith('/orders'));
    expect(orders.length).to.be.at.least(5 + 3); // 401, 502 and 429
    for (const [path, traceparent] of orders)
      expect(traceparent, path).to.equal(headerOf(callers[Number(path.split('=')[1])]!));
    const refreshes = left().filter(([path]) => path === '/oauth/token');
    expect(refreshes).to.have.length(1);
    expect(callers.map(headerOf)).to.include(refreshes[0]![1]);
  });

  it('goes to the origins of the client, and to no other', async () => {
    const named = await stage.server((_, response) => sendJson(response, 200, {}));
    const foreign = await stage.server((_, response) => sendJson(response, 200, {}));
    const { session } = await watched({ origins: [named.origin] });
    const http = stage.keep(createHttpClient({ baseURL: named.origin }));
    instrument(http, providers());
    for (const each of [session.http, http])
      await within(start('calls'), async () => {
        await each.get(`${named.origin}/own`);
        await each.get(`${foreign.origin}/not`);
      });
    expect(named.seen.map(({ headers }) => typeof headers.traceparent)).to.deep.equal(['string', 'string']);
    expect(foreign.seen.map(({ headers }) => headers.traceparent)).to.deep.equal([undefined, undefined]);
  });

  it('goes from a page to its own origin only: another would have to allow the header', async () => {
    const { sandbox, session, left } = await watched();
    const page = (origin: string) => Object.assign(globalThis, { location: { origin, href: `${origin}/` } });
    try {
      for (const origin of ['https://shop.example', sandbox.origin]) {
        page(origin);
        await within(start('calls'), () => session.http.get('/orders'));
      }
    } finally {
      Reflect.deleteProperty(globalThis, 'location');
    }
    expect(
      left()
        .slice(1)
        .map(([, traceparent]) => typeof traceparent),
    ).to.deep.equal(['undefined', 'string']);
  });

  it('leaves alone what the caller set, and goes no more once it was stopped', async () => {
    const { session, left, stop } = await watched();
    const mine = headerOf(start('another'));
    await within(start('calls'), () => session.http.get('/orders', { headers: { traceparent: mine } }));
    stop();
    await within(start('calls'), () => session.http.get('/orders'));
    expect(
      left()
        .slice(1)
        .map(([, traceparent]) => traceparent),
    ).to.deep.equal([mine, undefined]);
  });

  it('opens no way to the headers: an event adds while it is told, and shows nothing', async () => {
    const { session, left } = await watched();
    const heard: object[] = [];
    let kept: AddHeader | undefined;
    session.on('attempt', (event) => {
      kept = addHeaderOf(event);
      heard.push(event);
      throw new Error('mine');
    });
    await session.http.get('/orders');
    kept!('traceparent', 'late');
    expect(left().at(-1)).to.deep.equal(['/orders', undefined]);
    expect(heard).to.have.length(1);
    expect(addHeaderOf({ ...heard[0] })).to.equal(undefined);
  });
});
