// The two clients of a run, and what they are asked for: each promise is followed until it settles.
import { inspect } from 'node:util';
import { createAuthClient, createGovernor, isAuthError, type Coordinator } from '../../../lib/index.js';
import { EVENTS } from '../../support/events.js';
import { BASE, networkOf } from './network.js';
import { MARK } from './server.js';
import { storeOf, type Intents } from './store.js';
import {
  LIMIT,
  GRACE,
  LONGEST,
  TIMEOUT,
  TOTAL,
  type AnySession,
  type Call,
  type Client,
  type Era,
  type World,
} from './world.js';

export type Who = 0 | 1;

export interface Clients {
  readonly world: World;
  readonly both: [Client, Client];
  /** The session that everybody uses just now. */
  era: Era;
  /** Puts another client in the place of this one, as a process that starts anew. */
  replace(who: Who): Client;
  /** Everything that was promised, until it settles. */
  follow(call: Omit<Call, 'settled' | 'sends'>, carryOut: (number: number) => Promise<unknown>): Call;
  /** Takes note of a session and listens to it. */
  hold(client: Client, era: Era, session: AnySession): void;
}

export async function createClients(
  world: World,
  coordinators: readonly [Coordinator, Coordinator],
): Promise<Clients> {
  const { journal, plan, calls } = world;
  const intents: Intents = new Map();
  const heard = new WeakSet<AnySession>();
  let opened = 0;
  let asked = 0;

  function open(who: Who): Client {
    opened += 1;
    const name = `${'AB'[who]}${opened}`;
    const auth = createAuthClient({
      baseURL: BASE,
      credentials: { clientId: 'app', clientSecret: `${MARK}-app` },
      shopId: 1,
      governor: createGovernor(),
      coordinator: storeOf(coordinators[who], name, world, intents),
      policies: {
        timeout: { attempt: TIMEOUT, total: TOTAL },
        retry: { backoff: { initial: 100, factor: 2, max: 1_000, jitter: 'none' } },
        cooldown: { maxWait: 5_000 },
        refresh: { timeout: TIMEOUT, rotation: plan.rotation, grace: GRACE, limit: LIMIT },
      },
      axios: { adapter: networkOf(() => client, world) },
    });
    const client: Client = { name, auth, sessions: new Map(), worked: [], closed: false };
    for (const event of EVENTS)
      auth.on(event, (told) => {
        if (JSON.stringify(told).includes(MARK)) journal.broken('I17', `event ${event} shows a token`);
      });
    return client;
  }

  const clients: Clients = {
    world,
    both: [open(0), open(1)],
    era: undefined as unknown as Era,
    replace(who) {
      const old = clients.both[who];
      journal.say(`${old.name} is closed`);
      old.closed = true;
      old.auth.close();
      return (clients.both[who] = open(who));
    },
    follow(call, carryOut) {
      asked += 1;
      const number = asked;
      const one: Call = { ...call, settled: false, sends: [] };
      calls.set(number, one);
      journal.say(`${call.who.name}: ${call.what} is ${number}`);
      const settle = (outcome: unknown, failed: boolean) => {
        one.settled = true;
        calls.delete(number);
        const now = performance.now();
        journal.say(`${call.who.name}: ${number} ends with ${brief(outcome)}`);
        if (now > one.due) journal.broken('I6', `${number} settles ${Math.round(now - one.due)} ms too late`);
        checkOutcome(world, one, outcome, failed);
      };
      carryOut(number).then(
        (value) => settle(value, false),
        (error: unknown) => settle(error, true),
      );
      return one;
    },
    hold(client, era, session) {
      client.sessions.set(era, session);
      if (heard.has(session)) return;
      heard.add(session);
      session.on('sessionEnded', ({ reason }) => {
        era.told.push(`${client.name} (${reason})`);
        journal.say(`${client.name} tells that the session has ended (${reason})`);
        if (era.told.length > (era.unheard ? 2 : 1))
          journal.broken('I7', `the end is told by ${era.told.join(' and ')}`);
      });
    },
  };

  // Both are in before the trouble begins.
  await login(clients, 0, 'ada');
  await join(clients, 1);
  return clients;
}

