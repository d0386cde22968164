// decide/flow: how much one server is sent: a window learned from how it copes, and held back altogether in an outage.
import { expect } from 'chai';
import fc from 'fast-check';
import {
  answered,
  decideHold,
  failed,
  FIRST_OF_ALL,
  followsAt,
  NEW_FLOW,
  NEW_FLOW_OF_ONE,
  roomFor,
  roomForWaiting,
  sentOne,
  sentWaiting,
  widened,
  type FlowState,
  type Return,
} from '../../lib/decide/flow.js';

const NOW = 10_000;
const CEILING = 64;
const OVERLOAD = { overload: true } as const;

/** A call that is back after 60 ms, from a window that was full. */
const back = (flow: FlowState, more: Partial<Return> = {}): Return => ({
  now: NOW,
  took: 60,
  cuts: flow.cuts,
  underWay: Math.floor(Math.min(flow.window, CEILING)),
  waiting: 5,
  ceiling: CEILING,
  ...more,
});

/** A server that fails `times` in a row, a moment apart. */
function failing(times: number, apart: number, from = NEW_FLOW): FlowState {
  let flow = from;
  for (let n = 0; n < times; n += 1) flow = failed(flow, back(flow, { now: NOW + n * apart }), {});
  return flow;
}

describe('The window of a server', () => {
  it('starts small, grows with each answer to a round of calls that filled it, and ends at the ceiling', () => {
    let flow = NEW_FLOW;
    expect(roomFor(flow, CEILING, 0, NOW)).to.equal(16);
    flow = answered(flow, back(flow));
    expect(roomFor(flow, CEILING, 0, NOW)).to.equal(17);
    for (let n = 0; n < 200; n += 1) flow = answered(flow, back(flow));
    expect(roomFor(flow, CEILING, 0, NOW)).to.equal(CEILING);
  });

  it('does not grow from answers that say nothing about more', () => {
    expect(answered(NEW_FLOW, back(NEW_FLOW, { underWay: 8 }))).to.equal(NEW_FLOW);
    const full = { ...NEW_FLOW, window: CEILING };
    expect(answered(full, back(full)).window).to.equal(CEILING);
  });

  it('has no room for another call while more are under way than it holds', () => {
    expect(roomFor(NEW_FLOW, CEILING, 17, NOW)).to.equal(0);
  });

  it('is widened by what the fleet leaves to a process, and never made smaller', () => {
    const windows = [undefined, FIRST_OF_ALL, 1, 0].map((share) => widened(NEW_FLOW_OF_ONE, share).window);
    expect(windows).to.deep.equal([16, 8, 1, 1]);
  });

  it('grows less where the answers are fast: fewer calls at once keep such a server busy', () => {
    const after = (took: number) => answered(NEW_FLOW, back(NEW_FLOW, { took })).window - NEW_FLOW.window;
    expect([after(1_000), after(25), after(0)]).to.deep.equal([1, 0.5, 1 / 16]);
  });

  it('is cut once for calls that meet an overloaded server together, and then grows slowly', () => {
    const together = back(NEW_FLOW);
    const cut = [1, 2, 3].reduce((flow) => failed(flow, together, OVERLOAD), NEW_FLOW);
    expect(cut.window).to.be.closeTo(16 * 0.7, 1e-9);
    expect(cut).to.include({ cuts: 1, failures: 3, strainedUntil: NOW + 5_000 });
    const grown = answered(cut, back(cut));
    expect(grown.window - cut.window).to.be.closeTo(1 / cut.window, 1e-9);
    expect(grown.failures).to.equal(0);
    const least = { ...NEW_FLOW, window: 1 };
    expect(failed(least, back(least), OVERLOAD).window, 'one call may always leave').to.equal(1);
  });

  it('forgets failures with any answer, and does not count them on', () => {
    const one = failing(1, 0);
    expect(answered(one, back(one, { underWay: 1 })).failures).to.equal(0);
  });

  it('lets those who wait follow at a pace after a cut, and forgets it once nobody waits', () => {
    const cut = failed(NEW_FLOW, back(NEW_FLOW, { waiting: 1_000 }), OVERLOAD);
    expect(roomForWaiting(cut, CEILING, 0, NOW), 'of 500 a second').to.equal(5);
    const five = [1, 2, 3, 4, 5].reduce((flow) => sentWaiting(flow, NOW, 0), cut);
    expect(followsAt(five, NOW)).to.be.closeTo(NOW + 2, 0.1);
    expect(roomFor(five, CEILING, 0, NOW), 'newcomers need no pace').to.equal(11);
    expect(answered(cut, back(cut, { waiting: 0, underWay: 1 })).following).to.equal(undefined);
    const well = { ...cut, failures: 0 };
    expect(answered(well, back(well, { waiting: 0, underWay: 1 })).following).to.equal(undefined);
    expect(answered(well, back(well, { waiting: 1, underWay: 1 }))).to.equal(well);
    expect(answered(cut, back(cut, { waiting: 1, underWay: 1 })).following).to.equal(cut.following);
    expect(failed(NEW_FLOW, back(NEW_FLOW, { waiting: 0 }), OVERLOAD).following).to.equal(undefined);
  });

  it('lets them go at 200 a second or within two seconds, and makes up for ten ms that were missed', () => {
    const paceFor = (waiting: number) => failed(NEW_FLOW, back(NEW_FLOW, { waiting }), OVERLOAD).following;
    expect(paceFor(1)).to.deep.equal({ perSecond: 200, most: 2, saved: 2, at: NOW });
    expect(paceFor(400)).to.include({ perSecond: 200 });
    expect(paceFor(1_000)).to.deep.equal({ perSecond: 500, most: 5, saved: 5, at: NOW });
  });

  it('is not cut by failures that are no sign of overload', () => {
    expect(failing(3, 10).window).to.equal(NEW_FLOW.window);
  });

  it('always leaves room for at least one call, never for more than the ceiling, and never for less than none', () => {
    const step = fc.record({
      fails: fc.boolean(),
      overload: fc.boolean(),
      after: fc.nat(200),
      took: fc.nat(2_000),
      late: fc.nat(2),
      waiting: fc.nat(100),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        let flow = NEW_FLOW;
        let now = NOW;
        for (const { fails, overload, after, took, late, waiting } of steps) {
          now += after;
          const one = back(flow, { now, took, waiting, cuts: Math.max(0, flow.cuts - late) });
          flow = fails ? failed(flow, one, overload ? OVERLOAD : {}) : answered(flow, one);
          expect(flow.window).to.be.within(1, CEILING + 1);
          for (const underWay of [0, 1, 100])
            expect(roomFor(flow, CEILING, underWay, now)).to.be.within(0, CEILING);
          // Somebody may always leave, at the latest when the flow says so.
          const next = followsAt(flow, now);
          expect(roomForWaiting(flow, CEILING, 0, next)).to.be.at.least(1);
          expect(next - now).to.be.at.most(1_000);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('An outage', () => {
  it('is ten failures in a row, if they go on for a while', () => {
    expect(failing(9, 100).outage).to.equal(undefined);
    expect(failing(10, 100).outage).to.deep.equal({ since: NOW + 900, triesAt: NOW + 950 });
    expect(failing(99, 1).outage, 'a burst of calls says little').to.equal(undefined);
    expect(failing(200, 1).outage).to.include({ since: NOW + 100 });
  });

  it('is none where some calls are answered', () => {
    let flow = failing(9, 100);
    flow = answered(flow, back(flow, { now: NOW + 900 }));
    expect(failing(9, 100, flow).outage).to.equal(undefined);
  });

  it('lets one call after another try, and waits for no answer to let the next one try', () => {
    const down = failing(10, 100);
    const { triesAt } = down.outage!;
    expect(roomFor(down, CEILING, 0, triesAt - 1)).to.equal(0);
    expect(roomFor(down, CEILING, 30, triesAt)).to.equal(1);
    const tried = sentWaiting(down, triesAt, 0.5);
    expect(roomFor(tried, CEILING, 0, triesAt)).to.equal(0);
    expect(tried.outage!.triesAt).to.be.above(triesAt);
  });

  it('is tried the less often the longer it lasts, and never at the same moments as by others', () => {
    const { since } = failing(10, 100).outage!;
    const pause = (lasted: number, random: number) => {
      const flow = { ...NEW_FLOW, outage: { since, triesAt: since } };
      return sentOne(flow, since + lasted, random).outage!.triesAt - (since + lasted);
    };
    expect(pause(1_000, 1)).to.equal(50);
    expect(pause(20_000, 1)).to.equal(300);
    expect(pause(600_000, 1)).to.equal(1_000);
    expect(pause(1_000, 0)).to.equal(25);
  });

  it('ends with the first answer, and who waited follows without a rush, while newcomers just leave', () => {
    const down = failing(10, 100);
    const end = NOW + 2_000;
    const follow = (waiting: number) => {
      let flow = answered(down, back(down, { now: end, waiting }));
      expect(flow.outage).to.equal(undefined);
      expect(flow).to.include({ failures: 0, strainedUntil: end + 5_000 });
      expect(roomFor(flow, CEILING, 0, end)).to.equal(16);
      let now = end;
      for (let n = 0; n < waiting; n += 1) {
        now = followsAt(flow, now);
        expect(roomForWaiting(flow, CEILING, 0, now)).to.be.at.least(1);
        flow = sentWaiting(flow, now, 0.5);
      }
      expect(answered(flow, back(flow, { now, waiting: 0 })).following).to.equal(undefined);
      return now - end;
    };
    expect(answered(down, back(down, { now: end, waiting: 0 })).following).to.equal(undefined);
    expect(answered(down, back(down, { now: end, waiting: 1 })).following).to.include({ perSecond: 200 });
    expect(follow(100), 'at 200 a second').to.be.within(480, 500);
    expect(follow(1_000), 'within two seconds').to.be.within(1_950, 2_000);
  });

  it('is waited out as long as the call may wait, and then it hears when the server is tried next', () => {
    const outage = { since: NOW, triesAt: NOW + 700 };
    expect(decideHold(outage, NOW, 5_000, 5_000)).to.deep.equal({ do: 'wait' });
    expect(decideHold(outage, NOW, 5_001, 5_000)).to.deep.equal({
      do: 'give-up',
      because: 'Not sent: the server keeps failing, for longer than this call may wait.',
      retryAfter: 700,
    });
    expect(decideHold(outage, NOW + 800, 5_001, 5_000)).to.include({ retryAfter: 0 });
  });
});
