// policies/retry: the budget bounds the repeats of all calls together, whatever the outage (R17).
import { expect } from 'chai';
import fc from 'fast-check';
import { virtualTime } from '../support/virtual-time.js';
import { errorOf, httpBench } from './clients.js';

describe('An outage', () => {
  const time = virtualTime();

  it('is met with no more repeats than the budget allows, at any moment', async () => {
    const load = fc.record({
      calls: fc.integer({ min: 1, max: 20 }),
      every: fc.nat(500),
      burst: fc.integer({ min: 0, max: 5 }),
      ratio: fc.constantFrom(0, 0.1, 0.5),
      floorPerSecond: fc.constantFrom(0.5, 1, 5),
    });
    await fc.assert(
      fc.asyncProperty(load, async ({ calls, every, ...budget }) => {
        const { http, wire } = httpBench(() => 503, { retry: { retries: 10, budget } });
        const start = performance.now();
        const settled: Promise<unknown>[] = [];
        for (let call = 0; call < calls; call += 1) {
          settled.push(errorOf(http.get(`/orders/${call}`)));
          await time.pass(every);
        }
        await time.finish(Promise.all(settled));
        const seen = new Set<string>();
        const repeated = wire.sent.filter(({ url }) => seen.has(url) || !seen.add(url));
        repeated.forEach(({ at }, index) => {
          const begun = Math.min(calls, every === 0 ? calls : Math.floor((at - start) / every) + 1);
          const allowed =
            budget.burst + budget.ratio * begun + (budget.floorPerSecond * (at - start)) / 1_000;
          expect(index + 1).to.be.at.most(allowed + 1e-6);
        });
      }),
      { numRuns: 25 },
    );
  });

  it('lets a call wait for its turn where it has the time', async () => {
    const { http, wire } = httpBench([503, 503, 503, 200], {
      retry: { backoff: { initial: 0 }, budget: { burst: 1, ratio: 0, floorPerSecond: 0.5 } },
    });
    const start = performance.now();
    await time.finish(http.get('/orders'));
    expect(wire.sent.map(({ at }) => at - start)).to.deep.equal([0, 0, 2_000, 4_000]);
  });

  it('ends a call that has not the time, and the error says why', async () => {
    const { http, wire } = httpBench(() => 503, {
      timeout: { total: 5_000 },
      retry: { retries: 50, backoff: { initial: 0 }, budget: { burst: 2, ratio: 0, floorPerSecond: 0.1 } },
    });
    const error = await errorOf(time.finish(http.get('/orders')));
    expect(error).to.include({ code: 'API_EXCEPTION', status: 503, attempts: 3 });
    expect(error.because).to.match(/Not repeated: The retry budget is spent \(policies\.retry\.budget\)\.$/);
    expect(wire.sent).to.have.length(3);
  });
});

describe('Repeats, while other calls wait for a server in trouble,', () => {
  const time = virtualTime();

  it('follow at the pace of those who wait, also where they could leave at once', async () => {
    const seen = new Set<string>();
    const repeats: number[] = [];
    const { http } = httpBench(
      ({ url, at }) => {
        if (!seen.has(url)) return (seen.add(url), { status: 503, after: 3 });
        repeats.push(at);
        return { after: 3 };
      },
      { retry: { backoff: { initial: 0 } } },
    );
    await time.finish(Promise.all(Array.from({ length: 300 }, (_, call) => http.get(`/orders/${call}`))));
    expect(repeats).to.have.length(300);
    const busiest = Math.max(
      ...repeats.map((from) => repeats.filter((at) => at >= from && at < from + 100).length),
    );
    expect(busiest, 'in a tenth of a second').to.be.at.most(26);
  });
});

describe('The retry budget', () => {
  const time = virtualTime();
  const POLICIES = {
    timeout: { total: 5_000 },
    retry: { backoff: { initial: 0 }, budget: { burst: 1, ratio: 0.5, floorPerSecond: 0.001 } },
  };
  const onFail = ({ url }: { url: string }) => (url.endsWith('/fails') ? 503 : 200);

  it('is earned by calls', async () => {
    const { http } = httpBench(onFail, POLICIES);
    expect(await errorOf(time.finish(http.get('/fails')))).to.include({ attempts: 2 });
    expect(await errorOf(time.finish(http.get('/fails')))).to.include({ attempts: 1 });
    for (let call = 0; call < 4; call += 1) await http.get('/works');
    expect(await errorOf(time.finish(http.get('/fails')))).to.include({ attempts: 2 });
  });

  it('is not spent by repeats that the server answers', async () => {
    const seen = new Set<string>();
    const { http, wire } = httpBench(({ url }) => (seen.has(url) ? 200 : (seen.add(url), 503)), {
      ...POLICIES,
      retry: { ...POLICIES.retry, budget: { burst: 1, ratio: 0, floorPerSecond: 0.001 } },
    });
    for (let call = 0; call < 10; call += 1) await time.finish(http.get(`/orders/${call}`));
    expect(wire.sent).to.have.length(20);
  });

  it('is not spent by a 429, which the server wanted repeated', async () => {
    const limited = { status: 429, headers: { 'retry-after': '1' } };
    const { http } = httpBench([limited, limited, limited, 200, 503], {
      ...POLICIES,
      retry: { ...POLICIES.retry, budget: { burst: 1, ratio: 0, floorPerSecond: 0.001 } },
    });
    await time.finish(http.get('/orders'));
    expect(await time.finish(http.get('/orders'))).to.include({ attempts: 2 });
  });
});
