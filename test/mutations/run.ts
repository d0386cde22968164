// `npm run mutations`: breaks each invariant in a copy of the project, and says whether its test tells.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { copyProject } from './copy.js';
import { INVARIANTS, type Mutation } from './invariants.js';

const HELP = `npm run mutations -- [options] [ids]

  ids           only these invariants, such as I9 R22
  --seeds <n>   runs so many seeds of the simulation as well, and says which of them tells (default 0); 50 is what the
                list is of

Exit code 1: a test stayed green, or is red without a mutation, or the list names another seed.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: 'string', default: '0' }, help: { type: 'boolean', default: false } },
});

const SEEDS = Number(values.seeds);

/** A run that takes longer has met a loop without an end, ms. */
const LONGEST = 180_000;

/** What mocha's JSON reporter tells, as far as we look at it. */
interface Report {
  readonly passes: readonly { readonly fullTitle: string }[];
  readonly failures: readonly {
    readonly fullTitle: string;
    readonly err: { readonly stack?: string; readonly message?: string };
  }[];
}

interface Verdict {
  readonly red: boolean;
  readonly says: string;
  /** The first seed of the simulation that tells. */
  readonly seed?: number | undefined;
}

if (values.help) console.log(HELP);
else await main();

async function main(): Promise<void> {
  const chosen = Object.values(INVARIANTS)
    .flat()
    .filter(
      ({ id }) => positionals.length === 0 || id.split(', ').some((each) => positionals.includes(each)),
    );
  const all = chosen.flatMap(({ mutations }) => mutations);
  const copy = copyProject();
  try {
    const bad = await redWithout(copy, all);
    let told = 0;
    let misnamed = 0;
    for (const { id, mutations } of chosen)
      for (const mutation of mutations) {
        const reason = bad.get(mutation);
        const { red, says, seed } =
          reason === undefined ? await broken(copy, mutation) : { red: false, says: reason };
        if (red) told += 1;
        console.log(`${red ? 'red     ' : 'NOT TOLD'}  ${id}, broken where ${mutation.where}: ${says}`);
        if (!red || SEEDS === 0 || seed === mutation.seed) continue;
        misnamed += 1;
        console.log(
          `          The simulation tells by ${nameOf(seed)}; the list has ${nameOf(mutation.seed)}.`,
        );
      }
    console.log(`${told} of ${all.length} mutations are told by their test.`);
    if (told < all.length || misnamed > 0) process.exitCode = 1;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function nameOf(seed: number | undefined): string {
  return seed === undefined ? 'no seed' : `seed ${seed}`;
}

/** The mutations whose test is not green as long as nothing is broken, and why. */
async function redWithout(copy: string, all: readonly Mutation[]): Promise<Map<Mutation, string>> {
  const bad = new Map<Mutation, string>();
  for (const test of new Set(all.map((each) => each.test))) {
    const here = all.filter((each) => each.test === test);
    const report = await mocha(
      copy,
      test,
      here.map(({ title }) => title),
    );
    for (const each of here) {
      const isOf = ({ fullTitle }: { readonly fullTitle: string }) => fullTitle.includes(each.title);
      if (!report) bad.set(each, `${test} did not run to its end`);
      else if (report.failures.some(isOf)) bad.set(each, 'its test is red without the mutation');
      else if (!report.passes.some(isOf)) bad.set(each, 'there is no such test');
    }
  }
  return bad;
}

async function broken(copy: string, { file, find, replace, test, title }: Mutation): Promise<Verdict> {
  const path = join(copy, 'lib', file);
  const text = readFileSync(path, 'utf8');
  const parts = text.split(find);
  if (parts.length !== 2) return { red: false, says: `${file} has the text ${parts.length - 1} times` };
  writeFileSync(path, parts.join(replace));
  try {
    const report = await mocha(copy, test, [title]);
    if (!report) return { red: false, says: `${test} did not run to its end` };
    const failure = report.failures.find(({ fullTitle }) => fullTitle.includes(title));
    if (!failure) return { red: false, says: `${test} stays green` };
    const [says = ''] = (failure.err.stack ?? failure.err.message ?? '').split('\n');
    // A mutation that does not even run would be told by any test.
    if (/^(?:Reference|Syntax)Error|hook for /.test(says + failure.fullTitle)) return { red: false, says };
    const seed = SEEDS > 0 ? await firstSeed(copy) : undefined;
    return { red: true, says: `${failure.fullTitle.slice(0, 100)}: ${says.slice(0, 100)}`, seed };
  } finally {
    writeFileSync(path, text);
  }
}

/** Runs the tests with one of these titles. `undefined`: it came to no report. */
async function mocha(copy: string, test: string, titles: readonly string[]): Promise<Report | undefined> {
  const output = join(copy, 'report.json');
  rmSync(output, { force: true });
  const grep = titles.map((title) => title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const reporter = ['--reporter', 'json', '--reporter-option', `output=${output}`];
  await node(copy, ['node_modules/mocha/bin/mocha.js', `test/${test}`, '-g', grep, ...reporter, '--exit']);
  return existsSync(output) ? (JSON.parse(readFileSync(output, 'utf8')) as Report) : undefined;
}

async function firstSeed(copy: string): Promise<number | undefined> {
  const out = await node(copy, ['--import=tsx', 'test/mutations/first-seed.ts', values.seeds]);
  const [, seed] = /^seed (\d+)/m.exec(out) ?? [];
  return seed === undefined ? undefined : Number(seed);
}

/** Its output, whatever the exit code. */
function node(cwd: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd, timeout: LONGEST, killSignal: 'SIGKILL' }, (_error, stdout) =>
      resolve(stdout),
    );
  });
}
