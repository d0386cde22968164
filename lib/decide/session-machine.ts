// One holder of a session and its refresh, as a pure machine: an event goes in, the next state and what is to be done
// come out. Only one thing is asked for at a time, so every answer belongs to the refresh under way.
import type { Ending } from './record.js';
import { mayPresentAgain } from './rotation.js';
import { pauseAfterFailure } from './session.js';
import type {
  Asked,
  Effect,
  Event,
  Flight,
  Held,
  Holder,
  MachineTerms,
  Mishap,
  Outcome,
  Renewed,
} from './session-events.js';
import {
  adopted,
  again,
  begins,
  closing,
  ended,
  finish,
  heardOf,
  MOST_SAVES,
  on,
  reloading,
  saving,
  seen,
  SESSION_ENDED,
  SLACK,
  TAKEN,
  UNAVAILABLE,
  UNKNOWN,
  type Next,
} from './session-saving.js';

/** Answers that there is no session, before one is believed. */
const ENOUGH = 3;

const AFTER_DOUBT = 'The answer to an earlier refresh was lost, and the good tokens may have been in it.';

interface Subject {
  readonly subject?: string | undefined;
}

export function step<G extends Subject>(
  state: Holder<G>,
  event: Event<G>,
  terms: MachineTerms,
  now: number,
): Next<G> {
  const { flight, end } = state;
  if (event.is === 'end') return end ? [state, []] : ended(state, event.end, now);
  if (event.is === 'seen') return seen(state, event.seen, now);
  if (event.is === 'needed') return flight || end ? [state, []] : first(state, { ...event, beganAt: now });
  switch (flight?.step) {
    case 'beginning':
      return beginning(state, flight, event, terms, now);
    case 'claiming':
      return claiming(state, flight, event, terms, now);
    case 'waiting':
      if (event.is === 'abandoned') return finish(state, UNKNOWN);
      return event.is === 'woke' ? claim(state, flight) : [state, []];
    case 'marking':
      return marking(state, flight, event, terms, now);
    case 'sending':
      if (event.is === 'granted') return granted(state, flight, event.grant, event.renewed, now);
      return event.is === 'failed' ? failed(state, flight, event.mishap, now) : [state, []];
    case 'committing':
    case 'pausing':
    case 'extending':
      return saving(state, flight, event, terms);
    case 'ending':
      return closing(state, flight, event);
    case 'reloading':
      return reloading(state, flight, event);
    case 'settling':
      return event.is === 'settled' || event.is === 'down' ? finish(state, flight.outcome) : [state, []];
    case undefined:
      return [state, []];
  }
}

/** Gives the intent back before anybody is told. */
function settle<G>(
  state: Holder<G>,
  flight: Flight<G> & { readonly fence: number },
  outcome: Outcome,
  forMs = 0,
  doubtful = false,
): Next<G> {
  return [
    on(state, flight, { step: 'settling', outcome }),
    [{ do: 'cool', fence: flight.fence, forMs, doubtful }],
  ];
}

/** Nobody can claim what the coordinator does not know of. */
function first<G>(state: Holder<G>, asked: Asked): Next<G> {
  return state.held.gen > 0 ? claim(state, asked) : begins(state, asked);
}

function beginning<G>(
  state: Holder<G>,
  flight: Flight<G> & { readonly step: 'beginning' },
  event: Event<G>,
  terms: MachineTerms,
  now: number,
): Next<G> {
  const { tries, beganAt } = flight;
  // Whoever took its place must not lose it again.
  if (event.is === 'woke' && state.end?.reason === 'replaced') return finish(state, SESSION_ENDED);
  if (event.is === 'woke') return [state, [{ do: 'begin', grant: state.held.grant }]];
  if (event.is === 'down') {
    // Nobody waits for the end of what may have begun, but others go on with it until the store hears of that.
    const givesUp = state.end ? tries >= MOST_SAVES : now - beganAt >= terms.timeout;
    if (givesUp) return finish({ ...state, mayHaveBegun: true }, UNAVAILABLE);
    return [on(state, flight, { step: 'beginning', tries: tries + 1 }), [again(tries)]];
  }
  if (event.is === 'abandoned') return finish({ ...state, mayHaveBegun: true }, UNAVAILABLE);
  // It is over, and what had begun is not there; but a store may be behind, so it is asked a few times.
  if (event.is === 'gone')
    return tries < ENOUGH
      ? [on(state, flight, { step: 'beginning', tries: tries + 1 }), [again(tries)]]
      : finish(state, SESSION_ENDED);
  if (event.is !== 'begun') return [state, []];
  const { version, seen: there } = event;
  // Somebody else has the session already, perhaps with other tokens.
  const joined = there && 'grant' in there ? there : undefined;
  const held: Held<G> = joined
    ? { gen: joined.gen, ver: joined.ver, grant: joined.grant, at: now - joined.age }
    : { ...state.held, ...version };
  const known = { ...state, held };
  if (state.end) return finish(known, SESSION_ENDED, { do: 'end', gen: version.gen, end: state.end });
  return finish(known, TAKEN);
}

function claim<G>(state: Holder<G>, asked: Asked): Next<G> {
  const { gen, ver } = state.held;
  return [
    on(state, asked, { step: 'claiming', ver }),
    [{ do: 'claim', seen: { gen, ver }, lease: 2 * SLACK, eager: asked.eager }],
  ];
}

