// policies/gate: who waits, in which order they leave, and how many at once.
import { expect } from 'chai';
import fc from 'fast-check';
import { times, type Answer } from '../support/transport.js';
import { virtualTime, watch, type Watched } from '../support/virtual-time.js';
import { errorOf, httpBench, limit, paths, type HttpBench } from './clients.js';

/** A bench whose bucket is closed for `seconds` by a first call, which waits for its replay. */
async function closed(
  flush: () => Promise<void>,
  seconds: number,
  policies: object = {},
): Promise<HttpBench> {
  const bench = httpBench([limit(seconds)], policies);
  watch(bench.http.get('/orders/first'));
  await flush();
  return bench;
}

describe('Calls that wait for a cooldown', () => {
  const time = virtualTime();

  it('leave in the order in which they came, behind the one that is sent again', async () => {
    const { http, wire } = await closed(time.flush, 2);
    await time.finish(Promise.all([1, 2, 3, 4, 5].map((n) => http.get(`/orders/${n}`))));
    expect(paths(wire).slice(1)).to.deep.equal([
      '/orders/first',
      ...[1, 2, 3, 4, 5].map((n) => `/orders/${n}`),
    ]);
  });

  it('keep that order, save for a call that is limited again: one hot address must not starve its bucket', async () => {
    const { http, wire } = httpBench([limit(1), limit(1)]);
    watch(http.get('/orders/first'));
    await time.flush();
    await time.finish(Promise.all(['a', 'b'].map((name) => http.get(`/orders/${name}`))));
    expect(paths(wire)).to.deep.equal([
      '/orders/first', '/orders/first', '/orders/a', '/orders/b', '/orders/first',
    ]); // prettier-ignore
  });

  it('leave also where another one comes in the moment in which it ends', async () => {
    const { http } = httpBench([limit(1)]);
    let newcomer: Watched<unknown> | undefined;
    setTimeout(() => (newcomer = watch(http.get('/orders/new'))), 1_000); // rings before the alarm of the bucket
    const waiting = watch(http.get('/orders'));
    await time.pass(1_001);
    expect([waiting.state, newcomer?.state]).to.deep.equal(['resolved', 'resolved']);
  });

  it('leave by priority, and in order within one', async () => {
    const { http, wire } = await closed(time.flush, 2);
    const calls = [['a', 0], ['b', 5], ['c', 0], ['d', 5], ['e', -1]] as const; // prettier-ignore
    await time.finish(
      Promise.all(calls.map(([name, priority]) => http.get(`/orders/${name}`, { holdfast: { priority } }))),
    );
    expect(paths(wire).slice(1)).to.deep.equal(
      ['b', 'd', 'first', 'a', 'c', 'e'].map((name) => `/orders/${name}`),
    );
  });

  it('keep order and priority when nearly all of them leave before', async () => {
    const { http, wire } = await closed(time.flush, 5);
    const leaving = new AbortController();
    const stayed: string[][] = [[], [], []];
    for (let turn = 0; turn < 600; turn += 1) {
      const [path, priority] = [`/orders/${turn}`, turn % 3];
      const stays = turn % 20 === 7;
      if (stays) stayed[priority]?.push(path);
      const own = stays ? {} : { signal: leaving.signal };
      watch(http.get(path, { holdfast: { priority }, ...own }));
    }
    await time.flush();
    leaving.abort();
    await time.pass(5_000);
    const [low = [], middle = [], high = []] = stayed;
    expect(paths(wire).slice(1)).to.deep.equal([...high, ...middle, '/orders/first', ...low]);
    expect([low.length, middle.length, high.length]).to.deep.equal([10, 10, 10]);
  });

  it('go one at first, and one more at once after each success', async () => {
    const beyond: string[] = [];
    const bench = httpBench(
      ({ number, at }) => {
        if (number === 1) return limit(1);
        const successes = bench.wire.sent.slice(1).filter((one) => one.at + 100 <= at).length;
        if (bench.wire.underWay > 1 + successes) beyond.push(`${bench.wire.underWay} after ${successes}`);
        return { after: 100 };
      },
      { cooldown: { concurrency: 6 } },
    );
    const { http, wire } = bench;
    const first = http.get('/orders/first');
    await time.flush();
    await time.finish(
      Promise.all([first, ...Array.from({ length: 40 }, (_, n) => http.get(`/orders/${n}`))]),
    );
    const left = times(wire);
    expect(beyond).to.deep.equal([]);
    expect(wire.peak).to.equal(6);
    expect([1_000, 1_100, 1_200, 1_300].map((at) => left.filter((one) => one === at).length)).to.deep.equal([
      1, 2, 4, 6,
    ]);
  });

  it('are not let go by the success of a call that left before the cooldown', async () => {
    const answers: Record<string, Answer[]> = {
      '/orders/early': [{ after: 3_500 }],
      '/orders/first': [limit(3), { after: 1_000 }],
    };
    const { http, wire } = httpBench(({ url }) => answers[url.slice(url.indexOf('/orders'))]?.shift() ?? 200);
    const early = watch(http.get('/orders/early'));
    const first = watch(http.get('/orders/first'));
    await time.flush();
    const later = watch(http.get('/orders/later'));
    await time.pass(4_499);
    expect([early, first, later].map(({ state }) => state)).to.deep.equal(['resolved', 'pending', 'pending']);
    await time.pass(1);
    expect([first, later].map(({ state }) => state)).to.deep.equal(['resolved', 'resolved']);
    // The early one counts as under way, so the probe leaves when it is back.
    expect(times(wire)).to.deep.equal([0, 0, 3_500, 4_500]);
  });

  it('are held back again from the start when the probe is limited', async () => {
    const { http, wire } = httpBench([limit(1), limit(2, { after: 100 }), { after: 100 }]);
    watch(http.get('/orders/first'));
    await time.flush();
    const calls = Array.from({ length: 5 }, (_, n) => watch(http.get(`/orders/${n}`)));
    await time.pass(3_100);
    expect(times(wire)).to.deep.equal([0, 1_000, 3_100]);
    await time.pass(200);
    expect(calls.every(({ state }) => state === 'resolved')).to.equal(true);
  });

  it('all leave in the end, whatever the server answers and however long it takes', async () => {
    const answer = fc.record({
      status: fc.constantFrom(200, 200, 200, 429, 503, 404),
      after: fc.nat(300),
      wait: fc.integer({ min: 0, max: 3 }),
    });
    const plan = fc.record({
      answers: fc.array(answer, { maxLength: 40 }),
      gaps: fc.array(fc.nat(400), { minLength: 1, maxLength: 20 }),
      concurrency: fc.integer({ min: 1, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ answers, gaps, concurrency }) => {
        const script = answers.map(({ status, after, wait }) => ({
          status,
          after,
          ...(status === 429 && { headers: { 'retry-after': String(wait) } }),
        }));
        const { http, wire } = httpBench(script, { cooldown: { concurrency }, timeout: { total: 20_000 } });
        const start = performance.now();
        const calls = [];
        for (const gap of gaps) {
          calls.push(watch(http.get('/orders')));
          await time.pass(gap);
        }
        await time.pass(20_000);
        expect(calls.filter(({ state }) => state === 'pending')).to.have.length(0);
        for (const { at } of calls) expect((at ?? 0) - start).to.be.at.most(28_000);
        expect(wire.peak).to.be.at.most(concurrency);
        expect(time.timers).to.equal(0);
      }),
      { numRuns: 60 },
    );
  });
});

