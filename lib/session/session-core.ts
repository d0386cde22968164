// Holds one session: says what a call is sent with, whether it has to wait for newer tokens, and who gets them. Tokens are
// versioned: a call says with which version it was sent, so that a late 401 is told from a new one.
import type { TokenSet } from '../contract/success-body.js';
import { Secret } from '../contract/secret.js';
import type { RotationPolicy } from '../decide/rotation.js';
import { drift } from '../decide/clock.js';
import { decideRefresh, freshness, type Freshness, type RefreshLimit } from '../decide/session.js';
import type { Renewed } from '../decide/session-events.js';
import type { Credential, Emit, EndReason, Identity, Waiter } from '../ports.js';
import type { Grant } from './coordinator.js';
import { settle } from './answers.js';
import { isSame } from './grant.js';
import { createRunner, type RunnerOptions } from './runner.js';
import { refuse } from './waiting-room.js';

export interface RefreshPolicy extends RotationPolicy {
  /**
   * How long before expiry to refresh, ms; `'auto'`: a tenth of the token's lifetime, at most a minute, or up to a quarter
   * of that earlier. Default `'auto'`.
   */
  readonly ahead: number | 'auto';
  readonly limit: RefreshLimit;
  /** Time of a refresh, its repeats included. Default 10 000. */
  readonly timeout: number;
}

export interface SessionOptions extends RunnerOptions {
  readonly policy: RefreshPolicy;
}

/** What the session is right now, for reading. */
export interface SessionState {
  /** `'refreshing'`: a refresh is under way, and calls may wait for it; `'ended'` is for good. */
  readonly status: 'live' | 'refreshing' | 'ended';
  /** Counts the token pairs: 1 is the one that the session started with. */
  readonly version: number;
  /** When the access token ends, as far as it is known. Advice: the server has the last word. */
  readonly expiresAt?: Date;
  /** The answer to a refresh was lost: whether the refresh token is still good, nobody knows. */
  readonly inDoubt?: true;
  /** `customerId` of the access token, if it can be read. Not verified: never decide by it who may do what. */
  readonly customerId?: number;
  /** `sub` of the access token, likewise. */
  readonly subject?: string;
  /** Id of the current access token in the list of sessions. */
  readonly tokenId?: string;
  /** Only once it is over: what ended the session, and why in a sentence. */
  readonly ended?: { readonly reason: EndReason; readonly because: string };
}

export interface SessionCore {
  readonly identity: Identity;
  readonly state: SessionState;
  readonly tokens: TokenSet;
  /** The coordinator does not know of it yet. */
  readonly pending: boolean;
  /** Settles when the coordinator knows of the session; `undefined`: it does. */
  begun(waiter: Waiter): Promise<unknown> | undefined;
  /** Gets newer tokens, or joins whoever does. */
  refresh(waiter: Waiter): Promise<Renewed>;
  /**
   * Takes tokens from elsewhere, if they live longer than those in hand; `false`: they are somebody else's.
   * @param givenAt when they came, ms of `performance`
   */
  adopt(grant: Grant, givenAt: number): boolean;
  /** Ends the session; `false` where it was over already. */
  end(reason: EndReason, because: string): boolean;
}

