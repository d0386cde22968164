// Holds the tokens of one session and refreshes them once for all who need it. Tokens are versioned: a call says with
// which version it was sent, so that a late 401 is told from a new one.
import type { TokenSet } from '../contract/success-body.js';
import { Secret } from '../contract/secret.js';
import {
  decideRefresh,
  freshness,
  pauseAfterFailure,
  type Lifespan,
  type RefreshLimit,
} from '../decide/session.js';
import type { Credential, Emit, EndReason, Identity, SessionRefusal, Waiter } from '../ports.js';
import { lifetimeOf, readClaims, type Claims } from './claims.js';
import { createWaitingRoom } from './waiting-room.js';

export interface RefreshPolicy {
  /** How long before expiry to refresh, ms; `'auto'`: a tenth of the token's lifetime, at most a minute. Default `'auto'`. */
  readonly ahead: number | 'auto';
  readonly limit: RefreshLimit;
}

export interface SessionOptions {
  readonly key: string;
  readonly tokens: TokenSet;
  /** The tokens come from an answer just received, not from a store. */
  readonly minted: boolean;
  readonly policy: RefreshPolicy;
  readonly emit: Emit;
  /** Asks the server for new tokens. Rejects with a failure that says in `row.session` whether the session is over. */
  renew(refreshToken: Secret): Promise<Renewal>;
  /** Takes tokens that arrived after the end, so that they do not stay valid. */
  orphaned(tokens: TokenSet): void;
}

/** What a refresh brought. */
export interface Renewal extends Renewed {
  readonly tokens: TokenSet;
}

/** What is told of a refresh that worked. */
interface Renewed {
  readonly status: number;
  readonly attempts: number;
}

/** What the session is right now, for reading. */
export interface SessionState {
  readonly status: 'live' | 'refreshing' | 'ended';
  /** Counts the token pairs: 1 is the one that the session started with. */
  readonly version: number;
  /** When the access token ends, as far as it is known. Advice: the server has the last word. */
  readonly expiresAt?: Date;
  readonly customerId?: number;
  readonly subject?: string;
  /** Id of the current access token in the list of sessions. */
  readonly tokenId?: string;
  readonly ended?: { readonly reason: EndReason; readonly because: string };
}

export interface SessionCore {
  readonly identity: Identity;
  readonly state: SessionState;
  readonly tokens: TokenSet;
  /** Gets newer tokens, or joins whoever does. */
  refresh(waiter: Waiter): Promise<Renewed>;
  /** Ends the session; tells the listeners if it was not over yet. */
  end(reason: EndReason, because: string): boolean;
}

/** The last refresh, if it failed. */
interface Setback {
  readonly thrown: unknown;
  /** Failures in a row. */
  readonly count: number;
  readonly at: number;
  /** Not tried again before, ms. */
  readonly until: number;
}

/** A failed renewal, as far as the session needs to know it. */
interface RenewalFailure {
  readonly row?: { readonly code?: string; readonly session?: 'keep' | 'end'; readonly because?: string };
}