describe('A bucket', () => {
  const time = virtualTime();

  it('has no more calls under way than policies.cooldown.concurrency', async () => {
    const { http, wire } = httpBench(() => ({ after: 100 }), { cooldown: { concurrency: 3 } });
    const start = performance.now();
    await time.finish(Promise.all(Array.from({ length: 10 }, (_, n) => http.get(`/orders/${n}`))));
    expect(wire.peak).to.equal(3);
    expect(paths(wire)).to.deep.equal(Array.from({ length: 10 }, (_, n) => `/orders/${n}`));
    expect(performance.now() - start).to.equal(400);
  });

  it('holds no place for a call that waits for its backoff', async () => {
    const script: Answer[] = [{ status: 503, headers: { 'retry-after': '10' } }];
    const { http, wire } = httpBench(script, { cooldown: { concurrency: 1 } });
    const slow = watch(http.get('/orders/slow'));
    await time.flush();
    await http.get('/orders/quick');
    expect(slow.state).to.equal('pending');
    await time.pass(10_000);
    expect(slow.state).to.equal('resolved');
    expect(wire.sent).to.have.length(3);
  });

  it('gives its place back however a call ends', async () => {
    const answers: Answer[] = [404, 500, { fails: 'ECONNRESET' }, 'never', limit(100), 200];
    const { http } = httpBench(answers, { cooldown: { concurrency: 1 }, retry: { retries: 0 } });
    for (const answer of answers.slice(0, -1)) {
      const error = await errorOf(time.finish(http.get('/orders')));
      expect(error.attempts, JSON.stringify(answer)).to.equal(1);
    }
    await time.pass(100_000);
    expect(await time.finish(http.get('/orders'))).to.include({ status: 200 });
  });
});

