// `npm run simulate`: many cases on all cores, or one of them with everything that happens in it.
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Broken } from './journal.js';
import type { Case } from './plan.js';
import { run } from './run.js';
import { caseOf, failureOf, shorten } from './sweep.js';
import type { Told } from './worker.js';

const HELP = `npm run simulate -- [options]

  --seeds <n>     how many cases, each a seed (default 1000)
  --from <n>      the first seed (default 1)
  --workers <n>   processes (default: one for each core)
  --seed <n>      this one alone, with all that happens in it
  --case <file>   a case from a file, the same

Each case is a world of its own in virtual time: clients, an authorization server, an API, a store and a network that a
seed puts into trouble. Exit code 1: an invariant was broken; the shortest case that breaks it is shown.`;

/** Cases of one process: a new one begins with an empty heap. */
const BATCH = 2_000;
/** A process that is silent for so long has met a loop without an end, ms. */
const SILENCE = 300_000;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    workers: { type: 'string', default: String(availableParallelism()) },
    seed: { type: 'string' },
    case: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(HELP);
else if (values.case !== undefined) await show(JSON.parse(readFileSync(values.case, 'utf8')) as Case);
else if (values.seed !== undefined) await show(caseOf(whole('seed', values.seed)));
else
  await simulate(whole('from', values.from), whole('seeds', values.seeds), whole('workers', values.workers));

function whole(name: string, given: string): number {
  if (/^[1-9]\d{0,14}$/.test(given)) return Number(given);
  console.error(`--${name} must be a whole number from 1 up; got ${given}.`);
  process.exit(2);
}

/** One case, and all that happens in it. */
async function show(one: Case): Promise<void> {
  console.log(JSON.stringify(one));
  try {
    console.log((await run(one)).join('\n'));
    console.log('Every invariant is kept.');
  } catch (error) {
    print(error);
    process.exitCode = 1;
  }
}

function print(error: unknown): void {
  if (error instanceof Broken) console.log(`${error.timeline}\n${error.message}`);
  else console.log(error);
}

async function simulate(from: number, seeds: number, workers: number): Promise<void> {
  const began = Date.now();
  const to = from + seeds - 1;
  let next = from;
  let done = 0;
  let seed: number | undefined;

  async function work(): Promise<void> {
    while (next <= to && seed === undefined) {
      const first = next;
      next = Math.min(to, first + BATCH - 1) + 1;
      await batch(first, next - 1);
    }
  }

  /** One after the other, in a process of their own. */
  const batch = (first: number, last: number) =>
    new Promise<void>((resolve) => {
      const child = fork(new URL('./worker.ts', import.meta.url), [String(first), String(last)]);
      const stop = () => {
        console.error(`Nothing is heard of seeds ${first} to ${last} any more.`);
        child.kill('SIGKILL');
      };
      let silence = setTimeout(stop, SILENCE);
      child.on('message', (told: Told) => {
        clearTimeout(silence);
        silence = setTimeout(stop, SILENCE);
        if ('seed' in told) seed = Math.min(seed ?? Infinity, told.seed);
        else done += told.done;
        if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${seeds}`);
      });
      child.on('exit', () => {
        clearTimeout(silence);
        resolve();
      });
    });

  await Promise.all(Array.from({ length: workers }, work));
  if (seed !== undefined) {
    await explain(seed);
    return;
  }
  if (done < seeds) {
    console.error(`Only ${done} of ${seeds} cases were run: a process broke down.`);
    process.exitCode = 1;
    return;
  }
  const took = ((Date.now() - began) / 1_000).toFixed(0);
  console.log(
    `${done} cases, seeds ${from} to ${to}: every invariant is kept. ${took} s in ${workers} processes.`,
  );
}

async function explain(seed: number): Promise<void> {
  process.exitCode = 1;
  const error = await failureOf(caseOf(seed));
  if (!error)
    throw new Error(
      `Seed ${seed} failed in its worker and does not fail here: a run is not decided by its seed.`,
    );
  const shortest = await shorten(seed, error);
  console.log(`Seed ${seed}: ${error.message}. The shortest case that was found:\n`);
  await show(shortest);
  console.log('\nOnce it is mended, keep the case: a file of its own in test/simulation/cases.');
}
