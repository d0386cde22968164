// decide/rate: what a limiting server can take, learned from what it accepted between two refusals.
import { expect } from 'chai';
import fc from 'fast-check';
import { allowance, nextAt } from '../../lib/decide/pace.js';
import {
  accepted,
  firstRate,
  isStale,
  left,
  refusedAgain,
  stayed,
  type Rate,
} from '../../lib/decide/rate.js';

const NOW = 10_000;

/** A server that takes `burst` calls at once and `rate` a second after that. */
function tokenBucket(rate: number, burst: number) {
  let tokens = burst;
  let at = NOW;
  return (now: number) => {
    tokens = Math.min(burst, tokens + ((now - at) / 1_000) * rate);
    at = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}

/** Sends as fast as it may until the server has refused `refusals` times, with a cooldown of a second after each. */
function learn(rate: number, burst: number, refusals: number): Rate {
  const takes = tokenBucket(rate, burst);
  let now = NOW;
  let count = 0;
  while (takes(now)) {
    count += 1;
    now += 0.2;
  }
  let opensAt = now + 1_000;
  let learned = firstRate({ accepted: count, forMs: now - NOW }, now, opensAt)!;
  for (let refused = 1; refused < refusals;) {
    now = Math.max(opensAt, nextAt(learned.pace, now), now + 0.2);
    learned = left(learned, now);
    if (takes(now)) learned = accepted(learned, now, opensAt);
    else {
      const openedAt = opensAt;
      opensAt = now + 1_000;
      learned = refusedAgain(learned, now, opensAt, openedAt);
      refused += 1;
    }
  }
  return learned;
}

describe('A rate', () => {
  it('is searched for from the first refusal on, and found by the second', () => {
    const server = fc.record({
      rate: fc.integer({ min: 20, max: 2_000 }),
      burst: fc.integer({ min: 8, max: 400 }),
    });
    fc.assert(
      fc.property(server, ({ rate, burst }) => {
        const { known, pace } = learn(rate, burst, 2);
        expect(known).not.to.equal('well');
        expect(pace.perSecond / rate).to.be.within(0.55, 1.1);
      }),
      { numRuns: 100 },
    );
  });

  it('is close to the truth for everyday limits', () => {
    for (const [rate, burst] of [
      [200, 50],
      [50, 10],
      [1_000, 250],
      [10, 20],
    ] as const)
      // prettier-ignore
      expect(learn(rate, burst, 2).pace.perSecond / rate, `${rate} a second`).to.be.within(0.85, 1.05);
  });

  it('is nothing where too little was accepted to tell', () => {
    expect(firstRate({ accepted: 3, forMs: 100 }, NOW, NOW + 1_000)).to.equal(undefined);
  });

  it('stays what it was where a refusal comes too soon to tell', () => {
    const rate = firstRate({ accepted: 50, forMs: 10 }, NOW, NOW + 1_000)!;
    const grown = accepted(rate, NOW + 1_001, NOW + 1_000);
    const again = refusedAgain(grown, NOW + 1_002, NOW + 3_000, NOW + 1_000);
    expect(again.pace.perSecond).to.equal(grown.pace.perSecond);
    expect(again.known).to.equal('not');
  });

  it('lets half of the burst leave after a cooldown, and the rest at its pace', () => {
    const { pace } = firstRate({ accepted: 50, forMs: 10 }, NOW, NOW + 1_000)!;
    expect(allowance(pace, NOW + 1_000)).to.equal(26);
  });

  it('grows fast while it is searched for, slowly while it is known roughly, and not at all once it is known well', () => {
    const growth = (rate: Rate, after: number) =>
      accepted(rate, rate.refusedAt + after, rate.refusedAt + 1_000).pace.perSecond - rate.pace.perSecond;
    const searching = firstRate({ accepted: 50, forMs: 10 }, NOW, NOW + 1_000)!;
    expect(growth(searching, 1_100)).to.equal(1);
    expect(growth(learn(200, 50, 2), 1_100)).to.be.closeTo(0.07, 1e-9);
    const known = learn(200, 50, 3);
    expect(known.known).to.equal('well');
    expect([growth(known, 30_000), growth(known, 61_000)], 'and again when it is old').to.deep.equal([0, 1]);
    expect([30_000, 61_000].map((ms) => isStale(known, known.refusedAt + ms))).to.deep.equal([false, true]);
  });

  it('that was measured far too low, as in a process that stood still, is mended by the next refusal', () => {
    const takes = tokenBucket(200, 50);
    const roughly = learn(200, 50, 2);
    const opensAt = NOW + 10_000;
    let rate: Rate = {
      ...roughly,
      refusedAt: opensAt - 1_000,
      pace: { ...roughly.pace, perSecond: 60, at: opensAt },
    };
    let now = opensAt;
    for (;;) {
      now = Math.max(now + 0.2, nextAt(rate.pace, now));
      rate = left(rate, now);
      if (!takes(now)) break;
      rate = accepted(rate, now, opensAt);
    }
    const mended = refusedAgain(rate, now, now + 1_000, opensAt);
    expect(mended.pace.perSecond / 200).to.be.within(0.8, 1.05);
    expect(now - opensAt).to.be.below(30_000);
  });

  describe('of 200 calls a second that is refused again', () => {
    const OPENED = NOW + 1_000;
    const again = (changes: Partial<Rate>, forMs: number): Rate => {
      const pace = { perSecond: 200, most: 26, saved: 0, at: OPENED };
      const last = { accepted: 450, forMs: 2_000 };
      const rate = { pace, burst: 50, last, known: 'roughly', refusedAt: NOW, marks: [], ...changes } as Rate;
      return refusedAgain(rate, OPENED + forMs, OPENED + forMs + 1_000, OPENED);
    };

    it('before it could be measured is cut', () => {
      const { known, pace } = again({ accepted: 60, burst: 10 }, 200);
      expect([known, pace.perSecond]).to.deep.equal(['roughly', 140]);
    });

    it('is known well where it shows much the same, and not where it shows far less', () => {
      expect(again({ accepted: 950 }, 5_000).known).to.equal('well');
      expect(again({ accepted: 400 }, 5_000).known).to.equal('roughly');
    });

    it('is not measured by the answers of the last moment', () => {
      const at = OPENED + 2_480;
      const { pace } = again({ accepted: 500, burst: 10, marks: [{ at, accepted: 440 }] }, 2_500);
      expect(pace.perSecond).to.be.within(180, 200);
    });

    it('is not measured by a spell that had hardly more calls than the one before', () => {
      const last = { accepted: 70, forMs: 360 };
      const { pace } = again({ accepted: 84, burst: 20, last }, 780);
      expect(pace.perSecond).to.be.within(75, 85);
    });
  });

  it('counts no call that did not leave after all', () => {
    const rate = firstRate({ accepted: 50, forMs: 10 }, NOW, NOW)!;
    expect(allowance(stayed(left(rate, NOW), NOW).pace, NOW)).to.equal(allowance(rate.pace, NOW));
  });

  it('remembers some moments only, however many calls are accepted', () => {
    let rate = firstRate({ accepted: 50, forMs: 10 }, NOW, NOW)!;
    for (let ms = 1; ms <= 60_000; ms += 5) rate = accepted(rate, NOW + ms, NOW);
    expect(rate.marks.length).to.be.below(200);
  });
});
