// A service that is down for half a minute and comes back with a bound on what it can do. Customers go on calling, and
// those whose calls failed come back sooner.
import { Calendar, type Time } from './calendar.js';
import type { Kind } from './call.js';
import { recovering } from './service.js';
import type { Figures } from './tally.js';
import { clientOf, clients, type Population, type Variant } from './variants.js';
import { World } from './world.js';

const KIND: Kind = { total: 60_000, repeats: 'any', urgent: false };
/** A customer's calls come so far apart, ms. */
export const PAUSE = 60_000;
/** Whose call failed tries again after between half of this and one and a half, ms. */
const AGAIN = 10_000;
/** Of what is asked on a usual day. */
export const CAPACITY = 1.5;

const DOWN = { from: 10_000, until: 40_000 };
export const UNTIL = 130_000;

export function herd(population: Population, variant: Variant, seed: number): Figures {
  const calendar = new Calendar();
  const figures = begin(calendar, population, variant, seed);
  calendar.run(UNTIL);
  return figures();
}

/** Sets it going in any time; `figures` are there when it is over. */
export function begin(
  calendar: Time,
  population: Population,
  variant: Variant,
  seed: number,
  make = clientOf,
): () => Figures {
  const { customers, atOnce } = population;
  const usual = (customers * atOnce * 1_000) / PAUSE;
  const service = recovering({
    downFrom: DOWN.from,
    downUntil: DOWN.until,
    capacity: usual * CAPACITY,
    queue: 1_000,
    rejection: 0.1,
  });
  const world = new World(calendar, seed, service, variant.mode, { ...population.retry, ...variant.retry });
  const clientFor = clients(population, () => make(world, variant));
  const soon = () => -Math.log(1 - world.random()) * PAUSE;

  function visit(customer: number): void {
    let open = atOnce;
    let failed = false;
    const client = clientFor(customer);
    const done = (ok: boolean) => {
      open -= 1;
      failed ||= !ok;
      if (open > 0) return;
      const after = failed ? world.between(AGAIN * 0.5, AGAIN * 1.5) : soon();
      if (world.now + after < UNTIL) calendar.at(world.now + after, () => visit(customer));
    };
    for (let call = 0; call < atOnce; call += 1) client.call(KIND, done);
  }

  for (let customer = 0; customer < customers; customer += 1) {
    const first = soon();
    if (first < UNTIL) calendar.at(first, () => visit(customer));
  }
  return () => world.tally.figures(usual, DOWN.until, UNTIL);
}
