// What is done to the clients of a run, step by step.
import { bodyOf } from './body.js';
import { join, joinOthers, login, type Clients } from './clients.js';
import { FINALS } from './finals.js';
import { ELSEWHERE } from './network.js';
import type { Kind, Step } from './plan.js';
import { observe } from './rest.js';
import {
  LONGEST,
  TOTAL,
  type AnySession,
  type Call,
  type Client,
  type Era,
  type Final,
  type RequestOf,
} from './world.js';

/** Does it, and lets the world go on. */
export async function take(clients: Clients, step: Step): Promise<void> {
  const { journal, time } = clients.world;
  journal.say(`── ${describe(step)}`);
  await act(clients, step);
  await time.pass(step.wait);
  observe(clients);
}

function describe({ do: name, wait, ...fields }: Step): string {
  const details = Object.entries(fields).map(([key, value]) => `${key} ${String(value)}`);
  return [`${name}${details.length > 0 ? ` (${details.join(', ')})` : ''}`, `then ${wait} ms`].join(', ');
}

async function act(clients: Clients, step: Step): Promise<void> {
  const { world, all, out } = clients;
  const who = 'who' in step ? step.who % all.length : 0;
  switch (step.do) {
    case 'calls':
      for (let made = 0; made < step.count; made += 1) callAs(clients, who, step);
      return;
    case 'app':
      for (let made = 0; made < step.count; made += 1) callAs(clients, who, { ...step, app: true });
      return;
    case 'aborted':
      callAs(clients, who, { ...step, abortAfter: step.after });
      return;
    case 'deadline':
      callAs(clients, who, step);
      return;
    case 'final':
      callAs(clients, who, { ...GET, final: FINALS[step.row % FINALS.length]! });
      return;
    case 'expireAndCall':
      if (!out) expire(clients);
      for (let made = 0; made < step.count; made += 1)
        for (let each = 0; each < all.length; each += 1) callAs(clients, each, GET);
      return;
    case 'storm':
      for (let made = 0; made < step.count; made += 1)
        callAs(clients, made % all.length, { ...GET, group: step.group });
      return;
    case 'crowd':
      for (let made = 0; made < step.count; made += 1)
        callAs(clients, who, { ...GET, group: `shelf-${made}` });
      return;
    case 'trickle': {
      if (out) return;
      if (step.expires) expire(clients);
      else world.api.refuses(performance.now() + step.count * step.every);
      for (let made = 0; made < step.count; made += 1) {
        callAs(clients, step.expires ? made % all.length : 0, GET);
        await world.time.pass(step.every);
      }
      return;
    }
    case 'refresh':
      refresh(clients, who, step.abortAfter);
      return;
    case 'logout':
      if (!out) logout(clients, who);
      return;
    case 'login':
      clients.out = false;
      void login(clients, who, 'ada').then(() => joinOthers(clients, who));
      await world.time.pass(300);
      return;
    case 'switchUser':
      if (out) return;
      void switchUser(clients, who);
      await world.time.pass(300);
      return;
    case 'expire':
      if (!out) expire(clients);
      return;
    case 'revoke':
      if (!out) revoke(clients);
      return;
    case 'refuse':
      world.api.refuses(performance.now() + step.lasts);
      return;
    case 'weather':
      world.api.weather(step.how, performance.now() + step.lasts, step.tells);
      return;
    case 'jump':
      world.skew += step.by;
      world.time.jump(step.by);
      return;
    case 'replace':
      clients.replace(who);
      void join(clients, who);
      return;
    case 'elsewhere':
      void inHand(clients, who)
        ?.session.http.get(`${ELSEWHERE}/pictures`)
        .catch(() => undefined);
      return;
  }
}

/** The session that a client uses just now, if it is in. */
function inHand(
  { all, era, out }: Clients,
  who: number,
): { client: Client; era: Era; session: AnySession } | undefined {
  const client = all[who]!;
  const session = client.sessions.get(era);
  return session && !out ? { client, era, session } : undefined;
}

interface Wish extends Pick<RequestOf, 'group' | 'priority'> {
  readonly kind: Kind;
  readonly app?: boolean;
  readonly abortAfter?: number;
  readonly deadline?: number;
  readonly final?: Final;
}

const GET = { kind: 'get', group: 'orders', priority: 0 } as const;

function callAs(clients: Clients, who: number, wish: Wish): void {
  const { app = false } = wish;
  const hand = app ? undefined : inHand(clients, who);
  if (!app && !hand) return;
  callWith(clients, hand?.client ?? clients.all[who]!, hand?.era, hand?.session, wish);
}

