// The ends of a refresh, as parts of the machine: new tokens are saved before anybody gets them, a verdict is written down
// before anybody hears of it, and what somebody else saved is taken over.
import type { Ending, Seen } from './record.js';
import type {
  Asked,
  Effect,
  Event,
  Flight,
  Holder,
  MachineTerms,
  Outcome,
  StepOf,
  Unsaved,
} from './session-events.js';

export type Next<G> = readonly [state: Holder<G>, effects: readonly Effect<G>[]];

/** Time between a claim and its sending, and again between the end of an exchange and the end of its intent, ms. */
export const SLACK = 1_000;

/** Tries to save new tokens, before they are used unsaved. */
export const MOST_SAVES = 10;

export const REPLACED = {
  reason: 'replaced',
  because: 'Somebody logged in in place of this session.',
} as const satisfies Ending;

export const SESSION_ENDED = { ok: false, thrown: { cause: 'session-ended' } } as const;
export const UNKNOWN = { ok: false, thrown: { cause: 'outcome-unknown' } } as const;
export const UNAVAILABLE = { ok: false, thrown: { cause: 'session-unavailable' } } as const;

/** New tokens came from another holder of the session. */
export const TAKEN: Outcome = { ok: true, renewed: { status: 200, attempts: 0 } };

/** The refresh goes on with another step. */
export function on<G>(
  state: Holder<G>,
  { because, usable, eager, beganAt }: Asked,
  next: StepOf<G>,
): Holder<G> {
  return { ...state, flight: { because, usable, eager, beganAt, ...next } };
}

/** The coordinator is asked to let it begin. */
export function begins<G>(state: Holder<G>, asked: Asked): Next<G> {
  return [on(state, asked, { step: 'beginning', tries: 1 }), [{ do: 'begin', grant: state.held.grant }]];
}

/** The refresh is over: those who wait hear of it last. */
export function finish<G>(state: Holder<G>, outcome: Outcome, ...effects: readonly Effect<G>[]): Next<G> {
  const last: Outcome = state.end && outcome.ok ? SESSION_ENDED : outcome;
  return [{ ...state, flight: undefined }, [...effects, { do: 'release', outcome: last }]];
}

/** By the customer or the application: at once, whatever is under way. */
export function ended<G>(state: Holder<G>, end: Ending, now: number): Next<G> {
  const { held, flight, mayHaveBegun, untold } = state;
  const tell: Effect<G> = { do: 'ended', end };
  const release: Effect<G> = { do: 'release', outcome: SESSION_ENDED };
  if (held.gen > 0) {
    const idle = flight?.step === 'waiting' ? undefined : flight;
    const close: Effect<G> = { do: 'end', gen: held.gen, end };
    // Where the store has an earlier verdict of ours it will say that there was nothing to end.
    const told = untold === undefined ? [] : [tell];
    return [{ ...state, flight: idle, end }, [close, ...revoked(state.spare), ...told, release]];
  }
  // The coordinator hears of it once it has heard of the beginning: from now on it is asked for that.
  const over = { ...state, end };
  if (flight?.step === 'beginning')
    return [on(over, flight, { step: 'beginning', tries: 1 }), [tell, release]];
  if (!mayHaveBegun) return [over, [tell, release]];
  const asked = { because: end.because, usable: false, eager: false, beganAt: now };
  const [asking, effects] = begins(over, asked);
  return [asking, [tell, release, ...effects]];
}

/** Nobody uses new tokens before they are saved: trouble with the store is no reason to lose them. */
export function saving<G>(
  state: Holder<G>,
  flight: Flight<G> & Unsaved<G>,
  event: Event<G>,
  terms: MachineTerms,
): Next<G> {
  const { gen, ver } = state.held;
  const { from, fence, grant, grantedAt, renewed, tries, beganAt } = flight;
  const unsaved = { from, fence, grant, grantedAt, renewed, tries };
  // What is in the store by now is this pair or a newer one: it must not be written over.
  if (from !== ver && !state.end && event.is !== 'abandoned') return finish(state, TAKEN);
  if (event.is === 'woke')
    return [
      on(state, flight, { ...unsaved, step: 'extending' }),
      [{ do: 'mark', fence, lease: terms.timeout + SLACK }],
    ];
  if (event.is === 'marked')
    return [
      on(state, flight, { ...unsaved, step: 'committing', tries: tries + 1 }),
      [{ do: 'commit', at: { gen, ver }, grant }],
    ];
  if (event.is === 'down' && !state.end && tries < MOST_SAVES)
    return [
      on(state, flight, { ...unsaved, step: 'pausing' }),
      [{ do: 'tell', phase: 'unsaved' }, again(tries)],
    ];
  if (event.is !== 'committed' && event.is !== 'down') return [state, []];
  // The end came first. What was saved after it would stay valid unseen, and so would what was not.
  if (state.end) return finish(state, SESSION_ENDED, { do: 'revoke', grant });
  if (event.is === 'committed' && !event.ok)
    return [on(state, flight, { step: 'reloading', grant, tries: 1 }), [{ do: 'load' }]];
  const next: Holder<G> = {
    held: { gen, ver: ver + 1, grant, at: grantedAt },
    begun: [...state.begun.filter((at) => beganAt - at < terms.per), beganAt],
  };
  return finish(next, { ok: true, renewed }, { do: 'tell', phase: 'succeeded' });
}

