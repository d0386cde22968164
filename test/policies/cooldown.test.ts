// policies/cooldown: a 429 closes its bucket for everyone until the latest moment that the server named.
import { expect } from 'chai';
import { times, type Answer } from '../support/transport.js';
import { virtualTime, watch } from '../support/virtual-time.js';
import { authBench, errorOf, httpBench, limit, MINUTE, paths, tokensOf } from './clients.js';

describe('A limited call', () => {
  const time = virtualTime();

  it('closes its bucket: it and every later call wait until the server allows them', async () => {
    const { http, wire } = httpBench([limit(3)]);
    const first = watch(http.get('/orders/1'));
    await time.flush();
    const second = watch(http.get('/orders/2'));
    await time.pass(2_999);
    expect(wire.sent).to.have.length(1);
    expect([first.state, second.state]).to.deep.equal(['pending', 'pending']);
    await time.pass(1);
    expect(times(wire)).to.deep.equal([0, 3_000, 3_000]);
    expect([first.state, second.state]).to.deep.equal(['resolved', 'resolved']);
  });

  it('is sent again whatever its method, since the server did not carry it out', async () => {
    const { http, wire } = httpBench([limit(1), limit(1)]);
    const response = await time.finish(http.post('/orders', { a: 1 }));
    expect(response).to.include({ status: 200, attempts: 3 });
    expect(wire.sent).to.have.length(3);
  });

  it('leaves the other buckets alone', async () => {
    const { http, wire } = httpBench([limit(10)]);
    const limited = watch(http.get('/orders/1'));
    await time.flush();
    await http.get('/products');
    await http.get('/orders/2', { holdfast: { bucket: 'reports' } });
    expect(limited.state).to.equal('pending');
    expect(paths(wire)).to.deep.equal(['/orders/1', '/products', '/orders/2']);
    await time.pass(10_000);
    expect(limited.state).to.equal('resolved');
  });

  it('leaves other sessions and the application alone', async () => {
    const { auth, resume, wire } = authBench(({ headers }) =>
      headers.authorization === 'Bearer at-1' ? limit(20) : 200,
    );
    const limited = watch(resume().http.get('/orders'));
    await time.flush();
    await resume({ accessToken: 'other' }).http.get('/orders');
    await auth.http.get('/orders');
    expect(limited.state).to.equal('pending');
    expect(wire.sent).to.have.length(3);
    await time.pass(20_000);
  });

  it('shares the bucket that it names with others', async () => {
    const { http, wire } = httpBench([limit(5)]);
    const bucket = { holdfast: { bucket: 'search' } };
    const calls = [http.get('/orders', bucket)];
    await time.flush();
    calls.push(http.get('/products', bucket));
    await time.finish(Promise.all(calls));
    expect(times(wire)).to.deep.equal([0, 5_000, 5_000]);
  });

  it('is remembered as long as it lasts, however many other buckets are in use', async () => {
    const { http, wire } = httpBench([limit(20)]);
    const limited = watch(http.get('/orders'));
    await time.flush();
    for (let bucket = 0; bucket < 1_000; bucket += 1)
      await http.get('/any', { holdfast: { bucket: `b${bucket}` } });
    const later = watch(http.get('/orders/2'));
    await time.pass(19_999);
    expect([limited.state, later.state]).to.deep.equal(['pending', 'pending']);
    await time.pass(1);
    expect(later.state).to.equal('resolved');
    expect(wire.sent).to.have.length(1_003);
  });

  it('closes its bucket also where it had waited for a token, however many buckets came meanwhile', async () => {
    const { resume, wire } = authBench(({ url }) => {
      if (url.endsWith('/oauth/token')) return { data: tokensOf(2), after: 1_000 };
      return url.endsWith('/orders/1') ? limit(20) : 200;
    });
    const session = resume({ expiresIn: 1 });
    await time.pass(10);
    const limited = watch(session.http.get('/orders/1'));
    await time.flush();
    for (let bucket = 0; bucket < 600; bucket += 1)
      await resume({ accessToken: `other-${bucket}` }).http.get('/orders');
    await time.pass(1_000);
    const later = watch(session.http.get('/orders/2'));
    await time.pass(15_000);
    expect([limited.state, later.state]).to.deep.equal(['pending', 'pending']);
    expect(paths(wire).filter((path) => path.startsWith('/orders/'))).to.deep.equal(['/orders/1']);
    await time.pass(MINUTE);
  });
});

