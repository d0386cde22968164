// `classify()`: from an answer to the row of the failure table that explains it. Total and pure.
import { NO_BODY, type Answer } from './answer.js';
import { CODES, KINDS, type Code, type Kind } from './codes.js';
import { FAILURES } from './failures.js';
import type { FailureRow, When } from './failure-row.js';

/** The failure table in use: the built-in rows, or those with a config's rows in front. */
export type FailureTable = readonly FailureRow[];

const LAST: FailureRow = FAILURES[FAILURES.length - 1] as FailureRow;

/** Rows of a config come first; one with the `id` of a built-in row takes that row's place. */
export function failureTable(own: readonly FailureRow[] = []): FailureTable {
  const replaced = new Map(own.map((row) => [row.id, row]));
  const builtIn = FAILURES.map((row) => replaced.get(row.id) ?? row);
  const ids = new Set<string>(FAILURES.map((row) => row.id));
  return [...own.filter((row) => !ids.has(row.id)), ...builtIn];
}

/** The first row that explains the answer. Never throws and never returns nothing. */
export function classify(answer: Answer, table: FailureTable = FAILURES): FailureRow {
  return table.find((row) => row.when.some((when) => matches(when, answer))) ?? LAST;
}

/** Kind of a row: its own, or that of its code. */
export function kindOf(row: FailureRow): Kind {
  return row.kind ?? (isBuiltIn(row.code) ? CODES[row.code].kind : 'rejected');
}

/** The sentence for the customer: the row's own, or that of its code. */
export function userMessageOf(row: FailureRow): string {
  return row.userMessage ?? CODES[isBuiltIn(row.code) ? row.code : 'REQUEST_REJECTED'].userMessage;
}

/** Whether asking again later can help. */
export function isRetryable(row: FailureRow): boolean {
  return KINDS[kindOf(row)].retryable;
}

function isBuiltIn(code: string): code is Code {
  return Object.hasOwn(CODES, code);
}

function matches(when: When, answer: Answer): boolean {
  return (
    // A cause outranks a status: a body that broke off behind a 200 is not a success.
    (answer.cause ? when.cause?.includes(answer.cause) === true : !when.cause) &&
    (!when.status || statusMatches(when.status, answer.status)) &&
    (!when.operation || when.operation.includes(answer.operation)) &&
    (!when.auth || when.auth.includes(answer.auth)) &&
    (!when.key || sameText(when.key, answer.body.key)) &&
    (!when.hint || sameText(when.hint, answer.body.hint)) &&
    (!when.json || answer.body !== NO_BODY) &&
    (!when.challenge || when.challenge === answer.challenge) &&
    (!when.details || answer.body.details.length > 0)
  );
}

/** Whether a status is one that a row asks for. */
export function statusMatches(wanted: NonNullable<When['status']>, status: number | undefined): boolean {
  if (typeof wanted === 'string')
    return status !== undefined && Math.floor(status / 100) === Number(wanted[0]);
  return status !== undefined && wanted.includes(status);
}

function sameText(wanted: readonly string[], given: string | undefined): boolean {
  if (given === undefined) return false;
  const text = given.trim().replace(/\.$/, '').toLowerCase();
  return wanted.some((each) => each.toLowerCase() === text);
}
