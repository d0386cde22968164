// The gate in front of the transport, one for each bucket. p-queue only admits: it holds who waits, in order and by
// priority, and a call that may leave holds no slot of it, so no wiring of interceptors can deadlock on it.
import PQueue from 'p-queue';
import {
  decideWait,
  limited,
  newGate,
  passed,
  room,
  spent,
  type CooldownPolicy,
  type GateState,
} from '../decide/gate.js';
import { NO_BODY } from '../contract/answer.js';
import { classify, type FailureTable } from '../contract/classify.js';
import type { FailureRow } from '../contract/failure-row.js';
import type { Call } from './call.js';
import { Failure, failureOf, type Evidence, type WireConfig } from './failure.js';

export interface GatePolicy extends CooldownPolicy {
  /** Most calls that wait for one bucket. */
  readonly maxQueued: number;
}

/** How an attempt ended, as far as the gate cares. */
export type Passage =
  | 'passed'
  | 'unknown'
  | { readonly limitedBy: Failure }
  /** It got through, and used up the quota for so long, ms. */
  | { readonly spentFor: number };

export interface Gate {
  /** Resolves when the call may leave; `undefined`: at once. Rejects with a `Failure`. */
  enter(config: WireConfig): Promise<void> | undefined;
  /** Every call that was let in leaves once. */
  leave(config: WireConfig, passage: Passage): void;
  /** Nothing waits, nothing is under way and nothing is remembered. */
  readonly idle: boolean;
}

/** A call that waits. */
interface Waiting {
  readonly priority: number;
  /** A cooldown has grown: it may be too long now. */
  askAgain(): void;
  go(): void;
}

const BONUS = 0.5;

/** A replay goes before the calls that were not sent yet; one that is limited again and again, behind them. */
const bonusOf = ({ limits, attempts }: Call) => (limits > 1 ? -BONUS : attempts > 0 ? BONUS : 0);

/** A cooldown that grows by less than this share is no news. */
const NOTABLE = 0.1;
/** Shorter lines are not worth tidying. */
const TIDY_FROM = 64;

/** The row of a limit; a table without one never closes a gate. */
function rowOf(table: FailureTable): FailureRow {
  return table.find((row) => row.reaction === 'cooldown') ?? classify(NOTHING, table);
}

const NOTHING = { operation: 'request', auth: 'none', body: NO_BODY } as const;

const newLine = () => new PQueue({ autoStart: false });

