// Checks the failure rows of a config: a row that is half right would match nothing, or everything.
import { bad, checkFields, known, oneOf, optional, text, type Rule } from './check-options.js';
import { KINDS } from './contract/codes.js';
import { OPERATIONS } from './contract/endpoints.js';
import type { FailureRow } from './contract/failure-row.js';

const listOf = (item: Rule): Rule => ({
  says: `a list, each ${item.says}`,
  accepts: (value) => Array.isArray(value) && value.every((each) => item.accepts(each)),
});
const statuses: Rule = {
  says: "a list of statuses, or '2xx', '4xx' or '5xx'",
  accepts: (value) =>
    typeof value === 'string'
      ? /^[245]xx$/.test(value)
      : Array.isArray(value) && value.every((each: unknown) => Number.isInteger(each)),
};
const yes: Rule = { says: 'true', accepts: (value) => value === true };

const ROW: Readonly<Record<string, Rule>> = {
  id: text,
  when: { says: 'a list of conditions', accepts: Array.isArray },
  code: text,
  kind: optional(oneOf(...Object.keys(KINDS))),
  userMessage: optional(text),
  reaction: oneOf('accept', 'retry', 'cooldown', 'refresh', 'fail'),
  processed: oneOf('no', 'unknown', 'yes'),
  alsoAfterSuccess: optional(yes),
  overload: optional(yes),
  session: optional(oneOf('keep', 'end')),
  because: text,
  proof: optional(oneOf('documented', 'seen', 'inferred', 'ours')),
};

const WHEN: Readonly<Record<string, Rule>> = {
  status: statuses,
  key: listOf(text),
  hint: listOf(text),
  json: yes,
  details: yes,
  challenge: oneOf('foreign'),
  auth: listOf(oneOf('basic', 'bearer', 'none')),
  operation: listOf(oneOf(...OPERATIONS, 'request')),
  cause: listOf(text),
};

/** @throws TypeError naming the first field that is not what a row takes */
export function checkRows(maker: string, rows: readonly FailureRow[] | undefined): void {
  if (rows === undefined) return;
  if (!Array.isArray(rows)) bad(maker, 'failures', 'a list of rows', rows);
  rows.forEach((row: FailureRow, index) => checkRow(maker, `failures[${index}]`, row));
}

function checkRow(maker: string, name: string, row: FailureRow): void {
  known(maker, row, Object.keys(ROW), `${name}.`);
  checkFields(maker, `${name}.`, row, ROW);
  row.when.forEach((when, index) => {
    const place = `${name}.when[${index}].`;
    known(maker, when, Object.keys(WHEN), place);
    // One that is there but undefined would match everything.
    checkFields(maker, place, when, WHEN, Object.keys(when));
  });
}
