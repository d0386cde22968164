// The retry budget: repeats in vain may be a share of the calls, plus a floor for quiet times. Attempts per call do not
// bound the load of an outage; this does. A repeat that is not covered yet waits for its turn instead of being lost.

export interface BudgetPolicy {
  /** Repeats in vain earned by each call, e.g. 0.1 for one repeat in ten calls. */
  readonly ratio: number;
  /** Repeats in vain earned by each second, whatever the traffic. */
  readonly floorPerSecond: number;
  /** Most repeats that can be saved up; also what a server starts with. */
  readonly burst: number;
}

export interface BudgetState {
  /** Below zero: repeats that are promised but not earned yet. */
  readonly saved: number;
  /** When `saved` was right, ms. */
  readonly at: number;
}

export type BudgetDecision =
  | { readonly do: 'grant'; readonly afterMs: number; readonly next: BudgetState }
  | { readonly do: 'refuse'; readonly because: string };

export function newBudget(policy: BudgetPolicy, now: number): BudgetState {
  return { saved: policy.burst, at: now };
}

/** A call earns its share. */
export function earn(state: BudgetState, policy: BudgetPolicy, now: number): BudgetState {
  const { saved } = settle(state, policy, now);
  return { saved: Math.min(policy.burst, saved + policy.ratio), at: now };
}

/** A repeat was not in vain and gives back what it cost. */
export function payBack(state: BudgetState, policy: BudgetPolicy, now: number): BudgetState {
  const { saved } = settle(state, policy, now);
  return { saved: Math.min(policy.burst, saved + 1), at: now };
}

/**
 * Asks for one repeat.
 * @param patience longest the call can wait for it, ms
 */
export function spend(
  state: BudgetState,
  policy: BudgetPolicy,
  now: number,
  patience: number,
): BudgetDecision {
  const saved = settle(state, policy, now).saved - 1;
  const afterMs = saved >= 0 ? 0 : (-saved / policy.floorPerSecond) * 1_000;
  return afterMs <= patience
    ? { do: 'grant', afterMs: Math.ceil(afterMs), next: { saved, at: now } }
    : { do: 'refuse', because: 'The retry budget is spent (policies.retry.budget).' };
}

function settle(state: BudgetState, policy: BudgetPolicy, now: number): BudgetState {
  const earned = (Math.max(0, now - state.at) / 1_000) * policy.floorPerSecond;
  return { saved: Math.min(policy.burst, state.saved + earned), at: now };
}
