// The services that a million clients meet: one that is down and comes back with a bound on what it can do, and two that
// limit how much is asked of them.

export interface Answer {
  readonly status: 200 | 429 | 503;
  /** From the arrival of the request, ms. */
  readonly after: number;
  /** `Retry-After`, ms. */
  readonly told?: number;
}

export type Service = (now: number) => Answer;

/** An answer that costs nothing, there and back, ms. */
const TRIP = 20;

export interface Recovery {
  readonly downFrom: number;
  readonly downUntil: number;
  /** Calls that it serves in a second. */
  readonly capacity: number;
  /** Who would have to wait for longer than this, ms, is answered 503. */
  readonly queue: number;
  /** Work of a 503; a service is 1. */
  readonly rejection: number;
}

/** Answers 503 while it is down, and afterwards whomever its queue has no room for. */
export function recovering({ downFrom, downUntil, capacity, queue, rejection }: Recovery): Service {
  const service = 1_000 / capacity;
  let freeAt = 0;
  return (now) => {
    if (now >= downFrom && now < downUntil) return { status: 503, after: TRIP };
    const waits = Math.max(0, freeAt - now);
    const isFull = waits > queue;
    freeAt = now + waits + service * (isFull ? rejection : 1);
    return isFull ? { status: 503, after: TRIP } : { status: 200, after: TRIP + waits + service };
  };
}

/** A bucket of tokens; whoever finds it empty is told the same each time. */
export function bucket(perSecond: number, burst: number, retryAfter: number): Service {
  let tokens = burst;
  let at = 0;
  return (now) => {
    tokens = Math.min(burst, tokens + ((now - at) / 1_000) * perSecond);
    at = now;
    if (tokens < 1) return { status: 429, after: TRIP, told: retryAfter };
    tokens -= 1;
    return { status: 200, after: TRIP };
  };
}

/** So many in each window of time; the rest is told when the next one begins, in whole seconds. */
export function windowed(calls: number, length: number): Service {
  let began = 0;
  let taken = 0;
  return (now) => {
    const begins = now - (now % length);
    if (begins > began) [began, taken] = [begins, 0];
    taken += 1;
    if (taken <= calls) return { status: 200, after: TRIP };
    return { status: 429, after: TRIP, told: Math.ceil((began + length - now) / 1_000) * 1_000 };
  };
}