/** A new session, which everybody uses from now on. */
export async function login(clients: Clients, who: Who, subject: string): Promise<void> {
  const { server, journal, eraOf } = clients.world;
  const client = clients.both[who];
  const result = await client.auth.login({ email: `${subject}@example.com`, password: `${MARK}-password` });
  if (!result.ok) {
    journal.say(`${client.name}: nobody is logged in: ${result.error.code}`);
    return;
  }
  const pair = server.pairOf(result.value.tokens().accessToken);
  const era = pair && eraOf(pair);
  if (!era) throw new Error('A session began that the store does not know of.');
  clients.era = era;
  clients.hold(client, era, result.value);
}

/** The other client finds the session by its key. */
export function join(clients: Clients, who: Who): Promise<void> {
  const { era } = clients;
  const { server, eraOf } = clients.world;
  const client = clients.both[who];
  return new Promise((resolve) => {
    clients.follow(
      {
        what: 'resume by key',
        who: client,
        era,
        session: undefined,
        due: performance.now() + LONGEST,
        repeatable: true,
      },
      async () => {
        const found = await client.auth.resume(era.key);
        const pair = found.ok && found.value && server.pairOf(found.value.tokens().accessToken);
        // Whoever logged in last under the key is there.
        if (pair) clients.hold(client, eraOf(pair) ?? era, found.value);
        resolve();
        if (!found.ok) throw found.error;
      },
    );
  });
}

/** Codes that any call may end with in trouble; the others have to be true. */
const TROUBLES: ReadonlySet<string> = new Set(
  `INVALID_TOKEN UNAUTHORIZED REFRESH_LIMITED OUTCOME_UNKNOWN SESSION_UNAVAILABLE API_EXCEPTION CONNECTION_LOST
  CONNECTION_FAILED TIMEOUT TOO_MANY_ATTEMPTS INVALID_RESPONSE INVALID_CLIENT`.split(/\s+/),
);

function checkOutcome({ journal, server }: World, call: Call, outcome: unknown, failed: boolean): void {
  const { era, who, session, what } = call;
  const over = session?.state.status === 'ended' || (era.over ?? era.told.length > 0);
  const number = `${who.name}'s ${what}`;
  if (!failed) {
    const data = (outcome as { data?: { family?: number } } | undefined)?.data;
    if (data?.family !== undefined && data.family !== era.family.id)
      journal.broken('I5', `${number} was answered for somebody else`);
    const held = session && server.pairOf(session.tokens().accessToken);
    if (held && !era.saved.includes(held))
      journal.broken('I10', `${number} got ${held.name}, which is not saved`);
    return;
  }
  if (!isAuthError(outcome)) {
    journal.broken('I6', `${number} failed with ${inspect(outcome)}`);
    return;
  }
  const { code } = outcome;
  const now = performance.now();
  const lies =
    (code === 'ABORTED' && call.abortedAt === undefined) ||
    (code === 'DEADLINE_EXCEEDED' && now < (call.endsAt ?? Infinity)) ||
    (code === 'CLIENT_CLOSED' && !who.closed);
  if (lies) journal.broken('I14', `${number} ends with ${code}, which is true of another call`);
  if (code === 'SESSION_ENDED' && !over) journal.broken('I8', `${number} ends with ${code}, but it has not`);
  if (
    !TROUBLES.has(code) &&
    !['ABORTED', 'DEADLINE_EXCEEDED', 'CLIENT_CLOSED', 'SESSION_ENDED'].includes(code)
  )
    journal.broken('I6', `${number} ends with ${code}`);
  if (
    inspect(outcome, { depth: 8, showHidden: true }).includes(MARK) ||
    JSON.stringify(outcome).includes(MARK)
  )
    journal.broken('I17', `the error of ${number} shows a token`);
}

function brief(outcome: unknown): string {
  if (isAuthError(outcome)) return outcome.code;
  const status = (outcome as { status?: number } | undefined)?.status;
  return outcome instanceof Error ? String(outcome) : status === undefined ? 'success' : String(status);
}
