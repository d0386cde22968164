// The clients of a run, and what they are asked for: each promise is followed until it settles.
import { createAuthClient, createGovernor, isAuthError, type Coordinator } from '../../lib/index.js';
import { EVENT_NAMES } from '../../lib/events.js';
import { checkClosed, checkOutcome } from './call-checks.js';
import { BASE, networkOf } from './network.js';
import type { Plan } from './plan.js';
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

export interface Clients {
  readonly world: World;
  readonly all: Client[];
  /** The session that everybody uses just now; nobody may be logged in any more. */
  era: Era;
  out: boolean;
  /** Puts another client in the place of this one, as a process that starts anew. */
  replace(who: number): Client;
  /** Everything that was promised, until it settles. */
  follow(
    call: Omit<Call, 'number' | 'settled' | 'sends' | 'madeAt'>,
    carryOut: (call: Call) => Promise<unknown>,
  ): Call;
  /** Takes note of a session and listens to it. */
  hold(client: Client, era: Era, session: AnySession): void;
}

/** Events of one moment; the calls of a run are far fewer. */
const MOST_AT_ONCE = 20_000;

export async function createClients(world: World, coordinators: readonly Coordinator[]): Promise<Clients> {
  const { journal, plan, calls, all } = world;
  const intents: Intents = new Map();
  const heard = new WeakSet<AnySession>();
  const names = new Map<string, Client>();
  const network = networkOf((name) => names.get(name)!, world);
  const together = createGovernor();
  let opened = 0;
  let asked = 0;
  let moment = { at: 0, events: 0 };

  function open(who: number): Client {
    opened += 1;
    const name = `${'ABCD'[who]}${opened}`;
    const { maxQueued, concurrency, budget, breaker } = plan;
    const auth = createAuthClient({
      baseURL: BASE,
      credentials: { clientId: 'app', clientSecret: `${MARK}-app` },
      shopId: 1,
      governor: plan.together ? together : createGovernor(),
      coordinator: storeOf(coordinators[who]!, name, world, intents),
      policies: {
        timeout: { attempt: TIMEOUT, total: TOTAL },
        retry: { backoff: { initial: 100, factor: 2, max: 1_000, jitter: 'none' }, budget },
        cooldown: { maxWait: 5_000, maxQueued, concurrency },
        breaker: { enabled: breaker, minimum: 5 },
        refresh: { timeout: TIMEOUT, rotation: plan.rotation, grace: GRACE, limit: LIMIT },
      },
      axios: { adapter: network, headers: { 'x-client': name } },
    });
    const process = plan.together ? 'all' : name;
    const client: Client = { name, process, auth, sessions: new Map(), worked: [], closed: false };
    names.set(name, client);
    listen(client);
    watchInterceptors(auth.http, world);
    return client;
  }

  /** Calls that go round without end would never give way to a timer. */
  function countEvent(): void {
    if (moment.at !== performance.now()) moment = { at: performance.now(), events: 0 };
    moment.events += 1;
    if (moment.events !== MOST_AT_ONCE) return;
    journal.broken('I6', 'calls go round without end while time stands still');
    for (const { auth } of clients.all) auth.close();
  }

  function listen({ name, auth }: Client): void {
    const settled = new Set<number>();
    for (const event of EVENT_NAMES)
      auth.on(event, (told) => {
        countEvent();
        if (JSON.stringify(told).includes(MARK)) journal.broken('I17', `event ${event} shows a token`);
      });
    auth.on('settled', ({ call }) => {
      if (settled.has(call)) journal.broken('I6', `${name} tells of the end of its call ${call} twice`);
      settled.add(call);
    });
  }

  const clients: Clients = {
    world,
    all: Array.from({ length: plan.clients }, (_, who) => open(who)),
    era: undefined as unknown as Era,
    out: false,
    replace(who) {
      const old = clients.all[who]!;
      journal.say(`${old.name} is closed`);
      old.closed = true;
      for (const era of old.sessions.keys()) era.left = true;
      old.auth.close();
      checkClosed(world, old);
      return (clients.all[who] = open(who));
    },
    follow(wish, carryOut) {
      asked += 1;
      const number = asked;
      const one: Call = { ...wish, number, madeAt: performance.now(), settled: false, sends: [] };
      calls.set(number, one);
      all.set(number, one);
      journal.say(`${one.who.name}: ${one.what} is ${number}`);
      const settle = (outcome: unknown, failed: boolean) => {
        one.settled = true;
        calls.delete(number);
        const now = performance.now();
        journal.say(`${one.who.name}: ${number} ends with ${brief(outcome)}`);
        if (now > one.due) journal.broken('I6', `${number} settles ${Math.round(now - one.due)} ms too late`);
        checkOutcome(world, one, outcome, failed);
      };
      carryOut(one).then(
        (value) => settle(value, false),
        (error: unknown) => settle(error, true),
      );
      return one;
    },
    hold(client, era, session) {
      client.sessions.set(era, session);
      if (heard.has(session)) return;
      heard.add(session);
      watchInterceptors(session.http, world);
      let told = 0;
      session.on('sessionEnded', ({ reason }) => {
        told += 1;
        if (told > 1) journal.broken('I7', `${client.name} tells of the end ${told} times`);
        era.told.push(`${client.name} (${reason})`);
        journal.say(`${client.name} tells that the session has ended (${reason})`);
        if (era.told.length > mostTold(era, plan))
          journal.broken('I7', `the end is told by ${era.told.join(' and ')}`);
      });
    },
  };

  // All are in before the trouble begins.
  await login(clients, 0, 'ada');
  for (let who = 1; who < plan.clients; who += 1) await join(clients, who);
  return clients;
}