export function createSessionCore(options: SessionOptions): SessionCore {
  const { key, policy, emit, seat } = options;
  const runner = createRunner(options, { ...policy, per: policy.limit.per });
  const { room } = runner;
  /** Version of the last access token that the server refused. */
  let refused = 0;

  function ready(waiter: Waiter): Promise<unknown> | undefined {
    if (runner.holder.end) return refuse({ cause: 'session-ended' });
    const beginning = begun(waiter);
    if (beginning) return beginning.then(() => ready(waiter));
    // Where somebody waits, the token in hand is no use.
    if (runner.holder.flight && (room.size > 0 || wasRefused()))
      return readyAfter(room.enter(waiter), waiter);
    const age = howFresh();
    if (age === 'fresh' || !tokens().refreshToken) return undefined;
    const decision = decide(runner.holder.held.ver);
    if (decision.do === 'share') return age === 'stale' ? undefined : refuse(runner.holder.failed?.thrown);
    // Expiry is advice: where no refresh may begin, the server shall judge the token in hand.
    if (decision.do !== 'refresh' && decision.do !== 'join') return undefined;
    const need = {
      is: 'needed',
      because: 'The access token is due.',
      usable: usable(),
      eager: false,
    } as const;
    if (age === 'expired')
      return readyAfter(
        room.enter(waiter, () => runner.dispatch(need)),
        waiter,
      );
    runner.dispatch(need); // nobody waits while the token is usable
    return undefined;
  }

  /** The refresh that was waited for may have been about tokens before those in hand, which were refused as well. */
  async function readyAfter(waited: Promise<unknown>, waiter: Waiter): Promise<void> {
    await waited;
    if (wasRefused()) await ready(waiter);
  }

  function begun(waiter: Waiter): Promise<Renewed> | undefined {
    if (runner.holder.held.gen > 0 || runner.holder.end) return undefined;
    const because = 'The session begins.';
    return room.enter(waiter, () => runner.dispatch({ is: 'needed', because, usable: true, eager: false }));
  }

  /** New tokens for whoever was refused with version `used`; `undefined`: they are here already. */
  function replace(used: number, waiter: Waiter, eager: boolean): Promise<Renewed> | undefined {
    if (waiter.sentAt !== undefined) refused = Math.max(refused, used);
    const decision = decide(used, waiter.sentAt, eager);
    if (decision.do === 'share') return refuse(runner.holder.failed?.thrown);
    if (decision.do === 'end') return refuse({ cause: 'session-ended' });
    if (decision.do === 'replay') return undefined;
    if (decision.do === 'hold') return refuse({ cause: 'outcome-unknown', ...whenExpired() });
    if (decision.do === 'refuse')
      return refuse({ cause: 'refresh-limit', retryAfter: Math.ceil(decision.retryAfter) });
    if (!runner.holder.flight && !tokens().refreshToken) {
      if (waiter.sentAt === undefined) return refuse({ cause: 'unsendable' }); // nothing was refused
      end('expired', 'The access token was refused and there is no refresh token.');
      return refuse({ cause: 'session-ended' });
    }
    const because = 'The access token was refused, or new tokens were asked for.';
    return room
      .enter(waiter, () => runner.dispatch({ is: 'needed', because, usable: usable(), eager }))
      .then((renewed) => {
        if (runner.holder.held.ver > used) return renewed;
        // It was about tokens before these, which came by a hint meanwhile and were refused as well.
        return replace(used, waiter, eager) ?? renewed;
      });
  }

  function decide(used: number, sentAt?: number, eager = false) {
    const { held, flight, begun, failed, doubt } = runner.holder;
    const now = performance.now();
    const facts = {
      ended: runner.holder.end !== undefined,
      refreshing: flight !== undefined,
      version: held.ver,
      used,
      sentAt,
      begun,
      // Who asks by name does not get an old failure.
      failed: eager ? undefined : failed,
      doubtFor: doubt === undefined ? undefined : now - doubt,
      usable: usable(),
    };
    return decideRefresh(facts, policy.limit, policy, now);
  }

  // Nothing can be newer than the version in hand, so this always begins or joins a refresh.
  function refresh(waiter: Waiter): Promise<Renewed> {
    return (
      begun(waiter)?.then(() => refresh(waiter)) ??
      replace(runner.holder.held.ver, waiter, true) ??
      refuse({ cause: 'session-ended' })
    );
  }

  const tokens = () => runner.holder.held.grant.tokens;

  /** The access token in hand is good still, as far as anybody knows. */
  function usable(): boolean {
    return !wasRefused() && howFresh() !== 'expired';
  }

  function howFresh(): Freshness {
    const { span, offset } = runner.view;
    return freshness(span, performance.now() + drift(options.clock(), offset), policy.ahead);
  }

  function wasRefused(): boolean {
    return refused >= runner.holder.held.ver;
  }

  function whenExpired(): { readonly retryAfter?: number } {
    const { span } = runner.view;
    return span ? { retryAfter: Math.ceil(span.receivedAt + span.lifetime - performance.now()) } : {};
  }

  function end(reason: EndReason, because: string): boolean {
    if (runner.holder.end) return false;
    runner.dispatch({ is: 'end', end: { reason, because } });
    return true;
  }

  return {
    identity: {
      mode: 'bearer',
      key,
      ready,
      credential: () => ({
        header: runner.view.header,
        version: runner.holder.held.ver,
        grantedAt: runner.holder.held.at,
      }),
      refresh: async (used, waiter) => {
        await replace(used, waiter, false);
      },
      emit,
    },
    get state(): SessionState {
      const { claims, expiresAt } = runner.view;
      const { end: over } = runner.holder;
      return {
        status: over ? 'ended' : runner.holder.flight ? 'refreshing' : 'live',
        version: runner.holder.held.ver,
        ...(expiresAt && { expiresAt }),
        ...(runner.holder.doubt !== undefined && { inDoubt: true }),
        ...(claims.customerId !== undefined && { customerId: claims.customerId }),
        ...(claims.sub !== undefined && { subject: claims.sub }),
        ...(claims.jti !== undefined && { tokenId: claims.jti }),
        ...(over && { ended: { reason: over.reason, because: over.because } }),
      };
    },
    get tokens() {
      return tokens();
    },
    get pending() {
      return runner.holder.held.gen === 0;
    },
    refresh,
    begun,
    adopt(grant, givenAt) {
      const { gen, ver, grant: mine } = runner.holder.held;
      if (mine.subject !== undefined && grant.subject !== undefined && mine.subject !== grant.subject)
        return false;
      if (isSame(mine, grant)) return true;
      const { span } = runner.view;
      const left = span && span.receivedAt + span.lifetime - performance.now();
      const given = grant.lifetime && grant.lifetime - (performance.now() - givenAt);
      if (left !== undefined && given !== undefined && given > left)
        settle(
          () => seat.commit({ gen, ver }, grant),
          (ok) => ok && runner.look(),
          () => undefined, // trouble with the store: the tokens in hand go on
        );
      return true;
    },
    end,
  };
}

/** A bearer credential that cannot be refreshed: for the last calls of a session that is over already. */
export function fixedBearer(token: Secret, key: string, emit: Emit): Identity {
  const credential: Credential = { header: new Secret(`Bearer ${token.reveal()}`), version: 0, grantedAt: 0 };
  return { mode: 'bearer', key, ready: () => undefined, credential: () => credential, emit };
}
