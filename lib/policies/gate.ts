// The gate of one bucket: a 429 closes it for everyone, and it opens again by degrees.
import {
  admitted,
  decideWait,
  forgotten,
  heard,
  isForgettable,
  limited,
  NEW_GATE,
  passed,
  refreshed,
  room,
  spent,
  unsent,
  wakesAt,
  type CooldownPolicy,
  type GateState,
} from '../decide/gate.js';
import { NO_BODY } from '../contract/answer.js';
import { classify, type FailureTable } from '../contract/classify.js';
import type { FailureRow } from '../contract/failure-row.js';
import type { Shown } from '../decide/rate.js';
import type { Call } from './call.js';
import { Failure, failureOf, type Evidence, type WireConfig } from './failure.js';
import { createLine, rankOf, type Turn } from './line.js';
import { alarm } from './alarm.js';
import type { Cooldowns } from '../decide/shared-limit.js';
import { createPermits } from './permits.js';

export interface GatePolicy extends CooldownPolicy {
  /** Most calls that wait for one bucket. */
  readonly maxQueued: number;
}

/** How an attempt ended, as far as those who let it leave care. */
export type Passage =
  | 'passed'
  | 'unknown'
  /** It gave its place back without having left. */
  | 'unsent'
  | { readonly limitedBy: Failure }
  /** It got through, and used up the quota for so long, ms. */
  | { readonly spentFor: number }
  /** The server failed, or was not there. */
  | { readonly failedWith: Failure };

export interface Gate {
  /** Takes a place for the call here and at its server; if one of them is lacking, resolves when it has both, or a refusal. */
  enter(config: WireConfig): Turn | undefined;
  /** Gives the place back; whoever waits for it is let go by `drain()`. */
  leave(config: WireConfig, passage: Passage): void;
  /** Lets as many go as there is room for. */
  drain(): void;
  /** Takes a place for a call that may leave as far as its server goes, or lets it wait here. */
  claim(config: WireConfig): Turn | undefined;
  /** Nothing waits, nothing is under way, and what was learned is older than `keepFor` ms (default a minute). */
  isIdle(keepFor?: number): boolean;
  /** Nobody will come any more. */
  release(): void;
}

/** @param isNew it did not wait elsewhere before: there may be too many who wait */
export type Onward = (config: WireConfig, isNew: boolean) => Turn | undefined;

/** Where a fleet shares the limit of a bucket, and the bucket's name there. */
export interface Shared {
  readonly cooldowns: Cooldowns;
  readonly name: string;
}

const BONUS = 0.5;

/** A replay goes before the calls that were not sent yet; one that is limited again and again, behind them. */
const bonusOf = ({ limits, attempts }: Call) => (limits > 1 ? -BONUS : attempts > 0 ? BONUS : 0);

/** A cooldown that grows by less than this share is no news. */
const NOTABLE = 0.1;
/** Accepted calls are counted over this time, ms. */
const RECENT = 1_000;
/** Those who wait for their turn at a rate are asked so often whether they still do, ms. */
const ASK_EVERY = 250;

/** The row of a limit; a table without one never closes a gate. */
function rowOf(table: FailureTable): FailureRow {
  return table.find((row) => row.reaction === 'cooldown') ?? classify(NOTHING, table);
}

const NOTHING = { operation: 'request', auth: 'none', body: NO_BODY } as const;

