// Runs the machine of one holder (decide/session-machine.ts): carries out what it asks for and tells it what came of it.
import type { TokenSet } from '../contract/success-body.js';
import type { Secret } from '../contract/secret.js';
import type { Last, Seen } from '../decide/record.js';
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
import type { Emit } from '../ports.js';
import type { Awaitable, Grant, Seat } from './coordinator.js';
import { grantOf, viewOf, type View } from './grant.js';
import { mishapOf } from './mishap.js';
import { createWaitingRoom, type WaitingRoom } from './waiting-room.js';

export interface RunnerOptions {
  readonly key: string;
  /** The place at the record. */
  readonly seat: Seat;
  /** With a `gen` of 0 the session begins at the coordinator first. */
  readonly held: Held<Grant>;
  readonly emit: Emit;
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
  let view = viewOf(holder.held);
  const room = createWaitingRoom(() => dispatch({ is: 'abandoned' }));
  const look = () =>
    ask(
      () => seat.load(),
      (seen, took) => (seen ? { is: 'seen', seen: aged(seen, took) } : { is: 'down' }),
    );
  const unsubscribe = seat.subscribe(look);

  const events: Event<Grant>[] = [];
  const afterwards: (() => void)[] = [];
  let running = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** Those who listen and those who wait are told when the machine has come to rest: they may call back into it. */
  function dispatch(event: Event<Grant>): void {
    events.push(event);
    if (running) return;
    running = true;
    for (let next = events.shift(); next; next = events.shift()) {
      const [state, effects] = step(holder, next, terms, performance.now());
      holder = state;
      if (view.held !== state.held) view = viewOf(state.held);
      for (const effect of effects) carryOut(effect);
    }
    running = false;
    if (!holder.flight) clearTimeout(timer);
    if (holder.end) unsubscribe();
    tellAll();
  }

  function tellAll(): void {
    if (!running) for (const due of afterwards.splice(0)) due();
  }

  function carryOut(effect: Effect<Grant>): void {
    switch (effect.do) {
      case 'begin': {
        ask(
          () => seat.begin(effect.grant),
          (version) => ({ is: 'begun', version }),
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
        look();
        return;
      }
      case 'end': {
        settle(
          () => seat.end({ gen: effect.gen }, effect.end),
          endedBy,
          () => tellEnd(),
        );
        return;
      } // out of reach: the customer is told all the same
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

  /** An answer that comes too late for its question is none: it would be taken for the answer to the next one. */
  function ask<T>(call: () => Awaitable<T>, answer: (value: T, took: number) => Event<Grant>): void {
    const question = { open: true };
    const asked = performance.now();
    const settled = (event: () => Event<Grant>) => {
      if (!question.open) return;
      question.open = false;
      clearTimeout(late);
      dispatch(event());
    };
    const down = () => settled(() => ({ is: 'down' }));
    let late: ReturnType<typeof setTimeout> | undefined;
    settle(call, (value) => settled(() => answer(value, performance.now() - asked)), down);
    if (question.open) late = setTimeout(down, terms.timeout);
  }

  function send({ grant, again }: Effect<Grant> & { readonly do: 'send' }): void {
    const { refreshToken } = grant.tokens;
    if (!refreshToken) {
      dispatch({ is: 'failed', mishap: { thrown: { cause: 'unsendable' }, says: 'refused' } });
      return;
    }
    options.renew(refreshToken, again).then(
      // A server that keeps the old refresh token sends none.
      ({ tokens, ...renewed }) =>
        dispatch({ is: 'granted', grant: grantOf({ refreshToken, ...tokens }, true), renewed }),
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

  /** @param last answers whoever was the first to end it */
  function endedBy(last: Last<Grant> | undefined): void {
    if (!last) return;
    if (last.grant && last.ver > holder.held.ver) options.orphaned(last.grant.tokens);
    tellEnd();
  }

  function tellEnd(): void {
    const { end } = holder;
    if (!end) return;
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

/** What the answer took may have gone by after the record was read: tokens are never taken for younger than they are. */
function aged(seen: Seen<Grant>, took: number): Seen<Grant> {
  return 'end' in seen ? seen : { ...seen, age: seen.age + took };
}

/** Answers that are there at once are taken at once. */
export function settle<T>(call: () => Awaitable<T>, done: (value: T) => void, down: () => void): void {
  let answer: Awaitable<T>;
  try {
    answer = call();
  } catch {
    down();
    return;
  }
  if (isPromise(answer)) answer.then(done, down);
  else done(answer);
}

function isPromise<T>(value: Awaitable<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
