// Scripts: what is to be answered, call after call, in the order in which it was written down.
import { bad, check, whole } from '../check-options.js';
import type { Operation } from '../contract/endpoints.js';
import { isRecord } from '../contract/error-body.js';
import { LONGEST } from '../decide/retry-after.js';
import type { MockableCode, MockableRow } from './mockable.js';
import { authModesOf, LIMITED, namesFor } from './samples.js';
import type { SuccessOf } from './successes.js';

/** One answer, as it was ordered. */
export type Outcome =
  | { readonly does: 'succeed'; readonly body: unknown }
  | { readonly does: 'rotate' }
  | { readonly does: 'fail'; readonly as: string; readonly fields: object; readonly headers?: Headers }
  | { readonly does: 'answer'; readonly status: number; readonly body: unknown; readonly headers: Headers }
  | { readonly does: 'hang' }
  | { readonly does: 'drop' };

type Headers = Readonly<Record<string, string>>;

/** An outcome in its place in a script. */
export interface Entry {
  readonly outcome: Outcome;
  /** As a person wrote it, for messages. */
  readonly label: string;
  /** ms until the answer. */
  readonly delay: number;
  /** How often it is still to come. */
  left: number;
}

/** The entries of a target, in order; what was used up stays, for messages. */
export type Script = Entry[];

/** What can be answered. Each method adds one answer at the end of the script. */
export interface Outcomes<Op extends Operation> {
  /**
   * All goes well.
   * @param body where the operation gives tokens: fields to change in the answer; elsewhere the body. Default: one such as
   *   the API sends, with tokens that are new each time
   */
  readonly succeeds: (body?: SuccessOf<Op>) => Step<Op>;
  /**
   * A failure of the contract, as the API words it.
   * @param as the code that the client shall give; where several rows of the failure table have that code, the `id` of
   *   one chooses it
   * @param fields fields of the body to put in or to replace, such as `errors`
   * @throws TypeError where this operation cannot get it
   */
  readonly fails: (
    as: MockableCode<Op> | MockableRow<Op>,
    fields?: Readonly<Record<string, unknown>>,
  ) => Step<Op>;
  /** A rate limit. @param options.retryAfter seconds, as the header has them; default 30 */
  readonly rateLimited: (options?: { readonly retryAfter?: number }) => Step<Op>;
  /** Anything else. @param body a text as it is, other values as JSON; default: none */
  readonly answers: (status: number, body?: unknown, headers?: Readonly<Record<string, string>>) => Step<Op>;
  /** No answer ever comes: the client runs into its time-out. */
  readonly hangs: () => Step<Op>;
  /** The connection breaks off after the request was sent. */
  readonly drops: () => Step<Op>;
  /** Holds the next outcome back. @param ms in virtual time, where there is one */
  readonly delays: (ms: number) => OutcomesOf<Op>;
}

/** What only a refresh can be answered with. */
export interface Rotation {
  /** New tokens; from then on the old refresh token is refused as revoked. */
  readonly rotates: () => Step<'refresh'>;
}

/** What an operation can be told to answer; a refresh can also rotate. */
export type OutcomesOf<Op extends Operation> = Outcomes<Op> & (Op extends 'refresh' ? Rotation : unknown);

/** An answer that was just added. */
export interface Step<Op extends Operation> {
  /** What comes after it. It is no function, so a step can be awaited by mistake without harm. */
  readonly then: OutcomesOf<Op>;
  /** It comes so often. @param count 1 or more */
  readonly times: (count: number) => Step<Op>;
  /** It comes from now on as often as it is asked for, which may be never. Nothing can follow it. */
  readonly always: () => void;
}

const LEAST_STATUS = 200;
const status = whole(LEAST_STATUS, 599);

/** The methods that fill a script. @param name of the target, for messages */
export function outcomesFor<Op extends Operation>(
  operation: Op,
  name: string,
  script: Script,
  delay = 0,
): OutcomesOf<Op> {
  function add(outcome: Outcome, label: string): Step<Op> {
    if (script.at(-1)?.left === Infinity)
      throw new TypeError(
        `${name}: ${script.at(-1)?.label ?? ''} comes always, so ${label} would come never.`,
      );
    const entry: Entry = { outcome, label: delay > 0 ? `delays(${delay}).${label}` : label, delay, left: 1 };
    script.push(entry);
    return {
      get then() {
        return outcomesFor(operation, name, script);
      },
      times(count) {
        check(`${name}.times`, 'the count', count, whole(1));
        entry.left = count;
        return this;
      },
      always: () => void (entry.left = Infinity),
    };
  }

  const outcomes: Outcomes<Op> & Rotation = {
    succeeds: (body) => add({ does: 'succeed', body }, 'succeeds()'),
    fails(as, fields = {}) {
      checkName(operation, `${name}.fails`, as);
      if (!isRecord(fields)) bad(`${name}.fails`, 'the fields', 'an object', fields);
      return add({ does: 'fail', as, fields }, `fails('${as}')`);
    },
    rateLimited({ retryAfter } = {}) {
      if (retryAfter !== undefined) check(`${name}.rateLimited`, 'retryAfter', retryAfter, whole(0));
      const headers: Headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
      return add({ does: 'fail', as: LIMITED, fields: {}, headers }, 'rateLimited()');
    },
    answers(code, body, headers = {}) {
      check(`${name}.answers`, 'the status', code, status);
      return add({ does: 'answer', status: code, body, headers }, `answers(${code})`);
    },
    hangs: () => add({ does: 'hang' }, 'hangs()'),
    drops: () => add({ does: 'drop' }, 'drops()'),
    delays(ms) {
      check(`${name}.delays`, 'the delay', ms, whole(0, LONGEST));
      return outcomesFor(operation, name, script, ms);
    },
    rotates: () => add({ does: 'rotate' }, 'rotates()') as unknown as Step<'refresh'>,
  };
  const { rotates, ...common } = outcomes;
  return (operation === 'refresh' ? { ...common, rotates } : common) as OutcomesOf<Op>;
}

function checkName(operation: Operation, maker: string, name: string): void {
  const modes = authModesOf(operation);
  const names = (by: 'code' | 'id') => [...new Set(modes.flatMap((auth) => namesFor(operation, auth, by)))];
  if (!names('code').includes(name) && !names('id').includes(name))
    bad(
      maker,
      'what it fails with',
      `one of ${names('code').join(', ')}, or a row of the failure table`,
      name,
    );
}

/** Takes the next answer of a script; `undefined` where none is left. */
export function next(script: Script): Entry | undefined {
  const entry = script.find(({ left }) => left > 0);
  if (entry) entry.left -= 1;
  return entry;
}
