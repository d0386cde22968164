// `npm run fuzz`: tries what others may send, and stops at the first thing that does not hold.
import { parseArgs } from 'node:util';
import { startGuided } from './guided.js';

const HELP = `npm run fuzz -- [options]

  --seconds <n>    how long in all (default 60)
  --target <name>  this one alone
  --seed <n>       where chance begins (default: the time)
  --save           keep the texts that reached more than the corpus did

Texts for the parsers go by coverage; answers, options, requests and records are made by fast-check. Exit code 1: something
does not hold; the shortest input that shows it is printed.`;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    target: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    save: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit();
}
const [seconds, seed] = [Number(values.seconds), Number(values.seed)];
if (!(seconds > 0) || !Number.isSafeInteger(seed)) throw new Error('--seconds and --seed must be numbers.');

const guided = await startGuided();
// Loaded after what counts, so that what they share is counted too.
const { fuzzAnswers } = await import('./answers.js');
const { fuzzBackend, fuzzRedis } = await import('./backend.js');
const { CHANGES, tryChange } = await import('./configs.js');

type Fuzz = (until: number) => Promise<string>;

/** Rounds of new seeds until the time is over. */
function rounds(play: (seed: number, runs: number) => Promise<number>, runs: number): Fuzz {
  return async (until) => {
    let played = 0;
    for (let round = seed; performance.now() < until; round += 1) played += await play(round, runs);
    return `${played} cases`;
  };
}

async function byCoverage(name: string, until: number): Promise<string> {
  const told = await guided.fuzz(name, seed, until);
  if ('error' in told) throw new Error(JSON.stringify(told.text), { cause: told.error });
  const { texts, corpus, ran, known } = told;
  const kept = values.save ? `, ${await guided.save(name, corpus)} saved` : '';
  return `${texts} texts, ${ran} of ${known} blocks, corpus ${corpus.length}${kept}`;
}

const ALL: Readonly<Record<string, Fuzz>> = {
  ...Object.fromEntries(
    guided.names.map((name) => [name, (until: number) => byCoverage(name, until)] as const),
  ),
  answers: rounds(fuzzAnswers, 50),
  requests: rounds(fuzzBackend, 200),
  redis: rounds(fuzzRedis, 10),
  async options() {
    for (const change of CHANGES) await tryChange(change);
    return `${CHANGES.length} changes`;
  },
};

const names = Object.keys(ALL).filter((name) => (values.target ?? name) === name);
if (names.length === 0) throw new Error(`--target must be one of ${Object.keys(ALL).join(', ')}.`);
console.log(`Seed ${seed}.`);
for (const name of names)
  try {
    const until = performance.now() + (seconds * 1_000) / names.length;
    console.log(`${name}: ${await ALL[name]!(until)}`);
  } catch (error) {
    process.exitCode = 1;
    console.log(`${name}:`, error);
  }
