// What a user adds to a client runs once for each call, whatever the number of attempts (R1); what a user gives is
// never written to (R5).
import { expect } from 'chai';
import axios, { type AxiosInstance, type AxiosRequestConfig } from 'axios';
import type { Answer } from '../support/transport.js';
import { virtualTime } from '../support/virtual-time.js';
import {
  authBench,
  AT_ONCE,
  errorOf,
  httpBench,
  isRefresh,
  limit,
  tokensOf,
  type AuthBench,
} from './clients.js';

/** A session whose next call meets two 503, a 429, a 401 and one more 503 before it works. */
function rocky(last: Answer = { data: { done: true } }): AuthBench {
  const answers: Answer[] = [503, 503, limit(1), 401, 503, last];
  return authBench((sent) => (isRefresh(sent) ? { data: tokensOf(2) } : answers.shift()!), AT_ONCE);
}

interface Counts {
  requests: number;
  responses: number;
  errors: number;
}

function count(http: AxiosInstance): Counts {
  const counts: Counts = { requests: 0, responses: 0, errors: 0 };
  http.interceptors.request.use((config) => ((counts.requests += 1), config));
  http.interceptors.response.use(
    (response) => ((counts.responses += 1), response),
    (error: unknown) => {
      counts.errors += 1;
      throw error;
    },
  );
  return counts;
}

describe('An interceptor of the user', () => {
  const time = virtualTime();

  it('runs once for a call of six attempts and a refresh', async () => {
    const { resume, wire } = rocky();
    const session = resume();
    const counts = count(session.http);
    const response = await time.finish(session.http.put('/orders/1', { a: 1 }));
    expect(response).to.deep.include({ status: 200, data: { done: true }, attempts: 6 });
    expect(counts).to.deep.equal({ requests: 1, responses: 1, errors: 0 });
    expect(wire.sent.filter((sent) => !isRefresh(sent))).to.have.length(6);
  });

  it('runs once for a call that fails in the end', async () => {
    const { resume } = rocky(403);
    const session = resume();
    const counts = count(session.http);
    const error = await errorOf(time.finish(session.http.get('/orders')));
    expect(error).to.include({ code: 'FORBIDDEN', attempts: 6 });
    expect(counts).to.deep.equal({ requests: 1, responses: 0, errors: 1 });
  });

  it('on the client sees no refresh', async () => {
    const { auth, resume } = rocky();
    const counts = count(auth.http);
    await time.finish(resume().http.get('/orders'));
    expect(counts).to.deep.equal({ requests: 0, responses: 0, errors: 0 });
  });

  it('sees what it changed go out with every attempt', async () => {
    const { http, wire } = httpBench([503, 503], AT_ONCE);
    let number = 0;
    http.interceptors.request.use((config) => {
      config.headers.set('X-Trace', `trace-${(number += 1)}`);
      return config;
    });
    await time.finish(http.get('/orders'));
    expect(wire.sent.map(({ headers }) => headers['x-trace'])).to.deep.equal([
      'trace-1',
      'trace-1',
      'trace-1',
    ]);
  });

  it('that throws fails the call with what it threw', async () => {
    const { http, wire } = httpBench();
    const mine = new Error('mine');
    http.interceptors.request.use(() => {
      throw mine;
    });
    expect(await time.finish(http.get('/orders').catch((error: unknown) => error))).to.equal(mine);
    expect(wire.sent).to.have.length(0);
  });
});

describe('A transform of the user', () => {
  const time = virtualTime();

  it('of a request runs once, and every attempt sends what it made', async () => {
    const { resume, wire } = rocky();
    let runs = 0;
    const transformRequest = (data: unknown) => ((runs += 1), JSON.stringify({ wrapped: data }));
    await time.finish(resume().http.put('/orders/1', { a: 1 }, { transformRequest }));
    expect(runs).to.equal(1);
    const bodies = wire.sent.filter((sent) => !isRefresh(sent)).map(({ data }) => data);
    expect(new Set(bodies)).to.deep.equal(new Set(['{"wrapped":{"a":1}}']));
  });

  it('of a response runs once, on the answer that counts', async () => {
    const { resume } = rocky({ data: 'last' });
    const seen: unknown[] = [];
    const transformResponse = (data: unknown) => (seen.push(data), data);
    await time.finish(resume().http.get('/orders', { transformResponse }));
    expect(seen).to.deep.equal(['last']);
  });
});

