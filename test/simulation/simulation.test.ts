// Whole clients in whole worlds, each decided by a seed: every invariant holds whatever happens. `npm run simulate` runs
// as many as one likes.
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { Broken } from './journal.js';
import type { Case } from './plan.js';
import { run } from './run.js';
import { caseOf, sweep } from './sweep.js';

const SEEDS = 250;
const CASES = new URL('./cases/', import.meta.url);

describe('Clients in a simulated world', function () {
  this.timeout(300_000);

  it(`keep every invariant: seeds 1 to ${SEEDS}`, async () => {
    const finding = await sweep(1, SEEDS);
    if (finding) throw new Error(`seed ${finding.seed}`, { cause: told(finding.error) });
  });

  for (const file of readdirSync(CASES))
    it(`keep every invariant where one was broken once: ${file.replace('.json', '').replaceAll('-', ' ')}`, async () => {
      await run(JSON.parse(readFileSync(new URL(file, CASES), 'utf8')) as Case).catch((error: unknown) => {
        throw told(error);
      });
    });

  it('do the same each time that a case is run', async () => {
    for (const seed of [3, 4, 5]) {
      const lines = await run(caseOf(seed));
      expect(lines.length).to.be.above(30);
      expect(await run(caseOf(seed))).to.deep.equal(lines);
    }
  });
});

/** With all that happened. */
function told(error: unknown): unknown {
  return error instanceof Broken ? new Error(`${error.message}\n${error.timeline}`) : error;
}
