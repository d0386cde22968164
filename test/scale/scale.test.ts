// The simulation, in small: that it does what the real client does, what it shows, and that docs/scale.md says so.
import { AxiosHeaders, type AxiosAdapter } from 'axios';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { createGovernor, createHttpClient } from '../../lib/index.js';
import { randomFrom } from '../../lib/testing/trouble.js';
import { filled } from '../bench/report.js';
import { virtualTime } from '../support/virtual-time.js';
import type { Time } from './calendar.js';
import type { Client } from './client.js';
import { expiry } from './expiry.js';
import { begin, herd, UNTIL } from './herd.js';
import { sliceOf, slices, type Slice } from './slice.js';
import type { Figures } from './tally.js';
import {
  ALONE,
  backends,
  BEFORE,
  browsers,
  BUDGET,
  HOLDFAST,
  JITTER,
  PACING,
  pages,
  TOGETHER,
  USUAL,
  type Population,
  type Variant,
} from './variants.js';
import type { World } from './world.js';

describe('A simulated client', function () {
  this.timeout(60_000);
  const time = virtualTime();
  const { random } = Math;
  beforeEach(() => {
    Math.random = randomFrom(2);
  });
  afterEach(() => {
    Math.random = random;
  });

  /** The timers of the process, and its clock. */
  function timers(): Time {
    const beganAt = performance.now();
    const now = () => performance.now() - beganAt;
    return {
      get now() {
        return now();
      },
      at: (moment, due) => void setTimeout(due, Math.max(0, moment - now())),
    };
  }

  /** holdfast itself, in the simulated world. */
  function real(world: World): Client {
    const adapter: AxiosAdapter = async (config) => {
      world.tally.sent(world.now);
      const { status, after } = world.service(world.now);
      await new Promise((resolve) => setTimeout(resolve, after));
      return { status, statusText: '', headers: new AxiosHeaders(), data: '', config };
    };
    const http = createHttpClient({
      baseURL: 'https://api.example.com/v1',
      governor: createGovernor(),
      policies: { retry: world.policies.retry },
      axios: { adapter },
    });
    return {
      call(kind, done) {
        const call = world.call(kind, done);
        const over = (ok: boolean) => world.over(call, ok);
        http.get('/orders').then(
          () => over(true),
          () => over(false),
        );
      },
    };
  }

  for (const population of [backends(300), pages(100)])
    it(`sends as often and loses as many calls as the real one: ${population.name}`, async () => {
      const figures = begin(timers(), population, HOLDFAST, 1, real);
      await time.finish(new Promise((resolve) => setTimeout(resolve, UNTIL)));
      const really = figures();
      const simulated = herd(population, HOLDFAST, 1);
      expect(simulated.amplification / really.amplification).to.be.closeTo(1, 0.1);
      expect(simulated.lost).to.be.closeTo(really.lost, 0.08);
    });
});

describe('docs/scale.md', () => {
  let all: readonly Slice[];
  before(function () {
    this.timeout(60_000);
    all = slices();
  });

  /** The usual client and holdfast. */
  function both(scenario: string, { name }: Population): [Figures, Figures] {
    const [usual, ours, more] = all
      .filter((each) => each.scenario === scenario && each.run.population.name === name)
      .map(({ run }) => run.figures);
    expect(more).to.equal(undefined);
    return [usual!, ours!];
  }

  it('has the figures of the small part as they are now', async () => {
    const { before, inside, after } = await filled(sliceOf(all), 'scale');
    const page = readFileSync(fileURLToPath(new URL('../../docs/scale.md', import.meta.url)), 'utf8');
    expect(page === before + inside + after, 'stale: run `npm run scale -- slice`').to.equal(true);
  });

  it('says that backends come back from an outage with few requests and without losses', () => {
    const [usual, ours] = both('herd', backends(1));
    expect(ours.amplification).to.be.below(usual.amplification / 2);
    expect(ours.lost).to.be.below(0.01).and.below(usual.lost);
    expect(ours.recovery).to.be.below(usual.recovery);
    expect(ours.peak).to.be.below(usual.peak);
  });

  it('says that pages send and lose less than with the usual client, whatever they call at once', () => {
    for (const population of [browsers(1), pages(1)]) {
      const [usual, ours] = both('herd', population);
      expect(ours.amplification).to.be.below(usual.amplification);
      expect(ours.lost).to.be.below(usual.lost);
      expect(ours.recovery).to.be.below(usual.recovery);
      expect(ours.peak).to.be.below(usual.peak);
    }
  });

  it('says that a refresh ahead of expiry loses no page, and that backends ask less often', () => {
    const [usual, ours] = both('expiry', browsers(1));
    expect(usual.lost).to.be.above(0.05);
    expect([ours.lost, ours.recovery]).to.deep.equal([0, 0]);
    const [many, few] = both('expiry', backends(1));
    expect(few.amplification).to.be.below(many.amplification / 3);
  });

  it('says that a spread lowers the peak of the refreshes', () => {
    for (const population of [browsers(2_000), backends(2_000)])
      expect(expiry(population, HOLDFAST, 1).peak).to.be.below(expiry(population, TOGETHER, 1).peak);
  });

  it('says that a shared limit is learned by backends, while a page with one call can learn nothing', () => {
    const [usual, ours] = both('limit', backends(1));
    expect(ours.amplification - 1).to.be.below((usual.amplification - 1) / 5);
    const [alone, too] = both('limit', browsers(1));
    expect(too.amplification).to.equal(alone.amplification);
  });

  it('says which part does what: in a backend budget and pacing, in a page with one call the number of repeats', () => {
    const sends = (population: Population, variant: Variant) => herd(population, variant, 1).amplification;
    for (const part of [BUDGET, PACING, HOLDFAST])
      expect(sends(backends(2_000), part), part.name).to.be.below(sends(backends(2_000), ALONE) / 2);
    for (const part of [JITTER, BUDGET, PACING])
      expect(sends(browsers(2_000), part), part.name).to.be.closeTo(sends(browsers(2_000), ALONE), 0.1);
    expect(sends(browsers(2_000), ALONE)).to.be.below(sends(browsers(2_000), USUAL) - 0.5);
  });

  it('says that a page with the budget of a backend is worse than the usual client', () => {
    const sends = (variant: Variant) => herd(pages(1_000), variant, 1).amplification;
    expect(sends(BEFORE)).to.be.above(2 * sends(USUAL));
    expect(sends(HOLDFAST)).to.be.below(sends(USUAL) / 2);
  });
});
