// The world of a run: an authorization server and the API behind it, a store, clients that share a session in it, and what
// was seen of them.
import type { AuthClient, Session } from '../../lib/index.js';
import { createApi, type Api } from './api.js';
import { createFaults, type Faults } from './faults.js';
import { createJournal, type Journal } from './journal.js';
import type { Kind, Plan } from './plan.js';
import { createServer, type AuthServer, type Family, type Pair } from './server.js';

export type Auth = AuthClient<'SESSION_UNAVAILABLE'>;
export type AnySession = Session<'SESSION_UNAVAILABLE'>;

/** How time passes. */
export interface Time {
  readonly pass: (ms: number) => Promise<unknown>;
  /** Sets the wall clock forward or back. */
  readonly jump: (ms: number) => void;
  /** Timers that are set just now. */
  readonly timers: () => number;
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
  /** One of its holders was closed: what only that one knew of its end is told by nobody. */
  left?: true;
  /** The store knows that it is over, whether or not anybody has told so. */
  closed?: true;
  /** The server could not be told of its end, and whoever asked for it knows. */
  untold?: true;
  /** The answer to its login was lost and it began once more, in its own place. */
  again?: true;
  /** The store was in trouble and its login failed: nobody has it, and whoever tried ends it again. */
  failed?: true;
  /** The server mixed its tokens up with those of somebody else. */
  mixed?: true;
}

/** A refresh token that left. */
export interface Presentation {
  readonly who: Client;
  readonly at: number;
  readonly era: Era;
  /** When its sender stopped waiting, and why. */
  over?: { readonly at: number; readonly how: Ending };
  /** What its sender got. */
  brought?: Pair;
}

/** How a sender stopped waiting. */
export type Ending = 'answered' | 'refused' | 'lost' | 'timeout' | 'closed';

/** One client; a new one takes its place when it is closed. */
export interface Client {
  readonly name: string;
  /** Clients of one process share what is known about a server. */
  readonly process: string;
  readonly auth: Auth;
  readonly sessions: Map<Era, AnySession>;
  /** Refreshes of it that worked. */
  readonly worked: Presentation[];
  closed: boolean;
}

export interface World {
  readonly plan: Plan;
  readonly time: Time;
  readonly journal: Journal;
  readonly faults: Faults;
  readonly server: AuthServer;
  readonly api: Api;
  readonly eras: Era[];
  readonly presented: Map<string, Presentation[]>;
  /** Pairs whose access token somebody heard to be refused. */
  readonly refused: Set<Pair>;
  /** Every call by its number, and those that have not settled. */
  readonly all: Map<number, Call>;
  readonly calls: Map<number, Call>;
  readonly buckets: Map<string, Bucket>;
  /** When a server last failed, or was back, by process, ms. */
  readonly strained: Map<string, { readonly at: number; readonly fails: boolean }>;
  /** How far the wall clock is off, ms. */
  skew: number;
  /** Timers of the world itself. */
  pending: number;
  /** Runs it after so many ms. */
  later(ms: number, run: () => void): void;
  readonly eraOf: (pair: Pair) => Era | undefined;
  /** @param dated its tokens come from a store while the wall clock is wrong */
  begin(family: Family, key: string, dated?: boolean): Era;
}

/** Who is limited together, as the options of the clients have it. */
export interface Bucket {
  /** Told by a 429, ms of `performance`. */
  opensAt: number;
  /** When the cooldown began; calls that left before are of the time before. */
  closedAt: number;
  /** Of the calls that left since: how many are under way, and how many were answered. */
  underWay: number;
  answered: number;
}

/** One attempt of a call. */
export interface Send {
  readonly pair: Pair | undefined;
  readonly at: number;
  readonly body: string | undefined;
  readonly key: string | undefined;
  /** What its sender heard: a status, or why there was none. */
  answer?: number | 'refused' | 'lost' | 'left';
  /** When that was. */
  until?: number;
  /** How long the server asked to wait, ms from then. */
  told?: number | undefined;
  /** The server carried it out. */
  acted?: true;
  /** What it met was the final answer of its call. */
  final?: true;
}

/** Something that was asked for. */
export interface Call {
  readonly number: number;
  readonly what: string;
  readonly who: Client;
  /** None: it is a call of the application. */
  readonly era: Era | undefined;
  readonly session: AnySession | undefined;
  readonly madeAt: number;
  /** Settled by then at the latest, ms. */
  due: number;
  readonly endsAt?: number | undefined;
  abortedAt?: number;
  settled: boolean;
  /** What was sent for it, and what came of it. */
  readonly sends: Send[];
  /** What it is; absent where it is no request to the API. */
  readonly request?: RequestOf;
}

/** A final answer, and what it means. */
export interface Final {
  readonly status: number;
  readonly body: unknown;
  readonly code: string;
}

/** A request to the API. */
export interface RequestOf {
  readonly kind: Kind;
  readonly group: string;
  readonly priority: number;
  /** What must be sent, each time. */
  readonly body: string | undefined;
  /** The caller's signal. */
  readonly signal: AbortSignal;
  /** A final answer that it gets. */
  readonly final?: Final;
  /** How often interceptors of the user saw it leave and come back. */
  readonly seen: { out: number; back: number };
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

export function createWorld(plan: Plan, time: Time): World {
  const eras: Era[] = [];
  const { rotation, lifetime } = plan;
  const journal = createJournal();
  const world: World = {
    plan,
    time,
    journal,
    faults: createFaults(plan.trouble),
    // A server has to take a token for as long as we count on it, and for the time that it is on its way.
    server: createServer({ rotation, lifetime, grace: GRACE + 2 * LEASE }),
    api: createApi(plan, () => Date.now() - world.skew),
    eras,
    presented: new Map(),
    refused: new Set(),
    all: new Map(),
    calls: new Map(),
    buckets: new Map(),
    strained: new Map(),
    skew: 0,
    pending: 0,
    later(ms, run) {
      world.pending += 1;
      setTimeout(() => {
        world.pending -= 1;
        run();
      }, ms);
    },
    eraOf: ({ family }) => eras.find((era) => era.family === family),
    begin(family, key, dated = false) {
      const era: Era = { key, family, saved: [], named: [], told: [], dated };
      eras.push(era);
      return era;
    },
  };
  return world;
}
