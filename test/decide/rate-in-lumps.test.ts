// decide/rate where counts are not exact: answers come late and in lumps, some are never counted, and the first calls take
// their time. What is learned then must neither be half the truth nor be refused again and again.
import { expect } from 'chai';
import { allowance, nextAt } from '../../lib/decide/pace.js';
import { accepted, firstRate, left, refusedAgain, type Rate } from '../../lib/decide/rate.js';

interface World {
  readonly rate: number;
  readonly burst: number;
  readonly calls: number;
  /** Cooldown after a refusal, ms. */
  readonly closed: number;
  /** What an answer takes, ms, and the share of them that is held up by up to 50 ms more. */
  readonly takes: number;
  readonly lumps: number;
  /** Calls a second before the first refusal. */
  readonly cold: number;
  /** Share of the accepted calls that nobody counts. */
  readonly lost: number;
}

/** Numbers from 0 to 1, the same for the same seed. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

/** Time over optimum, and calls that were refused. */
function play(world: World, random: () => number): { over: number; refused: number } {
  let [now, tokens, filledAt] = [0, world.burst, 0];
  let [served, refused, lastServed] = [0, 0, 0];
  let [opensAt, openedAt, epoch, window, coldAt] = [0, 0, 0, 16, 0];
  const shown = { accepted: 0, since: 0 };
  let learned: Rate | undefined;
  let underWay: { readonly backAt: number; readonly ok: boolean; readonly epoch: number }[] = [];

  function send(): void {
    tokens = Math.min(world.burst, tokens + ((now - filledAt) / 1_000) * world.rate);
    filledAt = now;
    const ok = tokens >= 1;
    if (ok) [tokens, served, lastServed] = [tokens - 1, served + 1, now];
    else refused += 1;
    if (learned) learned = left(learned, now);
    else coldAt = now + (random() * 2_000) / world.cold;
    const late = random() < world.lumps ? 50 * random() : 0;
    underWay.push({ backAt: now + world.takes * (0.5 + random()) + late, ok, epoch });
  }

  function back(ok: boolean): void {
    if (ok && random() < world.lost) return;
    if (ok && !learned) {
      if (shown.accepted === 0) shown.since = now;
      shown.accepted += 1;
    } else if (ok && learned) {
      learned = accepted(learned, now, openedAt);
      window += 1;
    } else {
      const opens = now + world.closed;
      learned = learned
        ? refusedAgain(learned, now, opens, openedAt)
        : firstRate({ accepted: shown.accepted, forMs: now - shown.since }, now, opens);
      [opensAt, openedAt, window] = [opens, opens, 1];
      epoch += 1;
    }
  }

  while (served < world.calls && now < 600_000) {
    const those = underWay.filter(({ backAt }) => backAt <= now);
    underWay = underWay.filter(({ backAt }) => backAt > now);
    for (const each of those) if (each.epoch === epoch) back(each.ok);
    const mayLeave = now >= opensAt && window > underWay.length;
    if (mayLeave && (learned ? allowance(learned.pace, now) > 0 : now >= coldAt)) {
      send();
      continue;
    }
    const departs = !mayLeave ? Infinity : learned ? nextAt(learned.pace, now) : coldAt;
    const next = Math.min(
      departs,
      now < opensAt ? opensAt : Infinity,
      ...underWay.map(({ backAt }) => backAt),
    );
    now = Math.max(now + 0.05, next);
  }
  return { over: lastServed / (((world.calls - world.burst) / world.rate) * 1_000), refused };
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;

describe('A rate that is learned from counts that are not exact', () => {
  for (const { name, most, ...world } of [
    {
      name: '200 a second, refusing for a second',
      ...{ rate: 200, burst: 50, calls: 2_000, closed: 1_000, takes: 20, lumps: 0.2, cold: 300, lost: 0.05 },
      most: { over: 1.6, refused: 60 },
    },
    {
      name: '200 a second, slow and far from exact',
      ...{ rate: 200, burst: 50, calls: 2_000, closed: 1_000, takes: 50, lumps: 0.5, cold: 500, lost: 0.1 },
      most: { over: 1.7, refused: 75 },
    },
    {
      name: '50 a second with a large burst, refusing for a moment',
      ...{ rate: 50, burst: 100, calls: 1_000, closed: 250, takes: 20, lumps: 0.2, cold: 300, lost: 0.05 },
      most: { over: 1.3, refused: 40 },
    },
    {
      name: '20 a second',
      ...{ rate: 20, burst: 10, calls: 300, closed: 1_000, takes: 50, lumps: 0.2, cold: 100, lost: 0.05 },
      most: { over: 1.4, refused: 20 },
    },
  ])
    it(`serves calls soon and with few refusals: ${name}`, () => {
      const runs = Array.from({ length: 40 }, (_, seed) => play(world, numbers(seed + 1)));
      const told = JSON.stringify(runs.map(({ over, refused }) => [over.toFixed(2), refused]));
      expect(median(runs.map(({ over }) => over)), told).to.be.at.most(most.over);
      expect(median(runs.map(({ refused }) => refused)), told).to.be.at.most(most.refused);
      expect(Math.max(...runs.map(({ over }) => over)), `the worst of ${told}`).to.be.at.most(2.5);
    });
});
