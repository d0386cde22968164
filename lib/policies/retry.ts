// Repeats failed attempts. axios-retry is the engine: it counts, waits and sends again; what to repeat and when is
// decided in decide/retry.ts and paid for from the budget.
import type { AxiosInstance } from 'axios';
import axiosRetry from 'axios-retry';
import { decideRetry, type RetryPolicy } from '../decide/retry.js';
import { Failure } from './failure.js';
import type { Traffic } from './governor.js';

export function installRetry(wire: AxiosInstance, policy: RetryPolicy, traffic: Traffic): void {
  const delays = new WeakMap<Failure, number>();

  function mayRepeat(failure: Failure): boolean {
    const { call } = failure.config;
    const { facts } = call;
    if (failure.reaction !== 'retry') return false;
    const count = (failure.config['axios-retry']?.retryCount ?? 0) + 1;
    // During an outage the governor is the brake: who tries for all others does not use up its own repeats.
    const retry = call.tries ? Math.min(count, facts.retries || 1) : count;
    const decision = decideRetry(
      {
        row: failure.row,
        status: failure.status,
        retry,
        repeats: facts.repeats,
        keyed: facts.keyed,
        replayable: facts.body !== 'once',
        unclear: call.unclear,
        told: failure.told,
        patience: call.left,
      },
      { ...policy, retries: facts.retries },
      Math.random(),
    );
    if (decision.do === 'give-up') return refuse(failure, decision.because);
    const paid = traffic.spend(call, call.left - decision.afterMs);
    if (paid.do === 'refuse') return refuse(failure, `Not repeated: ${paid.because}`);
    const afterMs = Math.max(decision.afterMs, paid.afterMs);
    delays.set(failure, afterMs);
    // The wait must end when the call does; until now nothing needed a signal.
    failure.config.signal = call.signal;
    facts.identity.emit('retry', () => ({
      ...call.label,
      attempt: call.attempts,
      code: failure.row.code,
      ...(failure.status !== undefined && { status: failure.status }),
      afterMs,
      because: decision.because,
    }));
    return true;
  }

  axiosRetry(wire, {
    // Ours decides about the number of repeats too, so that the error can say why there is none.
    retries: Number.MAX_SAFE_INTEGER,
    retryCondition: (error) => mayRepeat(error as unknown as Failure),
    retryDelay: (_count, error) => delays.get(error as unknown as Failure) ?? 0,
    shouldResetTimeout: true, // the attempt timeout and the deadline are ours
  });
}

function refuse(failure: Failure, because: string): false {
  failure.giveUp(because);
  return false;
}
