// One server, as all who call it see it together: how many calls may be under way to it, the gates of its buckets and
// the budget of its repeats.
import { earn, newBudget, payBack, spend, type BudgetDecision } from '../decide/budget.js';
import {
  answered,
  decideHold,
  failed,
  FIRST_OF_ALL,
  followsAt,
  NEW_FLOW,
  NEW_FLOW_OF_ONE,
  roomFor,
  roomForWaiting,
  sentOne,
  sentWaiting,
  widened,
} from '../decide/flow.js';
import type { Cooldowns } from '../decide/shared-limit.js';
import { alarm } from './alarm.js';
import type { Call } from './call.js';
import { Failure, failureOf, type WireConfig } from './failure.js';
import { createGate, type Gate, type Passage } from './gate.js';
import { createLine, rankOf, type Turn } from './line.js';

export interface Server {
  /** The gate of a bucket: who enters there takes a place at the server, too. */
  gate(lane: string): Gate;
  /** Gives the place back; whoever waits for it is let go by `drain()`. */
  leave(config: WireConfig, passage: Passage): void;
  /** Lets as many go as there is room for. */
  drain(): void;
  /** A call begins and earns its share of repeats. */
  earn(call: Call): void;
  /** Nobody has called it for a while, and what was learned about it is old. */
  isIdle(now: number): boolean;
  /** Nobody will call it any more. */
  release(): void;
  /** Asks for one repeat by a call that can wait for `patience` ms. */
  spend(call: Call, patience: number): BudgetDecision;
}

/** Beyond this many buckets the idle ones are forgotten: one for each session must not add up. */
const SWEEP_AT = 256;
/** From so many on, what was learned about idle ones is forgotten, too. */
const MOST_LEARNED = 1_024;
/** A server that nobody has called for so long is forgotten, ms. */
const FORGET_AFTER = 60_000;
/** Most calls at once to one server, unless a single bucket may have more. */
const CEILING = 256;
/** Who has tried most often is the next to try again, so that an outage is met by few calls rather than by many. */
const bonusOf = ({ attempts }: Call) => BONUS * (attempts / (attempts + 1));
const BONUS = 0.5;
/** Those who are held back are asked so often whether they still wait, ms. */
const ASK_EVERY = 250;

