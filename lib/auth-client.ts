// `createAuthClient()`: what the application may do, and the sessions it begins.
import type { AxiosInstance } from 'axios';
import { aFunction, bad, check, checkFields, known, optional, text, whole } from './check-options.js';
import { checkedKey, checkedTokens } from './check-tokens.js';
import type { Endpoint } from './contract/endpoints.js';
import type { CodesOf } from './contract/failure-types.js';
import type { AuthErrorOf } from './contract/auth-error.js';
import type { Result } from './contract/result.js';
import { isRecord } from './contract/error-body.js';
import { base64Of } from './contract/redact.js';
import { Secret } from './contract/secret.js';
import { readTokens } from './contract/success-body.js';
import { isBrowser } from './decide/surroundings.js';
import { createDoubtBook } from './doubts.js';
import { createEvents, type Events } from './events.js';
import { bareInstance, createInstance, nobody, POLICIES_OF } from './instance.js';
import {
  operate,
  requestOf,
  type OperationCallOptions,
  type OperationContext,
  type OperationError,
} from './operations.js';
import { OperationOptions } from './begin.js';
import { resolveEndpoints } from './endpoint-options.js';
import { resolveOptions, type AuthClientOptions, type Resolved } from './options.js';
import { createClock } from './policies/clock.js';
import { originOf } from './policies/destination.js';
import { joinTraffic } from './policies/governor.js';
import type { Emit, Identity } from './ports.js';
import { requestChecked, type RequestError, type SchemaRequest } from './request.js';
import { shareRenewals } from './renewals.js';
import type { Session, SessionContext } from './session.js';
import { createSessions, type ResumeError } from './sessions.js';
import type { Tokens } from './session/store.js';
import type { Coordinator } from './session/coordinator.js';
import { createMemoryCoordinator } from './session/memory-coordinator.js';
import type { Renewal } from './session/runner.js';
import { createWire } from './wire.js';

/** `m`, `f`, `d` (diverse) or `n` (not given). */
export type Gender = 'm' | 'f' | 'd' | 'n';

/** Who registers or orders as a guest. */
export interface Person {
  /** Sent as `first_name`. */
  readonly firstName: string;
  /** Sent as `last_name`. */
  readonly lastName: string;
  /** The address that the customer logs in with; one that has an account already is refused, guests included. */
  readonly email: string;
  /** Sent as it is; the API asks for one. */
  readonly gender: Gender;
}

/** What an operation that begins a session can be told besides its input. */
export interface BeginOptions extends OperationCallOptions {
  /** Names the session, as `session.key` has it. Random where left out; a session that had the name is replaced. */
  readonly key?: string;
}

/** What `login()` can fail with; likewise for every operation: `OperationError<'register'>`. */
export type LoginError<C extends string = never> = OperationError<'login', C>;

/** The operations that begin a session. */
type Beginning = 'register' | 'login' | 'guestLogin' | 'updatePasswordByHash' | 'exchangeCode';

type Outcome<T, Op extends Beginning | 'sendPasswordResetEmail', C extends string> = Promise<
  Result<T, AuthErrorOf<CodesOf<Op> | C>>
>;

