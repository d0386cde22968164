// The circuit breaker of one server: asked before each attempt, told after it.
import type { AxiosResponse } from 'axios';
import type { FailureTable } from '../contract/classify.js';
import {
  admit,
  newBreaker,
  record,
  undecided,
  type BreakerPolicy,
  type BreakerState,
} from '../decide/breaker.js';
import { Failure, failureOf, type WireConfig } from './failure.js';

export interface Breaker {
  /** Why the attempt may not leave, if it may not. */
  refusal(config: WireConfig): Failure | undefined;
  /** What came of an attempt that left; `undefined`: nobody knows. */
  record(config: WireConfig, outcome: AxiosResponse | Failure | undefined): void;
}

export function createBreaker(policy: BreakerPolicy, table: FailureTable): Breaker {
  let state = newBreaker(performance.now());

  function become(next: BreakerState, { call }: WireConfig, because: string): void {
    const before = state.name;
    state = next;
    if (next.name === before) return;
    call.facts.identity.emit('breaker', () => ({ ...call.label, state: next.name, because }));
  }

  return {
    refusal(config) {
      const decision = admit(state, policy, performance.now());
      if (decision.do === 'pass') {
        become(decision.next, config, 'One call tries whether the server is back.');
        return undefined;
      }
      const failure = failureOf(config, 'circuit-open', table);
      failure.retryAfter = Math.ceil(decision.retryAfter);
      return failure;
    },
    record(config, outcome) {
      const now = performance.now();
      const silent = !outcome || (outcome instanceof Failure && outcome.status === undefined);
      const failed = outcome instanceof Failure && outcome.row.reaction === 'retry';
      if (silent && !failed) {
        become(undecided(state, now), config, 'The try was ended by its caller.');
        return;
      }
      const because = failed ? outcome.row.because : 'The server is back.';
      become(record(state, policy, now, failed), config, because);
    },
  };
}
