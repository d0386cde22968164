// What is done to the clients of a run, as commands that fast-check puts together and takes apart.
import fc from 'fast-check';
import { join, login, type Clients, type Who } from './clients.js';
import { ELSEWHERE } from './network.js';
import { observe } from './rest.js';
import { LONGEST, TOTAL, type AnySession, type Client, type Era } from './world.js';

/** What the commands are drawn by: whether anybody is logged in. */
export interface Model {
  out: boolean;
}

export type Command = fc.AsyncCommand<Model, Clients>;

/** @param wait how long the world goes on before the next command, ms */
function command(
  name: string,
  wait: number,
  act: (clients: Clients, model: Model) => unknown,
  mayRun: (model: Model) => boolean = () => true,
): Command {
  return {
    check: mayRun,
    async run(model, clients) {
      const { journal, setting } = clients.world;
      journal.say(`── ${name}`);
      await act(clients, model);
      await setting.pass(wait);
      observe(clients);
    },
    toString: () => `${name}, then ${wait} ms`,
  };
}

const loggedIn = ({ out }: Model) => !out;
const letterOf = (who: Who) => 'AB'[who]!;

/** The session that a client uses just now, if it is in. */
function inHand(
  { both, era }: Clients,
  who: Who,
): { client: Client; era: Era; session: AnySession } | undefined {
  const client = both[who];
  const session = client.sessions.get(era);
  return session && { client, era, session };
}

interface Wish {
  readonly post?: boolean;
  readonly abortAfter?: number;
  readonly deadline?: number;
}

function call(clients: Clients, who: Who, { post = false, abortAfter, deadline }: Wish = {}): void {
  const hand = inHand(clients, who);
  if (!hand) return;
  const { client, era, session } = hand;
  const now = performance.now();
  const endsAt = now + (deadline ?? TOTAL);
  const controller = new AbortController();
  const one = clients.follow(
    { what: post ? 'POST' : 'GET', who: client, era, session, due: endsAt, endsAt, repeatable: !post },
    (number) =>
      session.http.request({
        method: post ? 'post' : 'get',
        url: '/orders',
        headers: { 'x-call': String(number) },
        signal: controller.signal,
        ...(post && { data: { article: number } }),
        ...(deadline !== undefined && { holdfast: { deadline } }),
      }),
  );
  if (abortAfter === undefined) return;
  setTimeout(() => {
    if (one.settled) return;
    one.abortedAt = one.due = performance.now(); // it leaves at once
    controller.abort();
  }, abortAfter);
}

function refresh(clients: Clients, who: Who, abortAfter?: number): void {
  const hand = inHand(clients, who);
  if (!hand) return;
  const { client, era, session } = hand;
  const asked: Era['named'][number] = { from: performance.now() };
  era.named.push(asked);
  const controller = new AbortController();
  const due = performance.now() + LONGEST;
  const one = clients.follow(
    { what: 'refresh()', who: client, era, session, due, repeatable: true },
    async () => {
      const result = await session.refresh({ signal: controller.signal });
      asked.to = performance.now();
      if (!result.ok) throw result.error;
    },
  );
  if (abortAfter === undefined) return;
  setTimeout(() => {
    if (one.settled) return;
    one.abortedAt = one.due = performance.now();
    controller.abort();
  }, abortAfter);
}

function logout(clients: Clients, who: Who): void {
  const hand = inHand(clients, who);
  if (!hand) return;
  const { client, era, session } = hand;
  const endsAt = performance.now() + TOTAL;
  era.over ??= 'logout';
  clients.follow(
    { what: 'logout()', who: client, era, session, due: endsAt, endsAt, repeatable: true },
    async () => {
      const result = await session.logout();
      if (!result.ok) throw result.error;
    },
  );
  if (session.state.status !== 'ended')
    clients.world.journal.broken('I9', 'logout() does not end the session at once');
}

/** Somebody else logs in on this client, in place of the customer; the other client is told as a new process. */
async function switchUser(clients: Clients, who: Who): Promise<void> {
  const { world, era, both } = clients;
  const pair = world.server.login(`bob${world.eras.length}-`); // another one each time
  const next = world.begin(pair.family, era.key, world.skew !== 0);
  clients.era = next;
  const tokens = {
    accessToken: pair.access,
    refreshToken: pair.refresh,
    expiresIn: world.server.options.lifetime,
  };
  const session = both[who].auth.resume(tokens, { key: era.key });
  clients.hold(both[who], next, session);
  await session.accessToken().catch(() => undefined);
  clients.replace(who === 0 ? 1 : 0);
  // Until the store knows of it, the key leads to the session before it.
  if (next.saved.length > 0) await join(clients, who === 0 ? 1 : 0);
}

/** The access token in hand is good no longer, and nobody is told. */
function expire({ era, world }: Clients): void {
  for (const pair of era.family.pairs) pair.stale = true;
  world.journal.say(`the access token of ${era.family.pairs.at(-1)?.name} is good no longer`);
}