/** What the application may do. `C` are the codes of a config's own failure rows. */
export interface AuthClient<C extends string = never> {
  /** An axios instance that carries the client credentials. Rejects with `AuthError`. */
  readonly http: AxiosInstance;
  /** Creates an account and begins its session. Never repeated when unclear: see `ambiguous`. */
  readonly register: (
    input: Person & { readonly password: string },
    options?: BeginOptions,
  ) => Outcome<Session<C>, 'register', C>;
  /** Begins a session. */
  readonly login: (
    input: { readonly email: string; readonly password: string },
    options?: BeginOptions,
  ) => Outcome<Session<C>, 'login', C>;
  /** Begins a session without an account. */
  readonly guestLogin: (input: Person, options?: BeginOptions) => Outcome<Session<C>, 'guestLogin', C>;
  /** Sends the mail with the reset link. `resetUrl` contains `{hash}`, which the server replaces. */
  readonly sendPasswordResetEmail: (
    input: { readonly email: string; readonly resetUrl: string },
    options?: OperationCallOptions,
  ) => Outcome<undefined, 'sendPasswordResetEmail', C>;
  /** Sets the password with the hash of a reset link and begins a session; every other session of the customer ends. */
  readonly updatePasswordByHash: (
    input: { readonly password: string; readonly hash: string },
    options?: BeginOptions,
  ) => Outcome<Session<C>, 'updatePasswordByHash', C>;
  /**
   * Begins a session with the code that a single sign-on brought back. OAuth servers want the `redirectUri` that the code
   * was asked for with, and the `codeVerifier` of PKCE.
   */
  readonly exchangeCode: (
    input: { readonly code: string; readonly redirectUri?: string; readonly codeVerifier?: string },
    options?: BeginOptions,
  ) => Outcome<Session<C>, 'exchangeCode', C>;
  /** Goes on with a session: with the one of a `key`, which is looked up, or at once from tokens in hand. */
  readonly resume: {
    /** Finds a session by its `key`, here or at the coordinator; `undefined`: nobody knows of it. */
    (key: string): Promise<Result<Session<C> | undefined, ResumeError<C>>>;
    /**
     * Goes on with a session from tokens in hand, at once. Sessions with the same refresh token share its refresh.
     * @param options.key names the session, as `session.key` has it; random where left out. Where a session of that
     *   name is held already, that one goes on, with these tokens if they are newer than its own.
     * @throws TypeError where they are no tokens
     */
    (tokens: Tokens, options?: { readonly key?: string }): Session<C>;
  };
  /** A request whose answer is checked by a Standard Schema. */
  readonly request: <T>(config: SchemaRequest<T>) => Promise<Result<T, RequestError<C>>>;
  /** Adds a listener for the events of the client and all its sessions; the result removes it. */
  readonly on: Events['on'];
  /**
   * Ends every call with `CLIENT_CLOSED`; no timer, listener or wait is left. Sessions are not logged out; where a store in
   * trouble has not heard of an end yet, it is told for ten tries at most.
   */
  readonly close: () => void;
}

const MAKER = 'createAuthClient';
const OWN_OPTIONS = ['credentials', 'shopId', 'origins', 'endpoints', 'onTokens', 'coordinator'];

/**
 * A resilient client of an authentication API.
 * @throws TypeError naming the first bad option
 */
