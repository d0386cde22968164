// Runs before the other suites of `npm run test:p-queue-10` and proves that they run with p-queue 10.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import PQueue from 'p-queue';
import PQueue10 from 'p-queue-10';

const { version } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.resolve('p-queue')), 'utf8'),
) as { version: string };

describe(`with p-queue ${version}`, () => {
  it('which has taken the place of the installed one', () => {
    expect(version).to.match(/^10\./);
    expect(PQueue).to.equal(PQueue10);
    expect(new PQueue(), 'before 10 it was an EventEmitter').to.be.an.instanceOf(EventTarget);
  });
});