export function createSessionCore(options: SessionOptions): SessionCore {
  const { key, policy, emit } = options;
  let held = hold(options.tokens, options.minted);
  let version = 1;
  let ended: SessionState['ended'];
  let refreshing = false;
  /** Calls wait for the refresh under way, since the token in hand is no use. */
  let blocking = false;
  let begun: number[] = [];
  /** What the last refreshes in a row failed with. */
  let failed: Setback | undefined;
  /** For the refresh under way; the end of the session empties it at once. */
  const waiting = createWaitingRoom<Renewed>();

  function ready(waiter: Waiter): Promise<unknown> | undefined {
    if (ended) return refuse({ cause: 'session-ended' });
    if (refreshing && blocking) return join(waiter);
    const age = freshness(held.span, performance.now(), policy.ahead);
    if (age === 'fresh' || !held.tokens.refreshToken) return undefined;
    const decision = decide(version);
    if (decision.do === 'share') return age === 'stale' ? undefined : refuse(failed?.thrown);
    // Expiry is advice: where no refresh may begin, the server shall judge the token in hand.
    if (decision.do !== 'refresh' && decision.do !== 'join') return undefined;
    if (!refreshing) begin(held.tokens.refreshToken, 'The access token is due.');
    if (age === 'stale') return undefined; // nobody waits while the token is usable
    blocking = true;
    return join(waiter);
  }

  /** New tokens for whoever was refused with version `used`; `undefined`: they are here already. */
  function replace(used: number, waiter: Waiter): Promise<Renewed> | undefined {
    const decision = decide(used, waiter.sentAt);
    if (decision.do === 'share') return refuse(failed?.thrown);
    if (decision.do === 'end') return refuse({ cause: 'session-ended' });
    if (decision.do === 'replay') return undefined;
    if (decision.do === 'refuse')
      return refuse({ cause: 'refresh-limit', retryAfter: Math.ceil(decision.retryAfter) });
    const { refreshToken } = held.tokens;
    if (!refreshing && !refreshToken) {
      if (waiter.sentAt === undefined) return refuse({ cause: 'unsendable' }); // nothing was refused
      end('expired', 'The access token was refused and there is no refresh token.');
      return refuse({ cause: 'session-ended' });
    }
    if (!refreshing && refreshToken)
      begin(refreshToken, 'The access token was refused, or new tokens were asked for.');
    blocking = true;
    return join(waiter);
  }

  function decide(used: number, sentAt?: number) {
    const facts = {
      ended: ended !== undefined,
      refreshing,
      version,
      used,
      sentAt,
      begun,
      failed,
    };
    return decideRefresh(facts, policy.limit, performance.now());
  }

  function begin(refreshToken: Secret, because: string): void {
    refreshing = true;
    const over = () => {
      refreshing = false;
      blocking = false;
    };
    renew(refreshToken, because).then(
      (renewed) => {
        over();
        waiting.resolve(renewed);
      },
      (thrown: unknown) => {
        over();
        waiting.reject(thrown);
      },
    );
  }

  async function renew(refreshToken: Secret, because: string): Promise<Renewed> {
    const began = performance.now();
    tell('started', { because });
    try {
      const { tokens, ...renewed } = await options.renew(refreshToken);
      if (ended) {
        options.orphaned(tokens);
        throw { cause: 'session-ended' } satisfies SessionRefusal;
      }
      const next = hold({ refreshToken, ...tokens }, true);
      if (isSomebodyElse(held.claims, next.claims)) {
        options.orphaned(tokens);
        end('mismatch', 'The refresh brought a token of somebody else.');
        throw { cause: 'session-ended' } satisfies SessionRefusal;
      }
      held = next; // a server that keeps the old refresh token sends none
      version += 1;
      failed = undefined;
      begun = [...begun.filter((at) => began - at < policy.limit.per), began];
      tell('succeeded');
      return renewed;
    } catch (thrown) {
      const { row } = thrown as RenewalFailure;
      const count = (failed?.count ?? 0) + 1;
      const at = performance.now();
      failed = { thrown, count, at, until: at + pauseAfterFailure(count) };
      tell('failed', row);
      // Those who wait hear of it by the failure itself, with all that the server said.
      if (row?.session === 'end') close('expired', row.because ?? '');
      throw thrown;
    }
  }

  /** Waits for the refresh under way. */
  function join(waiter: Waiter): Promise<Renewed> {
    return waiter.ended ? refuse({ cause: waiter.ended }) : waiting.join(waiter);
  }

  function tell(phase: 'started' | 'succeeded' | 'failed', row?: RenewalFailure['row']): void {
    emit('refresh', () => ({
      at: Date.now(),
      session: key,
      phase,
      version,
      ...(row?.code && { code: row.code }),
      ...(row?.because && { because: row.because }),
    }));
  }

  function close(reason: EndReason, because: string): boolean {
    if (ended) return false;
    ended = { reason, because };
    emit('sessionEnded', () => ({ at: Date.now(), session: key, reason, because }));
    return true;
  }

  function end(reason: EndReason, because: string): boolean {
    const first = close(reason, because);
    waiting.reject({ cause: 'session-ended' } satisfies SessionRefusal);
    return first;
  }

  return {
    identity: {
      mode: 'bearer',
      key,
      ready,
      credential: () => ({ header: held.header, version }),
      refresh: async (used, waiter) => {
        await replace(used, waiter);
      },
      emit,
    },
    get state(): SessionState {
      const { claims, expiresAt } = held;
      return {
        status: ended ? 'ended' : refreshing ? 'refreshing' : 'live',
        version,
        ...(expiresAt && { expiresAt }),
        ...(claims.customerId !== undefined && { customerId: claims.customerId }),
        ...(claims.sub !== undefined && { subject: claims.sub }),
        ...(claims.jti !== undefined && { tokenId: claims.jti }),
        ...(ended && { ended }),
      };
    },
    get tokens() {
      return held.tokens;
    },
    // Nothing can be newer than the version in hand, so this always begins or joins a refresh.
    // Who asks for it by name does not get an old failure.
    refresh(waiter) {
      if (failed) failed = { ...failed, until: 0 };
      return replace(version, waiter) ?? refuse({ cause: 'session-ended' });
    },
    end,
  };
}

/** A bearer credential that cannot be refreshed: for the last calls of a session that is over already. */
export function fixedBearer(token: Secret, key: string, emit: Emit): Identity {
  const credential: Credential = { header: new Secret(`Bearer ${token.reveal()}`), version: 0 };
  return { mode: 'bearer', key, ready: () => undefined, credential: () => credential, emit };
}

/** A session never passes from one subject to another (OpenID Connect Core, section 12.2). */
const isSomebodyElse = (one: Claims, other: Claims) =>
  one.sub !== undefined && other.sub !== undefined && one.sub !== other.sub;

interface Held {
  readonly tokens: TokenSet;
  readonly header: Secret;
  readonly claims: Claims;
  readonly span: Lifespan | undefined;
  readonly expiresAt: Date | undefined;
}

function hold(tokens: TokenSet, minted: boolean): Held {
  const token = tokens.accessToken.reveal();
  const claims = readClaims(token);
  const lifetime = lifetimeOf(claims, tokens.expiresIn, minted, Date.now());
  return {
    tokens,
    claims,
    header: new Secret(`Bearer ${token}`),
    span: lifetime === undefined ? undefined : { receivedAt: performance.now(), lifetime },
    expiresAt: lifetime === undefined ? undefined : new Date(Date.now() + lifetime),
  };
}

/** @param thrown a `SessionRefusal`, or the failure of a refresh */
function refuse(thrown: unknown): Promise<never> {
  return Promise.reject(thrown);
}
