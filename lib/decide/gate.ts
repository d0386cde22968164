// The gate of one bucket: open or closed until a moment, and how many calls may be under way at once. After a
// cooldown one call goes first and every success lets one more through than before, so that nobody returns in a burst.

export interface CooldownPolicy {
  /** Longest that one call waits for cooldowns, ms. */
  readonly maxWait: number;
  /** Wait after a 429 that does not say how long, ms; doubled each time the server refuses again. */
  readonly fallback: number;
  /** Most calls under way at once. */
  readonly concurrency: number;
}

export interface GateState {
  /** Calls leave from this moment on, ms. */
  readonly opensAt: number;
  /** Most calls under way at once just now. */
  readonly window: number;
  /** Cooldowns since the last success. */
  readonly strikes: number;
  /** Counts the cooldowns: tells answers to calls sent before the last one from answers to those after it. */
  readonly epoch: number;
}

export function newGate({ concurrency }: CooldownPolicy): GateState {
  return { opensAt: 0, window: concurrency, strikes: 0, epoch: 0 };
}

/** How many more calls may leave now. */
export function room(state: GateState, underWay: number, now: number): number {
  return now < state.opensAt ? 0 : Math.max(0, Math.floor(state.window) - underWay);
}

/**
 * The server limited a call.
 * @param epoch the gate's epoch when that call left
 * @param told how long the server asked to wait, ms
 */
export function limited(
  state: GateState,
  policy: CooldownPolicy,
  now: number,
  epoch: number,
  told?: number,
): GateState {
  // Calls sent together are limited together: only the first of them counts.
  const first = epoch === state.epoch;
  const strikes = state.strikes + (first ? 1 : 0);
  return {
    opensAt: Math.max(state.opensAt, now + wait(strikes, policy, told)),
    window: 1,
    strikes,
    epoch: state.epoch + (first ? 1 : 0),
  };
}

/** The server said that its quota is used up for `forMs`: calls wait, though none was refused. */
export function spent(state: GateState, now: number, forMs: number): GateState {
  return { ...state, opensAt: Math.max(state.opensAt, now + forMs) };
}

/**
 * A call got through.
 * @param epoch the gate's epoch when that call left; an answer from before the cooldown proves nothing about now
 */
export function passed(state: GateState, { concurrency }: CooldownPolicy, epoch: number): GateState {
  if (epoch !== state.epoch || (state.window >= concurrency && state.strikes === 0)) return state;
  return { ...state, window: Math.min(concurrency, state.window + 1), strikes: 0 };
}

/** The server's word; its silence, or a "now" that proved wrong, is answered with a doubling wait. */
function wait(strikes: number, { fallback, maxWait }: CooldownPolicy, told?: number): number {
  if (told !== undefined && told > 0) return told;
  if (told === 0 && strikes <= 1) return 0;
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
