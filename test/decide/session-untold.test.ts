// decide/: an end that the store did not confirm, and who tells of it then.
import { expect } from 'chai';
import type { Event, Held, Holder } from '../../lib/decide/session-events.js';
import { step } from '../../lib/decide/session-machine.js';
import { MOST_SAVES } from '../../lib/decide/session-saving.js';

type Tokens = { readonly subject?: string };

const TERMS = { rotation: 'single-use', grace: 0, timeout: 10_000, per: 30_000 } as const;
const HELD: Held<Tokens> = { gen: 1, ver: 1, grant: {}, at: 0 };
const OVER = {
  gen: 1,
  ver: 1,
  end: { reason: 'expired', because: 'It was refused.', by: 7 },
} as const;

/** What is told while these things happen to somebody whose own verdict has the fence 7. */
function tellsOf(...events: readonly Event<Tokens>[]): number {
  return tellsFrom({ held: HELD, begun: [], untold: 7 }, ...events);
}

function tellsFrom(state: Holder<Tokens>, ...events: readonly Event<Tokens>[]): number {
  let told = 0;
  for (const event of events) {
    const [next, effects] = step(state, event, TERMS, 100);
    state = next;
    told += effects.filter((effect) => effect.do === 'ended').length;
  }
  return told;
}

/** The verdict is being written down, for the last time, or looked for. */
const FLIGHT = { because: 'A call came.', usable: false, eager: false, beganAt: 0 };
const ENDING = {
  ...FLIGHT,
  step: 'ending',
  ver: 1,
  end: OVER.end,
  thrown: 'refused',
  tries: MOST_SAVES,
} as const;
const VERDICT = { ver: 1, by: OVER.end.by, thrown: 'refused' };
const RELOADING = { ...FLIGHT, step: 'reloading', verdict: VERDICT, tries: 1 } as const;

describe('The end of a session that the store did not confirm', () => {
  const needed = { is: 'needed', because: 'A call came.', usable: false, eager: false } as const;
  const hint = { is: 'seen', seen: OVER } as const;
  const answer = { is: 'claim', claim: { is: 'newer', seen: OVER } } as const;

  it('is told by whoever brought it about, once a look or a claim shows it', () => {
    expect(tellsOf(hint)).to.equal(1);
    expect(tellsOf(needed, answer)).to.equal(1);
  });

  it('is told once where a look shows it while a claim is under way', () => {
    expect(tellsOf(needed, hint, answer)).to.equal(1);
  });

  it('is known for such a one where the store could not be asked any more, or had lost the record', () => {
    expect(tellsFrom({ held: HELD, begun: [], flight: ENDING }, { is: 'down' }, hint)).to.equal(1);
    expect(tellsFrom({ held: HELD, begun: [], flight: RELOADING }, { is: 'gone' }, hint)).to.equal(1);
  });

  describe('and that is logged out on our side', () => {
    const logout = { reason: 'logout', because: 'logout() was called.' } as const;

    it('is told at the logout: the store may say that there was nothing left to end', () => {
      expect(tellsOf({ is: 'end', end: logout })).to.equal(1);
    });

    it('is told once the store cannot be asked any more, or had lost the record', () => {
      const over = { held: HELD, begun: [], end: logout };
      expect(tellsFrom({ ...over, flight: ENDING }, { is: 'down' }, hint)).to.equal(1);
      expect(tellsFrom({ ...over, flight: RELOADING }, { is: 'gone' }, hint)).to.equal(1);
    });

    it('is left to the answer to the logout where no verdict of ours is open', () => {
      expect(tellsFrom({ held: HELD, begun: [] }, { is: 'end', end: logout })).to.equal(0);
      const looking = { ...FLIGHT, step: 'reloading', tries: 1 } as const;
      expect(tellsFrom({ held: HELD, begun: [], end: logout, flight: looking }, { is: 'gone' })).to.equal(0);
    });
  });
});
