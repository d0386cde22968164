// decide/clock: what is known of the server's clock, and how wrong ours turned out to be.
import { expect } from 'chai';
import fc from 'fast-check';
import { drift, observed, offsetOf, type ServerClock } from '../../lib/decide/clock.js';

const DAY = Date.parse('2026-11-22T12:00:00Z');
const HOUR = 3_600_000;

/** An answer of a server whose clock is `offset` ahead of ours, as its `Date` has it. */
const dateAt = (ours: number, offset: number) => Math.floor((ours + offset) / 1_000) * 1_000;

describe('The clock of the server', () => {
  it('is always within what its answers told, however slow they were, and never known worse than before', () => {
    const answers = fc.array(fc.record({ pause: fc.nat(5_000), there: fc.nat(400), back: fc.nat(400) }), {
      minLength: 1,
    });
    fc.assert(
      fc.property(answers, fc.double({ min: DAY, max: DAY + HOUR, noNaN: true }), (all, offset) => {
        let now = 5_000;
        let clock: ServerClock | undefined;
        for (const { pause, there, back } of all) {
          const sentAt = now + pause;
          const before = clock;
          now = sentAt + there + back;
          clock = observed(clock, dateAt(sentAt + there, offset), sentAt, now);
          expect(clock.least).to.be.at.most(offset + 1e-3);
          expect(clock.most).to.be.at.least(offset - 1e-3);
          if (before) expect(clock.most - clock.least).to.be.at.most(before.most - before.least);
        }
      }),
    );
  });

  it('is known to some hundred ms after a few answers at different moments of a second', () => {
    let clock: ServerClock | undefined;
    for (let now = 0; now < 20_000; now += 130) clock = observed(clock, dateAt(now + 10, DAY), now, now + 20);
    expect(Math.abs(offsetOf(clock!) - DAY)).to.be.below(100);
  });

  it('may be known exactly', () => {
    const exactly = observed({ least: 2_000, most: 5_000 }, 1_000, 0, 9_000);
    expect(exactly).to.deep.equal({ least: 2_000, most: 2_000 });
  });

  it('is learned anew from an answer that contradicts what was known: ours stood still, or theirs was set', () => {
    const known = observed(undefined, DAY, 0, 100);
    const after = observed(known, DAY + HOUR, 200, 300);
    expect(after).to.deep.equal({ least: DAY + HOUR - 300, most: DAY + HOUR + 800 });
  });
});

describe('A lifetime', () => {
  const clock = { least: 1_000, most: 2_000 };

  it('is corrected only by what is certain', () => {
    expect([500, 1_000, 1_500, 2_000, 2_700].map((assumed) => drift(clock, assumed))).to.deep.equal([
      500, 0, 0, 0, -700,
    ]);
  });

  it('stands where nothing is known', () => {
    expect([drift(undefined, 5), drift(clock, undefined)]).to.deep.equal([0, 0]);
  });
});
