// Checks fault rules, which may come from a file or another process, and fills their gaps.
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { isRecord } from '../contract/error-body.js';
import type { Fault, FaultKind, FaultRule, RateLimit } from './fault-rules.js';
import { OPERATIONS, type SandboxOperation } from './operations.js';
import { ANSWERED_ROWS, type AnsweredRow } from './replies.js';

type Rule = Readonly<Record<string, unknown>>;

/** In order of precedence: `delay` names the kind only where it stands alone. */
const KINDS = [
  'status',
  'row',
  'drop',
  'stall',
  'truncate',
  'html200',
  'garbage',
  'rateLimit',
  'delay',
] as const;
const FOR_ALL = ['on', 'times', 'after', 'delay'];
/** What goes with some kinds only. */
const FOR_KIND: Partial<Record<FaultKind, readonly string[]>> = {
  status: ['headers', 'body', 'html'],
  row: ['headers'],
};
const LONGEST_TIMER = 2 ** 31 - 1;

/** What each field may be, and how to say so. */
const FIELDS: Readonly<Record<string, readonly [isValid: (value: unknown) => boolean, must: string]>> = {
  on: [isTarget, `"any", the beginning of a path, or one of ${OPERATIONS.join(', ')}`],
  times: [(value) => value === 'always' || isWhole(value, 1), 'a whole number of 1 or more, or "always"'],
  after: [(value) => isWhole(value, 0), 'a whole number of 0 or more'],
  delay: [(value) => isWhole(value, 0, LONGEST_TIMER), `a whole number of ms, 0 to ${LONGEST_TIMER}`],
  status: [(value) => isWhole(value, 200, 599), 'a whole number of 200 to 599'],
  headers: [isHeaders, 'an object of header names and values that can be sent'],
  body: [() => true, 'anything'],
  html: [(value) => typeof value === 'boolean', 'true or false'],
  row: [
    (value) => ANSWERED_ROWS.includes(value as AnsweredRow),
    `the id of a row that an answer can have: ${ANSWERED_ROWS.join(', ')}`,
  ],
  drop: [(value) => value === 'before' || value === 'after', '"before" or "after"'],
  stall: [(value) => value === true, 'true'],
  truncate: [(value) => value === true, 'true'],
  html200: [(value) => value === true, 'true'],
  garbage: [(value) => value === true, 'true'],
  rateLimit: [
    isRateLimit,
    '{ limit: 0 or more, per: 1 ms or more, retryAfter?: whole seconds, "date" or "none" }',
  ],
};

/**
 * Checks one rule or a list of them; throws a `TypeError` that says what is wrong where.
 * @param name what to call a rule
 * @param nameAt what to call one of a list
 */
export function parseFaults(
  input: unknown,
  name = 'fault',
  nameAt = (index: number) => `${name} ${index}`,
): Fault[] {
  return Array.isArray(input)
    ? input.map((rule, index) => parseFault(rule, nameAt(index)))
    : [parseFault(input, name)];
}

function parseFault(input: unknown, name: string): Fault {
  if (!isRecord(input)) throw new TypeError(`${name}: must be an object, got ${show(input)}`);
  const problem = problemOf(input);
  if (problem !== undefined) throw new TypeError(`${name}: ${problem}`);
  const rule = input as Partial<Omit<Fault, 'times'>> & Pick<FaultRule, 'times'>; // checked above
  const kind = kindsOf(input)[0] ?? 'delay';
  return {
    kind,
    on: rule.on ?? 'any',
    times: rule.times === 'always' || kind === 'rateLimit' ? Infinity : (rule.times ?? 1),
    after: rule.after ?? 0,
    delay: rule.delay ?? 0,
    status: rule.status ?? 200,
    headers: lowerCased(rule.headers ?? {}),
    body: rule.body,
    html: rule.html ?? false,
    row: rule.row,
    drop: rule.drop ?? 'before',
    rateLimit: rule.rateLimit,
  };
}

function problemOf(rule: Rule): string | undefined {
  for (const [field, value] of Object.entries(rule)) {
    const [isValid, must] = (Object.hasOwn(FIELDS, field) && FIELDS[field]) || [];
    if (!isValid) return `there is no field "${field}"; there is ${Object.keys(FIELDS).join(', ')}`;
    if (value !== undefined && !isValid(value)) return `"${field}" must be ${must ?? ''}; got ${show(value)}`;
  }
  const kinds = kindsOf(rule);
  const [kind] = kinds;
  if (kind === undefined) return `one of ${KINDS.join(', ')} is missing`;
  const rivals = kinds.filter((each) => each !== 'delay');
  if (rivals.length > 1) return `only one of ${rivals.join(', ')} can be had`;
  if (kind === 'rateLimit' && rule.times !== undefined)
    return '"times" does not go with rateLimit, which stays on';
  const fitting: readonly string[] = [...FOR_ALL, kind, ...(FOR_KIND[kind] ?? [])];
  const stray = Object.keys(rule).find((field) => rule[field] !== undefined && !fitting.includes(field));
  return stray === undefined ? undefined : `"${stray}" does not go with ${kind}`;
}

function kindsOf(rule: Rule): FaultKind[] {
  return KINDS.filter((kind) => rule[kind] !== undefined);
}

function isTarget(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  return value === 'any' || value.startsWith('/') || OPERATIONS.includes(value as SandboxOperation);
}

function isRateLimit(value: unknown): value is RateLimit {
  if (!isRecord(value)) return false;
  const { limit, per, retryAfter, ...rest } = value;
  return (
    isWhole(limit, 0) &&
    isWhole(per, 1) &&
    (retryAfter === undefined || retryAfter === 'date' || retryAfter === 'none' || isWhole(retryAfter, 0)) &&
    Object.keys(rest).length === 0
  );
}

function isHeaders(value: unknown): boolean {
  if (!isRecord(value)) return false;
  try {
    for (const [name, text] of Object.entries(value)) {
      validateHeaderName(name);
      if (typeof text !== 'string') return false;
      validateHeaderValue(name, text);
    }
    return true;
  } catch {
    return false;
  }
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, text]) => [name.toLowerCase(), text]));
}

function isWhole(value: unknown, min: number, max = Number.MAX_SAFE_INTEGER): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max;
}

function show(value: unknown): string {
  try {
    return (JSON.stringify(value) as string | undefined)?.slice(0, 80) ?? String(value);
  } catch {
    return `a value of type ${typeof value}`; // a cycle, or a number that JSON does not have
  }
}
