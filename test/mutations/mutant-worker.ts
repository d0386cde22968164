// Runs the tests of one module once for each mutant that it is sent: the parent watches how long that takes.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import Mocha from 'mocha';
import { SWITCH } from './mutants.js';

/** Of the parent. */
export interface Order {
  /** Test file to run. */
  readonly file: string;
  /** 0: none. */
  readonly mutant: number;
}

/** To the parent. */
export interface Answer {
  /** Title of the test that went red. */
  readonly red: string | undefined;
  /** Mutants that the file comes by. */
  readonly reached: readonly number[];
}

/** On from the start, while tests are loaded too: what they make then must not be made by a mutant of one order. */
const always = Number(process.argv[2] ?? 0);
let active = always;
let reached = new Set<number>();
Object.assign(globalThis, {
  [SWITCH](number: number) {
    reached.add(number);
    return number === active;
  },
});
fc.configureGlobal({ endOnFailure: true });

const { timeout } = JSON.parse(readFileSync('.mocharc.json', 'utf8')) as { timeout: number };
const suites = new Map<string, Mocha>();

async function suiteOf(file: string): Promise<Mocha> {
  const known = suites.get(file);
  if (known) return known;
  const mocha = new Mocha({ reporter: 'base', timeout, bail: true });
  mocha.cleanReferencesAfterRun(false);
  mocha.addFile(file);
  await mocha.loadFilesAsync();
  suites.set(file, mocha);
  return mocha;
}

async function redIn(file: string): Promise<string | undefined> {
  const mocha = await suiteOf(file);
  return new Promise((resolve) => {
    let red: string | undefined;
    mocha
      .run(() => resolve(red))
      .on('fail', (test: Mocha.Test) => {
        red ??= test.fullTitle();
      });
  });
}

async function obey({ file, mutant }: Order): Promise<Answer> {
  active = always;
  await suiteOf(file);
  active = mutant;
  reached = new Set();
  const red = await redIn(file);
  return { red, reached: [...reached] };
}

process.on('message', (order: Order) => {
  void obey(order).then((answer) => process.send?.(answer));
});