const who = fc.constantFrom<Who>(0, 1);
/** Mostly so short that things go on at the same time. */
const wait = fc.oneof(
  { weight: 6, arbitrary: fc.nat(120) },
  { weight: 3, arbitrary: fc.nat(3_000) },
  { weight: 1, arbitrary: fc.nat(40_000) },
);

export const COMMANDS: fc.Arbitrary<Iterable<Command>> = fc.commands(
  [
    fc.tuple(who, fc.integer({ min: 1, max: 4 }), fc.boolean(), wait).map(([from, count, post, ms]) =>
      command(
        `${count} calls of ${letterOf(from)}`,
        ms,
        (clients) => {
          for (let made = 0; made < count; made += 1) call(clients, from, { post });
        },
        loggedIn,
      ),
    ),
    fc.tuple(fc.integer({ min: 1, max: 3 }), wait).map(([count, ms]) =>
      command(
        `the token expires, and ${count} calls of each come`,
        ms,
        (clients) => {
          expire(clients);
          for (let made = 0; made < count; made += 1) for (const from of [0, 1] as const) call(clients, from);
        },
        loggedIn,
      ),
    ),
    fc
      .tuple(fc.boolean(), fc.integer({ min: 4, max: 10 }), fc.integer({ min: 50, max: 700 }))
      .map(([expires, count, every]) =>
        command(
          `${expires ? 'the token expires' : 'the API refuses every token'}, and ${count} calls come every ${every} ms`,
          0,
          async (clients) => {
            const { world } = clients;
            if (expires) expire(clients);
            else world.refusesUntil = performance.now() + count * every;
            for (let made = 0; made < count; made += 1) {
              call(clients, expires && made % 2 === 1 ? 1 : 0);
              await world.setting.pass(every);
            }
          },
          loggedIn,
        ),
      ),
    fc
      .tuple(who, fc.nat(2_500), wait)
      .map(([from, abortAfter, ms]) =>
        command(
          `a call of ${letterOf(from)}, aborted after ${abortAfter} ms`,
          ms,
          (clients) => call(clients, from, { abortAfter }),
          loggedIn,
        ),
      ),
    fc
      .tuple(who, fc.integer({ min: 1, max: 2_500 }), wait)
      .map(([from, deadline, ms]) =>
        command(
          `a call of ${letterOf(from)} with ${deadline} ms`,
          ms,
          (clients) => call(clients, from, { deadline }),
          loggedIn,
        ),
      ),
    fc
      .tuple(who, fc.option(fc.nat(1_000), { nil: undefined }), wait)
      .map(([from, abortAfter, ms]) =>
        command(
          `${letterOf(from)} refreshes${abortAfter === undefined ? '' : `, aborted after ${abortAfter} ms`}`,
          ms,
          (clients) => refresh(clients, from, abortAfter),
        ),
      ),
    fc.tuple(who, wait).map(([from, ms]) =>
      command(
        `${letterOf(from)} logs out`,
        ms,
        (clients, model) => {
          model.out = true;
          logout(clients, from);
        },
        loggedIn,
      ),
    ),
    fc.tuple(who, wait).map(([from, ms]) =>
      command(`${letterOf(from)} logs in`, ms, async (clients, model) => {
        model.out = false;
        const { setting } = clients.world;
        void login(clients, from, 'ada').then(() => join(clients, from === 0 ? 1 : 0));
        await setting.pass(300);
      }),
    ),
    fc.tuple(who, wait).map(([from, ms]) =>
      command(
        `Bob logs in on ${letterOf(from)}`,
        ms,
        async (clients) => {
          void switchUser(clients, from);
          await clients.world.setting.pass(300);
        },
        loggedIn,
      ),
    ),
    wait.map((ms) => command('the token expires', ms, expire, loggedIn)),
    fc.tuple(fc.nat(20_000), wait).map(([lasts, ms]) =>
      command(`the API refuses every token for ${lasts} ms`, ms, ({ world }) => {
        world.refusesUntil = performance.now() + lasts;
      }),
    ),
    fc.tuple(fc.integer({ min: -7_200_000, max: 7_200_000 }), wait).map(([by, ms]) =>
      command(`the wall clock jumps by ${by} ms`, ms, ({ world }) => {
        world.skew += by;
        world.setting.jump(by);
      }),
    ),
    fc.tuple(who, wait).map(([from, ms]) =>
      command(`${letterOf(from)} is closed, and another client takes its place`, ms, (clients) => {
        clients.replace(from);
        void join(clients, from);
      }),
    ),
    fc.tuple(who, wait).map(([from, ms]) =>
      command(`a call of ${letterOf(from)} to another origin`, ms, (clients) => {
        const hand = inHand(clients, from);
        void hand?.session.http.get(`${ELSEWHERE}/pictures`).catch(() => undefined);
      }),
    ),
  ],
  { maxCommands: 14, size: 'max' },
);
