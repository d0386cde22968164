// The answers of a coordinator: there at once, later, too late, or never.
import { moreTime } from '../decide/held-up.js';
import type { Seen } from '../decide/record.js';
import type { Awaitable, Grant } from './coordinator.js';

/** Answers that are there at once are taken at once. */
export function settle<T>(call: () => Awaitable<T>, done: (value: T) => void, down: () => void): void {
  let answer: Awaitable<T>;
  try {
    answer = call();
  } catch {
    down();
    return;
  }
  if (isPromise(answer)) answer.then(done, down);
  else done(answer);
}

/**
 * An answer that comes too late for its question is none: it would be taken for the answer to the next one.
 * @param patience longest wait for it, ms
 */
export function inTime<T>(
  call: () => Awaitable<T>,
  patience: number,
  done: (value: T) => void,
  down: () => void,
): void {
  const question = { open: true };
  const settled = (then: () => void) => {
    if (!question.open) return;
    question.open = false;
    clearTimeout(late);
    then();
  };
  const isDown = () => settled(down);
  let late: ReturnType<typeof setTimeout> | undefined;
  settle(call, (value) => settled(() => done(value)), isDown);
  if (!question.open) return;
  const due = performance.now() + patience;
  late = setTimeout(() => {
    const more = moreTime(due, performance.now());
    if (more > 0) late = setTimeout(isDown, more);
    else isDown();
  }, patience);
}

/** Goes on with an answer, at once where it is there. */
export function after<T, R>(answer: Awaitable<T>, next: (value: T) => Awaitable<R>): Awaitable<R> {
  return isPromise(answer) ? answer.then(next) : next(answer);
}

/** What the answer took may have gone by after the record was read: tokens are never taken for younger than they are. */
export function aged(seen: Seen<Grant>, took: number): Seen<Grant> {
  return 'end' in seen ? seen : { ...seen, age: seen.age + took };
}

function isPromise<T>(value: Awaitable<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
