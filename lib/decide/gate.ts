// The gate of one bucket: open or closed until a moment, how many calls may be under way at once, and at which rate they
// leave. After a cooldown one call goes first and every success lets one more through than before, at no more than the
// rate that the server has shown it can take: nobody returns in a burst.
import { allowance, nextAt } from './pace.js';
import {
  accepted,
  firstRate,
  isTelling,
  isStale,
  left,
  refusedAgain,
  sparseRate,
  stayed,
  TRUST,
  type Rate,
  type Shown,
} from './rate.js';

export interface CooldownPolicy {
  /** Longest that one call waits for cooldowns and for the end of an outage, ms. */
  readonly maxWait: number;
  /**
   * Wait after a 429 that does not say how long, ms; doubled each time the server refuses again. A bucket that accepted
   * calls just before is tried after a quarter of it.
   */
  readonly fallback: number;
  /** Most calls of a bucket under way at once. How many of them a server takes is learned. */
  readonly concurrency: number;
}

export interface GateState {
  /** Calls leave from this moment on, ms. */
  readonly opensAt: number;
  /** Most calls under way at once just now, besides what the policy allows. */
  readonly window: number;
  /** Cooldowns since the last success. */
  readonly strikes: number;
  /** Counts the cooldowns: tells answers to calls sent before the last one from answers to those after it. */
  readonly epoch: number;
  /** What the refusals have taught about the server's rate. */
  readonly rate?: Rate | undefined;
}

/** Share of the fallback after which a bucket that accepted calls just before is tried again. */
const SOON = 1 / 4;

export const NEW_GATE: GateState = { opensAt: 0, window: Infinity, strikes: 0, epoch: 0 };

/**
 * How many more calls may leave now.
 * @param leave so many may leave as far as the fleet is concerned, whatever this process has learned of the rate
 */
export function room(
  { opensAt, window, rate }: GateState,
  { concurrency }: CooldownPolicy,
  underWay: number,
  now: number,
  leave?: number,
): number {
  if (now < opensAt) return 0;
  const free = Math.max(0, Math.min(window, concurrency) - underWay);
  if (leave !== undefined) return Math.min(free, leave);
  return rate ? Math.min(free, allowance(rate.pace, now)) : free;
}

/** When there may be room again, if nobody leaves it before. */
export function wakesAt({ opensAt, rate }: GateState, now: number): number {
  return Math.max(opensAt, rate ? nextAt(rate.pace, now) : 0);
}

/** A call leaves. */
export function admitted(state: GateState, now: number): GateState {
  return state.rate ? { ...state, rate: left(state.rate, now) } : state;
}

/** A call that was let go gave its place back without having left. */
export function unsent(state: GateState, now: number): GateState {
  return state.rate ? { ...state, rate: stayed(state.rate, now) } : state;
}

/** What is too old to be held against calls that find the bucket empty. */
export function refreshed(state: GateState, now: number): GateState {
  return state.rate && isStale(state.rate, now) ? { ...state, rate: undefined } : state;
}

/**
 * Nobody would miss what is known of the bucket.
 * @param keepFor how long what a refusal has taught is worth something, ms
 */
export function isForgettable({ opensAt, window, rate }: GateState, now: number, keepFor = TRUST): boolean {
  return now >= opensAt + (window === Infinity && !rate ? 0 : keepFor);
}

/**
 * The server limited a call.
 * @param epoch the gate's epoch when that call left
 * @param told how long the server asked to wait, ms
 * @param shown what it accepted shortly before
 */
export function limited(
  state: GateState,
  policy: CooldownPolicy,
  now: number,
  epoch: number,
  told: number | undefined,
  shown: Shown,
): GateState {
  // Calls sent together are limited together: only the first of them counts.
  const first = epoch === state.epoch;
  const strikes = state.strikes + (first ? 1 : 0);
  const opensAt = Math.max(state.opensAt, now + wait(strikes, policy, told, isTelling(shown)));
  return first ? closed(state, now, opensAt, shown) : { ...state, opensAt };
}

