// What must hold between steps, and once the trouble is over and the world has come to rest.
import { watch } from '../support/virtual-time.js';
import { callWith } from './act.js';
import { mostTold, type Clients } from './clients.js';
import { LONGEST, type AnySession, type Client, type Era, type World } from './world.js';

/** A timer of Node cannot wait longer, ms. */
export const LONGEST_TIMER = 2 ** 31 - 1;

const versions = new WeakMap<AnySession, number>();

/** After each step. */
export function observe({ world, all }: Clients): void {
  const { journal, calls } = world;
  const now = performance.now();
  for (const [number, { due }] of calls)
    if (now > due) journal.broken('I6', `${number} has not settled by its deadline`);
  for (const { name, sessions } of all)
    for (const session of sessions.values()) {
      const { version } = session.state;
      if (version < (versions.get(session) ?? 0)) journal.broken('I3', `the version of ${name} went back`);
      versions.set(session, version);
    }
  checkAmplification(world);
  journal.check();
}

/** Repeats in vain are bounded for all calls of a process together. */
function checkAmplification({ plan, journal, all }: World): void {
  const { ratio, floorPerSecond, burst } = plan.budget;
  const processes = new Map<string, { calls: number; repeats: number; since: number }>();
  for (const { who, sends, madeAt, request } of all.values()) {
    if (!request) continue;
    const one = processes.get(who.process) ?? { calls: 0, repeats: 0, since: madeAt };
    one.calls += 1;
    processes.set(who.process, one);
    sends.forEach(({ answer }, index) => {
      const before = sends[index - 1]?.answer;
      const isRepeat = before !== undefined && before !== 401 && before !== 429;
      // One that the server answered gives back what it cost.
      if (isRepeat && answer !== undefined && isFailure(answer)) one.repeats += 1;
    });
  }
  for (const [name, { calls, repeats, since }] of processes) {
    const earned = burst + ratio * calls + (floorPerSecond * (performance.now() - since)) / 1_000;
    if (repeats > earned + 1)
      journal.broken('R17', `${name} repeats ${repeats} times in vain, and has earned ${earned.toFixed(1)}`);
  }
}

const isFailure = (answer: unknown) => typeof answer !== 'number' || answer >= 500 || answer === 424;

/** Lets the trouble end, and looks at what is left. */
export async function atRest(clients: Clients): Promise<void> {
  const { world, all } = clients;
  const { journal, faults, time, api } = world;
  journal.say('── the trouble is over');
  faults.on = false;
  api.clear();
  await time.pass(LONGEST + 10_000);
  observe(clients);
  for (const [number, { who, what }] of world.calls)
    journal.broken('I6', `${who.name}'s ${what}, ${number}, never settles`);
  for (const client of all) await appWorks(clients, client);
  for (const era of world.eras)
    for (const client of all) {
      const session = client.sessions.get(era);
      if (!session) continue;
      if (era.again) continue;
      if (era.over === 'logout') await staysOut(clients, client, session, era);
      else if (era.over === undefined) await recovers(clients, client, session, era);
    }
  for (const era of world.eras) checkEnds(clients, era);
  journal.check();
}

/** Nothing of a client is left once it is closed. */
export async function afterClose({ world }: Clients): Promise<void> {
  const { journal, time } = world;
  await new Promise((resolve) => setImmediate(resolve));
  const left = time.timers() - world.pending;
  if (left > 0) journal.broken('R12', `${left} timers are left after close()`);
  for (const [number, { what }] of world.calls) journal.broken('I6', `${what} ${number} outlives its client`);
  journal.check();
}

/** Calls that need no session work at once. */
async function appWorks(clients: Clients, client: Client): Promise<void> {
  const one = callWith(clients, client, undefined, undefined);
  await clients.world.time.pass(5_000);
  const answer = one.sends.at(-1)?.answer;
  if (!one.settled || answer !== 200)
    clients.world.journal.broken('I23', `${client.name} does not recover: its call met ${answer}`);
}

/** Nobody stays in who was told that they are out. */
async function staysOut(clients: Clients, client: Client, session: AnySession, era: Era): Promise<void> {
  const { journal, time } = clients.world;
  const { name } = client;
  const outcome = watch(session.refresh());
  await time.pass(LONGEST);
  if (outcome.state === 'pending') journal.broken('I6', `a refresh of ${name} never settles`);
  if (outcome.state === 'resolved' && outcome.value.ok)
    journal.broken('I9', `${name} goes on with ${era.family.subject} after the logout`);
  // It may not have heard of the end, and in doubt it must not ask; then its next call is refused.
  if (session.state.status !== 'ended') await callOnce(clients, client, session, era);
  if (session.state.status !== 'ended') journal.broken('I9', `${name} does not know of the logout`);
}

/** Whether a call works. */
async function callOnce(clients: Clients, who: Client, session: AnySession, era: Era): Promise<boolean> {
  const { sends } = callWith(clients, who, era, session);
  await clients.world.time.pass(20_000);
  return sends.at(-1)?.answer === 200;
}

/** A session whose refresh token is good is usable again, and one whose refresh token is dead is over. */
async function recovers(clients: Clients, client: Client, session: AnySession, era: Era): Promise<void> {
  const { journal, server } = clients.world;
  const { name } = client;
  const current = era.saved.at(-1);
  if (!current) return;
  const isOver = session.state.status === 'ended' || era.told.length > 0;
  const alive = !isOver && (server.takes(current) || server.isGood(current));
  let works = false;
  for (let tries = 0; tries < 4 && !works && session.state.status !== 'ended'; tries += 1)
    works = await callOnce(clients, client, session, era);
  if (alive && !works) journal.broken('I23', `${name} does not recover`);
  if (!works && session.state.status !== 'ended') journal.broken('I23', `${name} is neither in nor out`);
}

/** Its end was told once, and nothing of it stays valid unseen. */
function checkEnds({ world, all }: Clients, era: Era): void {
  const { journal, server, plan } = world;
  if (era.again || era.failed) return;
  const ended =
    era.over === 'logout' ||
    (all.some((one) => one.sessions.get(era)?.state.status === 'ended') && era.over === undefined);
  const least = era.unheard && era.left ? 0 : 1;
  if (ended && (era.told.length < least || era.told.length > mostTold(era, plan)))
    journal.broken(
      'I7',
      `the end of ${era.family.subject}${era.family.id} was told ${era.told.length} times`,
    );
  // The answer of the store has the last tokens: where it is lost, nobody knows what to revoke.
  if (era.over !== 'logout' || era.unheard || era.untold) return;
  const heard = new Set(
    [...world.presented.values()].flat().flatMap(({ brought }) => (brought ? [brought] : [])),
  );
  for (const pair of era.family.pairs)
    if (heard.has(pair) && server.isGood(pair))
      journal.broken('I9', `${pair.name} stays valid after the logout`);
}
