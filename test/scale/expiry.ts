// Sessions that began together, so that their tokens expire together, at an auth server that takes so many refreshes a
// second and answers 429 to the rest. Customers have a page open that calls every quarter of a minute.
import {
  decideRefresh,
  freshness,
  pauseAfterFailure,
  type Freshness,
  type Lifespan,
} from '../../lib/decide/session.js';
import { Calendar } from './calendar.js';
import type { Kind } from './call.js';
import type { Client } from './client.js';
import { bucket } from './service.js';
import { Tally, type Figures } from './tally.js';
import { clientOf, clients, type Population, type Variant } from './variants.js';
import { World } from './world.js';

const LIFETIME = 3_600_000;
/** The simulation begins so long before the tokens expire, ms. */
const BEFORE = 90_000;
const UNTIL = 210_000;
const PAUSE = 15_000;
/** How far apart the sessions began, ms. */
const BEGUN = 1_000;
/** Part of the sessions that the auth server can refresh in a second. */
export const RATE = 1 / 50;
const RETRY_AFTER = 2_000;

class Session {
  #span: Lifespan;
  #begun: number[] = [];
  #failed: { at: number; until: number } | undefined;
  #failures = 0;
  #version = 1;
  #waiting: ((ok: boolean) => void)[] | undefined;
  readonly #world: World;
  readonly #client: Client;
  readonly #kind: Kind;

  constructor(world: World, client: Client, kind: Kind, receivedAt: number) {
    this.#world = world;
    this.#client = client;
    this.#kind = kind;
    this.#span = this.#newSpan(receivedAt);
  }

  #newSpan(receivedAt: number): Lifespan {
    const spread = this.#world.mode.ahead === 'spread' ? this.#world.random() : 0;
    return { receivedAt, lifetime: LIFETIME, spread };
  }

  /** A call of the customer, as session-core.ts has it: `done` is told whether there was a token for it. */
  call(done: (ok: boolean) => void): void {
    const { now, mode, policies } = this.#world;
    const age = freshness(this.#span, now, mode.ahead === 'no' ? 0 : policies.refresh.ahead);
    if (age === 'fresh') {
      done(true);
      return;
    }
    const decision = decideRefresh(this.#facts(age), policies.refresh.limit, policies.refresh, now);
    if (age === 'stale') {
      done(true);
      if (decision.do === 'refresh') this.#refresh();
    } else if (decision.do === 'refresh' || decision.do === 'join') {
      const isFirst = this.#waiting === undefined;
      if (isFirst) this.#refresh();
      this.#waiting?.push(done);
    } else done(false);
  }

  #facts(age: Freshness) {
    return {
      ended: false,
      refreshing: this.#waiting !== undefined,
      version: this.#version,
      used: this.#version,
      begun: this.#begun,
      failed: this.#failed,
      usable: age !== 'expired',
    };
  }

  #refresh(): void {
    const beganAt = this.#world.now;
    this.#waiting = [];
    this.#client.call(this.#kind, (ok) => {
      const { now } = this.#world;
      const waiting = this.#waiting ?? [];
      this.#waiting = undefined;
      if (ok) {
        this.#span = this.#newSpan(now);
        this.#begun = [beganAt];
        this.#failed = undefined;
        this.#failures = 0;
        this.#version += 1;
      } else {
        this.#failures += 1;
        const told = Math.max(pauseAfterFailure(this.#failures), RETRY_AFTER);
        this.#failed = { at: now, until: now + told };
      }
      for (const done of waiting) done(ok);
    });
  }
}

export function expiry(population: Population, variant: Variant, seed: number): Figures {
  const { customers } = population;
  const rate = customers * RATE;
  const calendar = new Calendar();
  const world = new World(calendar, seed, bucket(rate, rate, RETRY_AFTER), variant.mode, {
    ...population.retry,
    ...variant.retry,
  });
  const kind: Kind = { total: world.policies.refresh.timeout, repeats: 'once', urgent: true };
  const clientFor = clients(population, () => clientOf(world, variant));
  const pages = new Tally();
  for (let customer = 0; customer < customers; customer += 1) {
    const session = new Session(
      world,
      clientFor(customer),
      kind,
      BEFORE - LIFETIME + world.between(0, BEGUN),
    );
    const visit = () => {
      const beganAt = world.now;
      pages.began();
      session.call((ok) => pages.settled(world.now, ok, world.now - beganAt));
      if (world.now + PAUSE < UNTIL) calendar.at(world.now + PAUSE, visit);
    };
    calendar.at(world.between(0, PAUSE), visit);
  }
  calendar.run(UNTIL);
  const asked = world.tally.figures(rate, 0, UNTIL);
  const { calls, lost, recovery } = pages.figures(rate, BEFORE, UNTIL);
  return { ...asked, calls, amplification: world.tally.sends / customers, lost, recovery };
}
