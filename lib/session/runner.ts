// Runs the machine of one holder (decide/session-machine.ts): carries out what it asks for and tells it what came of it.
import type { TokenSet } from '../contract/success-body.js';
import type { Secret } from '../contract/secret.js';
import type { ServerClock } from '../decide/clock.js';
import type { Last, Seen, Version } from '../decide/record.js';
import type {
  Effect,
  Event,
  Held,
  Holder,
  MachineTerms,
  Outcome,
  Renewed,
} from '../decide/session-events.js';
import { step } from '../decide/session-machine.js';
import { MOST_SAVES, pauseAfter } from '../decide/session-saving.js';
import type { Emit } from '../ports.js';
import { after, aged, inTime, settle } from './answers.js';
import type { Awaitable, Grant, Seat } from './coordinator.js';
import { grantOf, isSame, viewOf, type View } from './grant.js';
import { mishapOf } from './mishap.js';
import { createWaitingRoom, type WaitingRoom } from './waiting-room.js';

export interface RunnerOptions {
  readonly key: string;
  /** The place at the record. */
  readonly seat: Seat;
  /** With a `gen` of 0 the session begins at the coordinator first. */
  readonly held: Held<Grant>;
  /** Its tokens are from elsewhere: where the coordinator knows of the session, that one goes on. */
  readonly joins: boolean;
  readonly emit: Emit;
  /** What is known of the server's clock just now. */
  clock(): ServerClock | undefined;
  /**
   * Asks the server for new tokens. Rejects with a `RenewalFailure`.
   * @param again after an unclear failure it may ask with the same token once more
   */
  renew(refreshToken: Secret, again: boolean): Promise<Renewal>;
  /** Takes tokens that arrived after the end, so that they do not stay valid. */
  orphaned(tokens: TokenSet): void;
}

/** What a refresh brought. */
export interface Renewal extends Renewed {
  readonly tokens: TokenSet;
}

/** Where a session has begun, and what is there where it is that of others. */
interface Begun {
  readonly version: Version;
  readonly seen?: Seen<Grant>;
}

export interface Runner {
  readonly holder: Holder<Grant>;
  /** The tokens in hand. */
  readonly view: View;
  /** Those who wait for the refresh under way. */
  readonly room: WaitingRoom;
  dispatch(event: Event<Grant>): void;
  /** Looks at the record: somebody may have changed it. */
  look(): void;
}

