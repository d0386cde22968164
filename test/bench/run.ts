// `npm run bench`: measures holdfast next to its peers and writes docs/performance.md. `npm run bench -- overhead`
// measures one part.
import { buildAll, installPeers } from './build.js';
import { memory } from './memory.js';
import { overhead } from './overhead.js';
import { report, type Section } from './report.js';
import { size } from './size.js';
import { storms as storm } from './storm.js';

const SCENARIOS: Readonly<Record<string, () => Promise<Section>>> = {
  overhead,
  storm,
  memory,
  size,
};

const wanted = process.argv.slice(2);
for (const name of wanted)
  if (!(name in SCENARIOS)) throw new Error(`${name} is none of ${Object.keys(SCENARIOS).join(', ')}.`);

installPeers();
await buildAll();
for (const [name, measure] of Object.entries(SCENARIOS))
  if (wanted.length === 0 || wanted.includes(name)) await report(await measure());
