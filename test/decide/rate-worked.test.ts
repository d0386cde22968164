// decide/rate, worked out by hand: what exactly is learned from a refusal. That it is the truth about a server is shown in
// rate.test.ts.
import { expect } from 'chai';
import { newPace } from '../../lib/decide/pace.js';
import { accepted, firstRate, isStale, refusedAgain, sparseRate, type Rate } from '../../lib/decide/rate.js';

const NOW = 10_000;

describe('A first refusal', () => {
  it('shows twice what was accepted, spread over the cooldown; half of it may leave at once', () => {
    const shown = { accepted: 50, forMs: 10 };
    expect(firstRate(shown, NOW, NOW + 1_000)).to.deep.equal({
      pace: newPace(100, NOW + 1_000, 26),
      burst: 50,
      last: shown,
      known: 'not',
      refusedAt: NOW,
      accepted: 0,
      marks: [],
    });
  });

  it('is of a cooldown of a tenth of a second at least', () => {
    for (const forMs of [0, 99, 100])
      expect(firstRate({ accepted: 4, forMs: 10 }, NOW, NOW + forMs)!.pace.perSecond).to.equal(80);
    expect(firstRate({ accepted: 4, forMs: 10 }, NOW, NOW + 200)!.pace.perSecond).to.equal(40);
  });
});

describe('A refusal right after the first calls of a bucket that opened', () => {
  it('lets them leave one by one, two in the time of the cooldown', () => {
    expect(sparseRate(2, NOW + 20, NOW + 1_020, NOW)).to.deep.equal({
      pace: newPace(2, NOW + 1_020, 1),
      burst: 1,
      last: { accepted: 2, forMs: 20 },
      known: 'not',
      refusedAt: NOW + 20,
      accepted: 0,
      marks: [],
    });
    expect(sparseRate(1, NOW, NOW + 50, NOW)).to.deep.include({ last: { accepted: 1, forMs: 1 } });
    expect(sparseRate(1, NOW, NOW + 50, NOW)!.pace.perSecond, 'of a tenth of a second at least').to.equal(20);
  });

  it('says so of one to three calls within a second', () => {
    const isSparse = (taken: number, after: number) =>
      sparseRate(taken, NOW + after, NOW + after + 1_000, NOW) !== undefined;
    expect([0, 1, 3, 4].map((taken) => isSparse(taken, 20))).to.deep.equal([false, true, true, false]);
    expect([1_000, 1_001].map((after) => isSparse(1, after))).to.deep.equal([true, false]);
  });
});

