// `npm run mutate`: changes one thing after the other in contract/ and decide/, and looks whether a test tells.
import { fork, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { parseArgs } from 'node:util';
import { copyProject, ROOT } from './copy.js';
import { EXPLAINED } from './explained.js';
import { mutate, type Mutant } from './mutants.js';
import type { Answer, Order } from './mutant-worker.js';

const HELP = `npm run mutate -- [options] [files]

  files           paths in lib/, or beginnings of such (default: contract/ and decide/)
  --gate <n>      least share of mutants that is told, percent (default 95)
  --tests <list>  rooms of test/ that are run, or beginnings of files (default: the room of the file)

Writes what came of each file to test/mutations/scores.json. Exit code 1: the score of a file is below the gate.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    gate: { type: 'string', default: '95' },
    tests: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const SCORES = join(ROOT, 'test/mutations/scores.json');
/** A mutant may make tests so many times as slow, and so much more, ms: a new process has to load them first. */
const PATIENCE = { times: 5, more: 30_000 };

interface Survivor extends Pick<Mutant, 'line' | 'from' | 'to'> {
  readonly explained?: string;
}

interface Score {
  readonly mutants: number;
  readonly told: number;
  readonly survivors: readonly Survivor[];
}

type Scores = Record<string, Score>;

async function main(): Promise<void> {
  const files = filesIn('lib').filter((file) =>
    (positionals.length > 0 ? positionals : ['contract/', 'decide/']).some((each) => file.startsWith(each)),
  );
  const copy = copyProject();
  try {
    for (const file of files) {
      const source = readFileSync(`${ROOT}lib/${file}`, 'utf8');
      const score = await scoreOf(copy, file, source);
      if (!score) continue;
      keep(file, score);
      tell(file, score);
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function keep(file: string, score: Score): void {
  const scores: Scores = existsSync(SCORES) ? (JSON.parse(readFileSync(SCORES, 'utf8')) as Scores) : {};
  const sorted = Object.entries({ ...scores, [file]: score }).sort(([one], [other]) =>
    one.localeCompare(other),
  );
  writeFileSync(SCORES, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
}

function tell(file: string, { mutants, told, survivors }: Score): void {
  const open = survivors.filter(({ explained }) => explained === undefined);
  const counted = mutants - (survivors.length - open.length);
  const percent = counted === 0 ? 100 : (100 * told) / counted;
  console.log(`${percent.toFixed(1)} %  ${file}: ${told} of ${counted} mutants are told`);
  for (const { line, from, to } of open)
    console.log(`         ${line}: ${short(from)}  →  ${short(to) || 'nothing'}`);
  if (percent < Number(values.gate)) process.exitCode = 1;
}

const short = (text: string) => text.replace(/\s+/g, ' ').slice(0, 90);

async function scoreOf(copy: string, file: string, source: string): Promise<Score | undefined> {
  const { text, mutants } = mutate(source);
  if (mutants.length === 0) return undefined;
  const path = join(copy, 'lib', file);
  writeFileSync(path, text);
  try {
    const tests = await baseOf(copy, testsOf(`lib/${file}`));
    if (!tests) return undefined;
    const survivors: Mutant[] = [];
    const worker = createWorker(copy);
    for (const mutant of mutants.filter(({ isStatic }) => !isStatic)) {
      const files = tests.filter(({ reached }) => reached.includes(mutant.number));
      if ((await toldBy(worker, files, mutant.number)) === undefined) survivors.push(mutant);
    }
    // What a mutant leaves behind would make others look as if they had been told.
    const red = await toldBy(worker, tests, 0);
    if (red !== undefined) throw new Error(`${file}: without any mutant this is red now: ${red}`);
    worker.stop();
    for (const mutant of mutants.filter(({ isStatic }) => isStatic)) {
      const fresh = createWorker(copy, mutant.number);
      if ((await toldBy(fresh, tests, mutant.number)) === undefined) survivors.push(mutant);
      fresh.stop();
    }
    return {
      mutants: mutants.length,
      told: mutants.length - survivors.length,
      survivors: survivors.map(({ line, from, to }) => {
        const because = EXPLAINED.find(
          (each) => each.file === file && each.from === from && each.to === to,
        )?.because;
        return { line, from, to, ...(because !== undefined && { explained: because }) };
      }),
    };
  } finally {
    writeFileSync(path, source);
  }
}

/** A test file, as it runs without a mutant. */
interface Base {
  readonly file: string;
  readonly tookMs: number;
  /** Mutants that it comes by. */
  readonly reached: readonly number[];
}

/** The quickest first; `undefined`: one of them is red. */
async function baseOf(copy: string, files: readonly string[]): Promise<Base[] | undefined> {
  const worker = createWorker(copy);
  const tests: Base[] = [];
  for (const file of files) {
    await worker.ask({ file, mutant: 0 }, 300_000); // the first time it has to be loaded
    const began = Date.now();
    const answer = await worker.ask({ file, mutant: 0 }, 300_000);
    if (!answer || answer.red !== undefined) {
      console.log(`${file} is red without a mutant: ${answer?.red ?? 'it came to no end'}`);
      process.exitCode = 1;
      return undefined;
    }
    tests.push({ file, tookMs: Date.now() - began, reached: answer.reached });
  }
  worker.stop();
  return tests.sort((one, other) => one.tookMs - other.tookMs);
}

/** The first test that goes red. */
async function toldBy(worker: Worker, tests: readonly Base[], mutant: number): Promise<string | undefined> {
  for (const { file, tookMs } of tests) {
    const answer = await worker.ask({ file, mutant }, PATIENCE.more + PATIENCE.times * tookMs);
    if (!answer) return `${file}, which came to no end`;
    if (answer.red !== undefined) return answer.red;
  }
  return undefined;
}

type Worker = ReturnType<typeof createWorker>;

/** A process that goes on until a mutant hangs or kills it; then there is another. */
function createWorker(copy: string, mutant = 0) {
  let child: ChildProcess | undefined;
  const start = () =>
    fork(join(copy, 'test/mutations/mutant-worker.ts'), [String(mutant)], {
      cwd: copy,
      execArgv: ['--import=tsx', '--unhandled-rejections=strict'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
  return {
    /** `undefined`: it did not come to an end. */
    ask(order: Order, patience: number): Promise<Answer | undefined> {
      const asked = (child ??= start());
      return new Promise((resolve) => {
        const timer = setTimeout(() => asked.kill('SIGKILL'), patience);
        const exited = () => {
          clearTimeout(timer);
          child = undefined;
          resolve(undefined);
        };
        asked.once('exit', exited);
        asked.once('message', (answer: Answer) => {
          clearTimeout(timer);
          asked.off('exit', exited);
          resolve(answer);
        });
        asked.send(order);
      });
    },
    stop: () => child?.kill(),
  };
}

/** The tests that import a file, by whatever way. */
function testsOf(file: string): string[] {
  const [, room = ''] = file.split('/');
  const chosen = values.tests?.split(',') ?? [`${room}/`];
  return filesIn('test')
    .filter((name) => chosen.some((each) => name.startsWith(each)) && name.endsWith('.test.ts'))
    .map((name) => `test/${name}`)
    .filter((test) => reachedFrom(test).has(file));
}

const graph = new Map<string, readonly string[]>();

function reachedFrom(start: string): Set<string> {
  const seen = new Set([start]);
  for (const each of seen) for (const next of importsOf(each)) seen.add(next);
  return seen;
}

function importsOf(file: string): readonly string[] {
  const known = graph.get(file);
  if (known) return known;
  const text = readFileSync(ROOT + file, 'utf8');
  const found = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)\.js'/g)]
    .map(([, path = '']) => `${normalize(join(dirname(file), path))}.ts`)
    .filter((path) => existsSync(ROOT + path));
  graph.set(file, found);
  return found;
}

function filesIn(folder: string): string[] {
  return readdirSync(ROOT + folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort();
}

if (values.help) console.log(HELP);
else await main();
