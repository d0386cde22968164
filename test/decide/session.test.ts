// decide/session: when a token is due, who refreshes, and who only needs to send again.
import { expect } from 'chai';
import fc from 'fast-check';
import {
  decideRefresh,
  freshness,
  pauseAfterFailure,
  type Freshness,
  type RefreshFacts,
  type RefreshLimit,
} from '../../lib/decide/session.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const at = (age: number, lifetime: number, ahead: number | 'auto' = 'auto') =>
  freshness({ receivedAt: 1_000, lifetime }, 1_000 + age, ahead);

const lifetime = fc.integer({ min: 1, max: 2 ** 40 });
const ahead = fc.oneof(fc.constant('auto' as const), fc.integer({ min: 0, max: 2 ** 31 - 1 }));

describe('An access token', () => {
  it('is never due on arrival, however short it lives and however early it should be refreshed (I21)', () => {
    fc.assert(
      fc.property(fc.nat(), lifetime, ahead, (receivedAt, lives, early) => {
        expect(freshness({ receivedAt, lifetime: lives }, receivedAt, early)).to.equal('fresh');
      }),
      { numRuns: 1_000 },
    );
  });

  it('is fresh for at least half of its life (I21)', () => {
    fc.assert(
      fc.property(lifetime, ahead, fc.double({ min: 0, max: 0.499, noNaN: true }), (lives, early, share) => {
        expect(freshness({ receivedAt: 0, lifetime: lives }, lives * share, early)).to.equal('fresh');
      }),
      { numRuns: 1_000 },
    );
  });

  it('only ever gets older', () => {
    const order: Freshness[] = ['fresh', 'stale', 'expired'];
    fc.assert(
      fc.property(lifetime, ahead, fc.nat(), fc.nat(), (lives, early, one, other) => {
        const [soon, late] = one < other ? [one, other] : [other, one];
        const span = { receivedAt: 0, lifetime: lives };
        expect(order.indexOf(freshness(span, soon, early))).to.be.at.most(
          order.indexOf(freshness(span, late, early)),
        );
      }),
    );
  });

  it('is stale in the last tenth of its life, at most a minute', () => {
    expect([at(9 * MINUTE - 1, 10 * MINUTE), at(9 * MINUTE, 10 * MINUTE)]).to.deep.equal(['fresh', 'stale']);
    expect([at(HOUR - MINUTE - 1, HOUR), at(HOUR - MINUTE, HOUR)]).to.deep.equal(['fresh', 'stale']);
  });

  it('is stale up to a quarter of that earlier, as it was drawn: not all that began together refresh together', () => {
    const dueAt = (lifetime: number, spread: number) => {
      const span = { receivedAt: 0, lifetime, spread };
      for (let age = 0; ; age += 250) if (freshness(span, age, 'auto') !== 'fresh') return lifetime - age;
    };
    expect([0, 0.5, 1].map((spread) => dueAt(HOUR, spread))).to.deep.equal([60_000, 67_500, 75_000]);
    expect([0, 0.5, 1].map((spread) => dueAt(MINUTE, spread))).to.deep.equal([6_000, 6_750, 7_500]);
  });

  it('is stale as early as it was asked for', () => {
    expect([at(49_999, MINUTE, 10_000), at(50_000, MINUTE, 10_000)]).to.deep.equal(['fresh', 'stale']);
    expect(at(MINUTE - 1, MINUTE, 0)).to.equal('fresh');
  });

  it('is expired when its life is over', () => {
    expect([at(MINUTE - 1, MINUTE), at(MINUTE, MINUTE)]).to.deep.equal(['stale', 'expired']);
    expect(at(0, -5)).to.equal('expired');
  });

  it('of unknown lifetime is fresh until somebody says otherwise', () => {
    expect(freshness(undefined, 10 ** 12, 'auto')).to.equal('fresh');
  });
});

const LIMIT: RefreshLimit = { refreshes: 2, per: 30_000 };
const FACTS: RefreshFacts = {
  ended: false,
  refreshing: false,
  version: 3,
  used: 3,
  begun: [],
  usable: false,
};
const ROTATION = { rotation: 'strict', grace: 0 } as const;
const NOW = 100_000;
const decide = (facts: Partial<RefreshFacts>) => decideRefresh({ ...FACTS, ...facts }, LIMIT, ROTATION, NOW);