describe('A refusal of calls that left at a rate', () => {
  /** It was refused at NOW, and opened a second later. */
  const OPENED = NOW + 1_000;
  const BEFORE: Rate = {
    pace: { perSecond: 100, most: 11, saved: 0, at: OPENED },
    burst: 20,
    last: { accepted: 20, forMs: 100 },
    known: 'not',
    refusedAt: NOW,
    accepted: 100,
    marks: [],
  };
  /** What is learned `forMs` after it opened, when it closes for another second. */
  const after = (forMs: number, changes: Partial<Rate> = {}) =>
    refusedAgain({ ...BEFORE, ...changes }, OPENED + forMs, OPENED + forMs + 1_000, OPENED);
  const perSecond = (...given: Parameters<typeof after>) => after(...given).pace.perSecond;

  it('leaves all as it was where too few came through to tell', () => {
    expect(after(1_000, { accepted: 3 })).to.deep.equal({
      ...BEFORE,
      pace: newPace(100, OPENED + 2_000, 11),
      refusedAt: OPENED + 1_000,
      accepted: 0,
    });
    expect(after(1_000, { accepted: 4 }).known).to.equal('roughly');
  });

  it('measures the rate by two spells of different length, a little below it', () => {
    const { pace, burst, ...rest } = after(1_000);
    expect(pace.perSecond).to.be.closeTo((80 / 900) * 970, 1e-9);
    expect(burst).to.be.closeTo(20 - (80 / 900) * 100, 1e-9);
    expect(pace.most).to.be.closeTo(1 + burst / 2, 1e-9);
    expect(pace.at).to.equal(OPENED + 2_000);
    expect(rest).to.deep.equal({
      last: { accepted: 100, forMs: 1_000 },
      known: 'roughly',
      refusedAt: OPENED + 1_000,
      accepted: 0,
      marks: [],
    });
  });

  it('takes a spell for a longer one if it has half as much time and half as many calls again', () => {
    // What was accepted, less the burst, is the measure otherwise.
    const last = { accepted: 40, forMs: 500 };
    expect(perSecond(750, { accepted: 60, last })).to.be.closeTo((20 / 250) * 970, 1e-9);
    expect(perSecond(749, { accepted: 60, last, refusedAt: OPENED - 500 })).to.be.closeTo(
      (40 / 749) * 970,
      1e-9,
    );
    expect(perSecond(750, { accepted: 59, last, refusedAt: OPENED - 500 })).to.be.closeTo(
      (39 / 750) * 970,
      1e-9,
    );
  });

  it('takes the spell that shows most: calls may have come too slowly in the beginning', () => {
    const { pace, burst, last } = after(1_000, { marks: [{ at: OPENED + 500, accepted: 10 }] });
    expect(pace.perSecond).to.be.closeTo((70 / 400) * 970, 1e-9);
    expect(burst).to.be.closeTo(20 - (70 / 400) * 100, 1e-9);
    expect(last).to.deep.equal({ accepted: 90, forMs: 500 });
  });

  it('remembers the spell that showed most beyond the burst, whole or not', () => {
    const shown = (at: number, burst: number) =>
      after(1_000, {
        burst,
        last: { accepted: 100, forMs: 900 },
        marks: [{ at: OPENED + 500, accepted: at }],
      }).last;
    expect(shown(40, 50)).to.deep.equal({ accepted: 100, forMs: 1_000 });
    expect(shown(30, 20)).to.deep.equal({ accepted: 70, forMs: 500 });
  });

  it('looks at no spell of the last quarter, and at none of a tenth of a second', () => {
    const from = (at: number, forMs: number) => {
      const { last } = after(forMs, { refusedAt: OPENED, marks: [{ at: OPENED + at, accepted: 1 }] });
      return last.forMs;
    };
    expect([from(750, 1_000), from(751, 1_000)]).to.deep.equal([250, 1_000]);
    expect([from(100, 200), from(101, 200)]).to.deep.equal([100, 200]);
  });

  it('shows no less than what came through since the refusal before, and no more than the best spell had', () => {
    expect(perSecond(1_000, { last: { accepted: 99, forMs: 999 }, burst: 90 })).to.be.closeTo(
      50 * 0.97,
      1e-9,
    );
    expect(perSecond(1_000, { last: { accepted: 1, forMs: 600 } })).to.be.closeTo(100 * 0.97, 1e-9);
  });

  it('shows a burst of one call at least, and of no more than were accepted', () => {
    expect(after(1_000, { last: { accepted: 1, forMs: 600 } }).burst).to.equal(1);
    expect(after(1_000, { accepted: 10, last: { accepted: 99, forMs: 999 } }).burst).to.equal(10);
    expect(after(1_000, { last: { accepted: 1, forMs: 600 } }).pace.most).to.equal(1);
    const small = after(1_000, { accepted: 94, last: { accepted: 20, forMs: 200 } });
    expect([small.burst, small.pace.most]).to.deep.equal([1.5, 1.75]);
  });

  it('in the very moment of the opening is one after a millisecond', () => {
    const { pace, last, known } = after(0, { refusedAt: OPENED, accepted: 40 });
    expect(last).to.deep.equal({ accepted: 40, forMs: 1 });
    expect(pace.perSecond).to.equal(40_000 * 0.97);
    expect(known).to.equal('roughly');
  });

  describe('that is not longer than the one before', () => {
    const last = { accepted: 100, forMs: 1_000 };

    it('counts what was accepted beyond the burst', () => {
      const { pace, burst, known } = after(1_000, { last });
      expect(pace.perSecond).to.be.closeTo(80 * 0.97, 1e-9);
      expect([burst, known]).to.deep.equal([20, 'roughly']);
      expect(after(1_000, { last: { accepted: 100, forMs: 900 } }).burst).to.equal(20);
    });

    it('and shorter than the cooldown, shows little: the rate is not known for it', () => {
      const weak = after(999, { last });
      expect(weak.known).to.equal('not');
      expect(weak.pace.perSecond).to.be.closeTo((80 / 999) * 970, 1e-9);
    });

    it('and shorter than the cooldown, says of a known rate that it is too high', () => {
      const cut = after(999, { last, known: 'well', burst: 10 });
      expect([cut.known, cut.pace.perSecond]).to.deep.equal(['roughly', 70]);
      const least = after(999, { last, known: 'well', burst: 10, refusedAt: NOW, accepted: 180 });
      expect(least.pace.perSecond, 'and it is no less than what came through').to.be.closeTo(
        (180 / 1_999) * 1_000,
        1e-9,
      );
      const strong = after(1_000, { last, known: 'well', burst: 10 });
      expect([strong.known, strong.pace.perSecond]).to.deep.equal(['well', 90 * 0.97]);
    });
  });

  it('makes the rate known well where it is from 0.6 to 1.25 times what calls left at', () => {
    const knownAt = (pace: number) =>
      after(1_000, {
        known: 'roughly',
        last: { accepted: 100, forMs: 1_000 },
        burst: 25,
        pace: { ...BEFORE.pace, perSecond: pace },
      }).known;
    // 75 a second are measured.
    expect([59, 60, 100, 125, 126].map(knownAt)).to.deep.equal([
      'roughly',
      'well',
      'well',
      'well',
      'roughly',
    ]);
  });
});

describe('A call that came through', () => {
  const OPENED = NOW + 1_000;
  const rate = firstRate({ accepted: 50, forMs: 10 }, NOW, OPENED)!;
  const times = (...ms: readonly number[]) =>
    ms.reduce((so, at) => accepted(so, OPENED + at, OPENED), rate).marks;

  it('is counted, and its moment kept where the last one is a sixteenth of the time ago', () => {
    expect(times(15, 16)).to.deep.equal([
      { at: OPENED + 15, accepted: 1 },
      { at: OPENED + 16, accepted: 2 },
    ]);
    expect(times(16, 17, 18)).to.deep.equal([
      { at: OPENED + 16, accepted: 1 },
      { at: OPENED + 18, accepted: 3 },
    ]);
  });

  it('of a rate that is known well leaves it alone for a minute', () => {
    const well: Rate = { ...rate, known: 'well' };
    expect(accepted(well, NOW + 60_000, OPENED).pace).to.equal(well.pace);
    expect(accepted(well, NOW + 60_001, OPENED).pace.perSecond).to.equal(101);
    expect([60_000, 60_001].map((ms) => isStale(well, NOW + ms))).to.deep.equal([false, true]);
  });
});
