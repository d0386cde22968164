// A session core on its own: its tokens, whoever renews them, and what it told.
import type { EventMap, EventName, SessionRefusal, Stoppable } from '../../lib/ports.js';
import type { Secret } from '../../lib/contract/secret.js';
import { createSessionCore, type RefreshPolicy, type SessionCore } from '../../lib/session/session-core.js';
import type { Seat } from '../../lib/session/coordinator.js';
import { DEFAULTS } from '../../lib/options.js';
import type { Renewal } from '../../lib/session/runner.js';
import { grantOf } from '../../lib/session/grant.js';
import { createMemoryCoordinator } from '../../lib/session/memory-coordinator.js';
import { tokenSet, type Pair } from './tokens.js';

/** Someone who waits, and can be told to stop waiting. */
export interface TestWaiter {
  ended: (SessionRefusal['cause'] & ('aborted' | 'deadline' | 'closed')) | undefined;
  heldBy(what: Stoppable | undefined): void;
  /** What it waits in just now. */
  holder: Stoppable | undefined;
  stop(cause: 'aborted' | 'deadline' | 'closed'): void;
}

export function waiter(): TestWaiter {
  const one: TestWaiter = {
    ended: undefined,
    holder: undefined,
    heldBy(what) {
      one.holder = what;
    },
    stop(cause) {
      one.ended = cause;
      one.holder?.stop(cause);
    },
  };
  return one;
}

/** A renewal that was asked for and waits for its answer. */
export interface Asked {
  readonly refreshToken: string;
  /** When, ms of `performance`. */
  readonly at: number;
  grant(pair: Pair): void;
  deny(failure: unknown): void;
}

export interface Told {
  readonly name: EventName;
  readonly event: EventMap[EventName];
}

export interface Bench {
  readonly core: SessionCore;
  readonly asked: readonly Asked[];
  readonly told: readonly Told[];
  /** Access tokens that arrived too late. */
  readonly orphans: readonly string[];
  /** What calls would send just now. */
  readonly bearer: string;
}

export const MINUTE = 60_000;

/** Tokens at the start: an hour to live, unless a test says otherwise. */
export const FIRST: Pair = { access: 'at-1', refresh: 'rt-1', expiresIn: 60 * MINUTE };

/** Tokens of a refresh that worked. */
export const SECOND: Pair = { access: 'at-2', refresh: 'rt-2', expiresIn: 60 * MINUTE };

/** @param beside another holder of the same session joins at this seat, which has begun already */
export function bench(first: Pair = FIRST, policy: Partial<RefreshPolicy> = {}, beside?: Seat): Bench {
  const asked: Asked[] = [];
  const told: Told[] = [];
  const orphans: string[] = [];
  const own = createMemoryCoordinator().open('session:test');
  const grant = grantOf(tokenSet(first), true);
  const core = createSessionCore({
    key: 'session:test',
    seat: beside ?? own,
    held: { ...own.begin(grant, false), grant, at: performance.now() },
    policy: { ...DEFAULTS.refresh, ...policy },
    joins: false,
    clock: () => undefined,
    emit: (name, make) => void told.push({ name, event: make() }),
    renew: (refreshToken: Secret) =>
      new Promise<Renewal>((resolve, reject) => {
        asked.push({
          refreshToken: refreshToken.reveal(),
          at: performance.now(),
          grant: (pair) => resolve({ tokens: tokenSet(pair), status: 200, attempts: 1 }),
          deny: reject,
        });
      }),
    orphaned: (tokens) => void orphans.push(tokens.accessToken.reveal()),
  });
  return {
    core,
    asked,
    told,
    orphans,
    get bearer() {
      return core.identity.credential()?.header.reveal() ?? '';
    },
  };
}

/** A call's way to `refresh` after a 401. */
export const refused = ({ core }: Bench, version: number, who = waiter()): Promise<void> =>
  core.identity.refresh?.(version, who) ?? Promise.reject(new Error('There is nothing to refresh.'));

/** A refresh that failed and may work later; and one that says the session is over. */
export const PASSING = { row: { code: 'API_EXCEPTION', because: 'The service failed.' } };
export const FATAL = { row: { code: 'INVALID_TOKEN', session: 'end', because: 'It was revoked.' } };
