// What docs/scale.md says of each scenario, with so many customers.
import { percent } from '../bench/figures.js';
import { table, type Section } from '../bench/report.js';
import { expiry, RATE } from './expiry.js';
import { CAPACITY, herd, PAUSE } from './herd.js';
import { limit, limitOf } from './limit.js';
import { lineChart, type Panel } from './lines.js';
import type { Figures } from './tally.js';
import {
  ALONE,
  backends,
  BEFORE,
  browsers,
  BUDGET,
  HOLDFAST,
  JITTER,
  LATE,
  PACING,
  pages,
  TOGETHER,
  UNPACED,
  USUAL,
  type Population,
  type Variant,
} from './variants.js';

const SEED = 1;

type Simulate = (population: Population, variant: Variant, seed: number) => Figures;

export interface Run {
  readonly population: Population;
  readonly variant: Variant;
  readonly figures: Figures;
}

export interface Scenario {
  readonly simulate: Simulate;
  readonly variants: readonly (readonly [of: (calls: number) => Population, variants: readonly Variant[]])[];
  /** Who is drawn, the usual client first, holdfast last. */
  readonly drawn: readonly Variant[];
  readonly picture: string;
  readonly mark: (calls: number) => Panel['mark'];
}

const PARTS = [USUAL, ALONE, JITTER, BUDGET, PACING];

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  herd: {
    simulate: herd,
    variants: [
      [browsers, [...PARTS, HOLDFAST]],
      [pages, [...PARTS, BEFORE, HOLDFAST]],
      [backends, [...PARTS, HOLDFAST]],
    ],
    drawn: [USUAL, HOLDFAST],
    picture: 'Requests a second: down from 10 s to 40 s',
    mark: (calls) => ({ name: 'what it can serve', value: ((calls * 1_000) / PAUSE) * CAPACITY }),
  },
  expiry: {
    simulate: expiry,
    variants: [
      [browsers, [USUAL, LATE, TOGETHER, HOLDFAST]],
      [backends, [USUAL, LATE, TOGETHER, UNPACED, HOLDFAST]],
    ],
    drawn: [USUAL, HOLDFAST],
    picture: 'Refreshes a second: all tokens expire at 90 s',
    mark: (calls) => ({ name: 'the limit', value: calls * RATE }),
  },
  limit: {
    simulate: limit,
    variants: [
      [browsers, [USUAL, HOLDFAST]],
      [backends, [USUAL, UNPACED, HOLDFAST]],
    ],
    drawn: [USUAL, HOLDFAST],
    picture: 'Requests a second: a rush from 10 s to 12 s',
    mark: (calls) => ({ name: 'the limit, a second', value: limitOf(calls) }),
  },
};

export function* runs({ simulate, variants }: Scenario, calls: number): Generator<Run> {
  for (const [of, all] of variants)
    for (const variant of all) {
      const population = of(variant.tenth ? calls / 10 : calls);
      yield { population, variant, figures: simulate(population, variant, SEED) };
    }
}

export const HEAD = ['who', 'requests per call', 'lost', 'as before after', 'peak'];

export const cells = ({ variant, figures }: Run) => [
  variant.name,
  figures.amplification.toFixed(2),
  percent(figures.lost, 1),
  Number.isFinite(figures.recovery) ? `${figures.recovery} s` : 'not in this run',
  `${figures.peak.toFixed(1)} ×`,
];

/** @param name between these marks of the page */
export function sectionOf(name: string, scenario: Scenario, all: readonly Run[], calls: number): Section {
  const names = [...new Set(all.map(({ population }) => population.name))];
  const of = (population: string) => all.filter((run) => run.population.name === population);
  const panels = names.map((title) => ({
    title,
    lines: scenario.drawn.map(({ name: who }) => ({
      name: who,
      values: of(title).find(({ variant }) => variant.name === who)?.figures.requests ?? [],
    })),
    mark: scenario.mark(calls),
  }));
  return {
    name,
    text: names.map((each) => table([each, ...HEAD.slice(1)], of(each).map(cells))).join('\n'),
    charts: { [`${name}.svg`]: lineChart(scenario.picture, panels) },
  };
}
