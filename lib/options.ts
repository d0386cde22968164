// What a client can be told, with its defaults, checked once at construction. A bad option is named, with what was
// given and what is allowed.
import type { AxiosRequestConfig } from 'axios';
import type { Messages } from './contract/auth-error.js';
import { classify, failureTable, type FailureTable } from './contract/classify.js';
import {
  aFunction,
  checkFields,
  either,
  known,
  merge,
  number,
  oneOf,
  optional,
  whole,
  type Partially,
  type Rule,
  type Rules,
} from './check-options.js';
import { isRecord } from './contract/error-body.js';
import { FAILURES } from './contract/failures.js';
import type { FailureRow, When } from './contract/failure-row.js';
import { checkAxios } from './check-axios.js';
import { checkRows } from './check-rows.js';
import type { EndpointOptions } from './endpoint-options.js';
import { isSuccess, NO_BODY } from './contract/answer.js';
import type { BucketRequest } from './facts.js';
import { LONGEST } from './decide/retry-after.js';
import type { BreakerPolicy } from './decide/breaker.js';
import type { BudgetPolicy } from './decide/budget.js';
import type { RetryPolicy } from './decide/retry.js';
import { originOf } from './policies/destination.js';
import type { GatePolicy } from './policies/gate.js';
import { isGovernor, PROCESS, type Governor, type Terms } from './policies/governor.js';
import type { Transport } from './policies/transport.js';
import type { RefreshPolicy } from './session/session-core.js';
import type { Coordinator } from './session/coordinator.js';
import type { SaveTokens } from './session/store.js';

/** How a client behaves when things go wrong. Durations are milliseconds. Plain data, so it can come from a file. */
export interface Policies {
  /** How long one attempt and a whole call may take, ms. */
  readonly timeout: {
    /** Time of one attempt, its body included; waiting in a queue does not count. Default 10 000. */
    readonly attempt: number;
    /** Time of a whole call: queue, cooldown, refresh, backoff and every attempt. Default 60 000. */
    readonly total: number;
  };
  /** What is repeated, how often and how soon. */
  readonly retry: RetryPolicy & {
    /** Bounds the repeats of all calls together. */
    readonly budget: BudgetPolicy;
  };
  /** What a 429 does to its bucket. */
  readonly cooldown: GatePolicy;
  /** Fails calls at once while a server fails too often. Off by default. */
  readonly breaker: BreakerPolicy;
  /** When a session gets new tokens, and how long that may take. */
  readonly refresh: RefreshPolicy;
}

/** Policies as a config gives them: whatever is left out keeps its default. */
export type PolicyOptions = Partially<Policies>;

/** Options of `createHttpClient()`. */
export interface HttpClientOptions<C extends string = never> {
  /** Where relative paths start, e.g. `https://acme-live.auth.scayle.cloud/v1`. */
  readonly baseURL: string;
  /** Changes to the default policies. */
  readonly policies?: PolicyOptions;
  /** Names the bucket whose limit a request shares; `undefined`: identity and first path segment, or the operation. */
  readonly bucket?: (request: BucketRequest) => string | undefined;
  /**
   * Whom the client shares what is known about a server with: cooldowns, learned rates, calls under way and the retry
   * budget. Default: every client of the process; `createGovernor()` makes one apart, as for each test.
   */
  readonly governor?: Governor;
  /** Rows for the failure table: a row with the `id` of a built-in one replaces it, others go first. */
  readonly failures?: readonly FailureRow<C>[];
  /** Sentences for the customer by code, or a function: for translation. */
  readonly messages?: Messages;
  /** Axios defaults passed through: agents, headers, proxy, and `adapter` as the transport at the bottom of the wire. */
  readonly axios?: AxiosRequestConfig;
}

/** Options of `createAuthClient()`. */
export interface AuthClientOptions<C extends string = never> extends HttpClientOptions<C> {
  /** Client credentials of the application. Refused in a browser: there `baseURL` is the shop's own backend. */
  readonly credentials?: { readonly clientId: string; readonly clientSecret: string };
  /** Sent with every operation that asks for a shop. */
  readonly shopId?: number;
  /** Origins, besides that of `baseURL`, that may receive a credential, e.g. `https://api.example.com`. */
  readonly origins?: readonly string[];
  /** Where a route differs from the reference API: fields of its row to replace. */
  readonly endpoints?: EndpointOptions;
  /**
   * Saves what a refresh brought, before any call gets it. Where it throws, rejects or takes longer than
   * `refresh.timeout`, it is asked again, up to ten times and less and less often, and `refresh` events say `'unsaved'`.
   * After that the tokens are used all the same: `session.tokens()` has them.
   */
  readonly onTokens?: SaveTokens;
  /**
   * Where sessions are kept, and who of all that hold one refreshes it. Default: in this process, each for as long as
   * somebody holds it.
   */
  readonly coordinator?: Coordinator;
}

/** The statuses that the contract documents as transient. */
const TRANSIENT = FAILURES.filter((row) => row.reaction === 'retry' && row.proof === 'documented').flatMap(
  (row) =>
    row.when.flatMap((when) =>
      'status' in when && Array.isArray(when.status) ? (when.status as number[]) : [],
    ),
);

