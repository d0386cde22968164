// policies/retry: which attempts are repeated, how often, and when.
import { expect } from 'chai';
import fc from 'fast-check';
import type { AxiosResponse } from 'axios';
import { gaps, type Answer } from '../support/transport.js';
import { virtualTime } from '../support/virtual-time.js';
import { authBench, AT_ONCE, errorOf, httpBench, isRefresh, limit, tokensOf } from './clients.js';

const LOST: Answer = { fails: 'ECONNRESET' };
const REFUSED: Answer = { fails: 'ECONNREFUSED' };

describe('A call that meets a passing trouble', () => {
  const time = virtualTime();

  for (const status of [500, 424, 502, 503, 504])
    it(`is repeated after ${status}`, async () => {
      const { http, wire } = httpBench([status, status, 200]);
      const response = await time.finish(http.get<unknown, AxiosResponse>('/orders'));
      expect(response).to.include({ status: 200, attempts: 3 });
      expect(wire.sent).to.have.length(3);
    });

  it('is repeated as often as the policy says and no more, and the error says so', async () => {
    const { http, wire } = httpBench(Array<Answer>(20).fill(500), { retry: { retries: 5 } });
    const error = await errorOf(time.finish(http.get('/orders')));
    expect(error).to.include({ code: 'API_EXCEPTION', status: 500, attempts: 6, ambiguous: false });
    expect(error.because).to.match(/Not repeated again: policies\.retry\.retries is used up\.$/);
    expect(wire.sent).to.have.length(6);
  });

  it('waits anywhere between nothing and its backoff, before every repeat', async () => {
    // Each to a server of its own: many failures of one server are an outage, which has its own delays.
    const benches = Array.from({ length: 200 }, () => httpBench([503, 503, 503]));
    await time.finish(Promise.all(benches.map(({ http }) => http.get('/orders'))));
    for (const [index, ceiling] of [200, 400, 800].entries()) {
      const waits = benches.map(({ wire: { sent } }) => sent[index + 1]!.at - sent[index]!.at);
      expect(Math.max(...waits)).to.be.within(ceiling * 0.75, ceiling);
      expect(Math.min(...waits)).to.be.within(0, ceiling * 0.25);
    }
    for (const { heard } of benches) expect(heard('retry')).to.have.length(3);
  });

  it('is repeated after a connection that was refused, lost, or too slow', async () => {
    for (const answer of [REFUSED, LOST, 'never'] as const) {
      const { http, wire } = httpBench([answer, 200]);
      await time.finish(http.get('/orders'));
      expect(wire.sent).to.have.length(2);
    }
  });

  it('that can be repeated by its method is', async () => {
    for (const method of ['get', 'head', 'options', 'put', 'delete']) {
      const { http, wire } = httpBench([503, 200]);
      await time.finish(http.request({ method, url: '/orders/1' }));
      expect(wire.sent, method).to.have.length(2);
    }
  });

  it('without a wait is repeated at once', async () => {
    const { http, wire } = httpBench([503, 503, 503], AT_ONCE);
    await time.finish(http.get('/orders'));
    expect(gaps(wire)).to.deep.equal([0, 0, 0]);
  });
});

describe('A call whose answer is final', () => {
  const time = virtualTime();

  for (const status of [400, 401, 403, 404, 406, 409, 413, 422, 501, 505, 302])
    it(`is not repeated after ${status}`, async () => {
      const { http, wire } = httpBench([status]);
      const error = await errorOf(time.finish(http.get('/orders')));
      expect(error).to.include({ status, attempts: 1 });
      expect(wire.sent).to.have.length(1);
      expect(time.timers).to.equal(0);
    });

  it('is not repeated where a mock has no answer for it', async () => {
    const { http, wire } = httpBench([{ fails: 'ERR_NOCK_NO_MATCH' }]);
    expect(await errorOf(http.get('/orders'))).to.include({ code: 'NOT_MOCKED', attempts: 1 });
    expect(wire.sent).to.have.length(1);
  });

  it('is not repeated where the server could not be verified', async () => {
    for (const fails of ['CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID', 'DEPTH_ZERO_SELF_SIGNED_CERT']) {
      const { http, wire } = httpBench([{ fails }]);
      expect(await errorOf(http.get('/orders'))).to.include({ code: 'CONNECTION_FAILED', attempts: 1 });
      expect(wire.sent).to.have.length(1);
    }
  });
});