describe('The end of a cooldown', () => {
  const time = virtualTime();
  /** Two calls under way, answered 500 ms apart. */
  const overlapping = (first: number, second: number): Answer[] => [
    limit(first),
    limit(second, { after: 500 }),
  ];

  it('is not moved forward by a shorter hint that arrives later (R22)', async () => {
    const { http, wire } = httpBench(overlapping(3, 1));
    await time.finish(Promise.all([http.get('/orders/1'), http.get('/orders/2')]));
    expect(times(wire)).to.deep.equal([0, 0, 3_000, 3_000]);
  });

  it('is moved back by a longer hint that arrives later', async () => {
    const { http, wire } = httpBench(overlapping(1, 4));
    await time.finish(Promise.all([http.get('/orders/1'), http.get('/orders/2')]));
    expect(times(wire)).to.deep.equal([0, 0, 4_500, 4_500]);
  });

  it('is guessed where the server does not name it, and doubled while it refuses', async () => {
    const { http, wire } = httpBench([429, 429, 429, 200, 429]);
    await time.finish(http.get('/orders'));
    await time.finish(http.get('/orders'));
    expect(times(wire)).to.deep.equal([0, 1_000, 3_000, 7_000, 7_000, 8_000]);
  });

  it('is guessed once for calls that are limited together', async () => {
    const { http, wire } = httpBench(Array<Answer>(16).fill(429));
    await time.finish(Promise.all(Array.from({ length: 16 }, (_, n) => http.get(`/orders/${n}`))));
    expect(new Set(times(wire))).to.deep.equal(new Set([0, 1_000]));
    expect(wire.sent).to.have.length(32);
  });

  it('named "now" is believed once, and then guessed', async () => {
    const { http, wire } = httpBench([limit(0), limit(0), limit(0)]);
    await time.finish(http.get('/orders'));
    expect(times(wire)).to.deep.equal([0, 0, 2_000, 6_000]);
  });
});

