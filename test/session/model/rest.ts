// What must hold between commands, and once the trouble is over and the world has come to rest.
import { watch } from '../../support/virtual-time.js';
import type { Clients } from './clients.js';
import { LONGEST, TOTAL, type AnySession, type Client, type Era } from './world.js';

const versions = new WeakMap<AnySession, number>();

/** After each command. */
export function observe({ world, both }: Clients): void {
  const { journal, calls } = world;
  const now = performance.now();
  for (const [number, { due }] of calls)
    if (now > due) journal.broken('I6', `${number} has not settled by its deadline`);
  for (const { name, sessions } of both)
    for (const session of sessions.values()) {
      const { version } = session.state;
      if (version < (versions.get(session) ?? 0)) journal.broken('I3', `the version of ${name} went back`);
      versions.set(session, version);
    }
  journal.check();
}

/** Lets the trouble end, and looks at what is left. */
export async function atRest(clients: Clients): Promise<void> {
  const { world, both } = clients;
  const { journal, faults, setting } = world;
  journal.say('── the trouble is over');
  faults.on = false;
  world.refusesUntil = 0;
  await setting.pass(LONGEST + 10_000);
  observe(clients);
  for (const [number, { who, what }] of world.calls)
    journal.broken('I6', `${who.name}'s ${what}, ${number}, never settles`);
  for (const era of world.eras)
    for (const client of both) {
      const session = client.sessions.get(era);
      if (!session) continue;
      if (era.over === 'logout') await staysOut(clients, client, session, era);
      else if (era.over === undefined && !era.again) await recovers(clients, client, session, era);
    }
  for (const era of world.eras) checkEnds(clients, era);
  journal.check();
}

/** Nobody stays in who was told that they are out. */
async function staysOut(clients: Clients, client: Client, session: AnySession, era: Era): Promise<void> {
  const { journal, setting } = clients.world;
  const { name } = client;
  const outcome = watch(session.refresh());
  await setting.pass(LONGEST);
  if (outcome.state === 'pending') journal.broken('I6', `a refresh of ${name} never settles`);
  if (outcome.state === 'resolved' && outcome.value.ok)
    journal.broken('I9', `${name} goes on with ${era.family.subject} after the logout`);
  // It may not have heard of the end, and in doubt it must not ask; then its next call is refused.
  if (session.state.status !== 'ended') await callOnce(clients, client, session, era);
  if (session.state.status !== 'ended') journal.broken('I9', `${name} does not know of the logout`);
}

/** What a call ends with. */
async function callOnce(clients: Clients, who: Client, session: AnySession, era: Era): Promise<string> {
  let outcome = 'nothing';
  const due = performance.now() + TOTAL;
  const call = { what: 'GET once all is well', who, era, session, due, repeatable: true };
  clients.follow(call, async (number) => {
    const headers = { 'x-call': String(number) };
    outcome = await session.http.get('/orders', { headers }).then(
      () => 'success',
      (error: unknown) => String((error as { code?: unknown }).code),
    );
  });
  await clients.world.setting.pass(20_000);
  return outcome;
}

/** A session whose refresh token is good is usable again, and one whose refresh token is dead is over. */
async function recovers(clients: Clients, client: Client, session: AnySession, era: Era): Promise<void> {
  const { journal, server } = clients.world;
  const { name } = client;
  const current = era.saved.at(-1);
  if (!current) return;
  const alive = session.state.status !== 'ended' && (server.takes(current) || server.isGood(current));
  let last = 'nothing';
  for (let tries = 0; tries < 4; tries += 1) {
    last = await callOnce(clients, client, session, era);
    if (last === 'success' || session.state.status === 'ended') break;
  }
  if (alive && last !== 'success') journal.broken('I23', `${name} does not recover: ${last}`);
  if (last !== 'success' && session.state.status !== 'ended')
    journal.broken('I23', `${name} is neither in nor out: ${last}`);
}

/** Its end was told once, and nothing of it stays valid unseen. */
function checkEnds({ world, both }: Clients, era: Era): void {
  const { journal, server } = world;
  if (era.again) return;
  const ended =
    era.over === 'logout' ||
    (both.some((one) => one.sessions.get(era)?.state.status === 'ended') && era.over === undefined);
  if (ended && (era.told.length < 1 || (era.told.length > 1 && !era.unheard)))
    journal.broken(
      'I7',
      `the end of ${era.family.subject}${era.family.id} was told ${era.told.length} times`,
    );
  // The answer of the store has the last tokens: where it is lost, nobody knows what to revoke.
  if (era.over !== 'logout' || era.unheard) return;
  const heard = new Set(
    [...world.presented.values()].flat().flatMap(({ brought }) => (brought ? [brought] : [])),
  );
  for (const pair of era.family.pairs)
    if (heard.has(pair) && server.isGood(pair))
      journal.broken('I9', `${pair.name} stays valid after the logout`);
}
