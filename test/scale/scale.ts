// `npm run scale`: simulates a million clients and writes docs/scale.md. Words after `--` choose scenarios; a number of
// calls, as in `npm run scale -- herd 10000`, leaves the page as it is.
import { print, report } from '../bench/report.js';
import { runs, SCENARIOS, sectionOf, type Run } from './sections.js';
import { sliceOf, slices } from './slice.js';

const MILLION = 1_000_000;

const words = process.argv.slice(2);
const calls = words.map(Number).find((word) => word > 0) ?? MILLION;
const named = words.filter((word) => !(Number(word) > 0));
const names = [...Object.keys(SCENARIOS), 'slice'];
for (const name of named)
  if (!names.includes(name)) throw new Error(`${name} is none of ${names.join(', ')}.`);

for (const [name, scenario] of Object.entries(SCENARIOS)) {
  if (named.length > 0 && !named.includes(name)) continue;
  const all: Run[] = [];
  let startedAt = performance.now();
  for (const run of runs(scenario, calls)) {
    const took = (performance.now() - startedAt) / 1_000;
    console.error(`${name}, ${run.population.name}, ${run.variant.name}: ${took.toFixed(1)} s`);
    all.push(run);
    startedAt = performance.now();
  }
  const section = sectionOf(name, scenario, all, calls);
  if (calls === MILLION) await report(section, 'scale');
  else print(section);
}
if (calls === MILLION && (named.length === 0 || named.includes('slice')))
  await report(sliceOf(slices()), 'scale');
