// Any schedule of calls, faults, aborts and waits: every promise settles in its time, nothing leaves too early, and
// nothing is left behind. A failing schedule is printed by seed.
import { expect } from 'chai';
import fc from 'fast-check';
import { createHttpClient, isAuthError } from '../../lib/index.js';
import { transport, type Answer } from '../support/transport.js';
import { virtualTime } from '../support/virtual-time.js';
import { BASE } from './clients.js';

const fault: fc.Arbitrary<Answer> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ status: fc.constant(200), after: fc.nat(300) }) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(4), fc.nat(200)).map(([seconds, after]) => ({
      status: 429,
      headers: { 'retry-after': String(seconds) },
      after,
    })),
  },
  fc.record({ status: fc.constantFrom(429, 500, 424, 502, 503, 504, 404, 401, 302), after: fc.nat(300) }),
  fc.record({
    fails: fc.constantFrom('ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EPIPE'),
    after: fc.nat(100),
  }),
  fc.constant<Answer>('never'),
  fc.record({ deaf: fc.constant(true as const), after: fc.constant(60_000) }),
  // The server says that its quota is used up, before it refuses.
  fc.record({ headers: fc.constant({ ratelimit: '"default";r=0;t=1' }), after: fc.nat(50) }),
);

const call = fc.record({
  at: fc.nat(5_000),
  method: fc.constantFrom('get', 'post', 'put'),
  path: fc.constantFrom('/orders', '/products', '/search/1'),
  client: fc.nat(1),
  priority: fc.constantFrom(0, 0, 0, 1, -1),
  abortAfter: fc.option(fc.nat(6_000), { nil: undefined }),
  deadline: fc.constantFrom(500, 3_000, 20_000),
  keyed: fc.boolean(),
});

const schedule = fc.record({
  calls: fc.array(call, { minLength: 1, maxLength: 30 }),
  faults: fc.array(fault, { maxLength: 60 }),
  concurrency: fc.constantFrom(1, 3, 256),
  maxQueued: fc.constantFrom(0, 3, 10_000),
  breaker: fc.boolean(),
  closesAt: fc.option(fc.nat(8_000), { nil: undefined }),
});

describe('Any schedule of calls and faults', () => {
  const time = virtualTime();

  it('settles every promise in its time, sends nothing into a cooldown and leaves nothing behind', async () => {
    await fc.assert(
      fc.asyncProperty(schedule, async ({ calls, faults, concurrency, maxQueued, breaker, closesAt }) => {
        const wire = transport(faults);
        const clients = [0, 1].map(() =>
          createHttpClient({
            baseURL: BASE,
            axios: { adapter: wire.adapter },
            policies: {
              timeout: { attempt: 1_000 },
              cooldown: { concurrency, maxQueued, maxWait: 10_000 },
              breaker: { enabled: breaker, minimum: 3 },
            },
          }),
        );
        const tooEarly: number[] = [];
        const closedUntil = new Map<string, number>();
        for (const client of clients) {
          client.on('cooldown', ({ bucket, forMs }) => {
            const until = Math.max(closedUntil.get(bucket) ?? 0, performance.now() + forMs);
            closedUntil.set(bucket, until);
          });
          client.on('attempt', ({ bucket }) => {
            const early = (closedUntil.get(bucket) ?? 0) - performance.now();
            if (early > 1) tooEarly.push(early); // told in whole ms, so that one may be lost
          });
        }
        const outcomes = calls.map(
          async ({ at, method, path, client, priority, abortAfter, deadline, keyed }) => {
            await new Promise((resolve) => setTimeout(resolve, at));
            const controller = new AbortController();
            const timer =
              abortAfter === undefined ? undefined : setTimeout(() => controller.abort(), abortAfter);
            const began = performance.now();
            const holdfast = { priority, deadline, ...(keyed && { idempotencyKey: true as const }) };
            try {
              await clients[client]!.request({ method, url: path, signal: controller.signal, holdfast });
            } catch (error) {
              if (!isAuthError(error)) throw error;
            } finally {
              clearTimeout(timer);
            }
            expect(performance.now() - began).to.be.at.most(Math.min(deadline, abortAfter ?? deadline) + 1);
          },
        );
        if (closesAt !== undefined) setTimeout(() => clients.forEach((client) => client.close()), closesAt);
        await time.finish(Promise.all(outcomes));
        await time.pass(60_000); // what an adapter without ears still holds, and the timer that closes
        clients.forEach((client) => client.close());
        await time.flush();
        expect(tooEarly).to.deep.equal([]);
        expect(time.timers).to.equal(0);
        expect(wire.underWay).to.equal(0);
      }),
      { numRuns: 300 },
    );
  });
});
