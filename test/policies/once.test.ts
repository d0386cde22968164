// What a user adds to a client runs once for each call, whatever the number of attempts (R1); what a user gives is
// never written to (R5).
import { expect } from 'chai';
import type { AxiosInstance, AxiosRequestConfig } from 'axios';
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
});

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  Object.freeze(value);
  for (const each of Object.values(value)) deepFreeze(each);
}
