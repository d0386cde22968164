// The sessions of a client: how one begins, and how one that is there already is found again.
import type { AuthErrorOf } from './contract/auth-error.js';
import type { Result } from './contract/result.js';
import type { Operation } from './contract/endpoints.js';
import type { TokenSet } from './contract/success-body.js';
import type { Held } from './decide/session-events.js';
import { REPLACED } from './decide/session-saving.js';
import { settleRefresh } from './policies/settle.js';
import { waiterOf } from './policies/signals.js';
import { createSession, type Session, type SessionContext } from './session.js';
import type { Grant } from './session/coordinator.js';
import { grantOf, offsetBelieved } from './session/grant.js';
import { createRegistry } from './session/registry.js';
import { within } from './session/store.js';
import type { SessionCore } from './session/session-core.js';

/** What finding a session by its key can fail with. */
export type ResumeError<C extends string = never> = AuthErrorOf<'SESSION_ENDED' | 'SESSION_UNAVAILABLE' | C>;

export interface Sessions {
  /** A login: rejects with `AuthError` where the coordinator could not be told; its tokens are revoked then. */
  begin(
    operation: Operation,
    tokens: TokenSet,
    signal: AbortSignal | undefined,
    key: string | undefined,
  ): Promise<Session>;
  /** The session of these tokens, at once. */
  resume(tokens: TokenSet, key: string | undefined): Session;
  /** The session of that name. */
  find(key: string): Promise<Result<Session | undefined, ResumeError>>;
}

/** Where a session came from that no answer of the server brought. */
const FOUND = { ok: true, status: 200, attempts: 0 } as const;

export function createSessions(context: SessionContext): Sessions {
  const { resolved, coordinator } = context;
  const registry = createRegistry<Session>();
  const cores = new WeakMap<Session, SessionCore>();

  function open(key: string, held: Held<Grant>, joins: boolean): Session {
    const { session, core } = createSession(context, key, held, joins);
    registry.add(key, session);
    cores.set(session, core);
    return session;
  }

  /** It is new: the coordinator does not know of it. */
  function start(key: string | undefined, grant: Grant, joins: boolean, offset?: number): Session {
    const before = key === undefined ? undefined : registry.named(key);
    const core = before && cores.get(before);
    // One that never got through to the coordinator would take the place of this one later.
    if (core?.pending) core.end(REPLACED.reason, REPLACED.because);
    const held = { gen: 0, ver: 1, grant, at: performance.now(), offset };
    return open(key ?? `session:${crypto.randomUUID()}`, held, joins);
  }

  const isOver = ({ state }: Session) => state.status === 'ended';

  return {
    async begin(operation, tokens, signal, key) {
      const session = start(key, grantOf(tokens, true), false);
      try {
        await cores.get(session)?.begun(waiterOf(signal));
        return session;
      } catch (thrown) {
        void session.logout(); // nobody will find it, so it must not stay valid
        throw settleRefresh(thrown, resolved, signal, operation);
      }
    },
    resume(tokens, key) {
      const grant = grantOf(tokens, false);
      const givenAt = performance.now();
      const namesake = key === undefined ? undefined : registry.named(key);
      if (namesake && isOver(namesake)) {
        // Nobody comes back in with the tokens that were logged out.
        if (namesake.tokens().refreshToken === tokens.refreshToken?.reveal()) return namesake;
      } else if (namesake && cores.get(namesake)?.adopt(grant, givenAt)) return namesake;
      const session = start(key, grant, key !== undefined, offsetBelieved(grant));
      const core = cores.get(session);
      const beginning = core?.begun(waiterOf(undefined));
      if (!beginning) core?.adopt(grant, givenAt);
      // Whoever needs it hears of trouble with the coordinator.
      beginning?.then(() => core?.adopt(grant, givenAt)).catch(() => undefined);
      return session;
    },
    async find(key) {
      const lost = (cause: 'session-ended' | 'session-unavailable') =>
        ({ ok: false, error: settleRefresh({ cause }, resolved) as ResumeError }) as const;
      const known = registry.named(key);
      // Where somebody logged in in its place, the coordinator knows the session that is meant now.
      if (known && known.state.ended?.reason !== 'replaced')
        return isOver(known) ? lost('session-ended') : { ...FOUND, value: known };
      try {
        const seen = await within(resolved.policies.refresh.timeout, () => coordinator.open(key).load());
        if (!seen) return { ...FOUND, value: undefined };
        if ('end' in seen) return lost('session-ended');
        const { gen, ver, grant, age } = seen;
        const other = registry.named(key); // found meanwhile, for another request
        const session =
          other && !isOver(other)
            ? other
            : open(key, { gen, ver, grant, at: performance.now() - age }, false);
        return { ...FOUND, value: session };
      } catch {
        return lost('session-unavailable');
      }
    },
  };
}
