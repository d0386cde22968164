// Many processes under one limit: so many calls in each window of ten seconds, and whoever comes too late is told when the
// next one begins. All who are told so are told the same moment.
import { Calendar } from './calendar.js';
import type { Kind } from './call.js';
import { windowed } from './service.js';
import type { Figures } from './tally.js';
import { clientOf, clients, type Population, type Variant } from './variants.js';
import { World } from './world.js';

const KIND: Kind = { total: 60_000, repeats: 'any', urgent: false };
const WINDOW = 10_000;
/** Everybody calls once, this share within the rush and the others evenly over the whole time. */
const RUSH = { share: 0.3, from: 10_000, until: 12_000 };
const ARRIVALS = 80_000;
const UNTIL = 120_000;
/** Of what comes besides the rush. */
const ROOM = 2;

/** Calls that the limit allows in a second, of so many that are made. */
export const limitOf = (calls: number) => ((calls * (1 - RUSH.share)) / ARRIVALS) * ROOM * 1_000;

export function limit(population: Population, variant: Variant, seed: number): Figures {
  const calls = population.customers * population.atOnce;
  const calendar = new Calendar();
  const world = new World(
    calendar,
    seed,
    windowed(Math.floor((limitOf(calls) * WINDOW) / 1_000), WINDOW),
    variant.mode,
    { ...population.retry, ...variant.retry },
  );
  const clientFor = clients(population, () => clientOf(world, variant));
  for (let customer = 0; customer < population.customers; customer += 1) {
    const inRush = world.random() < RUSH.share;
    const at = inRush ? world.between(RUSH.from, RUSH.until) : world.between(0, ARRIVALS);
    calendar.at(at, () => {
      const client = clientFor(customer);
      for (let call = 0; call < population.atOnce; call += 1) client.call(KIND, () => undefined);
    });
  }
  calendar.run(UNTIL);
  return world.tally.figures(limitOf(calls) / ROOM, RUSH.until, UNTIL);
}