describe('A POST', () => {
  const time = virtualTime();

  it('is not repeated where the server may have carried it out, and the error says so', async () => {
    for (const answer of [500, 424, 503, LOST, 'never'] as const) {
      const { http, wire } = httpBench([answer]);
      const error = await errorOf(time.finish(http.post('/orders', { a: 1 })));
      expect(error).to.include({ attempts: 1, ambiguous: true });
      expect(error.because).to.contain('the server may have carried it out');
      expect(wire.sent).to.have.length(1);
    }
  });

  it('is repeated where no byte of it was sent', async () => {
    const { http, wire } = httpBench([REFUSED, REFUSED, 200]);
    await time.finish(http.post('/orders', { a: 1 }));
    expect(wire.sent).to.have.length(3);
  });

  it('is repeated after a refused connection, but not after the loss that follows', async () => {
    const { http, wire } = httpBench([REFUSED, LOST]);
    const error = await errorOf(time.finish(http.post('/orders', { a: 1 })));
    expect(error).to.include({ code: 'CONNECTION_LOST', attempts: 2, ambiguous: true });
    expect(wire.sent).to.have.length(2);
  });

  it('with an idempotency key is repeated, with the same key on every attempt and another for every call', async () => {
    const { http, wire } = httpBench([500, LOST, 200, 503, 200]);
    await time.finish(http.post('/orders', {}, { holdfast: { idempotencyKey: true } }));
    await time.finish(http.post('/orders', {}, { holdfast: { idempotencyKey: true } }));
    const keys = wire.sent.map(({ headers }) => headers['idempotency-key']);
    expect(keys).to.have.length(5);
    expect(new Set(keys.slice(0, 3)).size).to.equal(1);
    expect(new Set(keys.slice(3)).size).to.equal(1);
    expect(keys[0]).to.match(/^[0-9a-f-]{36}$/);
    expect(keys[0]).not.to.equal(keys[3]);
  });

  it('with an idempotency key keeps it through trouble, a limit and a refresh, whatever made it leave again', async () => {
    const answers: Answer[] = [503, limit(1), LOST, 401, 503, 200];
    const { auth, resume, wire } = authBench(
      (sent) => (isRefresh(sent) ? { data: tokensOf(2) } : answers.shift()!),
      { retry: { ...AT_ONCE.retry, retries: 5 } },
    );
    const asked = { holdfast: { idempotencyKey: true as const } };
    expect(await time.finish(resume().http.post('/orders', {}, asked))).to.include({ attempts: 6 });
    const keys = wire.sent
      .filter((sent) => !isRefresh(sent))
      .map(({ headers }) => headers['idempotency-key']);
    expect(keys).to.have.length(6);
    expect(new Set(keys).size).to.equal(1);
    expect(wire.sent.find(isRefresh)?.headers).not.to.have.property('idempotency-key');

    answers.push(500, 500, { data: tokensOf(3) });
    const ada = { email: 'ada@example.com', password: 'secret' };
    const login = auth.login(ada, { idempotencyKey: true });
    expect(await time.finish(login)).to.include({ ok: true, attempts: 3 });
    const logins = wire.sent.slice(-3).map(({ headers }) => headers['idempotency-key']);
    expect(new Set(logins).size).to.equal(1);
    expect(keys).not.to.include(logins[0]);
  });

  it('with an idempotency key in its headers is repeated under that', async () => {
    for (const name of ['Idempotency-Key', 'idempotency-key']) {
      const { http, wire } = httpBench([500, 200], AT_ONCE);
      await time.finish(http.post('/orders', {}, { headers: { [name]: 'order-7' } }));
      const keys = wire.sent.map(({ headers }) => headers['idempotency-key']);
      expect(keys).to.deep.equal(['order-7', 'order-7']);
    }
  });

  it('goes with the idempotency key that it was given', async () => {
    const { http, wire } = httpBench([500, 200]);
    await time.finish(http.patch('/orders/1', {}, { holdfast: { idempotencyKey: 'order-7' } }));
    expect(wire.sent.map(({ headers }) => headers['idempotency-key'])).to.deep.equal(['order-7', 'order-7']);
  });
});