describe('A refused token', () => {
  it('is refreshed', () => {
    expect(decide({})).to.deep.equal({ do: 'refresh' });
  });

  it('of an older version needs no refresh (I12)', () => {
    expect(decide({ used: 2 })).to.deep.equal({ do: 'replay' });
    expect(decide({ used: 1, refreshing: true, begun: [NOW, NOW] })).to.deep.equal({ do: 'replay' });
  });

  it('joins a refresh under way, even where the limit is reached', () => {
    expect(decide({ refreshing: true, begun: [NOW, NOW] })).to.deep.equal({ do: 'join' });
  });

  it('is answered by the refresh that failed, where it was sent before that', () => {
    const failed = { at: NOW - 10_000, until: NOW - 10_000 };
    expect(decide({ failed, sentAt: failed.at - 1 })).to.deep.equal({ do: 'share' });
    expect(decide({ failed, sentAt: failed.at })).to.deep.equal({ do: 'share' });
    expect(decide({ failed, sentAt: failed.at + 1 })).to.deep.equal({ do: 'refresh' });
    expect(decide({ failed })).to.deep.equal({ do: 'refresh' });
    expect(decide({ failed, sentAt: failed.at - 1, used: 2 })).to.deep.equal({ do: 'replay' });
  });

  it('is answered by the refresh that failed, while the server is left in peace', () => {
    const failed = { at: NOW - 10_000, until: NOW + 1 };
    expect(decide({ failed, sentAt: NOW })).to.deep.equal({ do: 'share' });
    expect(decide({ failed })).to.deep.equal({ do: 'share' });
    expect(decide({ failed, refreshing: true })).to.deep.equal({ do: 'join' });
    expect(decide({ failed: { ...failed, until: NOW } })).to.deep.equal({ do: 'refresh' });
  });

  it('whose refresh token is in doubt is held where to present that again could end the session', () => {
    expect(decide({ doubtFor: 10, usable: true })).to.deep.equal({ do: 'hold' });
    expect(decide({ doubtFor: 10, usable: false })).to.deep.equal({ do: 'refresh' });
    expect(decide({ usable: true }), 'not in doubt').to.deep.equal({ do: 'refresh' });
    expect(decide({ sentAt: NOW }), 'nothing failed').to.deep.equal({ do: 'refresh' });
  });

  it('of a session that is over gets nothing', () => {
    expect(decide({ ended: true })).to.deep.equal({ do: 'end' });
    expect(decide({ ended: true, used: 1 })).to.deep.equal({ do: 'end' });
  });

  it('is not refreshed too often in too short a time, and says when it may be again', () => {
    expect(decide({ begun: [NOW - 29_999, NOW] })).to.deep.equal({ do: 'refuse', retryAfter: 1 });
    expect(decide({ begun: [NOW - 30_000, NOW] })).to.deep.equal({ do: 'refresh' });
  });

  it('is refreshed at most `limit` times in any window, whatever the schedule (I13)', () => {
    const limit = fc.record({
      refreshes: fc.integer({ min: 1, max: 6 }),
      per: fc.integer({ min: 1, max: 60_000 }),
    });
    const waits = fc.array(fc.nat(20_000), { maxLength: 100 });
    fc.assert(
      fc.property(limit, waits, (bound, steps) => {
        const begun: number[] = [];
        let now = 0;
        for (const wait of steps) {
          now += wait;
          const decision = decideRefresh({ ...FACTS, begun }, bound, ROTATION, now);
          if (decision.do === 'refresh') begun.push(now);
          else if (decision.do === 'refuse') {
            const again = now + decision.retryAfter;
            expect(decideRefresh({ ...FACTS, begun }, bound, ROTATION, again).do).to.equal('refresh');
          }
        }
        for (const from of begun)
          expect(
            begun.filter((moment) => moment >= from && moment < from + bound.per),
          ).to.have.length.at.most(bound.refreshes);
      }),
      { numRuns: 500 },
    );
  });
});

describe('The pause after refreshes that failed', () => {
  it('grows with the failures in a row, and is bounded for any number of them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), (failures) => {
        const pause = pauseAfterFailure(failures);
        expect(pause).to.be.within(0, 15_000);
        expect(pauseAfterFailure(failures + 1)).to.be.at.least(pause);
      }),
    );
    expect([1, 9, 10, 11, 12, 13, 14].map(pauseAfterFailure)).to.deep.equal([
      0, 0, 1_000, 2_000, 4_000, 8_000, 15_000,
    ]);
    expect(pauseAfterFailure(Number.MAX_SAFE_INTEGER)).to.equal(15_000);
  });
});
