// Whether a failed attempt is repeated, and when.
import type { Repeats } from '../contract/endpoints.js';
import type { FailureRow } from '../contract/failure-row.js';
import { backoffDelay, type Backoff } from './backoff.js';

export interface RetryPolicy {
  /** Most repeats of one call. */
  readonly retries: number;
  /** Answers that are repeated; of the rest only failures of the connection are. */
  readonly statuses: readonly number[];
  readonly backoff: Backoff;
}

/** All that the decision looks at. */
export interface RetryFacts {
  readonly row: Pick<FailureRow, 'reaction' | 'processed'>;
  readonly status?: number | undefined;
  /** Number of the repeat that would follow; 1 is the first. */
  readonly retry: number;
  readonly repeats: Repeats;
  /** The call carries an idempotency key, so the server recognises a repeat. */
  readonly keyed: boolean;
  /** The body can be sent again. */
  readonly replayable: boolean;
  /** Failures so far, this one included, after which the server may have carried the call out. */
  readonly unclear: number;
  /** How long the server asked to wait, ms. */
  readonly told?: number | undefined;
  /** Longest that the call may still wait, ms. */
  readonly patience: number;
}

export type RetryDecision =
  | { readonly do: 'retry'; readonly afterMs: number; readonly because: string }
  | { readonly do: 'give-up'; readonly because: string };

/**
 * Decides about one failed attempt.
 * @param random a number from 0 up to, not including, 1
 */
export function decideRetry(facts: RetryFacts, policy: RetryPolicy, random: number): RetryDecision {
  const refusal = refusalOf(facts, policy);
  if (refusal) return { do: 'give-up', because: refusal };
  // Never earlier than told; never longer than the call can wait.
  const afterMs = Math.max(facts.told ?? 0, backoffDelay(facts.retry, policy.backoff, random));
  if (afterMs > facts.patience)
    return { do: 'give-up', because: 'Not repeated: the wait would be longer than the call may wait.' };
  return {
    do: 'retry',
    afterMs,
    because: facts.told ? 'Repeated when the server asked for it.' : 'Repeated.',
  };
}

function refusalOf({ row, status, ...facts }: RetryFacts, policy: RetryPolicy): string | undefined {
  if (row.reaction !== 'retry') return 'Not repeated: the answer is final.';
  if (status !== undefined && !policy.statuses.includes(status))
    return `Not repeated: ${status} is not among policies.retry.statuses.`;
  if (!facts.replayable) return 'Not repeated: the body is a stream and can be sent only once.';
  if (facts.retry > policy.retries) return 'Not repeated again: policies.retry.retries is used up.';
  if (row.processed === 'no' || facts.keyed || facts.repeats === 'any') return undefined;
  if (facts.repeats === 'never')
    return 'Not repeated: the server may have carried it out, and doing it twice could do harm.';
  return facts.unclear > 1 ? 'Not repeated again: this operation may be repeated only once.' : undefined;
}
