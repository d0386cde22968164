// A session as users hold it: what one customer may do.
import type { AxiosInstance } from 'axios';
import type { AuthErrorOf } from './contract/auth-error.js';
import type { CodesOf } from './contract/failure-types.js';
import type { Result } from './contract/result.js';
import type { SessionInfo } from './contract/success-body.js';
import type { Secret } from './contract/secret.js';
import { createEvents, type Events } from './events.js';
import { createInstance } from './instance.js';
import {
  operate,
  type OperationCallOptions,
  type OperationContext,
  type OperationError,
} from './operations.js';
import type { Resolved } from './options.js';
import type { Clock } from './policies/clock.js';
import { settleRefresh } from './policies/settle.js';
import { waiterOf } from './policies/signals.js';
import type { Emit, Identity } from './ports.js';
import { requestChecked, type RequestError, type SchemaRequest } from './request.js';
import type { Coordinator, Grant } from './session/coordinator.js';
import type { Held } from './decide/session-events.js';
import type { Renewal } from './session/runner.js';
import {
  createSessionCore,
  fixedBearer,
  type SessionCore,
  type SessionState,
} from './session/session-core.js';
import { savedBy, textOf, type SaveTokens, type Tokens } from './session/store.js';
import type { Wire } from './wire.js';

/** What getting a usable token can fail with. */
export type RefreshError<C extends string = never> = AuthErrorOf<
  CodesOf<'refresh'> | 'SESSION_ENDED' | 'REFRESH_LIMITED' | 'OUTCOME_UNKNOWN' | 'SESSION_UNAVAILABLE' | C
>;

/** One customer's session. `C` are the codes of a config's own failure rows. */
export interface Session<C extends string = never> {
  /** Names the session in events; random, no token. */
  readonly key: string;
  /** An axios instance whose calls carry this session: bearer, retry, cooldown, one refresh for all. Rejects with `AuthError`. */
  readonly http: AxiosInstance;
  /** What the session is right now. */
  readonly state: SessionState;
  /** A usable access token, refreshed first if it is due. Rejects with `AuthError`. */
  readonly accessToken: (options?: Pick<OperationCallOptions, 'signal'>) => Promise<string>;
  /** The tokens in hand, to keep them where the user keeps such things; `resume()` takes them. */
  readonly tokens: () => Tokens;
  /** Gets new tokens now, or joins a refresh under way. */
  readonly refresh: (
    options?: Pick<OperationCallOptions, 'signal'>,
  ) => Promise<Result<undefined, RefreshError<C>>>;
  /** Asks the server whether the session is alive; refreshes it if that is what it takes. */
  readonly validate: (
    options?: OperationCallOptions,
  ) => Promise<Result<undefined, OperationError<'validate', C>>>;
  /** Changes the password; the session goes on. */
  readonly updatePassword: (
    input: { readonly password: string; readonly newPassword: string },
    options?: OperationCallOptions,
  ) => Promise<Result<undefined, OperationError<'updatePassword', C>>>;
  /** Every login of the customer. */
  readonly listSessions: (
    options?: OperationCallOptions,
  ) => Promise<Result<SessionInfo[], OperationError<'listSessions', C>>>;
  /** Ends another login by its id, or, without one, this session. A login that is gone already counts as ended. */
  readonly revoke: (
    tokenId?: string,
    options?: OperationCallOptions,
  ) => Promise<Result<undefined, OperationError<'revoke', C>>>;
  /** Ends the session here at once, then on the server. A failure says that the server could not be told. */
  readonly logout: (
    options?: OperationCallOptions,
  ) => Promise<Result<undefined, OperationError<'logout', C>>>;
  /** A request whose answer is checked by a Standard Schema. */
  readonly request: <T>(config: SchemaRequest<T>) => Promise<Result<T, RequestError<C>>>;
  /** Adds a listener for the events of this session; the result removes it. */
  readonly on: Events['on'];
}

/** What a session needs of its client. */
export interface SessionContext extends OperationContext {
  readonly wire: Wire;
  /** Who revokes tokens, where a session does not do that itself. */
  readonly application: Identity;
  readonly resolved: Resolved;
  readonly emit: Emit;
  readonly coordinator: Coordinator;
  readonly clock: Clock;
  readonly onTokens: SaveTokens | undefined;
  renew(refreshToken: Secret, again: boolean): Promise<Renewal>;
}

/** The session, and what the client needs to know of it besides. */
export interface Opened {
  readonly session: Session;
  readonly core: SessionCore;
}

/**
 * @param held its tokens; with a `gen` of 0 it begins at the coordinator
 * @param joins where a session of that key is there already, that one goes on
 */
export function createSession(
  context: SessionContext,
  key: string,
  held: Held<Grant>,
  joins: boolean,
): Opened {
  const events = createEvents(context.emit);
  const { wire, resolved } = context;
  const place = context.coordinator.open(key);
  const { timeout } = resolved.policies.refresh;
  const seat = context.onTokens ? savedBy(context.onTokens, key, place, held.grant, timeout) : place;
  const core = createSessionCore({
    key,
    seat,
    held,
    joins,
    policy: resolved.policies.refresh,
    emit: events.emit,
    clock: () => context.clock.known,
    renew: (refreshToken, again) => context.renew(refreshToken, again),
    orphaned: (late) => void farewell({}, late),
  });
  let http: AxiosInstance | undefined;
  const instance = () => (http ??= createInstance(wire, core.identity, resolved));
  events.emit('sessionStarted', () => ({ at: Date.now(), session: key }));

  /** The last call of a session that is over on our side: with its last tokens, which nothing refreshes. */
  function farewell(options?: OperationCallOptions, { accessToken, refreshToken } = core.tokens) {
    const identity: Identity =
      context.endpoints.logout.auth === 'basic'
        ? { ...context.application, emit: events.emit }
        : fixedBearer(accessToken, key, events.emit);
    const last = createInstance(wire, identity, resolved);
    return operate(context, last, 'logout', { token: (refreshToken ?? accessToken).reveal() }, options);
  }

  const session: Session = {
    key,
    get http() {
      return instance();
    },
    get state() {
      return core.state;
    },
    async accessToken({ signal } = {}) {
      try {
        await core.identity.ready(waiterOf(signal));
        return core.tokens.accessToken.reveal();
      } catch (thrown) {
        throw settleRefresh(thrown, resolved, signal);
      }
    },
    tokens() {
      const { expiresAt } = core.state;
      return textOf(core.tokens, expiresAt && expiresAt.getTime() - Date.now());
    },
    async refresh({ signal } = {}) {
      try {
        return { ok: true, value: undefined, ...(await core.refresh(waiterOf(signal))) };
      } catch (thrown) {
        return { ok: false, error: settleRefresh(thrown, resolved, signal) as RefreshError };
      }
    },
    validate: (options) => operate(context, instance(), 'validate', {}, options),
    updatePassword: (input, options) => operate(context, instance(), 'updatePassword', input, options),
    listSessions: (options) => operate(context, instance(), 'listSessions', {}, options),
    async revoke(tokenId, options) {
      const own = core.state.tokenId;
      if (tokenId !== undefined && tokenId !== own)
        return operate(context, instance(), 'revoke', { tokenId }, options);
      core.end('revoked', 'revoke() was called for this session.');
      // Logging out says the same about one's own token, needs no id, and takes "already dead" for done.
      return farewell(options);
    },
    logout(options) {
      core.end('logout', 'logout() was called.');
      return farewell(options);
    },
    request: (config) => requestChecked(instance(), 'bearer', config, resolved),
    on: events.on,
  };
  return { session, core };
}
