// What must come of a call that meets a situation. A GET may always be repeated; a POST only where it is proven that
// the server did not act.
import type { Outcome, Plan } from './trial.js';

/** What comes of a call with a method. */
export interface Expected {
  readonly method: Plan['method'];
  readonly outcome: Outcome;
  /** Requests that reach the server. */
  readonly seen: number;
}

/** The server may have acted: the POST is not repeated, and its error says that this is open. */
export function unclear(failure: Outcome): Expected[] {
  return each(
    { ...failure, retryable: true, attempts: 2, ambiguous: false },
    { ...failure, retryable: true, attempts: 1, ambiguous: true },
  );
}

/** Nothing is sent again: an end on our side, or what a repeat could not mend. */
export function final(failure: Outcome, post: 'post-open' | 'post-settled'): Expected[] {
  const all = { retryable: false, attempts: 1, ...failure };
  return each({ ...all, ambiguous: false }, { ...all, ambiguous: post === 'post-open' });
}

export function answered(attempts: number, data: unknown = { ok: true }, status = 200): Outcome {
  return { ok: true, status, attempts, data };
}

export function both(outcome: Outcome): Expected[] {
  return each(outcome, outcome);
}

/** Every attempt reaches the server, where nothing else is said. */
export function each(get: Outcome, post: Outcome): Expected[] {
  return [
    { method: 'get', outcome: get, seen: get.attempts as number },
    { method: 'post', outcome: post, seen: post.attempts as number },
  ];
}

export function seen(counts: Readonly<Record<'get' | 'post', number>>, expected: Expected[]): Expected[] {
  return expected.map((one) => ({ ...one, seen: counts[one.method as 'get' | 'post'] }));
}

export function sentence({ method, outcome, seen: times }: Expected): string {
  const { ok, status, code, attempts } = outcome;
  return `a ${method} ends with ${String(ok ? status : code)}, attempts: ${String(attempts)}, requests: ${times}`;
}