/** @param cooldowns where a fleet shares its limits */
export function createServer(origin: string, cooldowns?: Cooldowns): Server {
  const gates = new Map<string, Gate>();
  let sweepAt = SWEEP_AT;
  let budget: ReturnType<typeof newBudget> | undefined;
  let flow = cooldowns ? NEW_FLOW_OF_ONE : NEW_FLOW;
  let asksFor = cooldowns;
  let underWay = 0;
  let ceiling = CEILING; // of whoever came last: clients of one server rarely differ
  let askedAt = 0;
  let calledAt = performance.now();
  let lastFailure: Failure | undefined; // tells those who cannot wait why
  const wake = alarm(drain);

  const line = createLine({
    refusal: refusalOf,
    ended: (config, cause) => failureOf(config, cause, config.call.facts.terms.table),
    admit(config) {
      const { call } = config;
      const turn = gate(call.facts.lane).claim(config);
      if (turn) return turn;
      flow = sentWaiting(flow, performance.now(), Math.random());
      place(call);
      return undefined;
    },
    left({ call }, since) {
      if (call.held) call.waited += performance.now() - since;
      if (line.size === 0) wake.off();
    },
  });

  /** Takes a place for the call; if there is none, resolves when it has one, or a refusal. */
  function enter(config: WireConfig, isNew: boolean): Turn | undefined {
    const { call } = config;
    const now = performance.now();
    ceiling = Math.max(CEILING, call.facts.terms.cooldown.concurrency);
    // Those who are held back follow spread over a while, and so do repeats; who is new does not have to wait for them.
    const mayPass = flow.following ? !call.paid : line.size === 0;
    // Others wait for an urgent call, so it waits for nobody.
    if (call.facts.endpoint?.urgent || (mayPass && roomFor(flow, ceiling, underWay, now) > 0)) {
      flow = sentOne(flow, now, Math.random());
      place(call);
      return undefined;
    }
    return wait(config, now, isNew);
  }

  function place(call: Call): void {
    underWay += 1;
    call.tries = flow.outage !== undefined && line.size > 0;
    call.cuts = flow.cuts;
    call.server = server;
  }

  function wait(config: WireConfig, now: number, isNew: boolean): Turn {
    const { call } = config;
    const { terms } = call.facts;
    call.held = flow.outage !== undefined;
    call.refusal =
      refusalOf(config, now) ??
      (isNew && line.size >= terms.cooldown.maxQueued && call.attempts === 0
        ? failureOf(config, 'queue-full', terms.table)
        : undefined);
    if (call.refusal) return Promise.resolve(config);
    // More calls come than the server can take: the newest go first, so that some are answered in time rather than all
    // too late.
    const newestFirst = !flow.outage && now < flow.strainedUntil;
    const turn = line.join(config, rankOf(call, bonusOf(call), newestFirst));
    call.facts.identity.emit('queued', () => ({
      ...call.label,
      reason: call.held ? 'outage' : 'concurrency',
      depth: line.size,
    }));
    arm(now);
    widen();
    return turn;
  }

  /** The first who has to wait asks how much of the first burst is for this process. */
  function widen(): void {
    const share = asksFor?.start(origin, FIRST_OF_ALL);
    asksFor = undefined;
    const widenBy = (calls?: number) => {
      flow = widened(flow, calls);
      drain();
    };
    share?.then(widenBy, () => widenBy());
  }

  /** Why a call that waits since `since` should not wait any longer. */
  function refusalOf(config: WireConfig, since: number): Failure | undefined {
    const { call } = config;
    if (call.ended) return failureOf(config, call.ended, call.facts.terms.table);
    if (!flow.outage || !lastFailure) return undefined;
    const now = performance.now();
    const decision = decideHold(flow.outage, now, call.waited + now - since, call.facts.patience);
    if (decision.do === 'wait') return undefined;
    const { row, status } = lastFailure;
    return new Failure(config, row, { status }).giveUp(decision.because, Math.ceil(decision.retryAfter));
  }

  function drain(): void {
    if (line.size === 0) return;
    const now = performance.now();
    line.release(() => roomForWaiting(flow, ceiling, underWay, now));
    if (flow.outage && now - askedAt >= ASK_EVERY) {
      askedAt = now;
      line.askAll();
    }
    arm(now);
  }

  /** One alarm wakes those who wait for a moment rather than for somebody to come back. */
  function arm(now: number): void {
    if (line.size > 0 && (flow.outage || flow.following)) wake.at(followsAt(flow, now), now);
    else wake.off();
  }

  function leave({ call }: WireConfig, passage: Passage): void {
    if (passage !== 'unknown' && passage !== 'unsent') {
      const now = performance.now();
      const back = { now, took: now - call.sentAt, cuts: call.cuts, underWay, waiting: line.size, ceiling };
      if (typeof passage === 'object' && 'failedWith' in passage) {
        lastFailure = passage.failedWith;
        flow = failed(flow, back, lastFailure.row);
        // Who asked for a circuit breaker wants to fail at once rather than to be held back.
        if (call.facts.terms.breaker.enabled) flow = { ...flow, failures: 0, outage: undefined };
      } else {
        flow = answered(flow, back);
        if (call.paid && budget) budget = payBack(budget, call.facts.terms.retry.budget, now);
      }
      call.paid = false;
    }
    underWay -= 1;
  }

  function sweep(): void {
    forget();
    if (gates.size >= MOST_LEARNED) forget(0);
    sweepAt = Math.max(SWEEP_AT, gates.size * 2); // amortised: never a sweep for each call
  }

  function forget(keepFor?: number): void {
    for (const [lane, gate] of gates)
      if (gate.isIdle(keepFor)) {
        gates.delete(lane);
        gate.release();
      }
  }

  function gate(lane: string): Gate {
    const known = gates.get(lane);
    if (known) return known;
    if (gates.size >= sweepAt) sweep();
    const made = createGate(enter, cooldowns && { cooldowns, name: lane });
    gates.set(lane, made);
    return made;
  }

  const server: Server = {
    gate,
    leave,
    drain,
    isIdle: (now) =>
      underWay === 0 &&
      line.size === 0 &&
      now - calledAt > FORGET_AFTER &&
      [...gates.values()].every((gate) => gate.isIdle()),
    release() {
      for (const gate of gates.values()) gate.release();
    },
    earn({ facts, startedAt }) {
      calledAt = startedAt;
      const policy = facts.terms.retry.budget;
      budget = earn(budget ?? newBudget(policy, startedAt), policy, startedAt);
    },
    spend(call, patience) {
      const policy = call.facts.terms.retry.budget;
      const now = performance.now();
      const decision = spend(budget ?? newBudget(policy, now), policy, now, patience);
      if (decision.do === 'grant') budget = decision.next;
      call.paid = decision.do === 'grant';
      return decision;
    },
  };
  return server;
}
