// What the calls to one server share: the gates of its buckets and the budget of their repeats.
import type { FailureTable } from '../contract/classify.js';
import { earn, newBudget, spend, type BudgetDecision, type BudgetPolicy } from '../decide/budget.js';
import { createGate, type Gate, type GatePolicy } from './gate.js';

export interface Governor {
  gate(bucket: string): Gate;
  /** A call begins and earns its share of repeats. */
  earn(): void;
  /** Asks for one repeat by a call that can wait for `patience` ms. */
  spend(patience: number): BudgetDecision;
}

/** Beyond this many buckets the idle ones are forgotten: one for each session must not add up. */
const SWEEP_AT = 256;

export function createGovernor(
  policy: GatePolicy,
  budgetPolicy: BudgetPolicy,
  table: FailureTable,
): Governor {
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
      const gate = createGate(policy, table);
      gates.set(bucket, gate);
      return gate;
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
