// Runs the cases of some seeds in a process of its own, and tells how far it is.
import { sweep } from './sweep.js';

/** What a worker tells. */
export type Told = { readonly done: number } | { readonly seed: number };

const [from, to] = process.argv.slice(2).map(Number) as [number, number];
const tell = (told: Told) => process.send!(told);

const finding = await sweep(from, to, (done) => tell({ done }));
if (finding) tell({ seed: finding.seed });
process.disconnect();