describe('A full queue', () => {
  const time = virtualTime();
  const two = { cooldown: { maxQueued: 2 } };

  it('refuses the next call at once, with a code of its own', async () => {
    const { http, wire } = await closed(time.flush, 2, two);
    const waiting = watch(http.get('/orders/1'));
    const error = await errorOf(http.get('/orders/2'));
    expect(error).to.include({ code: 'QUEUE_FULL', kind: 'rate-limit', attempts: 0, retryable: true });
    expect(error.because).to.contain('policies.cooldown.maxQueued');
    await time.pass(2_000);
    expect(waiting.state).to.equal('resolved');
    expect(wire.sent).to.have.length(3);
  });

  it('says when to ask again (R28)', async () => {
    const { http } = await closed(time.flush, 2, two);
    const waiting = watch(http.get('/orders/1'));
    expect(await errorOf(http.get('/orders/2'))).to.include({ code: 'QUEUE_FULL', retryAfter: 2_000 });
    await time.pass(2_000);
    expect(waiting.state).to.equal('resolved');
  });

  it('has room again as soon as somebody leaves it (R27)', async () => {
    const { http, wire } = await closed(time.flush, 2, two);
    for (let turn = 0; turn < 5; turn += 1) {
      const controller = new AbortController();
      const left = watch(http.get('/orders/1', { signal: controller.signal }));
      await time.flush();
      expect(left.state).to.equal('pending');
      controller.abort();
      await time.flush();
      expect(left.error).to.include({ code: 'ABORTED' });
    }
    const last = watch(http.get('/orders/2'));
    await time.pass(2_000);
    expect(last.state).to.equal('resolved');
    expect(wire.sent).to.have.length(3);
  });

  it('takes back a call that the server limited: its place is its own (R25)', async () => {
    const { http } = httpBench([limit(1, { after: 100 }), limit(1, { after: 100 })], {
      cooldown: { maxQueued: 1, concurrency: 2 },
    });
    const calls = ['a', 'b', 'c'].map((name) => watch(http.get(`/orders/${name}`)));
    await time.pass(60_000);
    expect(calls.map(({ state }) => state)).to.deep.equal(['resolved', 'resolved', 'resolved']);
  });

  for (const [where, concurrency, bucket] of [
    ['for its bucket before it waits for its server', 1, 'first'],
    ['for its server before it waits for its bucket', 2, 'second'],
  ] as const)
    it(`takes a call that has waited ${where}`, async () => {
      const { http } = httpBench(
        ({ url, number }) => {
          if (number > 16) return 200;
          if (url.endsWith('/fails')) return { status: 503, after: 5 }; // the server takes fewer at once from now on
          return url.endsWith('/limited') ? limit(1, { after: 10 }) : { after: 500 };
        },
        { cooldown: { maxQueued: 1, concurrency } },
      );
      const get = (path: string, bucket: string) => watch(http.get(path, { holdfast: { bucket } }));
      const calls = [
        ...Array.from({ length: 14 }, (_, other) => get('/orders', `other ${other}`)),
        get('/fails', 'first'),
        get('/limited', 'second'),
        get('/orders/1', bucket),
        ...(bucket === 'first' ? [get('/orders/2', 'third')] : []), // waits for the server
      ];
      await time.pass(60_000);
      expect(calls.map(({ state, error }) => [state, error])).to.deep.equal(
        calls.map(() => ['resolved', undefined]),
      );
    });
});

