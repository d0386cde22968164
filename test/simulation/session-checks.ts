// What must hold of everything that leaves a client, at the moment when it leaves.
import { STORE_TAKES } from './faults.js';
import type { Pair } from './server.js';
import {
  GRACE,
  LEASE,
  LIMIT,
  SLACK,
  TIMEOUT,
  type Call,
  type Client,
  type Presentation,
  type World,
} from './world.js';

/** A tenth of its life before a token expires it is due, or a quarter of that earlier. */
const EARLIEST = 1 - 0.1 * 1.25;

/** A refresh token leaves. */
export function checkRefresh(world: World, who: Client, token: string): Presentation {
  const { journal, server, presented, plan } = world;
  const now = performance.now();
  const era = world.eras.find(({ saved }) => saved.some(({ refresh }) => refresh === token));
  if (!era) throw new Error('A refresh token was presented that nobody saved.');
  const before = presented.get(token) ?? [];
  const sent: Presentation = { who, at: now, era };
  presented.set(token, [...before, sent]);
  const current = era.saved.at(-1)!;
  const bare = (what: string) => `refresh token ${current.name} is presented ${what}`;

  for (const earlier of before) {
    const { over, brought } = earlier;
    if (!over) journal.broken('I2', bare(`while ${earlier.who.name} does`));
    // No answer within its time: the server may be at it for a while. An intent counts from its mark, and not from the
    // departure, which waits for the answer to that.
    if (over?.how === 'timeout' && now < over.at + SLACK - STORE_TAKES - 1)
      journal.broken('I2', bare('before the server must be done'));
    // Where it began once more, in its own place, with the tokens of its login, nobody knows what came of them.
    if (plan.rotation === 'none' || !brought || era.again) continue;
    if (era.saved.includes(brought)) journal.broken('I2', bare('after its successor was saved'));
    else journal.broken('I2', bare('after its successor came'));
  }
  const usedAt = before.length > 0 ? server.pairOf(current.access)?.usedAt : undefined;
  const good = !world.refused.has(current) && now < current.mintedAt + server.options.lifetime;
  if (usedAt !== undefined && good && plan.rotation === 'strict')
    journal.broken('I2', bare('again though there is something to lose'));
  if (usedAt !== undefined && good && plan.rotation === 'grace' && now > usedAt + GRACE + LEASE)
    journal.broken('I2', bare('after its grace'));

  if (before.length === 0 || plan.rotation === 'none') checkReason(world, sent, current);
  checkLimit(world, sent);
  return sent;
}

/** A late 401 and a clock that jumps are no reason to refresh. */
function checkReason(world: World, { era, who }: Presentation, current: Pair): void {
  const { journal, refused, server, presented } = world;
  const now = performance.now();
  const { lifetime } = server.options;
  // Tokens count as old as they can be: since they were asked for, the first time where the answer to that was lost.
  const asking = [...presented.values()].find((all) => all.some(({ brought }) => brought === current));
  const asked = asking?.[0]?.at;
  const due = now >= (asked ?? current.mintedAt) + lifetime * EARLIEST - 1;
  const named = era.named.some(({ to = Infinity }) => to >= current.mintedAt);
  // Where it began once more after its end, it is back, and is asked for by whoever makes sure that it is not.
  const back = era.again && era.over === 'logout';
  if (!due && !refused.has(current) && !named && !era.dated && !back)
    journal.broken('I12', `${who.name} refreshes ${current.name}, which nobody refused and which is not due`);
}

/** Those of one holder of a session: it counts from the moment when somebody needed them. */
function checkLimit({ journal, plan }: World, { era, who: { name, worked } }: Presentation): void {
  // Where the answer to a commit is lost, a refresh is taken for that of another holder, and not counted.
  if (plan.trouble.store) return;
  const from = performance.now() - (LIMIT.per - 3 * LEASE - TIMEOUT);
  if (worked.filter((one) => one.era === era && one.at >= from).length > LIMIT.refreshes)
    journal.broken('I13', `${name} refreshes more than ${LIMIT.refreshes} times in ${LIMIT.per} ms`);
}

/** A call of a session leaves. */
export function checkBearer(world: World, call: Call, bearer: string): Pair {
  const { journal, server } = world;
  const pair = server.pairOf(bearer);
  const { era, session, sends } = call;
  if (!era || !session || !pair) throw new Error('A call left with a token that nobody minted.');
  const which = `call ${call.number} of ${call.who.name}`;
  if (pair.family !== era.family)
    journal.broken(
      pair.family.subject === era.family.subject ? 'I5' : 'I22',
      `${which} carries ${pair.name}`,
    );
  if (session.state.status === 'ended') journal.broken('I9', `${which} leaves after the end`);
  const held = server.pairOf(session.tokens().accessToken);
  if (pair.serial < (held?.serial ?? 0))
    journal.broken('I4', `${which} carries ${pair.name}, not ${held?.name}`);
  if (!era.saved.includes(pair)) journal.broken('I10', `${which} carries ${pair.name}, which is not saved`);
  const refusals = sends.filter(({ answer }) => answer === 401);
  // A token that was there before the call left may have died with it; one that came for it is the last.
  const first = refusals[0];
  if (first && refusals.some((refusal) => refusal.pair!.mintedAt >= first.at))
    journal.broken('I18', `${which} is sent again though its new token was refused too`);
  if (refusals.some((send) => send.pair === pair))
    journal.broken('I18', `${which} is sent again with the same token`);
  return pair;
}
