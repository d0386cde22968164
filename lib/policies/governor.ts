// What the calls of a client share: the gates of the buckets, the budget of the repeats and the breaker of each server.
import type { FailureTable } from '../contract/classify.js';
import { earn, newBudget, spend, type BudgetDecision, type BudgetPolicy } from '../decide/budget.js';
import type { BreakerPolicy } from '../decide/breaker.js';
import { createBreaker, type Breaker } from './breaker.js';
import { createGate, type Gate, type GatePolicy } from './gate.js';

export interface Governor {
  gate(bucket: string): Gate;
  /** The circuit breaker of a server, if the policies ask for one. */
  breaker(origin: string): Breaker | undefined;
  /** A call begins and earns its share of repeats. */
  earn(): void;
  /** Asks for one repeat by a call that can wait for `patience` ms. */
  spend(patience: number): BudgetDecision;
}

/** Beyond this many buckets the idle ones are forgotten: one for each session must not add up. */
const SWEEP_AT = 256;

export interface GovernorPolicies {
  readonly cooldown: GatePolicy;
  readonly retry: { readonly budget: BudgetPolicy };
  readonly breaker: BreakerPolicy;
}

export function createGovernor(policies: GovernorPolicies, table: FailureTable): Governor {
  const budgetPolicy = policies.retry.budget;
  const breakers = new Map<string, Breaker>();
  const gates = new Map<string, Gate>();
  let sweepAt = SWEEP_AT;
  let budget = newBudget(budgetPolicy, performance.now());

  function sweep(): void {
    for (const [bucket, gate] of gates) if (gate.idle) gates.delete(bucket);
    sweepAt = Math.max(SWEEP_AT, gates.size * 2); // amortised: never a sweep for each call
  }

  return {
    gate(bucket) {
      const known = gates.get(bucket);
      if (known) return known;
      if (gates.size >= sweepAt) sweep();
      const gate = createGate(policies.cooldown, table);
      gates.set(bucket, gate);
      return gate;
    },
    breaker(origin) {
      if (!policies.breaker.enabled) return undefined;
      const breaker = breakers.get(origin) ?? createBreaker(policies.breaker, table);
      breakers.set(origin, breaker);
      return breaker;
    },
    earn() {
      budget = earn(budget, budgetPolicy, performance.now());
    },
    spend(patience) {
      const decision = spend(budget, budgetPolicy, performance.now(), patience);
      if (decision.do === 'grant') budget = decision.next;
      return decision;
    },
  };
}
