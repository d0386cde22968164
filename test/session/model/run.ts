// One run of the model: a world, its clients, and the commands that fast-check drew, on any coordinator.
import fc from 'fast-check';
import { watch } from '../../support/virtual-time.js';
import { randomFrom } from '../../../lib/testing/trouble.js';
import { createClients } from './clients.js';
import { COMMANDS, type Command, type Model } from './commands.js';
import { atRest } from './rest.js';
import { createWorld, type Plan, type Setting } from './world.js';

const trouble = (store: boolean) =>
  fc.record({
    seed: fc.nat(),
    network: fc.constantFrom(0, 0.2, 0.5),
    losses: fc.boolean(),
    store: store ? fc.constantFrom(undefined, 0, 0.15, 0.3) : fc.constant(undefined),
  });

const plan = (store: boolean): fc.Arbitrary<Plan> =>
  fc.record({
    rotation: fc.constantFrom('single-use', 'strict', 'grace', 'parent-of-active', 'none'),
    lifetime: fc.constantFrom(15_000, 60_000, 600_000),
    trouble: trouble(store),
  });

export interface RunOptions {
  readonly setting: Setting;
  /** The store is in trouble too. */
  readonly store: boolean;
  readonly seed: number;
  readonly runs: number;
  /** A single run of the seed, as a failure names it. */
  readonly path?: string;
}

/** @throws Error with the shortest interleaving that was found, where an invariant does not hold */
export async function runModel({ setting, store, seed, runs, path }: RunOptions): Promise<void> {
  const property = fc.asyncProperty(plan(store), COMMANDS, (drawn, commands) =>
    runOnce(setting, drawn, commands),
  );
  const report = await fc.check(property, {
    seed,
    numRuns: runs,
    ...(path !== undefined && { path, numRuns: 1 }),
    interruptAfterTimeLimit: 120_000,
  });
  if (!report.failed) return;
  const { counterexamplePath, counterexample, errorInstance } = report;
  const commands = [...(counterexample?.[1] ?? [])].map(String).join('\n   ');
  const why = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  throw new Error(`${why}\nseed ${seed}, path '${counterexamplePath}':\n   ${commands}`);
}

async function runOnce(setting: Setting, drawn: Plan, commands: Iterable<Command>): Promise<void> {
  const { random } = Math;
  Math.random = randomFrom(drawn.trouble.seed); // so that a seed decides everything
  const { coordinators, close } = await setting.open();
  const world = createWorld(drawn, setting);
  const opening = watch(createClients(world, coordinators));
  await setting.pass(200);
  if (opening.state === 'rejected') throw opening.error;
  if (opening.state === 'pending') throw new Error('The clients never began.');
  const ready = opening.value;
  const model: Model = { out: false };
  world.faults.on = true;
  try {
    await fc.asyncModelRun(() => ({ model, real: ready }), commands);
    await atRest(ready);
  } finally {
    for (const { auth } of ready.both) auth.close();
    setting.jump(-world.skew);
    Math.random = random;
    await close?.();
  }
}
