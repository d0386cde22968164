// One run: a world, its clients and the steps of a case, in virtual time. Everything that is left to chance comes from the
// seed of the plan, so that a case runs the same each time.
import { randomFrom } from '../../lib/testing/trouble.js';
import { memoryCoordinator } from '../../lib/index.js';
import { watch } from '../support/virtual-time.js';
import { take } from './act.js';
import { createClients } from './clients.js';
import type { Case } from './plan.js';
import { afterClose, atRest, LONGEST_TIMER } from './rest.js';
import { simulateTime } from './time.js';
import { createWorld } from './world.js';

/**
 * @returns what happened, line by line
 * @throws Broken where an invariant does not hold
 */
export async function run({ plan, steps }: Case): Promise<readonly string[]> {
  const time = simulateTime();
  const { random } = Math;
  Math.random = randomFrom(plan.trouble.seed);
  const coordinator = memoryCoordinator({ idle: 3_600_000 });
  const world = createWorld(plan, time);
  const { journal } = world;
  const unhandled = (reason: unknown) =>
    journal.broken('I6', `a rejection is not handled: ${String(reason)}`);
  process.on('unhandledRejection', unhandled);
  try {
    const opening = watch(
      createClients(
        world,
        Array.from({ length: plan.clients }, () => coordinator),
      ),
    );
    await time.pass(500);
    if (opening.state === 'rejected') throw opening.error;
    if (opening.state === 'pending') throw new Error('The clients never began.');
    const clients = opening.value;
    world.faults.on = true;
    for (const step of steps) await take(clients, step);
    await atRest(clients);
    for (const { auth } of clients.all) auth.close();
    await afterClose(clients);
    if (time.longest() > LONGEST_TIMER) journal.broken('R12', `a timer was set for ${time.longest()} ms`);
    journal.check();
    return journal.lines;
  } finally {
    process.off('unhandledRejection', unhandled);
    Math.random = random;
    time.end();
  }
}
