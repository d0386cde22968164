// A small part of the simulation: few customers, the usual client and holdfast. A test runs it and holds the page to it.
import { table, type Section } from '../bench/report.js';
import { cells, HEAD, SCENARIOS, runs, type Run } from './sections.js';
import { HOLDFAST, USUAL } from './variants.js';

const CALLS = 5_000;

export interface Slice {
  readonly scenario: string;
  readonly run: Run;
}

export function slices(): Slice[] {
  return Object.entries(SCENARIOS).flatMap(([scenario, each]) => {
    const variants = each.variants.map(([of]) => [of, [USUAL, HOLDFAST]] as const);
    return [...runs({ ...each, variants }, CALLS)].map((run) => ({ scenario, run }));
  });
}

export function sliceOf(all: readonly Slice[]): Section {
  const rows = all.map(({ scenario, run }) => [`${scenario}, ${run.population.name}`, ...cells(run)]);
  return { name: 'slice', text: table([`${CALLS} calls`, ...HEAD], rows), charts: {} };
}