/** The verdict of the server goes to the record, and whoever is the first to write it there tells of it. */
export function closing<G>(
  state: Holder<G>,
  flight: Flight<G> & { readonly step: 'ending' },
  event: Event<G>,
): Next<G> {
  const { ver, end, thrown, tries } = flight;
  const { gen } = state.held;
  const close: Effect<G> = { do: 'close', at: { gen, ver }, end };
  if (event.is === 'woke') return [state, [close]];
  if (event.is === 'down' && tries < MOST_SAVES)
    return [on(state, flight, { step: 'ending', ver, end, thrown, tries: tries + 1 }), [again(tries)]];
  if (event.is === 'down') return unconfirmed(state, end.by);
  if (event.is !== 'closed') return [state, []];
  if (event.ok) return finish({ ...state, end }, { ok: false, thrown }, { do: 'ended', end });
  // Somebody was faster, or it was us and the answer got lost.
  return [
    on(state, flight, { step: 'reloading', verdict: { ver, by: end.by, thrown }, tries: 1 }),
    [{ do: 'load' }],
  ];
}

/** What is there now decides what becomes of those who wait, and of tokens that came too late. */
export function reloading<G>(
  state: Holder<G>,
  flight: Flight<G> & { readonly step: 'reloading' },
  event: Event<G>,
): Next<G> {
  if (event.is === 'woke') return [state, [{ do: 'load' }]];
  if (event.is !== 'down' && event.is !== 'gone') return [state, []];
  // To ask again brings back nothing that is gone.
  if (event.is === 'gone' || flight.tries >= MOST_SAVES)
    return unconfirmed({ ...state, spare: flight.grant ?? state.spare }, flight.verdict?.by);
  return [on(state, flight, { ...flight, tries: flight.tries + 1 }), [again(flight.tries)]];
}

/** The record was looked at, after a hint or because a commit found another version there. */
export function seen<G>(state: Holder<G>, record: Seen<G>, now: number): Next<G> {
  const next = adopted(state, record, now);
  const { flight } = state;
  if (flight?.step === 'reloading') {
    const { verdict } = flight;
    // It was us, and the answer got lost.
    if (verdict && 'end' in record && record.end.by === verdict.by)
      return finish(
        { ...next, end: state.end ?? record.end },
        { ok: false, thrown: verdict.thrown },
        { do: 'ended', end: record.end },
      );
    // A hint was faster, or the record is: there are other tokens than those that the verdict was about.
    const isNewer = next !== state || (verdict && next.held.ver > verdict.ver);
    if (verdict && !isNewer && !('end' in record)) return unconfirmed(state, verdict.by);
    const outcome: Outcome = isNewer ? TAKEN : UNAVAILABLE;
    // Of a session that is over nothing stays valid; of one that goes on, this may be the same pair.
    const late = next.end ? flight.grant : undefined;
    return finish(next, outcome, ...heardOf(state, next), ...revoked(late));
  }
  if (next === state) return [state, []];
  const idle = flight?.step === 'waiting' ? undefined : flight;
  const outcome: Outcome = next.end ? SESSION_ENDED : TAKEN;
  return [{ ...next, flight: idle }, [...heardOf(state, next), { do: 'release', outcome }]];
}

/** The store did not say whether it has the verdict of this attempt. */
function unconfirmed<G>(state: Holder<G>, by: number | undefined): Next<G> {
  if (by === undefined) return finish(state, UNAVAILABLE);
  // Nobody asks again about what is over here already.
  if (state.end) return finish(state, UNAVAILABLE, { do: 'ended', end: state.end });
  return finish({ ...state, untold: by }, UNAVAILABLE);
}

/** The record says that it is over: where that is news of ours nobody else tells of it, and no token may stay valid. */
export function heardOf<G>(state: Holder<G>, { end }: Holder<G>): readonly Effect<G>[] {
  if (!end || state.end) return [];
  const isOurs = state.untold !== undefined && end.by === state.untold;
  return [...(isOurs ? [{ do: 'ended', end } as const] : []), ...revoked(state.spare)];
}

function revoked<G>(grant: G | undefined): readonly Effect<G>[] {
  return grant === undefined ? [] : [{ do: 'revoke', grant }];
}

/** What the record says, where it is newer than what is in hand. Never the other way. */
export function adopted<G>(state: Holder<G>, record: Seen<G>, now: number): Holder<G> {
  const { held } = state;
  // Before the store knows of this session, whatever it has is of another one.
  if (state.end || held.gen === 0 || record.gen < held.gen) return state;
  const end = record.gen > held.gen ? REPLACED : 'end' in record ? record.end : undefined;
  if (end) return { ...state, end };
  if ('end' in record || record.ver <= held.ver) return state;
  const { gen, ver, grant, age } = record;
  return { held: { gen, ver, grant, at: now - age }, begun: state.begun, flight: state.flight };
}

/** The store is in trouble: it is asked again, less and less often. */
export function again<G>(tries: number): Effect<G> {
  return { do: 'wake', afterMs: pauseAfter(tries) };
}

export function pauseAfter(tries: number): number {
  return Math.min(5_000, 100 * 2 ** tries);
}
