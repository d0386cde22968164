// How much one server is sent, whoever calls: how many calls may be under way at once, learned from how it copes, and
// what happens while it fails altogether. Calls are then held back; one after another tries whether it is back, and
// the rest follows at a pace that is no rush, while new calls just leave.
import type { FailureRow } from '../contract/failure-row.js';
import { allowance, newPace, nextAt, oneLeft, type Pace } from './pace.js';

export interface FlowState {
  /** Most calls under way at once just now, besides what the policy allows. */
  readonly window: number;
  /** Above this the window grows by one for each round of calls; below it, by one for each call. */
  readonly threshold: number;
  /** Counts the cuts: tells failures of calls sent before the last one from later ones. */
  readonly cuts: number;
  /** Failures since the last answer that was none, and when the first of them came. */
  readonly failures: number;
  readonly failingSince: number;
  /** Until when the server counts as strained, ms. */
  readonly strainedUntil: number;
  readonly outage?: Outage | undefined;
  /** How those who wait follow after an outage, or while the server is overloaded: without a rush. */
  readonly following?: Pace | undefined;
}

export interface Outage {
  readonly since: number;
  /** When the next call may try, ms. */
  readonly triesAt: number;
}

/** Calls at once to a server that nothing is known about. */
const FIRST = 16;
/** The same for all processes of a fleet together: each hears later what another one met. */
export const FIRST_OF_ALL = 8;
/** The same for one of them, until it was told its share. */
const FIRST_OF_ONE = 1;
/** An answer after this time, ms, doubles the window with each round of calls; faster servers need less at once. */
const FULL_GROWTH_AT = 50;
const SLOWEST_GROWTH = 1 / 16;
/** What a cut leaves. */
const CUT = 0.7;
/** So long after it showed a server counts as strained, ms. */
const STRAIN = 5_000;
/** As many failures in a row are an outage, if they go on for so long, ms: a burst of calls says little. */
const OUTAGE = { failures: 10, forMs: 100 };
/** Time between two tries: this share of what the outage has lasted so far, within bounds in ms. */
const TRY_AFTER = { share: 0.015, least: 50, most: 1_000 };
/** Those who wait follow at this rate, or faster where they would need longer than `within` ms. */
const FOLLOW = { perSecond: 200, within: 2_000 };
/** Timers are coarse: so much of a pace, ms, may be made up for. */
const SLACK = 10;

export const NEW_FLOW: FlowState = {
  window: FIRST,
  threshold: Infinity,
  cuts: 0,
  failures: 0,
  failingSince: 0,
  strainedUntil: 0,
};

/** Of a process of a fleet. */
export const NEW_FLOW_OF_ONE: FlowState = { ...NEW_FLOW, window: FIRST_OF_ONE };

/** @param share how many calls of the fleet's first ones are for this process; by default as for one that is alone */
export function widened(flow: FlowState, share = FIRST): FlowState {
  return { ...flow, window: flow.window + Math.max(0, share - FIRST_OF_ONE) };
}

/** How many more calls may leave now that have not waited. */
export function roomFor(
  { window, outage }: FlowState,
  ceiling: number,
  underWay: number,
  now: number,
): number {
  // The answer to a try is not waited for: a server that hangs would hold up the next one.
  if (outage) return now < outage.triesAt ? 0 : 1;
  return Math.max(0, Math.floor(Math.min(window, ceiling)) - underWay);
}

/** How many of those who wait may leave now. */
export function roomForWaiting(flow: FlowState, ceiling: number, underWay: number, now: number): number {
  const free = roomFor(flow, ceiling, underWay, now);
  return flow.following ? Math.min(free, allowance(flow.following, now)) : free;
}

/** When there may be room for those who wait, if nobody comes back before. */
export function followsAt({ outage, following }: FlowState, now: number): number {
  return outage ? outage.triesAt : following ? nextAt(following, now) : now;
}

/**
 * A call leaves.
 * @param random 0 to 1: processes that share a server do not try at the same moments
 */
export function sentOne(flow: FlowState, now: number, random: number): FlowState {
  const { outage } = flow;
  if (!outage) return flow;
  const { share, least, most } = TRY_AFTER;
  const pause = Math.min(most, Math.max(least, share * (now - outage.since)));
  return { ...flow, outage: { ...outage, triesAt: now + pause * (0.5 + random / 2) } };
}

/** One of those who waited leaves. */
export function sentWaiting(flow: FlowState, now: number, random: number): FlowState {
  const { following } = flow;
  return sentOne(following ? { ...flow, following: oneLeft(following, now) } : flow, now, random);
}

/** What is known about a call that is back. */
export interface Return {
  readonly now: number;
  /** From its departure, ms. */
  readonly took: number;
  /** `cuts` when it left. */
  readonly cuts: number;
  /** Calls under way, this one included. */
  readonly underWay: number;
  readonly waiting: number;
  /** What the policy allows. */
  readonly ceiling: number;
}

/** The server answered, whatever it said. */
export function answered(flow: FlowState, back: Return): FlowState {
  const { now, took, underWay, waiting, ceiling } = back;
  const { window, threshold, outage } = flow;
  if (outage)
    return {
      ...flow,
      window: FIRST,
      threshold: Infinity,
      failures: 0,
      strainedUntil: now + STRAIN,
      outage: undefined,
      following: waiting > 0 ? paceOf(waiting, now) : undefined,
    };
  // A window that is not used up says nothing about a larger one.
  const used = underWay * 2 > window && window < ceiling;
  if (!used && flow.failures === 0 && !(flow.following && waiting === 0)) return flow;
  const growth = Math.min(1, Math.max(SLOWEST_GROWTH, took / FULL_GROWTH_AT));
  return {
    ...flow,
    window: used ? window + (window < threshold ? growth : growth / window) : window,
    failures: 0,
    following: waiting === 0 ? undefined : flow.following,
  };
}

function paceOf(waiting: number, now: number): Pace {
  const perSecond = Math.max(FOLLOW.perSecond, (waiting / FOLLOW.within) * 1_000);
  return newPace(perSecond, now, (perSecond / 1_000) * SLACK);
}

/** The server failed, or did not answer. */
export function failed(
  flow: FlowState,
  { now, cuts, waiting }: Return,
  { overload }: Pick<FailureRow, 'overload'>,
): FlowState {
  const failures = flow.failures + 1;
  const failingSince = failures === 1 ? now : flow.failingSince;
  const isOutage = failures >= OUTAGE.failures && now - failingSince >= OUTAGE.forMs;
  const outage = flow.outage ?? (isOutage ? { since: now, triesAt: now + TRY_AFTER.least } : undefined);
  if (!overload || cuts < flow.cuts) return { ...flow, failures, failingSince, outage };
  const window = Math.max(1, flow.window * CUT);
  return {
    ...flow,
    window,
    threshold: window,
    cuts: flow.cuts + 1,
    failures,
    failingSince,
    strainedUntil: now + STRAIN,
    outage,
    following: waiting > 0 ? paceOf(waiting, now) : undefined,
  };
}

export type HoldDecision =
  { readonly do: 'wait' } | { readonly do: 'give-up'; readonly because: string; readonly retryAfter: number };

/**
 * Whether a call should wait for the end of an outage.
 * @param waited how long it has waited already, ms
 * @param patience longest that it may wait in all, ms
 */
export function decideHold({ triesAt }: Outage, now: number, waited: number, patience: number): HoldDecision {
  if (waited <= patience) return { do: 'wait' };
  const because = 'Not sent: the server keeps failing, for longer than this call may wait.';
  return { do: 'give-up', because, retryAfter: Math.max(0, triesAt - now) };
}