/** How often an end may be told: once, where it is known who was first. */
export const mostTold = ({ unheard, again }: Era, { clients }: Plan) => (unheard || again ? clients : 1);

/** Interceptors of the user, which see each call once in each direction. */
function watchInterceptors(http: AnySession['http'], { all }: World): void {
  const seenOf = (config: { headers?: unknown } | undefined) =>
    all.get(Number((config?.headers as Record<string, unknown> | undefined)?.['x-call']))?.request?.seen;
  http.interceptors.request.use((config) => {
    const seen = seenOf(config);
    if (seen) seen.out += 1;
    return config;
  });
  http.interceptors.response.use((response) => {
    const seen = seenOf(response.config);
    if (seen) seen.back += 1;
    return response;
  });
}

/** A new session, which everybody uses from now on. */
export async function login(clients: Clients, who: number, subject: string): Promise<void> {
  const { server, journal, eras, eraOf } = clients.world;
  const client = clients.all[who]!;
  const before = new Set(eras);
  const result = await client.auth.login({ email: `${subject}@example.com`, password: `${MARK}-password` });
  if (!result.ok) {
    journal.say(`${client.name}: nobody is logged in: ${result.error.code}`);
    for (const era of eras) if (!before.has(era) && era.family.subject === subject) era.failed = true;
    return;
  }
  const pair = server.pairOf(result.value.tokens().accessToken);
  const era = pair && eraOf(pair);
  if (!era) throw new Error('A session began that the store does not know of.');
  clients.era = era;
  clients.hold(client, era, result.value);
}

/** Another client finds the session by its key. */
export function join(clients: Clients, who: number): Promise<void> {
  const { era } = clients;
  const { server, eraOf } = clients.world;
  const client = clients.all[who]!;
  return new Promise((resolve) => {
    const due = performance.now() + LONGEST;
    clients.follow({ what: 'resume by key', who: client, era, session: undefined, due }, async () => {
      const found = await client.auth.resume(era.key);
      const pair = found.ok && found.value && server.pairOf(found.value.tokens().accessToken);
      // Whoever logged in last under the key is there.
      if (pair) clients.hold(client, eraOf(pair) ?? era, found.value);
      resolve();
      if (!found.ok) throw found.error;
    });
  });
}

/** The others find it, too. */
export async function joinOthers(clients: Clients, than: number): Promise<void> {
  for (let who = 0; who < clients.all.length; who += 1) if (who !== than) await join(clients, who);
}

function brief(outcome: unknown): string {
  if (isAuthError(outcome)) return outcome.code;
  const status = (outcome as { status?: number } | undefined)?.status;
  return outcome instanceof Error ? String(outcome) : status === undefined ? 'success' : String(status);
}