/**
 * The bucket is closed for `forMs`, as another process says.
 * @param again it was not known to be; where it is closed here, that is of the same refusal all the same
 * @param shown what was accepted here shortly before
 */
export function heard(state: GateState, now: number, forMs: number, again: boolean, shown: Shown): GateState {
  const opensAt = Math.max(state.opensAt, now + forMs);
  return again && now >= state.opensAt ? closed(state, now, opensAt, shown) : { ...state, opensAt };
}

/** One more cooldown begins. */
function closed(state: GateState, now: number, opensAt: number, shown: Shown): GateState {
  const { strikes, epoch } = state;
  const rate = taught(state, now, opensAt, shown);
  return { opensAt, window: 1, strikes: strikes + 1, epoch: epoch + 1, rate };
}

/** No process knows of a limit any more. */
export function forgotten({ epoch }: GateState): GateState {
  return { ...NEW_GATE, epoch };
}

/** The server said that its quota is used up for `forMs`: calls wait, though none was refused. */
export function spent(state: GateState, now: number, forMs: number, shown: Shown): GateState {
  const opensAt = Math.max(state.opensAt, now + forMs);
  // Told once or by every answer of a while: it ran dry once.
  return now < state.opensAt
    ? { ...state, opensAt }
    : { ...state, opensAt, rate: taught(state, now, opensAt, shown) };
}

/** The server ran dry: a refusal says so, or its word. */
function taught({ rate, window, opensAt: openedAt }: GateState, now: number, opensAt: number, shown: Shown) {
  if (rate) return refusedAgain(rate, now, opensAt, openedAt);
  // What came through since the bucket opened has widened the window.
  return firstRate(shown, now, opensAt) ?? sparseRate(window - 1, now, opensAt, openedAt);
}

/**
 * A call got through.
 * @param epoch the gate's epoch when that call left; an answer from before the cooldown proves nothing about now
 */
export function passed(
  state: GateState,
  { concurrency }: CooldownPolicy,
  epoch: number,
  now: number,
): GateState {
  const { window, rate, opensAt } = state;
  if (epoch !== state.epoch || (window === Infinity && !rate)) return state;
  return {
    ...state,
    window: window < concurrency ? window + 1 : Infinity,
    strikes: 0,
    rate: rate && accepted(rate, now, opensAt),
  };
}

/** The server's word; its silence, or a "now" that proved wrong, is answered with a doubling wait. */
function wait(
  strikes: number,
  { fallback, maxWait }: CooldownPolicy,
  told: number | undefined,
  accepting: boolean,
): number {
  if (told !== undefined && told > 0) return told;
  if (told === 0 && strikes <= 1) return 0;
  // A bucket that accepted calls just before limits their rate, and will soon take one again.
  if (accepting && strikes <= 1) return fallback * SOON;
  // Never below the fallback: a client that waits for nothing gives up instead of asking at once.
  return Math.min(Math.max(maxWait, fallback), fallback * 2 ** (strikes - 1));
}

export type WaitDecision =
  { readonly do: 'wait' } | { readonly do: 'give-up'; readonly because: string; readonly retryAfter: number };

/**
 * Whether a call should wait for the gate to open.
 * @param waited how long it has waited for gates already, ms
 * @param patience longest that it may wait for them in all, ms
 * @param deadlineIn when its total time is up, ms from now
 */
export function decideWait(
  state: GateState,
  now: number,
  waited: number,
  patience: number,
  deadlineIn: number,
): WaitDecision {
  const retryAfter = Math.max(0, state.opensAt - now);
  if (retryAfter + waited <= patience && retryAfter < deadlineIn) return { do: 'wait' };
  const bound = retryAfter < deadlineIn ? 'this call may wait for a cooldown' : 'its deadline allows';
  return { do: 'give-up', because: `Not waited for: the cooldown lasts longer than ${bound}.`, retryAfter };
}