export function createAuthClient<const C extends string = never>(
  options: AuthClientOptions<C> & { readonly coordinator: Coordinator },
): AuthClient<C | 'SESSION_UNAVAILABLE'>;
export function createAuthClient<const C extends string = never>(
  options: AuthClientOptions<C>,
): AuthClient<C>;
export function createAuthClient(options: AuthClientOptions<string>): AuthClient {
  const resolved = resolveOptions(MAKER, options, OWN_OPTIONS);
  const { policies, table } = resolved;
  const events = createEvents();
  const traffic = joinTraffic(resolved.governor, resolved.terms, resolved.transport);
  const clock = createClock();
  const origins = allowedOrigins(resolved, options.origins);
  const endpoints = resolveEndpoints(MAKER, options.endpoints, origins);
  const wire = createWire({
    table,
    strict: resolved.strict,
    retry: policies.retry,
    traffic,
    origins,
    clock,
    transport: resolved.transport,
  });
  const application = identityOf(options.credentials, events.emit);
  const http = createInstance(wire, application, resolved);
  const plain = bareInstance(wire, application, {
    ...resolved,
    // A refresh has a time of its own, whatever the calls have that wait for it.
    policies: {
      ...policies,
      timeout: {
        attempt: Math.min(policies.timeout.attempt, policies.refresh.timeout),
        total: policies.refresh.timeout,
      },
    },
  });
  if (options.shopId !== undefined) check(MAKER, 'shopId', options.shopId, whole(0));
  if (options.onTokens !== undefined) check(MAKER, 'onTokens', options.onTokens, aFunction);

  if (options.coordinator !== undefined) check(MAKER, 'coordinator', options.coordinator, aCoordinator);

  const context: OperationContext & SessionContext = {
    ...resolved,
    resolved,
    wire,
    application,
    endpoints,
    shopId: options.shopId,
    doubts: createDoubtBook(),
    emit: events.emit,
    coordinator: options.coordinator ?? createMemoryCoordinator(),
    clock,
    onTokens: options.onTokens,
    renew: shareRenewals(renew),
  };
  const sessions = createSessions(context);

  /** Refreshes on a path of its own: no interceptor of a user, no bearer, nothing that could wait for itself. */
  async function renew(refreshToken: Secret, again: boolean): Promise<Renewal> {
    const row: Endpoint = again ? endpoints.refresh : { ...endpoints.refresh, repeats: 'never' };
    const response = await plain.request({
      ...requestOf(row, { refreshToken: refreshToken.reveal() }, options.shopId),
      ...new OperationOptions('refresh', row, {}, false).asConfig,
    });
    const read = readTokens(response.data); // the wire has checked that it can be read
    if (!read) throw new TypeError('refresh: transformResponse changed the body of the answer.');
    return { tokens: read.value, status: response.status, attempts: response.attempts ?? 1 };
  }

  async function begin<Op extends Beginning>(
    operation: Op,
    input: object,
    { key, ...call }: BeginOptions = {},
  ): Promise<Result<Session, OperationError<Op>>> {
    check(operation, 'key', key, optional(text));
    const name = key === undefined ? undefined : checkedKey(key, operation);
    const outcome = await operate(context, http, operation, input, call);
    if (!outcome.ok) return outcome;
    try {
      return {
        ...outcome,
        value: await sessions.begin(operation, outcome.value, call.signal, name),
      };
    } catch (error) {
      return { ok: false, error: error as OperationError<Op> };
    }
  }

  function resume(tokens: Tokens, options?: { readonly key?: string }): Session;
  function resume(key: string): Promise<Result<Session | undefined, ResumeError>>;
  function resume(given: Tokens | string, options: { readonly key?: string } = {}) {
    if (typeof given === 'string') return sessions.find(checkedKey(given));
    known('resume', options, ['key']);
    check('resume', 'key', options.key, optional(text));
    const key = options.key && checkedKey(options.key);
    return sessions.resume(checkedTokens(given), key);
  }

  const client: AuthClient = {
    http,
    register: (input, call) => begin('register', input, call),
    login: (input, call) => begin('login', input, call),
    guestLogin: (input, call) => begin('guestLogin', input, call),
    sendPasswordResetEmail: (input, call) => operate(context, http, 'sendPasswordResetEmail', input, call),
    updatePasswordByHash: (input, call) => begin('updatePasswordByHash', input, call),
    exchangeCode: (input, call) => begin('exchangeCode', input, call),
    resume,
    request: (config) => requestChecked(http, application.mode, config, resolved),
    on: events.on,
    close: wire.close,
  };
  POLICIES_OF.set(client, policies);
  return client;
}

/** Who the application is: its client credentials, or nobody where a backend of the shop adds them. */
function identityOf(credentials: AuthClientOptions['credentials'], emit: Emit): Identity {
  if (credentials === undefined) return nobody(emit);
  if (isBrowser(globalThis))
    throw new TypeError(
      `${MAKER}: credentials are no secret in a browser, where everybody can read them; leave them out, and let baseURL lead to a backend that has them, such as one of holdfast/bff.`,
    );
  if (!isRecord(credentials))
    bad(MAKER, 'credentials', 'an object with clientId and clientSecret', credentials);
  known(MAKER, credentials, ['clientId', 'clientSecret'], 'credentials.');
  checkFields(MAKER, 'credentials.', credentials, { clientId: text, clientSecret: text });
  const header = new Secret(`Basic ${base64Of(`${credentials.clientId}:${credentials.clientSecret}`)}`);
  return {
    ...nobody(emit),
    mode: 'basic',
    key: `client:${credentials.clientId}`,
    credential: () => ({ header, version: 0, grantedAt: 0 }),
  };
}

const aCoordinator = {
  says: 'a coordinator, such as memoryCoordinator() makes',
  accepts: (value: unknown) => isRecord(value) && typeof value['open'] === 'function',
};

const originRule = {
  says: "scheme, host and port only, such as 'https://api.example.com'",
  accepts: (value: unknown) => typeof value === 'string' && originOf(value) === value,
};

function allowedOrigins({ baseURL }: Resolved, more: unknown = []): ReadonlySet<string> {
  if (!Array.isArray(more)) bad(MAKER, 'origins', 'a list of origins', more);
  more.forEach((origin, index) => check(MAKER, `origins[${index}]`, origin, originRule));
  return new Set([originOf(baseURL) ?? '', ...(more as string[])]);
}
