// The short form of `npm run soak`: what holds at any length. How the heap goes takes minutes to tell.
import { expect } from 'chai';
import { soak } from './load.js';
import { trendOf } from './trend.js';

describe('A run under trouble', function () {
  this.timeout(120_000);

  it('loses no call, leaves none stuck, and makes each order that succeeded exactly once', async () => {
    const { broken, outcomes, orders, received, looks, calls } = await soak({
      seconds: 5,
      perSecond: 60,
      lookEveryMs: 1_000,
      seed: 5,
      troubleEveryMs: 100,
    });
    expect(broken).to.deep.equal([]);
    const settled = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
    expect(settled).to.equal(calls);
    // There was something to lose.
    expect(outcomes['ok']).to.be.above(50);
    expect(Object.keys(outcomes).length).to.be.above(1);
    expect(orders.succeeded).to.be.above(5);
    expect(received).to.be.above(50);
    expect(looks.length).to.be.above(1);
  });
});

describe('A trend', () => {
  const noise = [3, -2, 0, 1, -3, 2, -1, 0];
  const through = (slope: number) =>
    trendOf(Array.from({ length: 80 }, (_, x) => [x, 100 + slope * x + noise[x % noise.length]!] as const));

  it('that is there lies within its bounds, and zero does not', () => {
    const { slope, least, most } = through(0.5);
    expect(slope).to.be.closeTo(0.5, 0.02);
    expect(least).to.be.within(0.45, 0.5);
    expect(most).to.be.within(0.5, 0.55);
  });

  it('that is not there has zero within its bounds', () => {
    const { least, most } = through(0);
    expect(least).to.be.below(0);
    expect(most).to.be.above(0);
  });
});
