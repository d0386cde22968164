// Checks options by rules, and says of a bad one its name, what was given and what is allowed.
import { isRecord } from './contract/error-body.js';

/** One leaf of the options: what it accepts, in words and as a test. */
export interface Rule {
  readonly says: string;
  readonly accepts: (value: unknown) => boolean;
}

/** A rule for each leaf of a tree of options. */
export type Rules<T> = {
  readonly [K in keyof T]-?: T[K] extends readonly unknown[]
    ? Rule
    : T[K] extends object
      ? Rules<T[K]>
      : Rule;
};

/** A tree of options in which anything may be left out. */
export type Partially<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: Partially<T[K]> }
    : T;

export const number = (least: number, most: number, unit = ''): Rule => ({
  says: `a number${unit} from ${least} to ${most}`,
  accepts: (value) => typeof value === 'number' && value >= least && value <= most,
});

export const whole = (least: number, most = Number.MAX_SAFE_INTEGER): Rule => ({
  says: `a whole number from ${least} ${most === Number.MAX_SAFE_INTEGER ? 'up' : `to ${most}`}`,
  accepts: (value) => Number.isInteger(value) && number(least, most).accepts(value),
});

export const oneOf = (...allowed: readonly string[]): Rule => ({
  says: allowed.map((each) => `'${each}'`).join(' or '),
  accepts: (value) => allowed.includes(value as string),
});

export const either = (one: Rule, other: Rule): Rule => ({
  says: `${one.says}, or ${other.says}`,
  accepts: (value) => one.accepts(value) || other.accepts(value),
});

export const optional = (rule: Rule): Rule => ({
  says: rule.says,
  accepts: (value) => value === undefined || rule.accepts(value),
});

export const aFunction: Rule = { says: 'a function', accepts: (value) => typeof value === 'function' };
export const text: Rule = {
  says: 'a text that is not empty',
  accepts: (value) => typeof value === 'string' && value !== '',
};

/** @throws TypeError that names the option */
export function bad(maker: string, name: string, allowed: string, given: unknown): never {
  throw new TypeError(`${maker}: ${name} must be ${allowed}; got ${shown(name, given)}.`);
}

/** @throws TypeError if the value is not what the rule accepts */
export function check(maker: string, name: string, value: unknown, rule: Rule): void {
  if (!rule.accepts(value)) bad(maker, name, rule.says, value);
}

/** @throws TypeError naming the first of the fields that is not what its rule accepts */
export function checkFields(
  maker: string,
  where: string,
  value: object,
  rules: Readonly<Record<string, Rule>>,
  names: readonly string[] = Object.keys(rules),
): void {
  for (const name of names)
    check(maker, where + name, (value as Readonly<Record<string, unknown>>)[name], rules[name] ?? text);
}

/** @throws TypeError if the value is no plain object or has a field that is not among the names */
export function known(maker: string, value: unknown, names: readonly string[], where = ''): void {
  if (!isPlain(value)) bad(maker, where.replace(/\.$/, '') || 'the options', 'an object', value);
  const stranger = Object.keys(value).find((name) => !names.includes(name));
  if (stranger !== undefined)
    throw new TypeError(`${maker}: there is no option ${where}${stranger}; known are ${names.join(', ')}.`);
}

/** A map or a date has no fields of its own, and would pass for options that are all left out. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  return isRecord(value) && /^\[object (?:Object|Module)\]$/.test(Object.prototype.toString.call(value));
}

/** The defaults with what was given laid over them, every leaf checked. */
export function merge<T extends object>(
  maker: string,
  where: string,
  given: object | undefined,
  defaults: T,
  rules: Rules<T>,
): T {
  if (given === undefined) return defaults;
  known(maker, given, Object.keys(rules), `${where}.`);
  const out: Record<string, unknown> = {};
  for (const [name, rule] of Object.entries<Rule | Rules<object>>(rules)) {
    const value = (given as Record<string, unknown>)[name];
    const standard = (defaults as Record<string, unknown>)[name];
    if (!isRule(rule))
      out[name] = merge(maker, `${where}.${name}`, value as object | undefined, standard as object, rule);
    else if (value === undefined) out[name] = standard;
    else {
      check(maker, `${where}.${name}`, value, rule);
      out[name] = Array.isArray(value) ? Object.freeze([...(value as unknown[])]) : value;
    }
  }
  return Object.freeze(out) as T;
}

function isRule(rule: Rule | Rules<object>): rule is Rule {
  return typeof (rule as Rule).accepts === 'function';
}

/** What was given, short; never the value of a credential. */
export function shown(name: string, value: unknown): string {
  if (value === undefined || value === null || typeof value === 'number') return String(value);
  if (/credentials|secret|token/i.test(name))
    return value === '' ? 'an empty text' : `a value of type ${typeof value}`;
  if (!/^(?:string|boolean|object)$/.test(typeof value)) return `a ${typeof value}`;
  const json = textOf(value);
  return json.length > 80 ? `${json.slice(0, 80)}…` : json;
}

function textOf(value: unknown): string {
  const type = `a value of type ${typeof value}`;
  try {
    const json = JSON.stringify(value) as string | undefined; // of a `toJSON` there may be none
    return json ?? type;
  } catch {
    return type; // a cycle
  }
}
