// The loop of a fuzzer that goes by coverage: a text that reaches code which no text before it reached is kept, and
// becomes a parent of later ones.
import { readFileSync, writeFileSync } from 'node:fs';
import { startCoverage } from './coverage.js';
import { mutant, randomOf } from './mutate.js';
import type { Target } from './targets.js';

/** Looking at the coverage takes as long as many texts do. */
const BATCH = 64;

export interface Finding {
  readonly target: string;
  readonly text: string;
  readonly error: unknown;
}

export interface Told {
  readonly texts: number;
  /** What was reached with. */
  readonly corpus: readonly string[];
  /** Blocks of lib/ that ran, and all in functions that did. */
  readonly ran: number;
  readonly known: number;
}

const fileOf = (target: string) => new URL(`corpus/${target}.json`, import.meta.url);

/** The texts that are kept for a target: each reaches something that no other one does, or broke something once. */
export const corpusOf = (target: string) => JSON.parse(readFileSync(fileOf(target), 'utf8')) as string[];

function failureAt({ run }: Target, text: string): unknown {
  try {
    run(text);
    return undefined;
  } catch (error) {
    return error ?? new Error('nothing was thrown');
  }
}

/** The same failure from as short a text as was found. */
function shorten(target: Target, text: string): string {
  let short = text;
  for (let size = short.length >> 1; size >= 1; size >>= 1)
    for (let at = 0; at + size <= short.length;) {
      const less = short.slice(0, at) + short.slice(at + size);
      if (failureAt(target, less) === undefined) at += size;
      else short = less;
    }
  return short;
}

/** Starts counting, and only then loads what is counted. */
export async function startGuided() {
  const track = await startCoverage();
  const { TARGETS } = await import('./targets.js');

  /** Tries texts until `until`, as `performance.now()` has it. */
  async function fuzz(name: string, seed: number, until: number): Promise<Finding | Told> {
    const target = TARGETS[name]!;
    const random = randomOf(seed);
    const tracker = track();
    const corpus = corpusOf(name);
    let texts = 0;
    const failing = (all: readonly string[]): Finding | undefined => {
      for (const text of all) {
        texts += 1;
        if (failureAt(target, text) === undefined) continue;
        const short = shorten(target, text);
        return { target: name, text: short, error: failureAt(target, short) };
      }
      return undefined;
    };
    const known = failing(corpus);
    if (known) return known;
    await tracker.fresh();
    while (performance.now() < until) {
      const batch = Array.from({ length: BATCH }, () => mutant(corpus, target.words, random));
      const finding = failing(batch);
      if (finding) return finding;
      if ((await tracker.fresh()) === 0) continue;
      // One of them reached something: which, says a tracker that knows the corpus alone.
      corpus.push(...(await those(target, corpus, batch)));
    }
    return { texts, corpus, ...tracker.seen() };
  }

  /** Those of the texts that reach more than what comes before them. */
  async function those(target: Target, known: readonly string[], texts: readonly string[]) {
    const tracker = track();
    await track().fresh(); // what ran before does not count
    for (const text of known) target.run(text);
    await tracker.fresh();
    const more: string[] = [];
    for (const text of texts) {
      target.run(text);
      if ((await tracker.fresh()) > 0) more.push(text);
    }
    return more;
  }

  return {
    names: Object.keys(TARGETS),
    fuzz,
    /** Keeps what is needed to reach as much, shortest first, and what is kept already. */
    async save(name: string, corpus: readonly string[]): Promise<number> {
      const known = corpusOf(name);
      const added = await those(
        TARGETS[name]!,
        known,
        [...corpus].sort((a, b) => a.length - b.length),
      );
      if (added.length > 0) writeFileSync(fileOf(name), `${JSON.stringify([...known, ...added], null, 2)}\n`);
      return added.length;
    },
  };
}
