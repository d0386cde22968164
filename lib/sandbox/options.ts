// What a sandbox can be told at its start, and the demo values that stand in for what it is not told.
import { aFunction, check, checkFields, known, optional, shown, text, type Rule } from '../check-options.js';
import { defined } from '../contract/error-body.js';
import { DEMO } from './demo.js';
import { parseFaults } from './fault-parser.js';
import type { Fault, FaultRule } from './fault-rules.js';
import { checkScenario, type Scenario, type ScenarioStep } from './scenario.js';

/** A customer who can log in. */
export interface SandboxCustomer {
  /** Compared without case when the customer logs in. */
  readonly email: string;
  /** Compared as it is. */
  readonly password: string;
  /** Not empty; only for show. */
  readonly firstName: string;
  /** Not empty; only for show. */
  readonly lastName: string;
  /** Not empty; only for show. */
  readonly gender: string;
  /** `true`: a login is refused with 403, `USER_DEACTIVATED`. Default `false`. */
  readonly deactivated?: boolean;
}

/** An OAuth client: who may call with Basic authentication. */
export interface SandboxClient {
  /** The name part of Basic authentication; `credentials.clientId` of a client. */
  readonly id: string;
  /** The password part; `credentials.clientSecret` of a client. */
  readonly secret: string;
}

/** Options of `startSandbox()`. */
export interface SandboxOptions {
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default `127.0.0.1`. The admin routes have no password, so think before opening this up. */
  readonly host?: string;
  /** Who can log in. Default: the three of `DEMO`, one of them deactivated. */
  readonly customers?: readonly SandboxCustomer[];
  /** Who may call with Basic authentication. Default: `DEMO.client`. */
  readonly clients?: readonly SandboxClient[];
  /** The one shop there is; another is refused. Default: `DEMO.shopId`. */
  readonly shopId?: number;
  /** Lifetimes of tokens, ms. Default 31 and 60 days. That of the refresh token is absolute: rotation keeps it. */
  readonly lifetimes?: { readonly access?: number; readonly refresh?: number };
  /** Whose refusals the token endpoint speaks: those of the OAuth library's version 8 (default) or 9. */
  readonly generation?: 8 | 9;
  /** Forces the case of every error key; default: as the contract's examples write it. */
  readonly keyCase?: 'upper' | 'lower';
  /** Keys in the key set and `kid` in tokens. Default `'none'`: one key, no `kid`. */
  readonly kid?: 'none' | 'one' | 'two';
  /** Failed logins of one address before it is locked, and for how many ms. 0 failures: never. */
  readonly lockout?: { readonly failures?: number; readonly for?: number };
  /** In force from the start, and again after `reset()`. */
  readonly faults?: readonly FaultRule[];
  /** Steps that happen as requests arrive, and again after `reset()`. What it sets, other options set otherwise. */
  readonly scenario?: Scenario;
  /** The clock, ms since 1970. */
  readonly now?: () => number;
}

/** Options with every gap filled. */
export interface Settings {
  readonly port: number;
  readonly host: string;
  readonly customers: readonly SandboxCustomer[];
  readonly clients: readonly SandboxClient[];
  readonly shopId: number;
  readonly lifetimes: { readonly access: number; readonly refresh: number };
  readonly generation: 8 | 9;
  readonly keyCase: 'upper' | 'lower' | undefined;
  readonly kid: 'none' | 'one' | 'two';
  readonly lockout: { readonly failures: number; readonly for: number };
  readonly faults: readonly Fault[];
  readonly steps: readonly ScenarioStep[];
  readonly now: () => number;
}

const DAY = 86_400_000;
const MAKER = 'sandbox';
const aList: Rule = { says: 'a list', accepts: Array.isArray };
const yesOrNo: Rule = { says: 'true or false', accepts: (value) => typeof value === 'boolean' };
const PERSON = {
  email: text,
  password: text,
  firstName: text,
  lastName: text,
  gender: text,
  deactivated: optional(yesOrNo),
};
const PEOPLE = [DEMO.customer, DEMO.otherCustomer, DEMO.deactivated];
const CLIENT = { id: text, secret: text };
// prettier-ignore
const OPTIONS = [
  'port', 'host', 'customers', 'clients', 'shopId', 'lifetimes', 'generation', 'keyCase', 'kid', 'lockout', 'faults',
  'scenario', 'now',
];