/** A request by way of a session, or of the application. */
export function callWith(
  clients: Clients,
  who: Client,
  era: Era | undefined,
  session: AnySession | undefined,
  wish: Wish = GET,
): Call {
  const { kind, group, priority, abortAfter, deadline, final } = wish;
  const endsAt = performance.now() + (deadline ?? TOTAL);
  const controller = new AbortController();
  const { signal } = controller;
  const number = clients.world.all.size + 1;
  const { data, text, spoil } = bodyOf(kind, number);
  const request: RequestOf = {
    kind,
    group,
    priority,
    body: text,
    signal,
    seen: { out: 0, back: 0 },
    ...(final && { final }),
  };
  const what = `${session ? '' : 'app '}${kind}`;
  const one = clients.follow({ what, who, era, session, due: endsAt, endsAt, request }, () => {
    // Nothing may be written into what the caller gave.
    const config = Object.freeze({
      method: kind === 'get' ? 'get' : 'post',
      url: `/${group}`,
      headers: Object.freeze({ 'x-call': String(number) }),
      params: Object.freeze({ page: 1 }),
      signal,
      ...(data !== undefined && { data }),
      holdfast: Object.freeze({
        priority,
        ...(kind === 'keyed' && { idempotencyKey: true as const }),
        ...(deadline !== undefined && { deadline }),
      }),
    });
    setImmediate(spoil); // when the call has begun
    return (session ?? who.auth).http.request(config);
  });
  if (abortAfter !== undefined)
    clients.world.later(abortAfter, () => {
      if (one.settled) return;
      one.abortedAt = one.due = performance.now(); // it leaves at once
      controller.abort();
    });
  return one;
}

function refresh(clients: Clients, who: number, abortAfter: number | null): void {
  const hand = inHand(clients, who);
  if (!hand) return;
  const { client, era, session } = hand;
  const asked: Era['named'][number] = { from: performance.now() };
  era.named.push(asked);
  const controller = new AbortController();
  const due = performance.now() + LONGEST;
  const one = clients.follow({ what: 'refresh()', who: client, era, session, due }, async () => {
    const result = await session.refresh({ signal: controller.signal });
    asked.to = performance.now();
    if (!result.ok) throw result.error;
  });
  if (abortAfter === null) return;
  clients.world.later(abortAfter, () => {
    if (one.settled) return;
    one.abortedAt = one.due = performance.now();
    controller.abort();
  });
}

function logout(clients: Clients, who: number): void {
  const hand = inHand(clients, who);
  if (!hand) return;
  const { client, era, session } = hand;
  const endsAt = performance.now() + TOTAL;
  era.over ??= 'logout';
  clients.follow({ what: 'logout()', who: client, era, session, due: endsAt, endsAt }, async () => {
    const result = await session.logout();
    if (result.ok) return;
    era.untold = true;
    throw result.error;
  });
  clients.out = true;
  if (session.state.status !== 'ended')
    clients.world.journal.broken('I9', 'logout() does not end the session at once');
}

/** Somebody else logs in on this client, in place of the customer; the others are told as new processes. */
async function switchUser(clients: Clients, who: number): Promise<void> {
  const { world, era, all } = clients;
  const pair = world.server.login(`bob${world.eras.length}-`); // another one each time
  const next = world.begin(pair.family, era.key, world.skew !== 0);
  clients.era = next;
  const tokens = {
    accessToken: pair.access,
    refreshToken: pair.refresh,
    expiresIn: world.server.options.lifetime,
  };
  const session = all[who]!.auth.resume(tokens, { key: era.key });
  clients.hold(all[who]!, next, session);
  await session.accessToken().catch(() => undefined);
  for (let other = 0; other < all.length; other += 1) if (other !== who) clients.replace(other);
  // Until the store knows of it, the key leads to the session before it.
  if (next.saved.length > 0) await joinOthers(clients, who);
}

/** The access token in hand is good no longer, and nobody is told. */
function expire({ era, world }: Clients): void {
  for (const pair of era.family.pairs) pair.stale = true;
  world.journal.say(`the access token of ${era.family.pairs.at(-1)?.name} is good no longer`);
}

/** The server ends the session, and nobody is told. */
function revoke({ era, world }: Clients): void {
  era.family.dead ??= 'it was revoked';
  world.journal.say(`the server ends the session of ${era.family.pairs.at(-1)?.name}`);
}
