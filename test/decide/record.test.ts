// decide/record: each step at the record of a session, as plain data. What several holders make of these steps together is
// shown in session/ and by the conformance suite.
import { expect } from 'chai';
import {
  begun,
  claimed,
  committed,
  cooled,
  ended,
  marked,
  seenOf,
  type Ending,
  type SessionRecord,
} from '../../lib/decide/record.js';

const NOW = 50_000;
const LEASE = 2_000;
const END: Ending = { reason: 'logout', because: 'logout() was called.' };

/** Third session under its key, with its second tokens. */
const RECORD: SessionRecord<string> = { gen: 3, ver: 2, grant: 'tokens', grantedAt: NOW - 700, fence: 4 };
const OVER: SessionRecord<string> = { ...RECORD, grant: undefined, end: END };
const TERMS = { seen: { gen: 3, ver: 2 }, lease: LEASE, eager: false };

const intent = (phase: 'claimed' | 'sent', until = NOW + 500) =>
  ({ fence: 4, phase, at: NOW - 100, until }) as const;

describe('At the record of a session', () => {
  describe('a login', () => {
    it('begins the first session, or the next one in place of what is there', () => {
      const first = { gen: 1, ver: 1, grant: 'new', grantedAt: NOW, fence: 0 };
      expect(begun(undefined, 'new', false, NOW)).to.deep.equal([first, { gen: 1, ver: 1 }]);
      const next = { gen: 4, ver: 1, grant: 'new', grantedAt: NOW, fence: 4 };
      for (const there of [RECORD, OVER])
        expect(begun(there, 'new', false, NOW)).to.deep.equal([next, { gen: 4, ver: 1 }]);
    });

    it('with tokens from elsewhere joins a session that goes on, and begins one where none does', () => {
      expect(begun(RECORD, 'other', true, NOW)).to.deep.equal([RECORD, { gen: 3, ver: 2 }]);
      expect(begun(OVER, 'other', true, NOW)[1]).to.deep.equal({ gen: 4, ver: 1 });
      expect(begun(undefined, 'other', true, NOW)[1]).to.deep.equal({ gen: 1, ver: 1 });
    });
  });

  describe('a look', () => {
    it('sees the tokens and their age, which a clock that goes back does not make negative', () => {
      expect(seenOf(RECORD, NOW)).to.deep.equal({ gen: 3, ver: 2, grant: 'tokens', age: 700 });
      expect(seenOf(RECORD, NOW - 701)).to.include({ age: 0 });
    });

    it('sees the end, also where the tokens are gone without one', () => {
      expect(seenOf(OVER, NOW)).to.deep.equal({ gen: 3, ver: 2, end: END });
      expect(seenOf({ ...RECORD, end: END }, NOW)).to.deep.equal({ gen: 3, ver: 2, end: END });
      const end = { reason: 'revoked', because: 'The record has no tokens.' };
      expect(seenOf({ ...RECORD, grant: undefined }, NOW)).to.deep.equal({ gen: 3, ver: 2, end });
    });
  });

  describe('a claim', () => {
    it('goes ahead with the next fence, for as long as the lease', () => {
      const next = { fence: 5, phase: 'claimed', at: NOW, until: NOW + LEASE } as const;
      expect(claimed({ ...RECORD, coolUntil: NOW }, TERMS, NOW)).to.deep.equal([
        { ...RECORD, fence: 5, doubt: undefined, coolUntil: undefined, intent: next },
        { is: 'claimed', fence: 5 },
      ]);
    });

    it('is lost where there is no record, or one from before what its holder has', () => {
      expect(claimed(undefined, TERMS, NOW)).to.deep.equal([undefined, { is: 'lost' }]);
      for (const seen of [
        { gen: 3, ver: 3 },
        { gen: 4, ver: 1 },
      ])
        expect(claimed(RECORD, { ...TERMS, seen }, NOW)).to.deep.equal([RECORD, { is: 'lost' }]);
    });

    it('hears what is newer: other tokens, another session, the end', () => {
      for (const seen of [
        { gen: 3, ver: 1 },
        { gen: 2, ver: 9 },
      ])
        expect(claimed(RECORD, { ...TERMS, seen }, NOW)).to.deep.equal([
          RECORD,
          { is: 'newer', seen: seenOf(RECORD, NOW) },
        ]);
      expect(claimed(OVER, TERMS, NOW)).to.deep.equal([OVER, { is: 'newer', seen: seenOf(OVER, NOW) }]);
    });

    it('waits for the intent of somebody else, up to the moment when that ends', () => {
      const busy = { ...RECORD, intent: intent('claimed') };
      expect(claimed(busy, TERMS, NOW)).to.deep.equal([busy, { is: 'busy', ms: 500 }]);
      expect(claimed(busy, { ...TERMS, eager: true }, NOW)[1]).to.deep.equal({ is: 'busy', ms: 500 });
      expect(claimed(busy, TERMS, NOW + 500)[1]).to.deep.equal({ is: 'claimed', fence: 5 });
    });

    it('waits for the end of a cooldown, unless somebody asked by name', () => {
      const cooling = { ...RECORD, coolUntil: NOW + 300 };
      expect(claimed(cooling, TERMS, NOW)).to.deep.equal([cooling, { is: 'cooling', ms: 300 }]);
      expect(claimed(cooling, { ...TERMS, eager: true }, NOW)[1].is).to.equal('claimed');
      expect(claimed(RECORD, TERMS, 0)[1].is, 'where there is none, however early').to.equal('claimed');
    });

    it('hears for how long the refresh token has been in doubt, since the first time', () => {
      const sent = { ...RECORD, intent: intent('sent', NOW) };
      expect(claimed(sent, TERMS, NOW)[1]).to.deep.equal({ is: 'claimed', fence: 5, doubtFor: 100 });
      const [next, answer] = claimed({ ...sent, doubt: NOW - 900 }, TERMS, NOW);
      expect(answer).to.include({ doubtFor: 900 });
      expect(next).to.include({ doubt: NOW - 900 });
      expect(claimed({ ...RECORD, intent: intent('claimed', NOW) }, TERMS, NOW)[1]).not.to.have.property(
        'doubtFor',
      );
    });
  });

  describe('a mark', () => {
    it('says that the token leaves, and holds on to the intent for the lease', () => {
      const claim = { ...RECORD, intent: intent('claimed') };
      const sent = { fence: 4, phase: 'sent', at: NOW, until: NOW + LEASE };
      expect(marked(claim, 4, LEASE, NOW)).to.deep.equal([{ ...RECORD, intent: sent }, true]);
    });

    it('made again keeps the moment when the token left first', () => {
      const again = { fence: 4, phase: 'sent', at: NOW - 100, until: NOW + LEASE };
      expect(marked({ ...RECORD, intent: intent('sent') }, 4, LEASE, NOW)).to.deep.equal([
        { ...RECORD, intent: again },
        true,
      ]);
    });

    it('comes to nothing once the intent has ended, or is that of somebody else, or the session is over', () => {
      const claim = { ...RECORD, intent: intent('claimed') };
      expect(marked(claim, 4, LEASE, NOW + 499)[1]).to.equal(true);
      expect(marked(claim, 4, LEASE, NOW + 500)).to.deep.equal([claim, false]);
      expect(marked(claim, 3, LEASE, NOW)).to.deep.equal([claim, false]);
      expect(marked(RECORD, 4, LEASE, NOW)).to.deep.equal([RECORD, false]);
      expect(marked(undefined, 4, LEASE, NOW)).to.deep.equal([undefined, false]);
      const over = { ...OVER, intent: intent('claimed') };
      expect(marked(over, 4, LEASE, NOW)).to.deep.equal([over, false]);
    });
  });

  describe('a commit', () => {
    it('puts new tokens in the place of those that it names, and nothing is in doubt any more', () => {
      const before = { ...RECORD, intent: intent('sent'), doubt: NOW - 900, coolUntil: NOW + 300 };
      expect(committed(before, { gen: 3, ver: 2 }, 'new', NOW)).to.deep.equal([
        { gen: 3, ver: 3, grant: 'new', grantedAt: NOW, fence: 4 },
        true,
      ]);
    });

    it('leaves other tokens, another session and the end alone', () => {
      for (const [there, at] of [
        [RECORD, { gen: 3, ver: 1 }],
        [RECORD, { gen: 2, ver: 2 }],
        [OVER, { gen: 3, ver: 2 }],
        [undefined, { gen: 3, ver: 2 }],
      ] as const)
        expect(committed(there, at, 'new', NOW)).to.deep.equal([there, false]);
    });
  });

  describe('a refresh that failed', () => {
    const sent = { ...RECORD, intent: intent('sent') };

    it('gives the intent back, and nobody tries for a while', () => {
      const next = { ...RECORD, intent: undefined, doubt: undefined, coolUntil: NOW + 250 };
      expect(cooled(sent, 4, 250, false, NOW)).to.deep.equal([next, undefined]);
      expect(cooled(sent, 4, 1, false, NOW)[0]).to.include({ coolUntil: NOW + 1 });
      expect(cooled(sent, 4, 0, false, NOW)[0]!.coolUntil).to.equal(undefined);
    });

    it('leaves its token in doubt since it left, if the server may have taken it, or since before', () => {
      expect(cooled(sent, 4, 0, true, NOW)[0]).to.include({ doubt: NOW - 100 });
      for (const doubtful of [true, false])
        expect(cooled({ ...sent, doubt: NOW - 900 }, 4, 0, doubtful, NOW)[0]).to.include({
          doubt: NOW - 900,
        });
    });

    it('has no say where the intent is that of somebody else', () => {
      for (const there of [{ ...sent, intent: { ...sent.intent, fence: 5 } }, RECORD, OVER, undefined])
        expect(cooled(there, 4, 250, true, NOW)).to.deep.equal([there, undefined]);
    });
  });

  describe('an end', () => {
    it('leaves no tokens there, and hands over the last ones', () => {
      const before = { ...RECORD, intent: intent('sent'), doubt: NOW };
      for (const at of [{ gen: 3 }, { gen: 3, ver: 2 }])
        expect(ended(before, at, END)).to.deep.equal([OVER, { ver: 2, grant: 'tokens' }]);
    });

    it('ends nothing that it does not mean, or that is over', () => {
      for (const [there, at] of [
        [RECORD, { gen: 2 }],
        [RECORD, { gen: 3, ver: 1 }],
        [OVER, { gen: 3 }],
        [undefined, { gen: 3 }],
      ] as const)
        expect(ended(there, at, END)).to.deep.equal([there, undefined]);
    });
  });
});