export function createGate(policy: GatePolicy, table: FailureTable): Gate {
  let state: GateState = newGate(policy);
  let underWay = 0;
  let line = newLine();
  const waiters = new Set<Waiting>();
  let announced = 0; // until when those who wait know that it is closed
  /** What a call reads that cannot wait where none was refused yet. */
  const refusal = rowOf(table);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let limiter: (Evidence & { readonly row: FailureRow }) | undefined; // tells those who cannot wait why

  function enter(config: WireConfig): Promise<void> | undefined {
    if (waiters.size > 0 || room(state, underWay, performance.now()) === 0) return wait(config);
    admit(config);
    return undefined;
  }

  function admit({ call }: WireConfig): void {
    underWay += 1;
    call.epoch = state.epoch;
  }

  function wait(config: WireConfig): Promise<void> {
    const { call } = config;
    const since = performance.now();
    const refusal = refusalOf(config, since) ?? lackOfRoom(config, since);
    if (refusal) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      const epoch = since < state.opensAt ? undefined : state.epoch;
      const leave = () => {
        waiters.delete(waiter);
        forget();
        // Waiting for room is not waiting for a cooldown, unless one came meanwhile.
        if (epoch !== state.epoch) call.waited += performance.now() - since;
        if (waiters.size === 0) disarm();
      };
      const giveUp = (failure: Failure) => {
        leave();
        tidy();
        reject(failure);
      };
      const waiter: Waiting = {
        priority: call.facts.priority + bonusOf(call),
        askAgain() {
          const failure = refusalOf(config, since);
          if (failure) giveUp(failure);
        },
        go() {
          leave();
          admit(config);
          resolve();
        },
      };
      const forget = call.onEnd((cause) => giveUp(failureOf(config, cause, table)));
      waiters.add(waiter);
      lineUp(waiter);
      call.facts.identity.emit('queued', () => ({
        ...call.label,
        reason: since < state.opensAt ? 'cooldown' : 'concurrency',
        depth: waiters.size,
      }));
      arm();
    });
  }

  function lineUp(waiter: Waiting): void {
    // Who has left by then is passed over: taking a task out of the line would cost a search for each.
    void line.add(() => waiters.has(waiter) && waiter.go(), { priority: waiter.priority });
  }

  /** A line of many who have left is made anew from those who are there, in their order. */
  function tidy(): void {
    if (line.size < 2 * waiters.size + TIDY_FROM) return;
    line = newLine();
    waiters.forEach(lineUp);
  }

  /** A call that was limited by the server has its place already. */
  function lackOfRoom(config: WireConfig, now: number): Failure | undefined {
    if (waiters.size < policy.maxQueued || config.call.attempts > 0) return undefined;
    const failure = failureOf(config, 'queue-full', table);
    if (now < state.opensAt) failure.retryAfter = Math.ceil(state.opensAt - now);
    return failure;
  }

  /** Why a call that waits since `since` should not wait any longer. */
  function refusalOf(config: WireConfig, since: number): Failure | undefined {
    const { call } = config;
    if (call.ended) return failureOf(config, call.ended, table);
    const now = performance.now();
    if (!limiter || now >= state.opensAt) return undefined;
    const waited = call.waited + now - since;
    const decision = decideWait(state, now, waited, call.facts.patience, call.left);
    if (decision.do === 'wait') return undefined;
    return new Failure(config, limiter.row, limiter).giveUp(decision.because, Math.ceil(decision.retryAfter));
  }

  /** Lets as many go as there is room for. A task of the queue is over within its own tick. */
  function drain(): void {
    for (;;) {
      const free = room(state, underWay, performance.now());
      if (waiters.size === 0 || free === 0) break;
      line.concurrency = line.pending + free;
      line.start();
      line.pause();
    }
    arm();
  }

  /** One timer wakes a closed gate, and only while someone waits. */
  function arm(): void {
    disarm();
    const delay = state.opensAt - performance.now();
    if (waiters.size > 0 && delay > 0) timer = setTimeout(drain, Math.ceil(delay));
  }

  function disarm(): void {
    clearTimeout(timer);
    timer = undefined;
  }

  function leave(config: WireConfig, passage: Passage): void {
    const { call } = config;
    underWay -= 1;
    if (passage === 'passed') state = passed(state, policy, call.epoch);
    else if (passage !== 'unknown') close(config, passage);
    if (waiters.size > 0) drain();
  }

  function close({ call }: WireConfig, passage: Exclude<Passage, string>): void {
    const now = performance.now();
    const { epoch } = state;
    let because = 'The server says that its quota is used up.';
    if ('limitedBy' in passage) {
      const { row, status, body, told, requestId } = passage.limitedBy;
      // A call that is limited again and again waits longer each time, whatever its neighbours hear.
      const strikes = Math.max(state.strikes, call.limits);
      call.limits += 1;
      state = limited({ ...state, strikes }, policy, now, call.epoch, told);
      limiter = { row, status, body, told, requestId };
      because = row.because;
    } else {
      state = spent(passed(state, policy, call.epoch), now, passage.spentFor);
      limiter = { row: refusal };
    }
    // Calls that were under way together are limited together: that is one cooldown, unless a later one asks for more.
    if (state.epoch === epoch && state.opensAt - announced < NOTABLE * (state.opensAt - now)) return;
    announced = state.opensAt;
    for (const waiter of [...waiters]) waiter.askAgain();
    call.facts.identity.emit('cooldown', () => ({
      ...call.label,
      forMs: Math.ceil(state.opensAt - now),
      because,
    }));
  }

  return {
    enter,
    leave,
    get idle() {
      return waiters.size === 0 && underWay === 0 && performance.now() >= state.opensAt;
    },
  };
}