describe('The config of the caller', () => {
  const time = virtualTime();

  it('is never written to', async () => {
    const config = {
      method: 'put',
      url: '/orders/1',
      data: { a: { b: [1, 2] } },
      params: { full: 1 },
      headers: { 'X-Mine': 'yes' },
      timeout: 1_000,
      holdfast: { retry: { retries: 5 }, priority: 1, idempotencyKey: true as const },
    };
    const before = structuredClone(config);
    deepFreeze(config);
    for (let turn = 0; turn < 2; turn += 1) {
      const response = await time.finish(rocky().resume().http.request(config));
      expect(response).to.include({ status: 200, attempts: 6 });
    }
    expect(config).to.deep.equal(before);
  });

  it('may be used again with a call of its own: attempts are counted anew', async () => {
    const { http, wire } = httpBench(() => 500, { ...AT_ONCE, retry: { ...AT_ONCE.retry, retries: 2 } });
    const config: AxiosRequestConfig = { url: '/orders' };
    for (let turn = 1; turn <= 3; turn += 1) {
      expect(await errorOf(time.finish(http.request(config)))).to.include({ attempts: 3 });
      expect(wire.sent).to.have.length(turn * 3);
    }
  });

  it('comes back with the response as it was sent, and can be sent again', async () => {
    const { http } = httpBench([503, 200, 503, 503, 200], AT_ONCE);
    const response = await time.finish(http.put('/orders/1', { a: 1 }));
    expect(response.config).to.include({ url: '/orders/1', method: 'put', data: '{"a":1}' });
    for (const ours of ['axios-retry', 'call', 'signal'])
      expect(response.config[ours as 'url']).to.equal(undefined);
    expect(await time.finish(http.request(response.config))).to.include({ attempts: 3 });
  });

  it('may be shared by two calls at once, each with a body, a key and attempts of its own', async () => {
    let calls = 0;
    const config: AxiosRequestConfig = Object.freeze({
      method: 'post',
      url: '/orders',
      data: () => `body ${(calls += 1)}`,
      holdfast: Object.freeze({ idempotencyKey: true as const }),
    });
    const { http, wire } = httpBench([503, 503, 503, 200, 200], AT_ONCE);
    const answers = await time.finish(Promise.all([http.request(config), http.request(config)]));
    expect(answers.map(({ attempts }) => attempts).sort()).to.deep.equal([2, 3]);
    const keys = wire.sent.map(({ headers }) => headers['idempotency-key']);
    expect(new Set(keys).size).to.equal(2);
    expect(wire.sent.map(({ data }) => data as string)).to.deep.equal(
      [1, 2, 3, 4, 5].map((number) => `body ${number}`),
    );
  });
});

describe('The defaults', () => {
  const time = virtualTime();

  it('of a client stay as they are, whatever its calls meet', async () => {
    const { http } = authBench([503, limit(1), 200, 503], AT_ONCE).resume();
    const before = shownOf(http.defaults);
    await time.finish(http.put('/orders/1', { a: 1 }, { headers: { 'X-Mine': 'a' }, timeout: 9_000 }));
    await time.finish(http.putForm('/files/1', { a: 1 }));
    expect(shownOf(http.defaults)).to.deep.equal(before);
  });

  it('and interceptors of axios stay as they are, however many clients are made', async () => {
    const before = shownOf(axios.defaults);
    for (let turn = 0; turn < 3; turn += 1) {
      const { resume } = rocky();
      await time.finish(
        resume()
          .http.postForm('/files', { a: 1 })
          .catch(() => undefined),
      );
    }
    expect(shownOf(axios.defaults)).to.deep.equal(before);
    expect([handlersOf(axios.interceptors.request), handlersOf(axios.interceptors.response)]).to.deep.equal([
      0, 0,
    ]);
  });
});

describe('Clients and instances that are made again and again', () => {
  const time = virtualTime();

  it('send a call no more often than one of them does (R6)', async () => {
    const { http, wire } = httpBench(() => 503, { ...AT_ONCE, retry: { ...AT_ONCE.retry, retries: 2 } });
    for (let turn = 0; turn < 5; turn += 1) httpBench();
    const derived = http
      .create()
      .create({ headers: { 'X-Mine': 'a' } })
      .create();
    expect(handlersOf(derived.interceptors.response)).to.equal(1);
    for (const each of [http, derived]) {
      const before = wire.sent.length;
      const bytes = Uint8Array.of(0, 1, 2, 3).subarray(1);
      expect(await errorOf(time.finish(each.put('/orders/1', bytes)))).to.include({ attempts: 3 });
      const sent = wire.sent.slice(before);
      for (const { data } of sent) expect(new Uint8Array(data as ArrayBuffer)).to.deep.equal(bytes);
      expect(sent).to.have.length(3);
    }
  });
});

/** Every leaf, functions by themselves. */
function shownOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value).map(([name, each]) => [name, shownOf(each)]);
}

function handlersOf(manager: object): number {
  const { handlers } = manager as { readonly handlers: readonly unknown[] };
  return handlers.filter(Boolean).length;
}

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  Object.freeze(value);
  for (const each of Object.values(value)) deepFreeze(each);
}
