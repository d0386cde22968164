// decide/backoff: how long to wait before a repeat.
import { expect } from 'chai';
import fc from 'fast-check';
import { backoffDelay, type Backoff } from '../../lib/decide/backoff.js';

const LONGEST_TIMER = 2 ** 31 - 1;

const policy: fc.Arbitrary<Backoff> = fc.record({
  initial: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 10_000 })),
  factor: fc.double({ min: 1, max: 100, noNaN: true }),
  max: fc.integer({ min: 0, max: LONGEST_TIMER }),
  jitter: fc.constantFrom('full' as const, 'none' as const),
});
const retry = fc.oneof(
  fc.integer({ min: 1, max: 20 }),
  fc.constantFrom(1_023, 1_024, 1_025, 10 ** 9, Number.MAX_SAFE_INTEGER),
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
);
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('The backoff', () => {
  it('is a whole number of ms within its bounds, for every repeat and every random number', () => {
    fc.assert(
      fc.property(policy, retry, random, (backoff, number, chance) => {
        const delay = backoffDelay(number, backoff, chance);
        expect(Number.isInteger(delay)).to.equal(true, `got ${delay}`);
        expect(delay).to.be.within(0, backoff.max);
        const ceiling = backoff.initial * backoff.factor ** (number - 1);
        if (ceiling < backoff.max) expect(delay).to.be.at.most(Math.ceil(ceiling));
      }),
      { numRuns: 2_000 },
    );
  });

  it('grows by its factor up to its maximum', () => {
    const backoff: Backoff = { initial: 200, factor: 2, max: 5_000, jitter: 'none' };
    const delays = [1, 2, 3, 4, 5, 6, 7].map((number) => backoffDelay(number, backoff, 0.5));
    expect(delays).to.deep.equal([200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
  });

  it('stays at its maximum where the power is too large for a number', () => {
    const backoff: Backoff = { initial: 200, factor: 10, max: 5_000, jitter: 'none' };
    for (const number of [309, 1_024, 10 ** 9]) expect(backoffDelay(number, backoff, 0)).to.equal(5_000);
  });

  it('of zero stays zero where the power is too large for a number', () => {
    const backoff: Backoff = { initial: 0, factor: 10, max: 5_000, jitter: 'full' };
    expect(backoffDelay(1_024, backoff, 0.5)).to.equal(0);
  });

  it('with full jitter is spread over the whole delay', () => {
    const backoff: Backoff = { initial: 1_000, factor: 2, max: 60_000, jitter: 'full' };
    const delays = [0, 0.25, 0.5, 0.75, 0.999_999].map((chance) => backoffDelay(3, backoff, chance));
    expect(delays).to.deep.equal([0, 1_000, 2_000, 3_000, 4_000]);
  });

  it('with full jitter grows with the random number', () => {
    fc.assert(
      fc.property(policy, retry, random, random, (backoff, number, one, other) => {
        const full = { ...backoff, jitter: 'full' as const };
        const [low, high] = one < other ? [one, other] : [other, one];
        expect(backoffDelay(number, full, low)).to.be.at.most(backoffDelay(number, full, high));
      }),
    );
  });
});
