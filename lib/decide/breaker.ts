// The circuit breaker: while a server fails too often, calls fail at once instead of waiting for it; after a while one
// call tries whether it is back. Off by default, for the budget and the backoff bound the load already.

export interface BreakerPolicy {
  /** Whether there is one. Default `false`. */
  readonly enabled: boolean;
  /** Share of failed attempts, from 0 to 1, that opens it. Default 0.5. */
  readonly ratio: number;
  /** Fewer attempts in a window say nothing. Default 20. */
  readonly minimum: number;
  /** Time over which attempts are counted, ms. Default 10 000. */
  readonly window: number;
  /** How long it stays open before one call tries, ms. Default 5 000. */
  readonly openFor: number;
}

export type BreakerState =
  | { readonly name: 'closed'; readonly since: number; readonly passed: number; readonly failed: number }
  | { readonly name: 'open'; readonly until: number }
  | { readonly name: 'half-open' };

export type BreakerDecision =
  | { readonly do: 'pass'; readonly next: BreakerState }
  | { readonly do: 'refuse'; readonly retryAfter: number };

export function newBreaker(now: number): BreakerState {
  return { name: 'closed', since: now, passed: 0, failed: 0 };
}

/** Whether an attempt may leave. */
export function admit(state: BreakerState, policy: BreakerPolicy, now: number): BreakerDecision {
  if (state.name === 'closed') return { do: 'pass', next: state };
  if (state.name === 'open')
    return now < state.until
      ? { do: 'refuse', retryAfter: state.until - now }
      : { do: 'pass', next: { name: 'half-open' } };
  return { do: 'refuse', retryAfter: policy.openFor }; // somebody tries already
}

/** An attempt came back; `failed` where the server or the way to it was in trouble. */
export function record(
  state: BreakerState,
  policy: BreakerPolicy,
  now: number,
  failed: boolean,
): BreakerState {
  // Attempts that left before it opened come back while it is open: they are no news.
  if (state.name === 'open') return state;
  if (state.name === 'half-open')
    return failed ? { name: 'open', until: now + policy.openFor } : newBreaker(now);
  const counted = now - state.since > policy.window ? { ...state, since: now, passed: 0, failed: 0 } : state;
  const next = {
    ...counted,
    passed: counted.passed + (failed ? 0 : 1),
    failed: counted.failed + (failed ? 1 : 0),
  };
  const total = next.passed + next.failed;
  const tooMany = total >= policy.minimum && next.failed >= policy.ratio * total;
  return tooMany ? { name: 'open', until: now + policy.openFor } : next;
}

/** A try that ended without saying anything about the server, such as one that its caller aborted. */
export function undecided(state: BreakerState, now: number): BreakerState {
  return state.name === 'half-open' ? { name: 'open', until: now } : state;
}
