// decide/pace: a rate at which calls leave, with a little saved up.
import { expect } from 'chai';
import fc from 'fast-check';
import { allowance, atRate, newPace, nextAt, oneBack, oneLeft, type Pace } from '../../lib/decide/pace.js';

const NOW = 5_000;
const anyPace = fc.record({
  perSecond: fc.double({ min: 0.5, max: 5_000, noNaN: true }),
  most: fc.double({ min: 1, max: 500, noNaN: true }),
});

describe('A pace', () => {
  it('never lets more leave in any span than what can be saved up and the rate brings', () => {
    const waits = fc.array(fc.oneof(fc.constant(0), fc.nat(400)), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(anyPace, waits, ({ perSecond, most }, steps) => {
        let pace = newPace(perSecond, NOW, most);
        let now = NOW;
        const left: number[] = [];
        for (const step of steps) {
          now += step;
          if (allowance(pace, now) < 1) continue;
          pace = oneLeft(pace, now);
          left.push(now);
        }
        left.forEach((from, first) =>
          left.slice(first).forEach((to, more) => {
            expect(more + 1).to.be.at.most(most + ((to - from) / 1_000) * perSecond + 1e-3);
          }),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('says when the next one may leave: not before, and then indeed', () => {
    fc.assert(
      fc.property(anyPace, fc.nat(20), fc.nat(100), ({ perSecond, most }, leaving, later) => {
        let pace: Pace = newPace(perSecond, NOW, most);
        for (let one = 0; one < leaving; one += 1) pace = oneLeft(pace, NOW);
        const now = NOW + later;
        const next = nextAt(pace, now);
        expect(next).to.be.at.least(now);
        expect(allowance(pace, next)).to.be.at.least(1);
        if (next > now) expect(allowance(pace, now + (next - now) * 0.99)).to.equal(0);
      }),
    );
  });

  it('saves what is not used, up to its bound', () => {
    const pace = [1, 2, 3].reduce((before) => oneLeft(before, NOW), newPace(10, NOW, 3));
    expect([0, 99, 100, 250, 300, 60_000].map((ms) => allowance(pace, NOW + ms))).to.deep.equal([
      0, 0, 1, 2, 3, 3,
    ]);
  });

  it('begins at its moment, not before', () => {
    const pace = oneLeft(newPace(10, NOW, 1), NOW);
    expect(allowance(pace, NOW - 1_000)).to.equal(0);
  });

  it('counts no time twice when it takes one back', () => {
    const pace = oneBack({ perSecond: 1, most: 10, saved: 0, at: 0 }, 1_000);
    expect(allowance(pace, 1_000)).to.equal(2);
  });

  it('owes for what left too much, and never has less than nothing', () => {
    const pace = oneLeft(newPace(1, 0, 0.5), 0);
    expect(allowance(pace, 0)).to.equal(0);
  });

  it('takes nothing away before its moment, and says so both times', () => {
    const pace = newPace(1_000, 100, 1);
    for (const now of [99.5, 0]) expect([allowance(pace, now), nextAt(pace, now)]).to.deep.equal([1, now]);
  });

  it('takes back what did not leave after all, and no more than it can save', () => {
    const pace = newPace(10, NOW, 2);
    expect(allowance(oneBack(oneLeft(oneLeft(pace, NOW), NOW), NOW), NOW)).to.equal(1);
    expect(allowance(oneBack(pace, NOW), NOW)).to.equal(2);
  });

  it('keeps what it has saved when its rate changes', () => {
    const empty = [1, 2].reduce((before) => oneLeft(before, NOW), newPace(10, NOW, 2));
    const faster = atRate(empty, 1_000, NOW + 100);
    expect(allowance(faster, NOW + 100)).to.equal(1);
    expect(nextAt(oneLeft(faster, NOW + 100), NOW + 100)).to.be.closeTo(NOW + 101, 1e-6);
  });
});
