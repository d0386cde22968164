// decide/session-machine, move by move: what each event makes of a holder, and what is to be done then. Whether these
// moves keep the promises, whatever comes together, is searched for in session-search.test.ts.
import { expect } from 'chai';
import type { Ending } from '../../lib/decide/record.js';
import type {
  Effect,
  Event,
  Flight,
  Held,
  Holder,
  MachineTerms,
  Mishap,
  StepOf,
} from '../../lib/decide/session-events.js';
import { step } from '../../lib/decide/session-machine.js';
import {
  MOST_SAVES,
  REPLACED,
  SESSION_ENDED,
  TAKEN,
  UNAVAILABLE,
  UNKNOWN,
} from '../../lib/decide/session-saving.js';

interface Tokens {
  readonly id: string;
  readonly subject?: string;
}

const TERMS: MachineTerms = { rotation: 'single-use', grace: 0, timeout: 10_000, per: 30_000 };
/** Of a server that takes a token that comes again for stolen. */
const STRICT: MachineTerms = { ...TERMS, rotation: 'strict' };
const NOW = 100_000;
const FENCE = 7;

const ONE: Tokens = { id: 'one', subject: 'ada' };
const TWO: Tokens = { id: 'two', subject: 'ada' };
const HELD: Held<Tokens> = { gen: 3, ver: 4, grant: ONE, at: 0 };
const AT = { gen: 3, ver: 4 } as const;
const NEED = { because: 'A call came.', usable: false, eager: false } as const;
const LOGOUT: Ending = { reason: 'logout', because: 'logout() was called.' };
const RENEWED = { status: 200, attempts: 1 } as const;

const idle = (more: Partial<Holder<Tokens>> = {}): Holder<Tokens> => ({ held: HELD, begun: [], ...more });

/** A refresh that began a second ago and is at this step. */
const flight = (at: StepOf<Tokens>, need: Partial<Flight<Tokens>> = {}) =>
  ({ ...NEED, beganAt: NOW - 1_000, ...need, ...at }) as Flight<Tokens>;
const flying = (at: StepOf<Tokens>, more: Partial<Holder<Tokens>> = {}) =>
  idle({ flight: flight(at), ...more });

/** Without what is not there: `undefined` is the same as nothing. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

interface Then {
  readonly state: Holder<Tokens>;
  readonly does: readonly Effect<Tokens>[];
}

function when(state: Holder<Tokens>, event: Event<Tokens>, then: Then, now = NOW, terms = TERMS): void {
  const [next, effects] = step(state, event, terms, now);
  expect(plain(next)).to.deep.equal(plain(then.state));
  expect(plain(effects)).to.deep.equal(plain(then.does));
}

/** Nothing becomes of it. */
const ignores = (state: Holder<Tokens>, ...events: readonly Event<Tokens>[]) => {
  for (const event of events) when(state, event, { state, does: [] });
};

type OutcomeOf = (Effect<Tokens> & { readonly do: 'release' })['outcome'];
const release = (outcome: OutcomeOf): Effect<Tokens> => ({ do: 'release', outcome });
const cool = (forMs = 0, doubtful = false): Effect<Tokens> => ({ do: 'cool', fence: FENCE, forMs, doubtful });
const wake = (afterMs: number): Effect<Tokens> => ({ do: 'wake', afterMs });
const begin: Effect<Tokens> = { do: 'begin', grant: ONE };
const load: Effect<Tokens> = { do: 'load' };

const SETTLED = { is: 'settled' } as const;
const DOWN = { is: 'down' } as const;
const WOKE = { is: 'woke' } as const;
const ABANDONED = { is: 'abandoned' } as const;
const GONE = { is: 'gone' } as const;

/** Tokens that somebody else saved, 500 ms old. */
const NEWER = { gen: 3, ver: 5, grant: TWO, age: 500 } as const;
const HELD_NEWER: Held<Tokens> = { gen: 3, ver: 5, grant: TWO, at: NOW - 500 };

describe('What those hear who wait', () => {
  it('is that there are new tokens, or why not', () => {
    expect(TAKEN).to.deep.equal({ ok: true, renewed: { status: 200, attempts: 0 } });
    expect([SESSION_ENDED, UNKNOWN, UNAVAILABLE]).to.deep.equal(
      ['session-ended', 'outcome-unknown', 'session-unavailable'].map((cause) => ({
        ok: false,
        thrown: { cause },
      })),
    );
  });
});