/** Checks and completes the options; throws a `TypeError` that names the bad one. */
export function resolveOptions(given: SandboxOptions = {}): Settings {
  known(MAKER, given, OPTIONS);
  const { scenario } = given;
  if (scenario !== undefined) checkScenario(scenario);
  const { clock = 0, ...set } = scenario?.sandbox ?? {};
  const options: SandboxOptions = { ...set, ...defined(given) };
  const {
    port = 0,
    host = '127.0.0.1',
    shopId = DEMO.shopId,
    generation = 8,
    keyCase,
    kid = 'none',
  } = options;
  const {
    customers = PEOPLE,
    clients = [DEMO.client],
    faults = [],
    now = () => Date.now() + clock,
  } = options;
  const lifetimes = both('lifetimes', set.lifetimes, given.lifetimes, {
    access: 31 * DAY,
    refresh: 60 * DAY,
  });
  const lockout = both('lockout', set.lockout, given.lockout, { failures: 5, for: 60_000 });
  check(MAKER, 'host', host, text);
  check(MAKER, 'now', now, aFunction);
  const settings: Settings = {
    port: whole('port', port, 65_535),
    host,
    customers: list('customers', customers, PERSON),
    clients: list('clients', clients, CLIENT),
    shopId: whole('shopId', shopId),
    lifetimes,
    generation: oneOf('generation', generation, [8, 9]),
    keyCase: keyCase === undefined ? undefined : oneOf('keyCase', keyCase, ['upper', 'lower']),
    kid: oneOf('kid', kid, ['none', 'one', 'two']),
    lockout,
    faults: parseFaults(faults),
    steps: scenario?.steps ?? [],
    now,
  };
  checkNames(settings);
  return settings;
}

/** A step that names nobody would fail in the middle of a test. */
function checkNames({ steps, customers }: Settings): void {
  const names = customers.map(({ email }) => email);
  for (const [index, { revoke, deactivate }] of steps.entries())
    for (const email of [revoke, deactivate])
      if (email !== undefined && !names.includes(email))
        throw new TypeError(
          `scenario: steps[${index}] names ${brief('email', email)}, who is no customer; there is ${brief('email', names.join(', '))}`,
        );
}

/** Whole numbers of a scenario, those of the options over them, and defaults for what neither gives. */
function both<T extends Readonly<Record<string, number>>>(
  name: string,
  set: Partial<T> = {},
  given: Partial<T> = {},
  defaults: T,
): T {
  for (const each of [set, given]) known(MAKER, each, Object.keys(defaults), `${name}.`);
  const all: T = { ...defaults, ...defined<Partial<T>>(set), ...defined<Partial<T>>(given) };
  for (const [key, value] of Object.entries(all)) whole(`${name}.${key}`, value);
  return all;
}

function list<T extends object>(
  name: string,
  given: readonly T[],
  rules: Readonly<Record<string, Rule>>,
): readonly T[] {
  check(MAKER, name, given, aList);
  for (const [index, each] of given.entries()) {
    const where = `${name}[${index}].`;
    known(MAKER, each, Object.keys(rules), where);
    checkFields(MAKER, where, each, rules);
  }
  return given;
}

function whole(name: string, value: number, max = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && value >= 0 && value <= max) return value;
  throw new TypeError(`${MAKER}: ${name} must be a whole number of 0 to ${max}, got ${brief(name, value)}`);
}

function oneOf<T>(name: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value;
  throw new TypeError(`${MAKER}: ${name} must be one of ${allowed.join(', ')}, got ${brief(name, value)}`);
}

/** As it was typed, where it was. */
const brief = (name: string, value: unknown) =>
  typeof value === 'string' ? value.slice(0, 80) : shown(name, value);
