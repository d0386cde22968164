// `npm run bench`: measures holdfast next to its peers and writes docs/performance.md. Words after `--` choose a part,
// as in `npm run bench -- overhead storm`; with names of clients or variants (`-- rate holdfast slow`) the page stays.
import { buildAll, installPeers } from './build.js';
import { memory } from './memory.js';
import { outages as outage } from './outage.js';
import { overhead } from './overhead.js';
import { overload } from './overload.js';
import { rate } from './rate.js';
import { print, report, type Scenario } from './report.js';
import { sessions } from './sessions.js';
import { size } from './size.js';
import { storms as storm } from './storm.js';

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  overhead,
  storm,
  rate,
  outage,
  overload,
  memory,
  sessions,
  size,
};

const words = process.argv.slice(2);
const named = Object.keys(SCENARIOS).filter((name) => words.includes(name));
const chosen = (named.length > 0 ? named : Object.keys(SCENARIOS)).map((name) => SCENARIOS[name]!);
const names = words.filter((word) => !named.includes(word));
const known = chosen.flatMap(({ clients, variants }) => [...clients, ...variants]);
for (const name of names)
  if (!known.includes(name))
    throw new Error(`${name} is none of ${[...Object.keys(SCENARIOS), ...known].join(', ')}.`);

const pick = (all: readonly string[]) =>
  all.some((each) => names.includes(each)) ? all.filter((each) => names.includes(each)) : all;

installPeers();
await buildAll();
for (const scenario of chosen) {
  const section = await scenario.measure(pick(scenario.clients), pick(scenario.variants));
  if (names.length === 0) await report(section);
  else print(section);
}
