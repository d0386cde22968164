// decide/budget: repeats are a share of the calls plus a floor, whatever the outage.
import { expect } from 'chai';
import fc from 'fast-check';
import { earn, newBudget, payBack, spend, type BudgetPolicy } from '../../lib/decide/budget.js';

const POLICY: BudgetPolicy = { ratio: 0.1, floorPerSecond: 1, burst: 3 };

const anyPolicy: fc.Arbitrary<BudgetPolicy> = fc.record({
  ratio: fc.double({ min: 0, max: 1, noNaN: true }),
  floorPerSecond: fc.double({ min: 0.001, max: 100, noNaN: true }),
  burst: fc.integer({ min: 0, max: 20 }),
});

/** Something that happens `after` ms later: a call, or a repeat asked for with some patience. */
const step = fc.record({
  after: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 5_000 })),
  patience: fc.option(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60_000 })), { nil: undefined }),
});

describe('The retry budget', () => {
  it('never lets more repeats leave than burst + ratio * calls + floor * seconds, at any moment', () => {
    fc.assert(
      fc.property(anyPolicy, fc.array(step, { maxLength: 200 }), (policy, steps) => {
        const start = 1_000;
        let now = start;
        let state = newBudget(policy, now);
        const calls: number[] = [];
        const repeats: number[] = [];
        for (const { after, patience } of steps) {
          now += after;
          if (patience === undefined) {
            state = earn(state, policy, now);
            calls.push(now);
            continue;
          }
          const decision = spend(state, policy, now, patience);
          if (decision.do === 'refuse') continue;
          state = decision.next;
          repeats.push(now + decision.afterMs);
        }
        for (const moment of repeats) {
          const left = repeats.filter((at) => at <= moment).length;
          const made = calls.filter((at) => at <= moment).length;
          const earned = policy.ratio * made + (policy.floorPerSecond * (moment - start)) / 1_000;
          expect(left).to.be.at.most(policy.burst + earned + 1e-6);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('never grants a repeat in the past, nor later than the call can wait', () => {
    const saved = fc.double({ min: -100, max: 20, noNaN: true });
    fc.assert(
      fc.property(anyPolicy, saved, fc.nat(100_000), fc.nat(60_000), (policy, held, passed, patience) => {
        const decision = spend({ saved: held, at: 1_000 }, policy, 1_000 + passed, patience);
        if (decision.do === 'refuse') return;
        expect(decision.afterMs).to.be.within(0, patience);
        expect(Number.isInteger(decision.afterMs)).to.equal(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it('starts with its burst and then gives one repeat for each second', () => {
    let state = newBudget(POLICY, 0);
    const waits: number[] = [];
    for (let number = 1; number <= 5; number += 1) {
      const decision = spend(state, POLICY, 0, 60_000);
      if (decision.do === 'refuse') throw new Error(decision.because);
      state = decision.next;
      waits.push(decision.afterMs);
    }
    expect(waits).to.deep.equal([0, 0, 0, 1_000, 2_000]);
  });

  it('earns a share of each call', () => {
    let state = { saved: 0, at: 0 };
    expect(spend(state, POLICY, 0, 0).do).to.equal('refuse');
    for (let call = 1; call <= 10; call += 1) state = earn(state, POLICY, 0);
    expect(spend({ ...state, saved: state.saved + 1e-9 }, POLICY, 0, 0)).to.include({
      do: 'grant',
      afterMs: 0,
    });
  });

  it('costs nothing where the repeats are not in vain, however many there are', () => {
    let state = newBudget(POLICY, 0);
    for (let repeat = 0; repeat < 1_000; repeat += 1) {
      const decision = spend(state, POLICY, 0, 0);
      expect(decision.do).to.equal('grant');
      if (decision.do === 'grant') state = payBack(decision.next, POLICY, 0);
    }
    expect(state).to.deep.equal(newBudget(POLICY, 0));
    expect(payBack(state, POLICY, 0)).to.deep.equal(state);
  });

  it('gets back one repeat for one that was not in vain, and no more', () => {
    expect(payBack({ saved: -5, at: 0 }, POLICY, 0).saved).to.equal(-4);
  });

  it('earns by the second what its floor says, to the ms', () => {
    const [before, then] = [999, 1_000].map((now) => spend({ saved: 0, at: 0 }, POLICY, now, 0).do);
    expect([before, then]).to.deep.equal(['refuse', 'grant']);
  });

  it('saves no more than its burst, however quiet it was', () => {
    fc.assert(
      fc.property(anyPolicy, fc.array(fc.nat(10 ** 9), { maxLength: 10 }), (policy, waits) => {
        let now = 0;
        let state = newBudget(policy, now);
        for (const wait of waits) state = earn(state, policy, (now += wait));
        expect(state.saved).to.be.at.most(policy.burst);
      }),
    );
  });

  it('recovers its burst in time, however deep the outage was', () => {
    const deep = { saved: -50, at: 0 };
    expect(spend(deep, POLICY, 54_000, 0)).to.include({ do: 'grant', afterMs: 0 });
  });

  it('says why it refuses, and a refusal costs nothing', () => {
    const empty = { saved: 0, at: 0 };
    const decision = spend(empty, POLICY, 0, 999);
    expect(decision).to.deep.equal({
      do: 'refuse',
      because: 'The retry budget is spent (policies.retry.budget).',
    });
    expect(spend(empty, POLICY, 0, 1_000)).to.include({ do: 'grant', afterMs: 1_000 });
  });
});
