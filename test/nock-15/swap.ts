// Runs before the suites of test/testing and proves that they run with nock 15.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import nock from 'nock';

const { version } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.resolve('nock')), 'utf8'),
) as { version: string };

describe(`with nock ${version} on Node ${process.versions.node}`, () => {
  it('which has taken the place of the installed one', () => {
    expect(version).to.match(/^15\./);
    expect(nock, 'before 15 it had none').to.have.property('getGetRequestBody');
  });
});