describe('What may be repeated', () => {
  const time = virtualTime();

  it('is set by policies.retry.statuses', async () => {
    const { http, wire } = httpBench([503, 500], { retry: { statuses: [503] } });
    const error = await errorOf(time.finish(http.get('/orders')));
    expect(error).to.include({ status: 500, attempts: 2 });
    expect(error.because).to.contain('500 is not among policies.retry.statuses');
    expect(wire.sent).to.have.length(2);
  });

  it('is never an answer that another policy owns, or that is final (R18)', () => {
    for (const status of [429, 401, 403, 404, 409, 200, 302, 501, 99, 0.5, '503'])
      expect(() => httpBench([], { retry: { statuses: [503, status as number] } }), String(status)).to.throw(
        TypeError,
        'policies.retry.statuses must be a list of statuses that mean a passing trouble',
      );
  });

  it('includes failures of the connection even where no status is listed', async () => {
    const { http, wire } = httpBench([LOST, 503], { retry: { statuses: [] } });
    expect(await errorOf(time.finish(http.get('/orders')))).to.include({ status: 503 });
    expect(wire.sent).to.have.length(2);
  });

  it('is set for one request by `false` or a number of repeats, and anything else is refused before it is sent', async () => {
    const { http, wire } = httpBench([200]);
    const thrown = await http
      .get('/orders', { holdfast: { retry: true as never } })
      .catch((error: unknown) => error);
    expect(String(thrown)).to.equal('TypeError: holdfast: retry must be false or an object; got true.');
    expect(wire.sent).to.have.length(0);
  });

  it('is set for one request by its options', async () => {
    for (const [retry, attempts] of [
      [false, 1],
      [{ retries: 0 }, 1],
      [{ retries: 1 }, 2],
      [{ retries: 6 }, 7],
    ] as const) {
      const { http } = httpBench(Array<Answer>(20).fill(500));
      const error = await errorOf(time.finish(http.get('/orders', { holdfast: { retry } })));
      expect(error.attempts).to.equal(attempts);
    }
  });

  it('is set for an operation by its row: a login once, a registration never', async () => {
    const person = { firstName: 'Ada', lastName: 'L', email: 'a@example.com', gender: 'f' as const };
    const { auth, wire } = authBench([503, { data: tokensOf(1) }, 503, 500, 503]);
    const good = await time.finish(auth.login({ email: 'a@example.com', password: 'secret' }));
    expect(good).to.include({ ok: true, attempts: 2 });
    const twice = await time.finish(auth.login({ email: 'a@example.com', password: 'secret' }));
    expect(twice.ok ? undefined : twice.error).to.include({ status: 500, attempts: 2 });
    const once = await time.finish(auth.register({ ...person, password: 'secret' }));
    expect(once.ok ? undefined : once.error).to.include({ status: 503, attempts: 1, ambiguous: true });
    expect(wire.sent).to.have.length(5);
  });
});

describe('A server that says when to come back', () => {
  const time = virtualTime();
  const busy = (headers: object): Answer => ({ status: 503, headers: { ...headers } });

  it('is asked again exactly then where that is later than the backoff', async () => {
    for (const headers of [
      { 'retry-after': '7' },
      { 'retry-after-ms': '7000' },
      { 'retry-after': 'Sun, 22 Nov 2026 03:00:07 GMT', date: 'Sun, 22 Nov 2026 03:00:00 GMT' },
    ]) {
      const { http, wire, heard } = httpBench([busy(headers), 200]);
      await time.finish(http.get('/orders'));
      expect(gaps(wire)).to.deep.equal([7_000]);
      expect(heard('retry')[0]).to.include({
        afterMs: 7_000,
        because: 'Repeated when the server asked for it.',
      });
    }
  });

  it('is never asked earlier, whatever it says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(15_000), { minLength: 1, maxLength: 3 }), async (waits) => {
        const { http, wire } = httpBench(waits.map((ms) => busy({ 'retry-after-ms': String(ms) })));
        await time.finish(http.get('/orders'));
        gaps(wire).forEach((gap, index) => expect(gap).to.be.at.least(waits[index]!));
        expect(wire.sent).to.have.length(waits.length + 1);
      }),
      { numRuns: 50 },
    );
  });

  it('is not waited for longer than the call may last: it fails at once and says how long', async () => {
    const { http, wire } = httpBench([busy({ 'retry-after': '61' })]);
    const error = await errorOf(http.get('/orders'));
    expect(error).to.include({ status: 503, attempts: 1, retryAfter: 61_000, retryable: true });
    expect(error.because).to.contain('the wait would be longer than the call may wait');
    expect(wire.sent).to.have.length(1);
    expect(time.timers).to.equal(0);
  });
});
