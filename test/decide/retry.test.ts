// decide/retry: whether a failed attempt is repeated, and when.
import { expect } from 'chai';
import fc from 'fast-check';
import { decideRetry, type RetryFacts, type RetryPolicy } from '../../lib/decide/retry.js';

const POLICY: RetryPolicy = {
  retries: 3,
  statuses: [500, 503],
  backoff: { initial: 200, factor: 2, max: 5_000, jitter: 'full' },
};

const FACTS: RetryFacts = {
  row: { reaction: 'retry', processed: 'unknown' },
  status: 503,
  retry: 1,
  repeats: 'any',
  keyed: false,
  replayable: true,
  unclear: 1,
  patience: 60_000,
};

const decide = (facts: Partial<RetryFacts>, random = 0.5) =>
  decideRetry({ ...FACTS, ...facts }, POLICY, random);

const anyFacts: fc.Arbitrary<RetryFacts> = fc.record({
  row: fc.record({
    reaction: fc.constantFrom('retry' as const, 'retry' as const, 'fail' as const, 'cooldown' as const),
    processed: fc.constantFrom('no' as const, 'unknown' as const, 'yes' as const),
  }),
  status: fc.constantFrom(undefined, 500, 503, 502),
  retry: fc.integer({ min: 1, max: 5 }),
  repeats: fc.constantFrom('any' as const, 'once' as const, 'never' as const),
  keyed: fc.boolean(),
  replayable: fc.boolean(),
  unclear: fc.integer({ min: 0, max: 3 }),
  told: fc.option(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { nil: undefined }),
  patience: fc.oneof(fc.integer({ min: -10, max: 60_000 }), fc.integer({ min: 0, max: 2 ** 31 - 1 })),
});
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('A failed attempt', () => {
  it('is repeated after its backoff', () => {
    expect(decide({}, 0.5)).to.deep.equal({ do: 'retry', afterMs: 100, because: 'Repeated.' });
    expect(decide({ retry: 3 }, 0.5)).to.include({ do: 'retry', afterMs: 400 });
  });

  it('is repeated when the server asked for it', () => {
    expect(decide({ told: 7_000 })).to.deep.equal({
      do: 'retry',
      afterMs: 7_000,
      because: 'Repeated when the server asked for it.',
    });
  });

  it('waits for its backoff where the server asked for less', () => {
    expect(decide({ told: 10 }, 0.5)).to.include({ afterMs: 100 });
    expect(decide({ told: 0 }, 0.5)).to.include({ afterMs: 100 });
  });

  it('is repeated at once where neither asks for a wait', () => {
    expect(decide({}, 0)).to.include({ do: 'retry', afterMs: 0 });
  });

  it('is repeated where the call can wait just so long, and not where it cannot', () => {
    expect(decide({ told: 7_000, patience: 7_000 })).to.include({ do: 'retry', afterMs: 7_000 });
    expect(decide({ told: 7_000, patience: 6_999 }).do).to.equal('give-up');
  });

  const REFUSALS: readonly (readonly [string, Partial<RetryFacts>, string])[] = [
    [
      'whose answer is final',
      { row: { reaction: 'fail', processed: 'no' } },
      'Not repeated: the answer is final.',
    ],
    [
      'that belongs to another policy',
      { row: { reaction: 'cooldown', processed: 'no' } },
      'Not repeated: the answer is final.',
    ],
    [
      'whose status is not listed',
      { status: 502 },
      'Not repeated: 502 is not among policies.retry.statuses.',
    ],
    [
      'with a stream as its body',
      { replayable: false },
      'Not repeated: the body is a stream and can be sent only once.',
    ],
    ['that used up its repeats', { retry: 4 }, 'Not repeated again: policies.retry.retries is used up.'],
    [
      'that may have changed something',
      { repeats: 'never' },
      'Not repeated: the server may have carried it out, and doing it twice could do harm.',
    ],
    [
      'that was unclear twice where once is allowed',
      { repeats: 'once', unclear: 2 },
      'Not repeated again: this operation may be repeated only once.',
    ],
    [
      'whose wait is longer than the call may wait',
      { told: 60_001 },
      'Not repeated: the wait would be longer than the call may wait.',
    ],
  ];
  for (const [what, facts, because] of REFUSALS)
    it(`${what} is given up, with its reason`, () => {
      expect(decide(facts)).to.deep.equal({ do: 'give-up', because });
    });

  it('is repeated without a status, whatever the list says', () => {
    expect(decide({ status: undefined }).do).to.equal('retry');
  });

  it('may be repeated once where the first unclear failure is this one', () => {
    expect(decide({ repeats: 'once', unclear: 1 }).do).to.equal('retry');
  });

  it('that proves it was not carried out is repeated whatever the operation', () => {
    const row = { reaction: 'retry', processed: 'no' } as const;
    for (const repeats of ['any', 'once', 'never'] as const)
      expect(decide({ row, repeats, unclear: 5 }).do, repeats).to.equal('retry');
  });

  it('with an idempotency key is repeated whatever the operation', () => {
    for (const repeats of ['any', 'once', 'never'] as const)
      expect(decide({ keyed: true, repeats, unclear: 3 }).do, repeats).to.equal('retry');
  });

  it('is never repeated earlier than told, nor later than the call can wait', () => {
    fc.assert(
      fc.property(anyFacts, random, (facts, chance) => {
        const decision = decideRetry(facts, POLICY, chance);
        if (decision.do === 'give-up') return;
        expect(decision.afterMs).to.be.at.least(facts.told ?? 0);
        expect(decision.afterMs).to.be.at.most(facts.patience);
        expect(decision.afterMs).to.be.at.most(Math.max(facts.told ?? 0, POLICY.backoff.max));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is repeated only where every rule allows it', () => {
    fc.assert(
      fc.property(anyFacts, random, (facts, chance) => {
        const decision = decideRetry(facts, POLICY, chance);
        expect(decision.because).to.match(decision.do === 'retry' ? /^Repeated/ : /^Not repeated/);
        if (decision.do === 'give-up') return;
        expect(facts.row.reaction).to.equal('retry');
        expect(facts.replayable).to.equal(true);
        expect(facts.retry).to.be.at.most(POLICY.retries);
        expect(facts.status).not.to.equal(502);
        const harmless = facts.keyed || facts.row.processed === 'no';
        if (facts.repeats === 'never') expect(harmless).to.equal(true);
        if (facts.repeats === 'once' && facts.unclear > 1) expect(harmless).to.equal(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