/** @param onward takes a place at the server, or waits for one there */
export function createGate(onward: Onward, shared?: Shared): Gate {
  let state: GateState = NEW_GATE;
  let underWay = 0;
  let announced = 0; // until when those who wait know that it is closed
  let limiter: (Evidence & { readonly row: FailureRow }) | undefined; // tells those who cannot wait why
  const recent = { accepted: 0, since: 0 };
  let askedAt = 0;
  let policy: CooldownPolicy; // of whoever came last: clients of one bucket rarely differ
  let table: FailureTable;
  const wake = alarm(drain);
  const permits =
    shared &&
    createPermits(shared.cooldowns, shared.name, {
      closed: closedElsewhere,
      freed() {
        state = forgotten(state);
      },
      changed: drain,
    });
  const places = (now: number) => room(state, policy, underWay, now, permits?.left(now));

  const line = createLine({
    refusal: refusalOf,
    ended: (config, cause) => failureOf(config, cause, config.call.facts.terms.table),
    admit: (config) => pass(config, false),
    left({ call }, since) {
      // Waiting for room is not waiting for a cooldown, unless one came meanwhile.
      if (call.closed || call.epoch !== state.epoch) call.waited += performance.now() - since;
      if (line.size === 0) wake.off();
    },
  });

  function enter(config: WireConfig): Turn | undefined {
    ({ cooldown: policy, table } = config.call.facts.terms);
    const now = performance.now();
    if (line.size === 0) {
      if (underWay === 0) state = refreshed(state, now);
      if (places(now) > 0) return pass(config, true);
    }
    return wait(config, now, true);
  }

  /**
   * Takes both places at the same moment, or none. Calls that hold one of them while they ask for the other can hand
   * them to each other forever.
   */
  const pass = (config: WireConfig, isNew: boolean) => onward(config, isNew) ?? take(config);

  /** Also where the gate that it entered by was idle, and forgotten. */
  function claim(config: WireConfig): Turn | undefined {
    ({ cooldown: policy, table } = config.call.facts.terms);
    const now = performance.now();
    if (places(now) === 0) return wait(config, now, false);
    take(config);
    return undefined;
  }

  function take({ call }: WireConfig): undefined {
    underWay += 1;
    state = admitted(state, performance.now());
    permits?.take();
    call.epoch = state.epoch;
    call.gate = gate;
  }

  /** @param isNew it did not wait elsewhere before */
  function wait(config: WireConfig, now: number, isNew: boolean): Turn {
    const { call } = config;
    call.refusal = refusalOf(config, now) ?? (isNew ? lackOfRoom(config, now) : undefined);
    if (call.refusal) return Promise.resolve(config);
    call.closed = now < state.opensAt;
    call.epoch = state.epoch;
    const turn = line.join(config, rankOf(call, bonusOf(call)));
    call.facts.identity.emit('queued', () => ({
      ...call.label,
      reason: call.closed ? 'cooldown' : 'concurrency',
      depth: line.size,
    }));
    next(now);
    return turn;
  }

  /** A call that was limited by the server has its place already. */
  function lackOfRoom(config: WireConfig, now: number): Failure | undefined {
    const { terms } = config.call.facts;
    if (line.size < terms.cooldown.maxQueued || config.call.attempts > 0) return undefined;
    const failure = failureOf(config, 'queue-full', terms.table);
    if (now < state.opensAt) failure.retryAfter = Math.ceil(state.opensAt - now);
    return failure;
  }

  /** Why a call that waits since `since` should not wait any longer. */
  function refusalOf(config: WireConfig, since: number): Failure | undefined {
    const { call } = config;
    if (call.ended) return failureOf(config, call.ended, call.facts.terms.table);
    const now = performance.now();
    if (!limiter || (now >= state.opensAt && !state.rate)) return undefined;
    const waited = call.waited + now - since;
    const decision = decideWait(state, now, waited, call.facts.patience, call.left);
    if (decision.do === 'wait') return undefined;
    return new Failure(config, limiter.row, limiter).giveUp(decision.because, Math.ceil(decision.retryAfter));
  }

  function drain(): void {
    if (line.size === 0) return;
    const now = performance.now();
    line.release(() => places(now));
    if ((state.rate || permits) && now - askedAt >= ASK_EVERY) {
      askedAt = now;
      line.askAll();
    }
    next(now);
  }

  /** Sees to it that those who wait will be let go. */
  function next(now: number): void {
    if (line.size > 0 && now >= state.opensAt) permits?.want(line.size, now);
    arm(now);
  }

  /** One alarm wakes a gate that nobody comes back to, and only while someone waits. */
  function arm(now: number): void {
    if (line.size === 0) wake.off();
    else if (now < state.opensAt) wake.at(state.opensAt, now);
    else if (permits?.left(now) !== undefined) wake.at(Math.min(permits.wakesAt(now), now + ASK_EVERY), now);
    else if (state.rate) wake.at(wakesAt(state, now), now);
    else if (places(now) > 0)
      wake.at(state.opensAt, now); // it opens just now, and the alarm has not rung yet
    else wake.off();
  }

  function leave(config: WireConfig, passage: Passage): void {
    const { call } = config;
    underWay -= 1;
    if (passage === 'passed') succeeded(call);
    else if (passage === 'unsent') {
      state = unsent(state, performance.now());
      permits?.putBack();
    } else if (typeof passage === 'object' && !('failedWith' in passage)) close(config, passage);
  }

  function succeeded({ epoch, facts }: Call): void {
    const now = performance.now();
    if (now - recent.since > RECENT) {
      recent.since = now;
      recent.accepted = 0;
    }
    recent.accepted += 1;
    // One that was under way when the bucket was closed was accepted before, as the fleet counts.
    if (epoch === state.epoch || now < state.opensAt) permits?.accepted(line.size > 0);
    state = passed(state, facts.terms.cooldown, epoch, now);
  }

  const shownBefore = (now: number): Shown => ({ accepted: recent.accepted, forMs: now - recent.since });

  function close({ call }: WireConfig, passage: Exclude<Passage, string | { failedWith: Failure }>): void {
    const { cooldown, table } = call.facts.terms;
    const now = performance.now();
    const { epoch } = state;
    const shown = shownBefore(now);
    let because = 'The server says that its quota is used up.';
    if ('limitedBy' in passage) {
      const { row, status, body, told, requestId } = passage.limitedBy;
      // A call that is limited again and again waits longer each time, whatever its neighbours hear.
      const strikes = Math.max(state.strikes, call.limits - 1);
      call.limits += 1;
      state = limited({ ...state, strikes }, cooldown, now, call.epoch, told, shown);
      limiter = { row, status, body, told, requestId };
      because = row.because;
    } else {
      succeeded(call);
      state = spent(state, now, passage.spentFor, shown);
      limiter = { row: rowOf(table) };
    }
    // Calls that were under way together are limited together: that is one cooldown, unless a later one asks for more.
    if (state.epoch === epoch && state.opensAt - announced < NOTABLE * (state.opensAt - now)) return;
    announced = state.opensAt;
    permits?.limited(state.opensAt - now, shown);
    line.askAll();
    call.facts.identity.emit('cooldown', () => ({
      ...call.label,
      forMs: Math.ceil(state.opensAt - now),
      because,
    }));
  }

  /** What another process was told of the bucket. */
  function closedElsewhere(forMs: number, again: boolean): Shown {
    const now = performance.now();
    const shown = shownBefore(now);
    state = heard(state, now, forMs, again, shown);
    announced = state.opensAt;
    limiter ??= { row: rowOf(table) };
    line.askAll();
    if (line.size > 0) arm(now);
    return shown;
  }

  const gate: Gate = {
    enter,
    claim,
    leave,
    drain,
    isIdle: (keepFor) => line.size + underWay === 0 && isForgettable(state, performance.now(), keepFor),
    release: () => permits?.release(),
  };
  return gate;
}
