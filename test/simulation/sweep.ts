// Cases by number: each seed is one case, and one that fails is made as short as it can be.
import fc from 'fast-check';
import { Broken } from './journal.js';
import { casesOf, type Case } from './plan.js';
import { run } from './run.js';

/** The case of a seed: with an even one the store is well, with an odd one it may be in trouble. */
export function caseOf(seed: number): Case {
  return fc.sample(casesOf(seed % 2 === 1), { seed, numRuns: 1 })[0]!;
}

/** A case is not shortened for longer than this, ms. */
const PATIENCE = 60_000;

/** What a seed, or a case, came to. */
export interface Finding {
  readonly seed: number;
  readonly error: Error;
}

/** Says so every now and then. */
const EVERY = 100;

/** Runs the seeds from `from` to `to`, and stops at the first that fails. */
export async function sweep(
  from: number,
  to: number,
  tell: (done: number) => void = () => undefined,
): Promise<Finding | undefined> {
  let done = 0;
  for (let seed = from; seed <= to; seed += 1) {
    const error = await failureOf(caseOf(seed));
    if (error) return { seed, error };
    done += 1;
    if (done % EVERY === 0) tell(EVERY);
  }
  tell(done % EVERY);
  return undefined;
}

/** Why a case fails, if it does. */
export async function failureOf(one: Case): Promise<Error | undefined> {
  try {
    await run(one);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** The shortest case found that breaks the same invariant as a seed. */
export async function shorten(seed: number, error: Error): Promise<Case> {
  const same = (other: Error | undefined) =>
    other !== undefined &&
    (error instanceof Broken
      ? other instanceof Broken && other.invariant === error.invariant
      : !(other instanceof Broken));
  const until = Date.now() + PATIENCE;
  const property = fc.asyncProperty(
    casesOf(seed % 2 === 1),
    async (one) => Date.now() > until || !same(await failureOf(one)),
  );
  const report = await fc.check(property, { seed, numRuns: 1 });
  return report.counterexample?.[0] ?? caseOf(seed);
}
