// The failure table in words: for docs/errors.md and for `holdfast explain`. No client carries it.
import { statusMatches } from './classify.js';
import { CODES, type Code } from './codes.js';
import type { AuthMode } from './endpoints.js';
import { EXAMPLES, type Example } from './examples.js';
import { FAILURES, type BuiltInRow } from './failures.js';
import type { FailureRow, When } from './failure-row.js';

/** What a call carries. */
export const CARRIED: Readonly<Record<AuthMode, string>> = {
  basic: 'client credentials',
  bearer: 'an access token',
  none: 'no credentials',
};

const MAY_REPEAT = { no: 'yes', unknown: 'if the operation may', yes: 'no' } as const;

/** Whether a call may be sent again after this answer: only some reactions do that at all. */
export function mayRepeat({ reaction, processed }: FailureRow): string {
  return reaction === 'accept' || reaction === 'fail' ? 'no' : MAY_REPEAT[processed];
}

/** One way of a row to match. @param quote how a value is set apart */
export function spell(when: When, quote: (value: string) => string = String): string {
  const listed = (values: string | readonly (string | number)[]) =>
    (typeof values === 'string' ? [values] : values).map((value) => quote(String(value))).join(', ');
  const parts = [
    when.status && `status ${listed(when.status)}`,
    when.key && `key ${listed(when.key)}`,
    when.hint && `hint ${listed(when.hint)}`,
    when.details && 'the body names fields',
    when.json && 'the body is a JSON object',
    when.challenge && 'it asks for credentials of another kind',
    when.auth && `auth ${listed(when.auth)}`,
    when.operation && `operation ${listed(when.operation)}`,
    when.cause && `cause ${listed(when.cause)}`,
  ];
  return parts.filter(Boolean).join('; ') || 'anything else';
}

/** An answer as it stands on the wire. */
export function onTheWire({ status, headers = {}, body }: Example): string {
  const json = typeof body === 'object';
  const all = json ? { 'content-type': 'application/json', ...headers } : headers;
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  const text = json ? JSON.stringify(body, null, 2) : typeof body === 'string' ? body : '';
  return [`HTTP/1.1 ${String(status)}`, ...head, '', text].join('\n').trimEnd();
}

/**
 * The rows that a status, an error key, a code or the id of a row may lead to, in the order of the table. Of a status
 * those up to the first that asks for nothing else.
 */
export function rowsAbout(word: string): BuiltInRow[] {
  const name = word.toLowerCase();
  const status = /^[1-5]\d\d$/.test(name) ? Number(name) : undefined;
  if (status !== undefined) return rowsOf(status);
  return FAILURES.filter(
    ({ id, code, when }) =>
      [id, code.toLowerCase()].includes(name) ||
      (when as readonly When[]).some(({ key }) => key?.includes(name)),
  );
}

function rowsOf(status: number): BuiltInRow[] {
  const rows: BuiltInRow[] = [];
  for (const row of FAILURES) {
    const ways = (row.when as readonly When[]).filter(
      (way) => !way.cause && (!way.status || statusMatches(way.status, status)),
    );
    if (ways.length > 0) rows.push(row);
    if (ways.some((way) => Object.keys(way).every((field) => field === 'status'))) break;
  }
  return rows;
}

/** All there is to say of a row, as lines of a terminal. */
export function told(row: BuiltInRow): string {
  const { kind, userMessage }: (typeof CODES)[Code] = CODES[row.code];
  const example: Example = EXAMPLES[row.id];
  const { session }: FailureRow = row;
  const facts: [string, string][] = [
    ['when', row.when.map((way) => spell(way)).join('\nor ')],
    ['then', row.reaction + (session === 'end' ? ', and the session ends' : '')],
    ['repeat', mayRepeat(row)],
    ['because', row.because],
    ['customer', userMessage],
    ['proof', row.proof],
    [
      'example',
      `${example.operation} with ${CARRIED[example.auth]}` +
        (example.cause ? `, cause ${example.cause}` : '') +
        (example.status === undefined ? '; no answer to show' : `\n${onTheWire(example)}`),
    ],
  ];
  const lines = facts.map(
    ([name, text]) => `  ${name.padEnd(9)}${text.replaceAll('\n', `\n${' '.repeat(11)}`)}`,
  );
  return [`${row.code} (${kind}), by the row ${row.id}`, ...lines].join('\n').replaceAll(/ +$/gm, '');
}