export const DEFAULTS: Policies = {
  timeout: { attempt: 10_000, total: 60_000 },
  retry: {
    retries: 3,
    statuses: TRANSIENT,
    backoff: { initial: 200, factor: 2, max: 5_000, jitter: 'full' },
    budget: { ratio: 0.1, floorPerSecond: 10, burst: 100 },
  },
  cooldown: { maxWait: 30_000, fallback: 1_000, maxQueued: 10_000, concurrency: 256 },
  breaker: { enabled: false, ratio: 0.5, minimum: 20, window: 10_000, openFor: 5_000 },
  refresh: {
    timeout: 10_000,
    ahead: 'auto',
    limit: { refreshes: 5, per: 30_000 },
    rotation: 'single-use',
    grace: 10_000,
  },
};

const yesNo: Rule = { says: 'true or false', accepts: (value) => typeof value === 'boolean' };
const duration = number(1, LONGEST, ' of ms');
const delay = number(0, LONGEST, ' of ms');

const address: Rule = {
  says: 'an http(s) address, or a path in a browser',
  accepts: (value) => typeof value === 'string' && /^https?:/.test(originOf(value) ?? ''),
};

const statuses: Rule = {
  says: 'a list of statuses that mean a passing trouble (5xx, 408, 424, 425); the rest belong to other policies or are final',
  accepts: (value) =>
    Array.isArray(value) &&
    value.every((status: unknown) => {
      const answer = { operation: 'request', auth: 'none', status: status as number, body: NO_BODY } as const;
      return Number.isInteger(status) && classify(answer).reaction === 'retry';
    }),
};

/** What each option accepts; docs/options.md is made from it. */
export const RULES: Rules<Policies> = {
  timeout: { attempt: duration, total: duration },
  retry: {
    retries: whole(0, 100),
    statuses,
    backoff: { initial: delay, factor: number(1, 100), max: delay, jitter: oneOf('full', 'none') },
    budget: {
      ratio: number(0, 1),
      floorPerSecond: number(0.001, 10_000),
      burst: whole(0),
    },
  },
  cooldown: { maxWait: delay, fallback: duration, maxQueued: whole(0), concurrency: whole(1) },
  breaker: {
    enabled: yesNo,
    ratio: number(0.01, 1),
    minimum: whole(1),
    window: duration,
    openFor: duration,
  },
  refresh: {
    timeout: duration,
    ahead: either(oneOf('auto'), delay),
    limit: { refreshes: whole(1), per: duration },
    rotation: oneOf('none', 'grace', 'parent-of-active', 'single-use', 'strict'),
    grace: delay,
  },
};

/** Options of a client, checked and complete. */
export interface Resolved {
  readonly baseURL: string;
  readonly policies: Policies;
  readonly table: FailureTable;
  /** Rows of the config may find fault with a 2xx. */
  readonly strict: boolean;
  readonly messages: Messages;
  readonly axios: AxiosRequestConfig;
  /** What sends at the bottom of the wire: the adapters of axios, or one of the user's. */
  readonly transport: Transport;
  readonly bucket: ((request: BucketRequest) => string | undefined) | undefined;
  readonly governor: Governor;
  readonly terms: Terms;
}

/** Options that are no trees; `policies` and `failures` have rules of their own. */
const LEAVES: Readonly<Record<Exclude<keyof HttpClientOptions, 'policies' | 'failures'>, Rule>> = {
  baseURL: address,
  bucket: optional(aFunction),
  governor: optional({ says: 'one made by createGovernor()', accepts: isGovernor }),
  messages: optional(either({ says: 'a map by code', accepts: isRecord }, aFunction)),
  axios: optional({ says: 'an object of axios defaults', accepts: isRecord }),
};

/** @throws TypeError naming the first bad option */
export function resolveOptions(
  maker: string,
  options: HttpClientOptions<string>,
  more: readonly string[] = [],
): Resolved {
  known(maker, options, [...Object.keys(LEAVES), 'policies', 'failures', ...more]);
  checkFields(maker, '', options, LEAVES);
  checkAxios(maker, options.axios);
  checkRows(maker, options.failures);
  const { messages = {}, failures = [], bucket, governor = PROCESS } = options;
  const policies = merge<Policies>(maker, 'policies', options.policies, DEFAULTS, RULES);
  const table = failureTable(failures);
  return {
    baseURL: options.baseURL,
    policies,
    table,
    terms: { cooldown: policies.cooldown, retry: policies.retry, breaker: policies.breaker, table },
    governor,
    strict: failures.some((row) => row.when.some(({ status }) => coversSuccess(status))),
    messages,
    axios: options.axios ?? {},
    transport: options.axios?.adapter ?? ['http', 'fetch', 'xhr'], // XMLHttpRequest follows redirects, with the body of a login
    bucket,
  };
}

function coversSuccess(status: When['status']): boolean {
  return typeof status === 'string' ? status === '2xx' : status?.some(isSuccess) === true;
}