function claiming<G>(
  state: Holder<G>,
  flight: Flight<G> & { readonly step: 'claiming' },
  event: Event<G>,
  terms: MachineTerms,
  now: number,
): Next<G> {
  if (event.is === 'down') return finish(state, UNAVAILABLE);
  if (event.is !== 'claim') return [state, []];
  const got = event.claim;
  if (got.is === 'newer') {
    const next = adopted(state, got.seen, now);
    return finish(next, TAKEN, ...heardOf(state, next));
  }
  if (got.is === 'lost') return finish(state, UNAVAILABLE);
  // A hint was faster: the claim was about tokens that are not in hand any more, and nobody needs others now.
  if (state.held.ver !== flight.ver)
    return got.is === 'claimed'
      ? settle(state, { ...flight, fence: got.fence }, TAKEN)
      : finish(state, TAKEN);
  if (state.end && got.is !== 'claimed') return finish(state, SESSION_ENDED);
  if (got.is === 'cooling') {
    const thrown = state.failed?.thrown ?? { ...UNAVAILABLE.thrown, retryAfter: Math.ceil(got.ms) };
    return finish(state, { ok: false, thrown });
  }
  if (got.is === 'busy') {
    // Nobody waits for longer than two exchanges may take.
    const left = flight.beganAt + 2 * (terms.timeout + SLACK) - now;
    if (left <= 0) return finish(state, UNKNOWN);
    return [on(state, flight, { step: 'waiting' }), [{ do: 'wake', afterMs: Math.min(got.ms, left) }]];
  }
  const { fence } = got;
  const doubt = got.doubtFor === undefined ? state.doubt : now - got.doubtFor;
  const known = { ...state, doubt };
  if (state.end) return settle(state, { ...flight, fence }, SESSION_ENDED);
  if (doubt !== undefined && !mayPresentAgain(terms, now - doubt, flight.usable))
    return settle(known, { ...flight, fence }, UNKNOWN);
  return [
    on(known, flight, { step: 'marking', ver: flight.ver, fence, askedAt: now }),
    [{ do: 'mark', fence, lease: terms.timeout + SLACK }],
  ];
}

function marking<G>(
  state: Holder<G>,
  flight: Flight<G> & { readonly step: 'marking' },
  event: Event<G>,
  terms: MachineTerms,
  now: number,
): Next<G> {
  if (event.is === 'down') return settle(state, flight, UNAVAILABLE);
  if (event.is !== 'marked') return [state, []];
  // Nothing guards a refresh of tokens that came meanwhile.
  if (state.held.ver !== flight.ver) return settle(state, flight, TAKEN);
  if (state.end) return settle(state, flight, SESSION_ENDED);
  // Held up for so long that the exchange might outlast the intent: as if it had not been claimed.
  if (event.ok && now - flight.askedAt >= SLACK) return settle(state, flight, UNAVAILABLE);
  if (!event.ok) return claim(state, flight);
  return [
    on(state, flight, { step: 'sending', ver: state.held.ver, fence: flight.fence, sentAt: now }),
    [
      { do: 'tell', phase: 'started', because: flight.because },
      { do: 'send', grant: state.held.grant, again: mayPresentAgain(terms, 0, flight.usable) },
    ],
  ];
}

function granted<G extends Subject>(
  state: Holder<G>,
  flight: Flight<G> & { readonly step: 'sending' },
  grant: G,
  renewed: Renewed,
  now: number,
): Next<G> {
  const { gen, grant: mine } = state.held;
  const { ver } = flight;
  if (state.end) return finish(state, SESSION_ENDED, { do: 'revoke', grant });
  if (mine.subject !== undefined && grant.subject !== undefined && mine.subject !== grant.subject) {
    const end = { reason: 'mismatch', because: 'The refresh brought a token of somebody else.' } as const;
    // Nothing of a session that is over stays valid, and what is not ours does not either.
    const revoked = [
      { do: 'revoke', grant },
      { do: 'revoke', grant: mine },
    ] as const;
    return finish({ ...state, end }, SESSION_ENDED, ...revoked, { do: 'end', gen, end });
  }
  // Somebody saved newer tokens meanwhile: they must not be written over.
  if (state.held.ver !== ver) return finish(state, TAKEN);
  return [
    on(state, flight, {
      step: 'committing',
      from: ver,
      fence: flight.fence,
      grant,
      grantedAt: now,
      renewed,
      tries: 1,
    }),
    [{ do: 'commit', at: { gen, ver }, grant }],
  ];
}

function failed<G>(
  state: Holder<G>,
  flight: Flight<G> & { readonly step: 'sending' },
  { thrown, says, told = 0, explained, code, because }: Mishap,
  now: number,
): Next<G> {
  const telling: Effect<G> = { do: 'tell', phase: 'failed', code, because };
  const { gen } = state.held;
  const { ver } = flight;
  // It is about tokens that somebody replaced meanwhile: it says nothing about the session, nor about those in hand.
  if (state.held.ver !== ver) return finish(state, TAKEN, telling);
  if (says === 'dead' && !state.end) {
    const reasons = [because, state.doubt !== undefined && AFTER_DOUBT].filter(Boolean);
    const end: Ending = { reason: 'expired', because: reasons.join(' '), by: flight.fence };
    return [
      on(state, flight, { step: 'ending', ver, end, thrown, tries: 1 }),
      [telling, { do: 'close', at: { gen, ver }, end }],
    ];
  }
  const count = (state.failed?.count ?? 0) + 1;
  const until = now + Math.max(pauseAfterFailure(count), told);
  const outcome: Outcome = says === 'silent' && !explained ? UNKNOWN : { ok: false, thrown };
  const doubtful = says === 'unclear' || says === 'silent';
  const doubt = state.doubt ?? (doubtful ? flight.sentAt : undefined);
  const next = { ...state, doubt, failed: { thrown: outcome.thrown, count, at: now, until } };
  // The server may be at it still, so the intent stays until it cannot be any more.
  if (says === 'silent') return finish(next, outcome, telling);
  const [settling, effects] = settle(next, flight, outcome, until - now, doubtful);
  return [settling, [telling, ...effects]];
}