describe('A cooldown that is too long', () => {
  const time = virtualTime();

  it('is not waited for: the call fails at once and says how long it would be', async () => {
    const { http, wire } = httpBench([
      limit(31, { headers: { 'retry-after': '31', 'x-request-id': 'r-1' } }),
    ]);
    const error = await errorOf(http.get('/orders'));
    expect(error).to.include({
      code: 'TOO_MANY_ATTEMPTS',
      kind: 'rate-limit',
      status: 429,
      attempts: 1,
      retryAfter: 31_000,
      retryable: true,
      ambiguous: false,
      requestId: 'r-1',
    });
    expect(error.because).to.match(/Not waited for: the cooldown lasts longer than this call may wait/);
    expect(wire.sent).to.have.length(1);
    expect(time.timers).to.equal(0);
  });

  it('is not waited for by later calls either, and nothing is sent', async () => {
    const { http, wire } = httpBench([limit(100)]);
    await errorOf(http.get('/orders'));
    await time.pass(10_000);
    const error = await errorOf(http.get('/orders'));
    expect(error).to.include({ code: 'TOO_MANY_ATTEMPTS', status: 429, attempts: 0, retryAfter: 90_000 });
    expect(wire.sent).to.have.length(1);
    await time.pass(60_000);
    await time.finish(http.get('/orders'));
    expect(times(wire)).to.deep.equal([0, 100_000]);
  });

  it('is not waited for where the deadline comes first', async () => {
    const { http } = httpBench([limit(5)]);
    const error = await errorOf(http.get('/orders', { holdfast: { deadline: 4_000 } }));
    expect(error).to.include({ code: 'TOO_MANY_ATTEMPTS', retryAfter: 5_000 });
    expect(error.because).to.contain('the cooldown lasts longer than its deadline allows');
  });

  it('counts together with those before it', async () => {
    const { http, wire } = httpBench([limit(20), limit(20)]);
    const error = await errorOf(time.finish(http.get('/orders')));
    expect(error).to.include({ code: 'TOO_MANY_ATTEMPTS', attempts: 2, retryAfter: 20_000 });
    expect(times(wire)).to.deep.equal([0, 20_000]);
  });

  it('sends away those who wait already and cannot wait that long, and only those', async () => {
    const { http, wire } = httpBench([limit(3), limit(10, { after: 500 })]);
    const calls = [http.get('/orders/1'), http.get('/orders/2')].map(watch);
    await time.flush();
    const short = watch(http.get('/orders/3', { holdfast: { deadline: 8_000 } }));
    const long = watch(http.get('/orders/4'));
    await time.pass(499);
    expect(short.state).to.equal('pending');
    await time.pass(1);
    expect(short.state).to.equal('rejected');
    expect(short.error).to.include({
      code: 'TOO_MANY_ATTEMPTS',
      attempts: 0,
      retryAfter: 10_000,
      status: 429,
    });
    expect([...calls, long].map(({ state }) => state)).to.deep.equal(['pending', 'pending', 'pending']);
    await time.pass(10_000);
    expect([...calls, long].map(({ state }) => state)).to.deep.equal(['resolved', 'resolved', 'resolved']);
    expect(times(wire)).to.deep.equal([0, 0, 10_500, 10_500, 10_500]);
  });

  it('is five seconds for a login, since a person waits for it', async () => {
    const input = { email: 'ada@example.com', password: 'secret' };
    const { auth } = authBench([limit(6)]);
    const long = await auth.login(input);
    expect(long.ok ? undefined : long.error).to.include({ code: 'TOO_MANY_ATTEMPTS', retryAfter: 6_000 });
    const { auth: other } = authBench([limit(5), { data: tokensOf(1) }]);
    expect(await time.finish(other.login(input))).to.include({ ok: true, attempts: 2 });
    const { auth: third, wire } = authBench([limit(3), limit(3)]);
    const summed = await time.finish(third.login(input));
    expect(summed.ok ? undefined : summed.error).to.include({ retryAfter: 3_000, attempts: 2 });
    expect(times(wire)).to.deep.equal([0, 3_000]);
  });

  it('of any length fails at once where policies.cooldown.maxWait is 0', async () => {
    for (const answer of [429, limit(1), limit(0)]) {
      // The server relents in the end, so that a client that does not give up cannot hang the test.
      const { http, wire } = httpBench(Array<Answer>(20).fill(answer), { cooldown: { maxWait: 0 } });
      const error = await errorOf(time.finish(http.get('/orders')));
      expect(error).to.include({ code: 'TOO_MANY_ATTEMPTS', status: 429 });
      expect(wire.sent).to.have.length.at.most(2);
    }
  });
});

describe('A call that is limited a second time', () => {
  const time = virtualTime();

  it('does not close for long a bucket that accepted others meanwhile', async () => {
    const refusals = { left: 2 };
    const { http, heard } = httpBench(({ url }) => {
      if (!url.endsWith('/late')) return 200;
      refusals.left -= 1;
      return refusals.left >= 0 ? 429 : 200;
    });
    const others = () =>
      Array.from({ length: 6 }, (_, n) => http.get(`/orders/${n}`, { holdfast: { priority: 5 } }));
    await time.finish(Promise.all(others()));
    const late = http.get('/orders/late');
    await time.flush();
    await time.finish(Promise.all([late, ...others()]));
    expect(heard('cooldown').map(({ forMs }) => forMs)).to.deep.equal([250, 250]);
  });
});

describe('A bucket function that throws', () => {
  const time = virtualTime();

  it('fails its call with what it threw, and nothing is left of the call', async () => {
    const bucket = () => {
      throw new RangeError('no name');
    };
    const { http, wire } = httpBench([], {}, { bucket });
    const thrown = await http.get('/orders').catch((error: unknown) => error);
    expect(thrown).to.be.an.instanceOf(RangeError);
    expect([wire.sent.length, time.timers]).to.deep.equal([0, 0]);
  });
});