describe('A holder of a session', () => {
  describe('that needs new tokens', () => {
    const needed = { ...NEED, is: 'needed' } as const;

    it('claims them for two seconds, unless it is at it or all is over', () => {
      when(idle(), needed, {
        state: idle({ flight: flight({ step: 'claiming', ver: 4 }, { beganAt: NOW }) }),
        does: [{ do: 'claim', seen: AT, lease: 2_000, eager: false }],
      });
      ignores(flying({ step: 'waiting' }), needed);
      ignores(idle({ end: LOGOUT }), needed);
    });

    it('lets the session begin first where the store does not know of it', () => {
      const held = { ...HELD, gen: 0 };
      when(idle({ held }), needed, {
        state: idle({ held, flight: flight({ step: 'beginning', tries: 1 }, { beganAt: NOW }) }),
        does: [begin],
      });
    });
  });

  describe('that begins', () => {
    const held = { ...HELD, gen: 0 };
    const doubtful = { held, mayHaveBegun: true } as const;
    const beginning = (tries = 1, more: Partial<Holder<Tokens>> = {}) =>
      flying({ step: 'beginning', tries }, { held, ...more });
    const begun = { is: 'begun', version: { gen: 1, ver: 1 } } as const;

    it('asks again and again, less and less often, for the time of a refresh', () => {
      when(beginning(), DOWN, { state: beginning(2), does: [wake(200)] });
      when(beginning(6), DOWN, { state: beginning(7), does: [wake(5_000)] });
      when(beginning(), WOKE, { state: beginning(), does: [begin] });
      when(beginning(), DOWN, { state: beginning(2), does: [wake(200)] }, NOW + 8_999);
      when(beginning(), DOWN, { state: idle(doubtful), does: [release(UNAVAILABLE)] }, NOW + 9_000);
      when(beginning(), ABANDONED, { state: idle(doubtful), does: [release(UNAVAILABLE)] });
      ignores(beginning(), SETTLED);
    });

    it('and was logged out asks ten times, however long that takes', () => {
      const over = { end: LOGOUT };
      when(beginning(9, over), DOWN, { state: beginning(10, over), does: [wake(5_000)] }, NOW + 60_000);
      when(beginning(10, over), DOWN, {
        state: idle({ ...doubtful, ...over }),
        does: [release(UNAVAILABLE)],
      });
      when(beginning(2, over), WOKE, { state: beginning(2, over), does: [begin] });
    });

    it('and was logged out believes the third answer that there is no session', () => {
      const over = { end: LOGOUT };
      when(beginning(1, over), GONE, { state: beginning(2, over), does: [wake(200)] });
      when(beginning(2, over), GONE, { state: beginning(3, over), does: [wake(400)] });
      when(beginning(3, over), GONE, { state: idle({ held, ...over }), does: [release(SESSION_ENDED)] });
    });

    it('and was replaced begins no more', () => {
      const over = { end: REPLACED };
      when(beginning(2, over), WOKE, { state: idle({ held, ...over }), does: [release(SESSION_ENDED)] });
    });

    it('has begun with its own tokens, or goes on with those that are there', () => {
      when(beginning(), begun, {
        state: idle({ held: { ...held, gen: 1, ver: 1 } }),
        does: [release(TAKEN)],
      });
      when(
        beginning(),
        { ...begun, seen: NEWER },
        { state: idle({ held: HELD_NEWER }), does: [release(TAKEN)] },
      );
      when(
        beginning(),
        { ...begun, seen: { gen: 1, ver: 1, end: LOGOUT } },
        {
          state: idle({ held: { ...held, gen: 1, ver: 1 } }),
          does: [release(TAKEN)],
        },
      );
    });

    it('and was logged out ends what has begun', () => {
      when(beginning(1, { end: LOGOUT }), begun, {
        state: idle({ held: { ...held, gen: 1, ver: 1 }, end: LOGOUT }),
        does: [{ do: 'end', gen: 1, end: LOGOUT }, release(SESSION_ENDED)],
      });
    });
  });

  describe('that has asked for the intent', () => {
    const claiming = (more: Partial<Holder<Tokens>> = {}, need: Partial<Flight<Tokens>> = {}) =>
      idle({ flight: flight({ step: 'claiming', ver: 4 }, need), ...more });
    const got = (claim: (Event<Tokens> & { readonly is: 'claim' })['claim']) =>
      ({ is: 'claim', claim }) as const;
    const claimed = got({ is: 'claimed', fence: FENCE });
    const busy = (ms: number) => got({ is: 'busy', ms });
    const settling = (outcome: OutcomeOf, more: Partial<Holder<Tokens>> = {}): Then => ({
      state: flying({ step: 'settling', outcome }, more),
      does: [cool()],
    });

    it('marks it before anything is sent, for as long as an exchange may take and a second more', () => {
      when(claiming(), claimed, {
        state: flying({ step: 'marking', ver: 4, fence: FENCE, askedAt: NOW }),
        does: [{ do: 'mark', fence: FENCE, lease: 11_000 }],
      });
      ignores(claiming(), SETTLED, WOKE);
    });

    it('takes what is newer, and hears of the end', () => {
      when(
        claiming({ doubt: 5, failed: { thrown: 'no', count: 1, at: 0, until: 0 } }),
        got({ is: 'newer', seen: NEWER }),
        {
          state: idle({ held: HELD_NEWER }),
          does: [release(TAKEN)],
        },
      );
      const over = { gen: 3, ver: 4, end: LOGOUT };
      when(claiming(), got({ is: 'newer', seen: over }), {
        state: idle({ end: LOGOUT }),
        does: [release(SESSION_ENDED)],
      });
      when(claiming(), got({ is: 'newer', seen: { ...NEWER, gen: 4, ver: 1 } }), {
        state: idle({ end: REPLACED }),
        does: [release(SESSION_ENDED)],
      });
      const ours = { ...LOGOUT, by: FENCE };
      when(claiming({ untold: FENCE }), got({ is: 'newer', seen: { ...over, end: ours } }), {
        state: idle({ untold: FENCE, end: ours }),
        does: [{ do: 'ended', end: ours }, release(SESSION_ENDED)],
      });
      const theirs = { ...LOGOUT, by: FENCE + 1 };
      when(claiming({ untold: FENCE }), got({ is: 'newer', seen: { ...over, end: theirs } }), {
        state: idle({ untold: FENCE, end: theirs }),
        does: [release(SESSION_ENDED)],
      });
    });

    it('does not go on without the store, or a record there', () => {
      when(claiming(), DOWN, { state: idle(), does: [release(UNAVAILABLE)] });
      when(claiming(), got({ is: 'lost' }), { state: idle(), does: [release(UNAVAILABLE)] });
    });

    it('gives it back where newer tokens came meanwhile', () => {
      const more = { held: HELD_NEWER };
      when(claiming(more), claimed, settling(TAKEN, more));
      when(claiming(more), busy(500), { state: idle(more), does: [release(TAKEN)] });
    });

    it('gives it back where all is over', () => {
      const over = { end: LOGOUT };
      when(claiming(over), claimed, settling(SESSION_ENDED, over));
      when(claiming(over), busy(500), { state: idle(over), does: [release(SESSION_ENDED)] });
    });

    it('hears the failure of the last refresh while none may begin', () => {
      const failed = { thrown: 'no', count: 1, at: 0, until: 0 };
      when(claiming({ failed }), got({ is: 'cooling', ms: 300 }), {
        state: idle({ failed }),
        does: [release({ ok: false, thrown: 'no' })],
      });
      when(claiming(), got({ is: 'cooling', ms: 300.2 }), {
        state: idle(),
        does: [release({ ok: false, thrown: { cause: 'session-unavailable', retryAfter: 301 } })],
      });
    });

    it('waits for somebody else, no longer than two exchanges may take', () => {
      const waiting = flying({ step: 'waiting' });
      when(claiming(), busy(500), { state: waiting, does: [wake(500)] });
      when(claiming(), busy(60_000), { state: waiting, does: [wake(21_000)] });
      when(claiming(), busy(500), { state: waiting, does: [wake(1)] }, NOW + 20_999);
      when(claiming(), busy(500), { state: idle(), does: [release(UNKNOWN)] }, NOW + 21_000);
    });

    it('asks again when it was woken, and gives up where nobody waits any more', () => {
      const waiting = flying({ step: 'waiting' });
      when(waiting, WOKE, {
        state: claiming(),
        does: [{ do: 'claim', seen: AT, lease: 2_000, eager: false }],
      });
      when(waiting, ABANDONED, { state: idle(), does: [release(UNKNOWN)] });
      ignores(waiting, SETTLED, DOWN);
    });

    it('does not present a token in doubt again where that could end the session', () => {
      const inDoubt = got({ is: 'claimed', fence: FENCE, doubtFor: 400 });
      const usable = claiming({}, { usable: true });
      const settling = { step: 'settling', outcome: UNKNOWN } as const;
      when(
        usable,
        inDoubt,
        { state: idle({ doubt: NOW - 400, flight: flight(settling, { usable: true }) }), does: [cool()] },
        NOW,
        STRICT,
      );
      const known = claiming({ doubt: NOW - 900 }, { usable: true });
      when(
        known,
        claimed,
        { state: idle({ doubt: NOW - 900, flight: flight(settling, { usable: true }) }), does: [cool()] },
        NOW,
        STRICT,
      );
      const grace = { ...TERMS, rotation: 'grace', grace: 400 } as const;
      const [late] = step(usable, inDoubt, grace, NOW);
      expect(late.flight?.step, 'no longer within its grace').to.equal('settling');
      const [soon] = step(usable, got({ is: 'claimed', fence: FENCE, doubtFor: 399 }), grace, NOW);
      expect(soon.flight?.step).to.equal('marking');
      when(claiming(), inDoubt, {
        state: flying({ step: 'marking', ver: 4, fence: FENCE, askedAt: NOW }, { doubt: NOW - 400 }),
        does: [{ do: 'mark', fence: FENCE, lease: 11_000 }],
      });
    });
  });

  describe('whose mark is answered', () => {
    const marking = (more: Partial<Holder<Tokens>> = {}) =>
      flying({ step: 'marking', ver: 4, fence: FENCE, askedAt: NOW - 999 }, more);
    const marked = (ok: boolean) => ({ is: 'marked', ok }) as const;
    const settling = (outcome: OutcomeOf, more: Partial<Holder<Tokens>> = {}): Then => ({
      state: flying({ step: 'settling', outcome }, more),
      does: [cool()],
    });

    it('sends', () => {
      when(marking(), marked(true), {
        state: flying({ step: 'sending', ver: 4, fence: FENCE, sentAt: NOW }),
        does: [
          { do: 'tell', phase: 'started', because: NEED.because },
          { do: 'send', grant: ONE, again: true },
        ],
      });
      ignores(marking(), SETTLED, WOKE);
    });

    it('says whether it may be sent once more after an unclear failure', () => {
      const usable = idle({
        flight: flight({ step: 'marking', ver: 4, fence: FENCE, askedAt: NOW }, { usable: true }),
      });
      const [, effects] = step(usable, marked(true), STRICT, NOW);
      expect(effects[1]).to.deep.equal({ do: 'send', grant: ONE, again: false });
    });

    it('asks for another intent where its own has ended', () => {
      when(marking(), marked(false), {
        state: flying({ step: 'claiming', ver: 4 }),
        does: [{ do: 'claim', seen: AT, lease: 2_000, eager: false }],
      });
    });

    it('sends nothing that took too long to be guarded', () => {
      when(marking(), marked(true), settling(UNAVAILABLE), NOW + 1);
      when(marking(), DOWN, settling(UNAVAILABLE));
    });

    it('sends nothing where newer tokens came meanwhile, or all is over', () => {
      const newer = { held: HELD_NEWER };
      when(marking(newer), marked(true), settling(TAKEN, newer));
      when(marking({ end: LOGOUT }), marked(true), settling(SESSION_ENDED, { end: LOGOUT }));
    });

    it('tells those who wait once the intent is given back, or the store is out of reach', () => {
      const giving = flying({ step: 'settling', outcome: UNKNOWN });
      for (const event of [SETTLED, DOWN]) when(giving, event, { state: idle(), does: [release(UNKNOWN)] });
      ignores(giving, WOKE);
      const taken = flying({ step: 'settling', outcome: TAKEN }, { end: LOGOUT });
      when(taken, SETTLED, { state: idle({ end: LOGOUT }), does: [release(SESSION_ENDED)] });
    });
  });

  describe('whose exchange is over', () => {
    const sending = (more: Partial<Holder<Tokens>> = {}) =>
      flying({ step: 'sending', ver: 4, fence: FENCE, sentAt: NOW - 300 }, more);
    const granted = (grant: Tokens) => ({ is: 'granted', grant, renewed: RENEWED }) as const;
    const failed = (mishap: Omit<Mishap, 'thrown'>) =>
      ({ is: 'failed', mishap: { thrown: 'no', code: 'CODE', because: 'It failed.', ...mishap } }) as const;
    const telling = { do: 'tell', phase: 'failed', code: 'CODE', because: 'It failed.' } as const;
    const NO = { ok: false, thrown: 'no' } as const;

    it('saves new tokens before anybody gets them', () => {
      when(sending(), granted(TWO), {
        state: flying({
          step: 'committing',
          from: 4,
          fence: FENCE,
          grant: TWO,
          grantedAt: NOW,
          renewed: RENEWED,
          tries: 1,
        }),
        does: [{ do: 'commit', at: AT, grant: TWO }],
      });
      ignores(sending(), SETTLED, DOWN);
    });

    it('lets nothing stay valid that comes after the end', () => {
      when(sending({ end: LOGOUT }), granted(TWO), {
        state: idle({ end: LOGOUT }),
        does: [{ do: 'revoke', grant: TWO }, release(SESSION_ENDED)],
      });
    });

    it('ends where the tokens are of somebody else, and lets none of both stay valid', () => {
      const theirs = { id: 'three', subject: 'bob' };
      const end: Ending = { reason: 'mismatch', because: 'The refresh brought a token of somebody else.' };
      when(sending(), granted(theirs), {
        state: idle({ end }),
        does: [
          { do: 'revoke', grant: theirs },
          { do: 'revoke', grant: ONE },
          { do: 'end', gen: 3, end },
          release(SESSION_ENDED),
        ],
      });
      const isSaved = (state: Holder<Tokens>, grant: Tokens) =>
        step(state, granted(grant), TERMS, NOW)[0].flight?.step === 'committing';
      expect(isSaved(sending(), { id: 'two' }), 'nobody says whose they are').to.equal(true);
      expect(isSaved(sending({ held: { ...HELD, grant: { id: 'one' } } }), theirs)).to.equal(true);
    });

    it('takes the tokens of somebody who was faster', () => {
      when(sending({ held: HELD_NEWER }), granted({ id: 'three' }), {
        state: idle({ held: HELD_NEWER }),
        does: [release(TAKEN)],
      });
      for (const says of ['dead', 'refused', 'unclear', 'silent'] as const)
        when(sending({ held: HELD_NEWER }), failed({ says }), {
          state: idle({ held: HELD_NEWER }),
          does: [telling, release(TAKEN)],
        });
    });

    it('writes the verdict down that the refresh token is dead', () => {
      const after = (because: string, more: Partial<Holder<Tokens>>) => {
        const end: Ending = { reason: 'expired', because, by: FENCE };
        when(sending(more), failed({ says: 'dead' }), {
          state: flying({ step: 'ending', ver: 4, end, thrown: 'no', tries: 1 }, more),
          does: [telling, { do: 'close', at: AT, end }],
        });
      };
      after('It failed.', {});
      after(
        'It failed. The answer to an earlier refresh was lost, and the good tokens may have been in it.',
        { doubt: 0 },
      );
    });

    it('of a session that is over has no say in its end', () => {
      const [state, effects] = step(sending({ end: LOGOUT }), failed({ says: 'dead' }), TERMS, NOW);
      expect(state.flight).to.include({ step: 'settling' });
      expect(effects.map(({ do: name }) => name)).to.deep.equal(['tell', 'cool']);
    });

    it('keeps what a refusal says for all who ask, and gives the intent back', () => {
      when(sending(), failed({ says: 'refused', told: 700 }), {
        state: flying(
          { step: 'settling', outcome: NO },
          { failed: { thrown: 'no', count: 1, at: NOW, until: NOW + 700 } },
        ),
        does: [telling, cool(700)],
      });
      const nine = { thrown: 'before', count: 9, at: 0, until: 0 };
      when(sending({ failed: nine }), failed({ says: 'refused' }), {
        state: flying(
          { step: 'settling', outcome: NO },
          { failed: { thrown: 'no', count: 10, at: NOW, until: NOW + 1_000 } },
        ),
        does: [telling, cool(1_000)],
      });
    });

    it('leaves the token in doubt, since it left the first time, where it may have been taken', () => {
      const setback = { thrown: 'no', count: 1, at: NOW, until: NOW };
      when(sending(), failed({ says: 'unclear' }), {
        state: flying({ step: 'settling', outcome: NO }, { doubt: NOW - 300, failed: setback }),
        does: [telling, cool(0, true)],
      });
      when(sending({ doubt: 5 }), failed({ says: 'unclear' }), {
        state: flying({ step: 'settling', outcome: NO }, { doubt: 5, failed: setback }),
        does: [telling, cool(0, true)],
      });
      when(sending(), failed({ says: 'refused' }), {
        state: flying({ step: 'settling', outcome: NO }, { failed: setback }),
        does: [telling, cool()],
      });
    });

    it('keeps the intent where the server may be at it still', () => {
      const setback = { count: 1, at: NOW, until: NOW };
      when(sending(), failed({ says: 'silent' }), {
        state: idle({ doubt: NOW - 300, failed: { ...setback, thrown: UNKNOWN.thrown } }),
        does: [telling, release(UNKNOWN)],
      });
      when(sending(), failed({ says: 'silent', explained: true }), {
        state: idle({ doubt: NOW - 300, failed: { ...setback, thrown: 'no' } }),
        does: [telling, release(NO)],
      });
    });
  });

  describe('that saves new tokens', () => {
    const unsaved = (tries = 1) => ({
      from: 4,
      fence: FENCE,
      grant: TWO,
      grantedAt: NOW - 50,
      renewed: RENEWED,
      tries,
    });
    type Saving = 'committing' | 'pausing' | 'extending';
    const saving = (at: Saving, tries = 1, more: Partial<Holder<Tokens>> = {}) =>
      flying({ step: at, ...unsaved(tries) }, more);
    const committed = (ok: boolean) => ({ is: 'committed', ok }) as const;
    const saved = (begun: readonly number[] = [NOW - 1_000]): Then => ({
      state: { held: { gen: 3, ver: 5, grant: TWO, at: NOW - 50 }, begun },
      does: [{ do: 'tell', phase: 'succeeded' }, release({ ok: true, renewed: RENEWED })],
    });

    it('gives them to all who wait, and forgets doubt and failures', () => {
      const before = { doubt: 5, failed: { thrown: 'no', count: 3, at: 0, until: 0 }, untold: 2 };
      when(saving('committing', 1, before), committed(true), saved());
      ignores(saving('committing'), SETTLED, GONE, ABANDONED);
    });

    it('counts the refreshes of the last while', () => {
      const begun = [NOW - 31_000, NOW - 30_999, NOW - 5_000];
      when(
        saving('committing', 1, { begun }),
        committed(true),
        saved([NOW - 30_999, NOW - 5_000, NOW - 1_000]),
      );
    });

    it('tries ten times, and holds on to the intent meanwhile', () => {
      when(saving('committing', 1), DOWN, {
        state: saving('pausing', 1),
        does: [{ do: 'tell', phase: 'unsaved' }, wake(200)],
      });
      when(saving('pausing', 1), WOKE, {
        state: saving('extending', 1),
        does: [{ do: 'mark', fence: FENCE, lease: 11_000 }],
      });
      for (const ok of [true, false])
        when(
          saving('extending', 1),
          { is: 'marked', ok },
          {
            state: saving('committing', 2),
            does: [{ do: 'commit', at: AT, grant: TWO }],
          },
        );
      when(saving('committing', MOST_SAVES - 1), DOWN, {
        state: saving('pausing', MOST_SAVES - 1),
        does: [{ do: 'tell', phase: 'unsaved' }, wake(5_000)],
      });
    });

    it('uses them unsaved after that', () => {
      when(saving('committing', MOST_SAVES), DOWN, saved());
    });

    it('does not write over what somebody else saved', () => {
      when(saving('committing'), committed(false), {
        state: flying({ step: 'reloading', grant: TWO, tries: 1 }),
        does: [load],
      });
      const newer = { held: HELD_NEWER };
      for (const event of [committed(true), committed(false), DOWN, WOKE])
        when(saving('committing', 1, newer), event, { state: idle(newer), does: [release(TAKEN)] });
      ignores(saving('committing', 1, newer), ABANDONED);
    });

    it('lets none of them stay valid after the end', () => {
      const over = { end: LOGOUT };
      for (const event of [committed(true), committed(false), DOWN])
        when(saving('committing', 1, over), event, {
          state: idle(over),
          does: [{ do: 'revoke', grant: TWO }, release(SESSION_ENDED)],
        });
      const both = { ...over, held: HELD_NEWER };
      when(saving('committing', 1, both), committed(false), {
        state: idle(both),
        does: [{ do: 'revoke', grant: TWO }, release(SESSION_ENDED)],
      });
    });
  });

  describe('that writes a verdict down', () => {
    const end: Ending = { reason: 'expired', because: 'It failed.', by: FENCE };
    const ending = (tries = 1) => flying({ step: 'ending', ver: 4, end, thrown: 'no', tries });
    const close = { do: 'close', at: AT, end } as const;

    it('tells of it where it was the first', () => {
      when(
        ending(),
        { is: 'closed', ok: true },
        {
          state: idle({ end }),
          does: [{ do: 'ended', end }, release({ ok: false, thrown: 'no' })],
        },
      );
    });

    it('looks where somebody was faster, or it was itself', () => {
      when(
        ending(),
        { is: 'closed', ok: false },
        {
          state: flying({ step: 'reloading', verdict: { ver: 4, by: FENCE, thrown: 'no' }, tries: 1 }),
          does: [load],
        },
      );
    });

    it('tries ten times, and then keeps in mind that it may be there', () => {
      when(ending(), DOWN, { state: ending(2), does: [wake(200)] });
      when(ending(2), WOKE, { state: ending(2), does: [close] });
      when(ending(MOST_SAVES - 1), DOWN, { state: ending(MOST_SAVES), does: [wake(5_000)] });
      when(ending(MOST_SAVES), DOWN, { state: idle({ untold: FENCE }), does: [release(UNAVAILABLE)] });
      ignores(ending(), SETTLED, GONE);
    });
  });

  describe('that looks at the record', () => {
    const verdict = { ver: 4, by: FENCE, thrown: 'no' };
    type Reloading = StepOf<Tokens> & { readonly step: 'reloading' };
    const looking = (more: Partial<Reloading> = {}, holder: Partial<Holder<Tokens>> = {}) =>
      flying({ step: 'reloading', tries: 1, ...more }, holder);
    const seen = (record: (Event<Tokens> & { readonly is: 'seen' })['seen']) =>
      ({ is: 'seen', seen: record }) as const;
    const over = (end: Ending) => seen({ gen: 3, ver: 4, end });
    const ours: Ending = { reason: 'expired', because: 'It failed.', by: FENCE };

    it('tries ten times, but not where it is gone', () => {
      when(looking(), DOWN, { state: looking({ tries: 2 }), does: [wake(200)] });
      when(looking({ tries: 2 }), WOKE, { state: looking({ tries: 2 }), does: [load] });
      when(looking({ tries: MOST_SAVES - 1 }), DOWN, {
        state: looking({ tries: MOST_SAVES }),
        does: [wake(5_000)],
      });
      when(looking({ tries: MOST_SAVES }), DOWN, { state: idle(), does: [release(UNAVAILABLE)] });
      when(looking(), GONE, { state: idle(), does: [release(UNAVAILABLE)] });
      when(looking({ verdict }), GONE, { state: idle({ untold: FENCE }), does: [release(UNAVAILABLE)] });
      when(looking({ grant: TWO }), GONE, { state: idle({ spare: TWO }), does: [release(UNAVAILABLE)] });
      when(looking({ verdict }, { spare: TWO }), GONE, {
        state: idle({ untold: FENCE, spare: TWO }),
        does: [release(UNAVAILABLE)],
      });
      ignores(looking(), SETTLED, ABANDONED);
    });

    it('finds its own verdict there, and tells of it', () => {
      when(looking({ verdict }), over(ours), {
        state: idle({ end: ours }),
        does: [{ do: 'ended', end: ours }, release({ ok: false, thrown: 'no' })],
      });
      when(looking({ verdict }, { end: LOGOUT }), over(ours), {
        state: idle({ end: LOGOUT }),
        does: [{ do: 'ended', end: ours }, release({ ok: false, thrown: 'no' })],
      });
    });

    it('finds that of somebody else, who tells of it', () => {
      const theirs = { ...ours, by: FENCE + 1 };
      when(looking({ verdict }), over(theirs), {
        state: idle({ end: theirs }),
        does: [release(SESSION_ENDED)],
      });
      when(looking(), over(ours), { state: idle({ end: ours }), does: [release(SESSION_ENDED)] });
    });

    it('finds an earlier verdict of its own, which nobody has told of', () => {
      const earlier = { ...ours, by: FENCE - 1 };
      const untold = { untold: FENCE - 1 };
      when(looking({ verdict }, untold), over(earlier), {
        state: idle({ ...untold, end: earlier }),
        does: [{ do: 'ended', end: earlier }, release(SESSION_ENDED)],
      });
      when(looking({ grant: TWO }, untold), over(earlier), {
        state: idle({ ...untold, end: earlier }),
        does: [{ do: 'ended', end: earlier }, { do: 'revoke', grant: TWO }, release(SESSION_ENDED)],
      });
    });

    it('that is behind keeps in mind that the verdict may be there all the same', () => {
      const behind = seen({ ...NEWER, ver: 4 });
      when(looking({ verdict }), behind, { state: idle({ untold: FENCE }), does: [release(UNAVAILABLE)] });
      when(looking({ verdict }, { end: LOGOUT }), behind, {
        state: idle({ end: LOGOUT }),
        does: [{ do: 'ended', end: LOGOUT }, release(UNAVAILABLE)],
      });
      const theirs = over({ ...ours, by: FENCE + 1 });
      when(looking({ verdict }, { end: LOGOUT }), theirs, {
        state: idle({ end: LOGOUT }),
        does: [release(UNAVAILABLE)],
      });
    });

    it('goes on where a hint brought newer tokens than the verdict was about', () => {
      const newer = { held: HELD_NEWER };
      when(looking({ verdict }, newer), seen(NEWER), { state: idle(newer), does: [release(TAKEN)] });
    });

    it('finds newer tokens, or nothing new', () => {
      when(looking({ verdict }), seen(NEWER), { state: idle({ held: HELD_NEWER }), does: [release(TAKEN)] });
      when(looking(), seen({ ...NEWER, ver: 4 }), { state: idle(), does: [release(UNAVAILABLE)] });
    });

    it('lets tokens that came too late stay valid only where the session goes on', () => {
      when(looking({ grant: TWO }), over(LOGOUT), {
        state: idle({ end: LOGOUT }),
        does: [{ do: 'revoke', grant: TWO }, release(SESSION_ENDED)],
      });
      when(looking({ grant: TWO }), seen(NEWER), {
        state: idle({ held: HELD_NEWER }),
        does: [release(TAKEN)],
      });
    });
  });

  describe('that has a hint', () => {
    const seen = (record: (Event<Tokens> & { readonly is: 'seen' })['seen']) =>
      ({ is: 'seen', seen: record }) as const;

    it('takes newer tokens, and all who wait have them', () => {
      when(idle(), seen(NEWER), { state: idle({ held: HELD_NEWER }), does: [release(TAKEN)] });
      when(flying({ step: 'waiting' }), seen(NEWER), {
        state: idle({ held: HELD_NEWER }),
        does: [release(TAKEN)],
      });
      const claiming = { step: 'claiming', ver: 4 } as const;
      when(flying(claiming), seen(NEWER), {
        state: flying(claiming, { held: HELD_NEWER }),
        does: [release(TAKEN)],
      });
    });

    it('takes no older ones, none of before the session began, and none after the end', () => {
      const before = { ...HELD, gen: 0 };
      for (const [state, record] of [
        [idle(), { ...NEWER, ver: 4 }],
        [idle(), { ...NEWER, ver: 3 }],
        [idle(), { ...NEWER, gen: 2, ver: 9 }],
        [idle({ held: before }), NEWER],
        [idle({ end: LOGOUT }), NEWER],
        [idle(), { gen: 2, ver: 9, end: LOGOUT }],
      ] as const)
        ignores(state, seen(record));
    });

    it('hears of the end, also by somebody who logged in in its place', () => {
      const over = { gen: 3, ver: 1, end: LOGOUT };
      when(idle(), seen(over), { state: idle({ end: LOGOUT }), does: [release(SESSION_ENDED)] });
      for (const record of [
        { ...NEWER, gen: 4, ver: 1 },
        { ...over, gen: 4 },
      ])
        when(idle(), seen(record), { state: idle({ end: REPLACED }), does: [release(SESSION_ENDED)] });
    });

    it('lets no tokens live that were refused a place in what turns out to be over, and forgets them otherwise', () => {
      const revoke = { do: 'revoke', grant: TWO } as const;
      const over = { gen: 3, ver: 4, end: LOGOUT };
      const claiming = flying({ step: 'claiming', ver: 4 }, { spare: TWO });
      const then = { state: idle({ spare: TWO, end: LOGOUT }), does: [revoke, release(SESSION_ENDED)] };
      when(idle({ spare: TWO }), seen(over), then);
      when(claiming, { is: 'claim', claim: { is: 'newer', seen: over } }, then);
      when(
        idle({ spare: TWO }),
        { is: 'end', end: LOGOUT },
        {
          ...then,
          does: [{ do: 'end', gen: 3, end: LOGOUT }, ...then.does],
        },
      );
      when(idle({ spare: TWO }), seen(NEWER), { state: idle({ held: HELD_NEWER }), does: [release(TAKEN)] });
      ignores(then.state, seen(over));
    });

    it('tells of the end where it turns out to be its own', () => {
      const ours = { ...LOGOUT, by: FENCE };
      when(idle({ untold: FENCE }), seen({ gen: 3, ver: 4, end: ours }), {
        state: idle({ untold: FENCE, end: ours }),
        does: [{ do: 'ended', end: ours }, release(SESSION_ENDED)],
      });
    });
  });

  describe('that is logged out', () => {
    const end = { is: 'end', end: LOGOUT } as const;

    it('lets the store know, and all who wait', () => {
      when(idle(), end, {
        state: idle({ end: LOGOUT }),
        does: [{ do: 'end', gen: 3, end: LOGOUT }, release(SESSION_ENDED)],
      });
      when(flying({ step: 'waiting' }), end, {
        state: idle({ end: LOGOUT }),
        does: [{ do: 'end', gen: 3, end: LOGOUT }, release(SESSION_ENDED)],
      });
      when(idle({ untold: FENCE }), end, {
        state: idle({ untold: FENCE, end: LOGOUT }),
        does: [{ do: 'end', gen: 3, end: LOGOUT }, { do: 'ended', end: LOGOUT }, release(SESSION_ENDED)],
      });
      const sending = { step: 'sending', ver: 4, fence: FENCE, sentAt: NOW } as const;
      when(flying(sending), end, {
        state: flying(sending, { end: LOGOUT }),
        does: [{ do: 'end', gen: 3, end: LOGOUT }, release(SESSION_ENDED)],
      });
      ignores(idle({ end: REPLACED }), end);
    });

    it('before the store knows of it is told at once', () => {
      const begins = { held: { ...HELD, gen: 0 } };
      const beginning = { step: 'beginning', tries: 1 } as const;
      when(flying(beginning, begins), end, {
        state: flying(beginning, { ...begins, end: LOGOUT }),
        does: [{ do: 'ended', end: LOGOUT }, release(SESSION_ENDED)],
      });
    });

    it('after the store did not say whether it has begun asks whether it has', () => {
      const doubtful = { held: { ...HELD, gen: 0 }, mayHaveBegun: true } as const;
      const asks = { because: LOGOUT.because, usable: false, eager: false, beganAt: NOW } as const;
      when(idle(doubtful), end, {
        state: idle({ ...doubtful, end: LOGOUT, flight: { ...asks, step: 'beginning', tries: 1 } }),
        does: [{ do: 'ended', end: LOGOUT }, release(SESSION_ENDED), begin],
      });
      when(idle({ held: doubtful.held }), end, {
        state: idle({ held: doubtful.held, end: LOGOUT }),
        does: [{ do: 'ended', end: LOGOUT }, release(SESSION_ENDED)],
      });
      const beginning = { step: 'beginning', tries: 3 } as const;
      when(flying(beginning, doubtful), end, {
        state: flying({ ...beginning, tries: 1 }, { ...doubtful, end: LOGOUT }),
        does: [{ do: 'ended', end: LOGOUT }, release(SESSION_ENDED)],
      });
    });

    it('hears nothing more where nothing is under way', () => {
      ignores(idle({ end: LOGOUT }), SETTLED, DOWN, WOKE, GONE, ABANDONED);
    });
  });
});
