// The scripts say what decide/record.ts says: any sequence of steps gets the same answers from both.
import { expect } from 'chai';
import fc from 'fast-check';
import { Secret } from '../../lib/contract/secret.js';
import * as record from '../../lib/decide/record.js';
import type { Grant, Seat } from '../../lib/index.js';
import { DRIVERS, type Connected } from './drivers.js';
import { coordinatorAt, useRedis } from './server.js';

/** Over at once, or not while this test runs: so that it does not matter how long a step takes. */
const span = fc.constantFrom(0, 1_000_000_000);
const gen = fc.integer({ min: 1, max: 3 });
const ver = fc.integer({ min: 1, max: 4 });
/** Fences before the last one. */
const back = fc.constantFrom(0, 0, 0, 1);
const by = fc.option(fc.constant(7), { nil: undefined });

const STEP = fc.oneof(
  fc.record({ do: fc.constant('begin' as const), joins: fc.boolean() }),
  fc.record({ do: fc.constant('load' as const) }),
  fc.record({ do: fc.constant('claim' as const), gen, ver, lease: span, eager: fc.boolean() }),
  fc.record({ do: fc.constant('mark' as const), back, lease: span }),
  fc.record({ do: fc.constant('commit' as const), gen, ver }),
  fc.record({ do: fc.constant('cool' as const), back, forMs: span, doubtful: fc.boolean() }),
  fc.record({ do: fc.constant('end' as const), gen, ver: fc.option(ver, { nil: undefined }), by }),
);
type Step = typeof STEP extends fc.Arbitrary<infer T> ? T : never;

const grantOf = (number: number): Grant => ({ tokens: { accessToken: new Secret(`at-${number}`) } });

/** An answer without what depends on the moment. */
function plain(answer: unknown, fences = 0): unknown {
  const text = JSON.stringify(answer, (name, value: unknown) => {
    if (['age', 'ms', 'doubtFor'].includes(name)) return 'some';
    if (name === 'fence') return Number(value) - fences;
    return value instanceof Secret ? value.reveal() : value;
  });
  return (text as string | undefined) === undefined ? undefined : (JSON.parse(text) as unknown);
}

/** The record, as the coordinator in memory has it. */
function createModel() {
  let held: record.SessionRecord<Grant> | undefined;
  const put = <A>([next, answer]: readonly [record.SessionRecord<Grant> | undefined, A]): A => {
    held = next;
    return answer;
  };
  return {
    get fence() {
      return held?.fence ?? 0;
    },
    carryOut(step: Step, grant: Grant): unknown {
      const now = Date.now();
      switch (step.do) {
        case 'begin':
          return put(record.begun(held, grant, step.joins, now));
        case 'load':
          return held && record.seenOf(held, now);
        case 'claim':
          return put(record.claimed(held, { ...step, seen: step }, now));
        case 'mark':
          return put(record.marked(held, this.fence - step.back, step.lease, now));
        case 'commit':
          return put(record.committed(held, { gen: step.gen, ver: step.ver }, grant, now));
        case 'cool':
          put(record.cooled(held, this.fence - step.back, step.forMs, step.doubtful, now));
          return undefined;
        case 'end':
          return put(record.ended(held, atOf(step), endOf(step)));
      }
    },
  };
}

const atOf = ({ gen: at, ver: tokens }: Step & { do: 'end' }) => ({
  gen: at,
  ...(tokens !== undefined && { ver: tokens }),
});
const endOf = ({ by: fence }: Step & { do: 'end' }) =>
  ({ reason: 'expired', because: 'A verdict.', ...(fence !== undefined && { by: fence }) }) as const;

function carryOut(seat: Seat, step: Step, grant: Grant, fence: number): unknown {
  switch (step.do) {
    case 'begin':
      return seat.begin(grant, step.joins);
    case 'load':
      return seat.load();
    case 'claim':
      return seat.claim({ ...step, seen: { gen: step.gen, ver: step.ver } });
    case 'mark':
      return seat.mark(fence - step.back, step.lease);
    case 'commit':
      return seat.commit({ gen: step.gen, ver: step.ver }, grant);
    case 'cool':
      return seat.cool(fence - step.back, step.forMs, step.doubtful);
    case 'end':
      return seat.end(atOf(step), endOf(step));
  }
}

describe('The scripts of Redis', function () {
  this.timeout(60_000);
  const server = useRedis();
  let connected: Connected;
  before(async () => {
    connected = await DRIVERS.ioredis(server().url);
  });
  after(() => connected.close());

  it('answer each sequence of steps as the record in memory does', async () => {
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(STEP, { minLength: 5, maxLength: 40 }), async (steps) => {
        await server().admin.flushall();
        const seat = coordinatorAt(connected.client).open(`run-${(runs += 1)}`);
        const model = createModel();
        let fences = 0;
        for (const [number, step] of [{ do: 'begin', joins: false } as const, ...steps].entries()) {
          const fence = model.fence + fences;
          const wanted = plain(model.carryOut(step, grantOf(number)));
          const got: unknown = await carryOut(seat, step, grantOf(number), fence);
          // The first fence in Redis is a moment.
          if (number === 0) fences = Number(await server().admin.hget(await key(), 'fence'));
          expect(plain(got, fences), JSON.stringify(step)).to.deep.equal(wanted);
        }
      }),
      { numRuns: 150 },
    );
  });

  const key = async () => (await server().admin.keys('*'))[0]!;
});