describe('A call that needs a place in its bucket and one at its server', () => {
  const time = virtualTime();

  it('finds its bucket again, however many others there are while it waits for the server', async () => {
    const { http, wire } = httpBench(() => ({ after: 10 }));
    const calls = Array.from({ length: 600 }, (_, number) =>
      http.get('/orders', { holdfast: { bucket: `bucket ${number}` } }),
    );
    await time.finish(Promise.all(calls));
    expect(wire.sent).to.have.length(600);
  });

  it('goes alone after a cooldown of its bucket, however many others were called since', async () => {
    const { http, wire } = httpBench(({ number }) => (number === 1 ? limit(1) : { after: 10 }));
    const controller = new AbortController();
    watch(http.get('/limited', { signal: controller.signal }));
    await time.flush();
    controller.abort(); // nobody waits for it, and nobody has been there since
    await time.pass(1_000);
    for (let bucket = 0; bucket < 300; bucket += 1) await time.finish(http.get(`/other-${bucket}`));
    const calls = [1, 2].map((n) => http.get(`/limited/${n}`));
    await time.flush();
    expect(wire.underWay).to.equal(1);
    await time.finish(Promise.all(calls));
  });

  it('is not told what a refusal taught where thousands of buckets were refused: memory has its bounds', async () => {
    const { http, wire } = httpBench(({ number }) => (number <= 1_500 ? limit(1) : { after: 10 }));
    const controller = new AbortController();
    for (let bucket = 0; bucket < 1_500; bucket += 1) {
      watch(http.get(`/limited-${bucket}`, { signal: controller.signal }));
      await time.flush();
    }
    controller.abort();
    await time.pass(1_000);
    for (let bucket = 0; bucket < 1_500; bucket += 1) await time.finish(http.get(`/other-${bucket}`));
    for (const call of [1, 2]) watch(http.get(`/limited-7/${call}`));
    await time.flush();
    expect(wire.underWay).to.equal(2);
  });

  it('does not leave in the place of one that closed its bucket', async () => {
    const { http, wire } = httpBench(({ url, number }) =>
      number > 16 ? 200 : url.endsWith('/limited') ? limit(1, { after: 10 }) : { after: 500 },
    );
    for (let other = 0; other < 15; other += 1)
      watch(http.get('/orders', { holdfast: { bucket: `other ${other}` } }));
    const paths = ['/orders/limited', '/orders/next'];
    const [limited, next] = paths.map((path) => watch(http.get(path)));
    await time.pass(1_000);
    expect([limited?.state, next?.state, wire.sent.length]).to.deep.equal(['pending', 'pending', 16]);
    await time.pass(1_000);
    expect([limited?.state, next?.state, wire.sent.length]).to.deep.equal(['resolved', 'resolved', 18]);
  });

  it('never changes lines without end while nothing happens, and leaves, whatever the server answers', async () => {
    const answers = fc.array(
      fc.record({ status: fc.constantFrom(200, 503, 503, 503, 429), after: fc.integer({ min: 1, max: 30 }) }),
      { minLength: 8, maxLength: 20 },
    );
    await fc.assert(
      fc.asyncProperty(answers, fc.integer({ min: 1, max: 3 }), async (script, concurrency) => {
        const calls = 10;
        const { http } = httpBench(script, {
          cooldown: { concurrency, fallback: 10 },
          retry: { retries: 20, backoff: { initial: 20, jitter: 'none' } },
        });
        const controller = new AbortController();
        const { signal } = controller;
        const queued = { at: 0, times: 0 };
        http.on('queued', () => {
          if (queued.at !== performance.now()) Object.assign(queued, { at: performance.now(), times: 0 });
          queued.times += 1;
          if (queued.times > 10 * calls) controller.abort(); // it would never give way to a timer
        });
        const orders = Array.from({ length: calls }, (_, order) => http.get(`/orders/${order}`, { signal }));
        await time.finish(Promise.all(orders));
      }),
      { numRuns: 300 },
    );
  });
});
