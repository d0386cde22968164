// The world of a run: one authorization server, one store, two clients that share it, and what was seen of them.
import type { AuthClient, Awaitable, Coordinator, Session } from '../../../lib/index.js';
import type { Rotation } from '../../../lib/decide/rotation.js';
import { createFaults, type Faults, type Trouble } from './faults.js';
import { createJournal, type Journal } from './journal.js';
import { createServer, type AuthServer, type Family, type Pair } from './server.js';

export type Auth = AuthClient<'SESSION_UNAVAILABLE'>;
export type AnySession = Session<'SESSION_UNAVAILABLE'>;

/** What a run is drawn with. */
export interface Plan {
  readonly rotation: Rotation;
  /** Life of an access token, ms. */
  readonly lifetime: number;
  readonly trouble: Trouble;
}

/** Where the clients of a run keep their sessions, and how time passes there. */
export interface Setting {
  readonly open: () => Awaitable<{
    readonly coordinators: readonly [Coordinator, Coordinator];
    readonly close?: () => Awaitable<unknown>;
  }>;
  readonly pass: (ms: number) => Promise<unknown>;
  /** Sets the wall clock forward or back. */
  readonly jump: (ms: number) => void;
}

/** From one login to its end, whoever holds the session. */
export interface Era {
  readonly key: string;
  readonly family: Family;
  /** Pairs that were written to the store, in that order. */
  readonly saved: Pair[];
  /** Refreshes by name: when they were asked for, and when they were answered. */
  readonly named: { readonly from: number; to?: number }[];
  /** Who told of its end, and with which reason. */
  readonly told: string[];
  /** Somebody logged out, or logged in in its place. */
  over?: 'logout' | 'replaced';
  /** Its tokens came from a store while the wall clock was wrong: their age is not known. */
  readonly dated: boolean;
  /** The store did not answer a step that ends it: who ended it first cannot be known everywhere. */
  unheard?: true;
  /** The answer to its login was lost and it began once more, in its own place. */
  again?: true;
  /** The server mixed its tokens up with those of somebody else. */
  mixed?: true;
}

/** A refresh token that left. */
export interface Presentation {
  readonly who: Client;
  readonly at: number;
  readonly era: Era;
  /** When its sender stopped waiting, and why. */
  over?: { readonly at: number; readonly how: 'answered' | 'broken' | 'timeout' | 'closed' };
  /** What its sender got. */
  brought?: Pair;
}

/** One client; a new one takes its place when it is closed. */
export interface Client {
  readonly name: string;
  readonly auth: Auth;
  readonly sessions: Map<Era, AnySession>;
  /** Refreshes of it that worked. */
  readonly worked: Presentation[];
  closed: boolean;
}

export interface World {
  readonly plan: Plan;
  readonly setting: Setting;
  readonly journal: Journal;
  readonly faults: Faults;
  readonly server: AuthServer;
  readonly eras: Era[];
  readonly presented: Map<string, Presentation[]>;
  /** Pairs whose access token somebody heard to be refused. */
  readonly refused: Set<Pair>;
  /** Calls and other promises by number. */
  readonly calls: Map<number, Call>;
  /** The API refuses every token until then, ms. */
  refusesUntil: number;
  /** How far the wall clock is off, ms. */
  skew: number;
  readonly eraOf: (pair: Pair) => Era | undefined;
  /** @param dated its tokens come from a store while the wall clock is wrong */
  begin(family: Family, key: string, dated?: boolean): Era;
}

/** Something that was asked for. */
export interface Call {
  readonly what: string;
  readonly who: Client;
  readonly era: Era;
  readonly session: AnySession | undefined;
  /** Settled by then at the latest, ms. */
  due: number;
  readonly endsAt?: number | undefined;
  abortedAt?: number;
  settled: boolean;
  /** What was sent for it, and what came of it. */
  readonly sends: { readonly pair: Pair; readonly at: number; answer?: number | 'none' }[];
  readonly repeatable: boolean;
}

/** Time of a refresh, and what a holder adds to it before others may begin: until then the server must be done. */
export const TIMEOUT = 2_000;
export const SLACK = 1_000;
export const LEASE = TIMEOUT + SLACK;
export const GRACE = 10_000;
export const LIMIT = { refreshes: 5, per: 30_000 } as const;
/** Total time of a call. */
export const TOTAL = 15_000;
/** Longest that a refresh by name may take: others who refresh, the exchange, and a store in trouble. */
export const LONGEST = 60_000;

export function createWorld(plan: Plan, setting: Setting): World {
  const eras: Era[] = [];
  const { rotation, lifetime } = plan;
  return {
    plan,
    setting,
    journal: createJournal(JSON.stringify(plan)),
    faults: createFaults(plan.trouble),
    // A server has to take a token for as long as we count on it, and for the time that it is on its way.
    server: createServer({ rotation, lifetime, grace: GRACE + 2 * LEASE }),
    eras,
    presented: new Map(),
    refused: new Set(),
    calls: new Map(),
    refusesUntil: 0,
    skew: 0,
    eraOf: ({ family }) => eras.find((era) => era.family === family),
    begin(family, key, dated = false) {
      const era: Era = { key, family, saved: [], named: [], told: [], dated };
      eras.push(era);
      return era;
    },
  };
}
