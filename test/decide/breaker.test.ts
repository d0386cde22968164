// decide/breaker: when calls fail at once, and when one of them tries whether the server is back.
import { expect } from 'chai';
import fc from 'fast-check';
import {
  admit,
  newBreaker,
  record,
  undecided,
  type BreakerPolicy,
  type BreakerState,
} from '../../lib/decide/breaker.js';

const POLICY: BreakerPolicy = { enabled: true, ratio: 0.5, minimum: 4, window: 1_000, openFor: 500 };
const after = (outcomes: readonly boolean[], now = 0) =>
  outcomes.reduce((state: BreakerState, failed) => record(state, POLICY, now, failed), newBreaker(now));

describe('The circuit breaker', () => {
  it('opens when the share of failures reaches its ratio, and not before there is enough to judge by', () => {
    expect(after([true, true, true]).name).to.equal('closed');
    expect(after([false, false, false, true]).name).to.equal('closed');
    expect(after([true, false, true, false])).to.deep.equal({ name: 'open', until: 500 });
    expect(after([false, false, false]), 'each counts once').to.include({ passed: 3, failed: 0 });
  });

  it('forgets what is older than its window', () => {
    const state = after([true, true, true]);
    expect(record(state, POLICY, 1_001, true)).to.include({ name: 'closed', failed: 1, passed: 0 });
    expect(record(state, POLICY, 1_000, true).name, 'to its last moment').to.equal('open');
    const late = after([true], 5_000);
    expect(record(late, POLICY, 5_500, false)).to.include({ failed: 1, passed: 1 });
  });

  it('refuses while it is open, says for how long, and lets exactly one try after that', () => {
    const open = after([true, true, true, true]);
    expect(admit(open, POLICY, 100)).to.deep.equal({ do: 'refuse', retryAfter: 400 });
    const first = admit(open, POLICY, 500);
    expect(first).to.deep.equal({ do: 'pass', next: { name: 'half-open' } });
    expect(admit({ name: 'half-open' }, POLICY, 501).do).to.equal('refuse');
  });

  it('closes when the try succeeds, opens again when it fails, and lets another try when it says nothing', () => {
    expect(record({ name: 'half-open' }, POLICY, 600, false).name).to.equal('closed');
    expect(record({ name: 'half-open' }, POLICY, 600, true)).to.deep.equal({ name: 'open', until: 1_100 });
    const again = undecided({ name: 'half-open' }, 600);
    expect(admit(again, POLICY, 600).do).to.equal('pass');
  });

  it('is not moved by attempts that come back while it is open', () => {
    const open: BreakerState = { name: 'open', until: 500 };
    for (const failed of [true, false]) expect(record(open, POLICY, 10, failed)).to.equal(open);
    expect(undecided(open, 10)).to.equal(open);
  });

  it('never lets two try at once, and never stays open longer than it says, whatever happens', () => {
    const step = fc.record({ after: fc.nat(400), what: fc.constantFrom('admit', 'pass', 'fail', 'silence') });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        let state: BreakerState = newBreaker(0);
        let now = 0;
        let trying = 0;
        for (const { after: ms, what } of steps) {
          now += ms;
          if (what === 'admit') {
            const decision = admit(state, POLICY, now);
            if (decision.do === 'refuse') expect(decision.retryAfter).to.be.within(0, POLICY.openFor);
            else {
              if (decision.next.name === 'half-open') trying += 1;
              state = decision.next;
            }
          } else {
            if (state.name === 'half-open') trying -= 1;
            state = what === 'silence' ? undecided(state, now) : record(state, POLICY, now, what === 'fail');
          }
          expect(trying).to.equal(state.name === 'half-open' ? 1 : 0);
        }
      }),
    );
  });
});