export function createRunner(options: RunnerOptions, terms: MachineTerms): Runner {
  const { key, emit, seat } = options;
  let holder: Holder<Grant> = { held: options.held, begun: [] };
  let view = viewOf(holder.held, options.clock());
  const room = createWaitingRoom(() => dispatch({ is: 'abandoned' }));
  /** After a hint: a look that fails is no answer to whatever the machine has asked for. */
  const look = () => {
    const asked = performance.now();
    const tell = (seen: Seen<Grant> | undefined) =>
      seen && dispatch({ is: 'seen', seen: aged(seen, performance.now() - asked) });
    settle(
      () => seat.load(),
      tell,
      () => undefined,
    );
  };
  const unsubscribe = seat.subscribe(look);

  const events: Event<Grant>[] = [];
  const afterwards: (() => void)[] = [];
  let running = false;
  let told = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** Those who listen and those who wait are told when the machine has come to rest: they may call back into it. */
  function dispatch(event: Event<Grant>): void {
    events.push(event);
    if (running) return;
    running = true;
    for (let next = events.shift(); next; next = events.shift()) {
      const [state, effects] = step(holder, next, terms, performance.now());
      holder = state;
      if (view.held !== state.held) view = viewOf(state.held, options.clock());
      for (const effect of effects) carryOut(effect);
    }
    running = false;
    if (!holder.flight) clearTimeout(timer);
    if (holder.end) unsubscribe(holder.end);
    tellAll();
  }

  function tellAll(): void {
    if (!running) for (const due of afterwards.splice(0)) due();
  }

  function begin(grant: Grant): Awaitable<Begun | undefined> {
    // It is over: what had begun, though the store did not say so, has to hear of that, and nothing begins any more.
    if (holder.end)
      return after(seat.load(), (seen) =>
        seen && 'grant' in seen && isSame(seen.grant, grant) ? { version: seen } : undefined,
      );
    const login = () => after(seat.begin(grant, false), (version) => ({ version }));
    if (!options.joins) return login();
    return after(seat.begin(grant, true), (version) =>
      after(seat.load(), (seen) => {
        // Whose session that was nobody knows any more, so it is not ours: we begin again.
        if (!seen || 'end' in seen) throw new Error('The session that was joined is there no more.');
        // Never two customers under one name.
        const [mine, theirs] = [grant.subject, seen.grant.subject];
        if (mine === undefined || theirs === undefined || mine === theirs) return { version, seen };
        if (holder.end) throw new Error('It is over, and takes nobody else’s place.');
        return login();
      }),
    );
  }

  function carryOut(effect: Effect<Grant>): void {
    switch (effect.do) {
      case 'begin': {
        ask(
          () => begin(effect.grant),
          (begun) => (begun ? { is: 'begun', ...begun } : { is: 'gone' }),
        );
        return;
      }
      case 'claim': {
        ask(
          () => seat.claim(effect),
          (claim, took) => ({
            is: 'claim',
            claim: claim.is === 'newer' ? { ...claim, seen: aged(claim.seen, took) } : claim,
          }),
        );
        return;
      }
      case 'mark': {
        ask(
          () => seat.mark(effect.fence, effect.lease),
          (ok) => ({ is: 'marked', ok }),
        );
        return;
      }
      case 'send': {
        afterwards.push(() => send(effect)); // the call has listeners too
        return;
      }
      case 'commit': {
        ask(
          () => seat.commit(effect.at, effect.grant),
          (ok) => ({ is: 'committed', ok }),
        );
        return;
      }
      case 'cool': {
        ask(
          () => seat.cool(effect.fence, effect.forMs, effect.doubtful),
          () => ({ is: 'settled' }),
        );
        return;
      }
      case 'close': {
        ask(
          () => seat.end(effect.at, effect.end),
          (last) => ({ is: 'closed', ok: last !== undefined }),
        );
        return;
      }
      case 'load': {
        ask(
          () => seat.load(),
          (seen, took) => (seen ? { is: 'seen', seen: aged(seen, took) } : { is: 'gone' }),
        );
        return;
      }
      case 'end': {
        endAt(effect, 1);
        return;
      }
      case 'ended': {
        tellEnd();
        return;
      }
      case 'wake':
        timer = setTimeout(() => dispatch({ is: 'woke' }), effect.afterMs);
        return;
      case 'revoke': {
        options.orphaned(effect.grant.tokens);
        return;
      }
      case 'tell': {
        tell(effect);
        return;
      }
      case 'release': {
        release(effect.outcome);
        return;
      }
    }
  }

  function ask<T>(call: () => Awaitable<T>, answer: (value: T, took: number) => Event<Grant>): void {
    const asked = performance.now();
    const done = (value: T) => dispatch(answer(value, performance.now() - asked));
    inTime(call, terms.timeout, done, () => dispatch({ is: 'down' }));
  }

  /** Others go on with the session until the store hears of its end. */
  function endAt({ gen, end }: Effect<Grant> & { readonly do: 'end' }, tries: number): void {
    const down = () => {
      if (tries === 1) tellEnd(); // out of reach: the customer is told all the same
      if (tries < MOST_SAVES) setTimeout(() => endAt({ do: 'end', gen, end }, tries + 1), pauseAfter(tries));
    };
    const done = (last: Last<Grant> | undefined) => {
      if (last?.grant && last.ver > holder.held.ver) options.orphaned(last.grant.tokens);
      if (last && tries === 1) tellEnd(); // whoever is the first to end it tells of it
    };
    inTime(() => seat.end({ gen }, end), terms.timeout, done, down);
  }

  function send({ grant, again }: Effect<Grant> & { readonly do: 'send' }): void {
    const { refreshToken } = grant.tokens;
    if (!refreshToken) {
      dispatch({ is: 'failed', mishap: { thrown: { cause: 'unsendable' }, says: 'refused' } });
      return;
    }
    options.renew(refreshToken, again).then(
      // A server that keeps the old refresh token sends none.
      ({ tokens, ...renewed }) => {
        const next = grantOf({ refreshToken, ...tokens }, true);
        // Where new tokens do not say whose they are, they are of whom they were refreshed for.
        dispatch({ is: 'granted', grant: { ...next, subject: next.subject ?? grant.subject }, renewed });
      },
      (thrown: unknown) => dispatch({ is: 'failed', mishap: mishapOf(thrown) }),
    );
  }

  function release(outcome: Outcome): void {
    const settleAll = room.clear();
    afterwards.push(() => settleAll(outcome));
  }

  function tell({ phase, code, because }: Effect<Grant> & { readonly do: 'tell' }): void {
    const { ver: version } = holder.held;
    afterwards.push(() =>
      emit('refresh', () => ({
        at: Date.now(),
        session: key,
        phase,
        version,
        ...(code && { code }),
        ...(because && { because }),
      })),
    );
  }

  /** The answer of the store and the machine may both find that it is ours to tell. */
  function tellEnd(): void {
    const { end } = holder;
    if (!end || told) return;
    told = true;
    const { reason, because } = end;
    afterwards.push(() => emit('sessionEnded', () => ({ at: Date.now(), session: key, reason, because })));
    tellAll();
  }

  return {
    get holder() {
      return holder;
    },
    get view() {
      return view;
    },
    room,
    dispatch,
    look,
  };
}
