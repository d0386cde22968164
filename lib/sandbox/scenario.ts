// Scenarios: who is there, what goes wrong when, who calls and how that should end. Plain data, so that they can be
// files; docs/scenario-schema.ts writes their JSON schema.
import { bad, check, checkFields, known, optional, text, whole, type Rule } from '../check-options.js';
import { isRecord } from '../contract/error-body.js';
import type { FaultRule } from './fault-rules.js';
import { parseFaults } from './fault-parser.js';
import type { SandboxOptions } from './options.js';

/** What happens at one moment, in the order of these fields. */
export interface ScenarioStep {
  /** ms since the first request to the API. Default 0: from the start. */
  readonly at?: number;
  /** Ends all trouble. */
  readonly heal?: true;
  /** Trouble, behind what is in force. */
  readonly faults?: FaultRule | readonly FaultRule[];
  /** Every access token of this moment is expired. */
  readonly expire?: true;
  /** Ends every session of the customer with this address. */
  readonly revoke?: string;
  /** Closes the account of the customer with this address. */
  readonly deactivate?: string;
}

/** A client that meets the steps: it logs in, and then calls. */
export interface ScenarioPlay {
  /** Default: the first customer. */
  readonly email?: string;
  /** Default: that of the first customer. */
  readonly password?: string;
  /** How many calls. Default 10. */
  readonly calls?: number;
  /** Between the starts of two calls, ms. Default 0: all at once. */
  readonly every?: number;
  /** What is called. Default `/orders`. */
  readonly path?: string;
  /** Default `get`. */
  readonly method?: string;
  /** Policies of the client. */
  readonly policies?: object;
}

/** How it should end; what is left out may be as it likes. */
export interface ScenarioExpectation {
  /** How many calls ended in which way: `ok`, or the code of an error. A login that failed is the only one. */
  readonly outcomes?: Readonly<Record<string, number>>;
  /** How many refreshes the API was asked for. */
  readonly refreshes?: number;
  /** How many requests the calls cost at most. */
  readonly sent?: number;
  /** What became of the session; `none`: nobody could log in. */
  readonly session?: 'live' | 'ended' | 'none';
}

/** What of a sandbox a scenario may set. */
type Setting =
  'customers' | 'clients' | 'shopId' | 'lifetimes' | 'generation' | 'keyCase' | 'kid' | 'lockout';

/** A story as data: who is there, what goes wrong when, who calls, and how it should end. */
export interface Scenario {
  /** Where editors find the schema; nothing else reads it. */
  readonly $schema?: string;
  /** One line that says what it is about. */
  readonly title: string;
  /** `clock`: by how many ms the clock of the sandbox is fast. */
  readonly sandbox?: Pick<SandboxOptions, Setting> & { readonly clock?: number };
  /** What happens as requests arrive. Default: nothing. */
  readonly steps?: readonly ScenarioStep[];
  /** Who calls, how often and for what; left out, ten calls of the first customer. */
  readonly play?: ScenarioPlay;
  /** What `holdfast scenario` compares the end with; it fails where they differ. */
  readonly expect?: ScenarioExpectation;
}

const MAKER = 'scenario';
const yes: Rule = { says: 'true', accepts: (value) => value === true };
const clock: Rule = { says: 'a whole number of ms', accepts: (value) => Number.isSafeInteger(value) };
const object: Rule = { says: 'an object', accepts: isRecord };
const counts: Rule = {
  says: 'an object of outcomes and how many calls have them',
  accepts: (value) => isRecord(value) && Object.values(value).every((count) => whole(0).accepts(count)),
};
const ends: Rule = {
  says: "'live', 'ended' or 'none'",
  accepts: (value) => ['live', 'ended', 'none'].includes(value as string),
};

/** The fields of a scenario. Those of `sandbox` are checked as the options that they are. */
const SCENARIO_FIELDS = {
  scenario: ['$schema', 'title', 'sandbox', 'steps', 'play', 'expect'],
  sandbox: [
    'customers',
    'clients',
    'shopId',
    'lifetimes',
    'generation',
    'keyCase',
    'kid',
    'lockout',
    'clock',
  ],
  step: {
    at: whole(0),
    heal: yes,
    faults: { says: 'a fault rule or a list of them', accepts: () => true },
    expire: yes,
    revoke: text,
    deactivate: text,
  },
  play: {
    email: text,
    password: text,
    calls: whole(1, 10_000),
    every: whole(0, 60_000),
    path: {
      says: "a path that begins with '/'",
      accepts: (value) => typeof value === 'string' && value.startsWith('/'),
    },
    method: text,
    policies: object,
  },
  expect: { outcomes: counts, refreshes: whole(0), sent: whole(0), session: ends },
} as const satisfies Record<string, readonly string[] | Readonly<Record<string, Rule>>>;

/** @throws TypeError that names the field, what was given and what is allowed */
export function checkScenario(input: unknown): asserts input is Scenario {
  const fields = SCENARIO_FIELDS;
  known(MAKER, input, fields.scenario);
  const { $schema, title, sandbox, steps, play, expect } = input as Record<keyof Scenario, unknown>;
  check(MAKER, '$schema', $schema, optional(text));
  check(MAKER, 'title', title, text);
  if (sandbox !== undefined) {
    known(MAKER, sandbox, fields.sandbox, 'sandbox.');
    check(MAKER, 'sandbox.clock', (sandbox as { clock?: unknown }).clock, optional(clock));
  }
  if (steps !== undefined && !Array.isArray(steps)) bad(MAKER, 'steps', 'a list of steps', steps);
  for (const [index, step] of ((steps ?? []) as unknown[]).entries()) checkStep(step, `steps[${index}].`);
  checkPart(play, 'play.', fields.play);
  checkPart(expect, 'expect.', fields.expect);
}

function checkStep(step: unknown, where: string): void {
  if (step === undefined || step === null) bad(MAKER, where.slice(0, -1), 'an object', step);
  checkPart(step, where, SCENARIO_FIELDS.step);
  const { faults } = step as ScenarioStep;
  if (faults === undefined) return;
  try {
    parseFaults(faults, `${where}faults`, (index) => `${where}faults[${index}]`);
  } catch (error) {
    throw error instanceof TypeError ? new TypeError(`${MAKER}: ${error.message}`) : error;
  }
}

function checkPart(part: unknown, where: string, rules: Readonly<Record<string, Rule>>): void {
  if (part === undefined) return;
  known(MAKER, part, Object.keys(rules), where);
  const fit = Object.fromEntries(Object.entries(rules).map(([name, rule]) => [name, optional(rule)]));
  checkFields(MAKER, where, part as object, fit);
}
