// decide/shared-limit and what it asks of gate, flow and rate: a fleet learns a limit as one.
import { expect } from 'chai';
import fc from 'fast-check';
import { NEW_FLOW, NEW_FLOW_OF_ONE, roomFor, widened } from '../../lib/decide/flow.js';
import { forgotten, heard, limited, NEW_GATE, room } from '../../lib/decide/gate.js';
import { firstRate, refusedAgain } from '../../lib/decide/rate.js';
import { lessonOf, type Tally } from '../../lib/decide/shared-limit.js';

const NOW = 10_000;
const POLICY = { maxWait: 30_000, fallback: 1_000, concurrency: 256 };
const SHOWN = { accepted: 50, forMs: 100 };
const FIRST: Tally = { closedAt: NOW, opensAt: NOW + 1_000, shown: SHOWN };

describe('What a closing teaches a fleet', () => {
  it('is what it would have taught one process that made all the calls', () => {
    const first = lessonOf(FIRST)!;
    const alone = firstRate(SHOWN, NOW, NOW + 1_000)!;
    expect(first).to.deep.include({ perSecond: alone.pace.perSecond, most: alone.pace.most, growth: 1 });

    const marks = [
      { at: NOW + 1_100, accepted: 30 },
      { at: NOW + 1_500, accepted: 90 },
    ];
    const closedAt = NOW + 3_000;
    const second = lessonOf({
      closedAt,
      opensAt: closedAt + 1_000,
      shown: SHOWN,
      since: { lesson: first, refusedAt: NOW, openedAt: NOW + 1_000, accepted: 450, marks },
    })!;
    const rate = { ...alone, accepted: 450, marks };
    const again = refusedAgain(rate, closedAt, closedAt + 1_000, NOW + 1_000);
    expect(second).to.deep.include({
      perSecond: again.pace.perSecond,
      most: again.pace.most,
      known: again.known,
    });
    expect(second.perSecond).to.be.within(180, 230);
  });

  it('is nothing where all of them together were too few to tell', () => {
    expect(lessonOf({ ...FIRST, shown: { accepted: 3, forMs: 100 } })).to.equal(undefined);
  });
});

describe('A gate', () => {
  it('that hears of a refusal elsewhere is as closed as by one of its own', () => {
    const own = limited(NEW_GATE, POLICY, NOW, NEW_GATE.epoch, 2_000, SHOWN);
    expect(heard(NEW_GATE, NOW, 2_000, true, SHOWN)).to.deep.equal(own);
  });

  it('that is closed takes news for the refusal that it has met itself', () => {
    const own = limited(NEW_GATE, POLICY, NOW, NEW_GATE.epoch, 2_000, SHOWN);
    expect(heard(own, NOW + 5, 1_000, true, SHOWN)).to.deep.equal(own);
    expect(heard(own, NOW + 5, 3_000, true, SHOWN)).to.deep.equal({ ...own, opensAt: NOW + 3_005 });
  });

  it('that knew of it only hears for how long', () => {
    const state = heard(NEW_GATE, NOW, 1_000, true, SHOWN);
    const later = NOW + 1_500;
    expect(heard(state, later, 500, false, SHOWN)).to.deep.equal({ ...state, opensAt: later + 500 });
  });

  it('lets no more calls go than the fleet gives leave for, whatever it has learned itself', () => {
    const state = { ...heard(NEW_GATE, NOW, 1_000, true, SHOWN), window: 100 };
    const opens = NOW + 1_000;
    expect([room(state, POLICY, 0, opens, 3), room(state, POLICY, 0, opens, 0)]).to.deep.equal([3, 0]);
    expect(room(state, POLICY, 0, opens - 1, 3), 'and none while it is closed').to.equal(0);
    expect(room(state, POLICY, 0, opens), 'by itself it keeps to what it has learned').to.equal(26);
  });

  it('that no limit is known of any more is like new, and takes no old answer for a new one', () => {
    const state = heard(NEW_GATE, NOW, 1_000, true, SHOWN);
    expect(forgotten(state)).to.deep.equal({ ...NEW_GATE, epoch: state.epoch });
  });
});

describe('The first calls of a process of a fleet', () => {
  it('are one, and then its share of what all may send', () => {
    expect(roomFor(NEW_FLOW_OF_ONE, 256, 0, NOW)).to.equal(1);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 16 }), (share) => {
        expect(roomFor(widened(NEW_FLOW_OF_ONE, share), 256, 0, NOW)).to.equal(share);
      }),
    );
  });

  it('are as many as those of a process that is alone where the fleet cannot be asked', () => {
    expect(widened(NEW_FLOW_OF_ONE)).to.deep.equal(NEW_FLOW);
  });
});
