// The watch over the whole run finds what it is there for.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { CANARIES } from './canaries.js';

const WATCH = fileURLToPath(new URL('./whole-run.ts', import.meta.url));

function run(script: string) {
  const args = ['--import', 'tsx', WATCH, process.execPath, '-e', script];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, stdout, stderr };
}

const quoted = (value: string) => JSON.stringify(Buffer.from(value).toString('hex'));
/** The secret itself stands neither in the command nor in the name of a process. */
const decoded = (value: string) => `Buffer.from(${quoted(value)}, 'hex')`;

describe('The watch over the whole run', function () {
  this.timeout(60_000);

  it('lets a run pass that keeps its secrets', () => {
    const { status, stdout } = run('console.log("all is well")');
    expect(stdout).to.match(/^all is well\nNo canary in 12 characters of output and \d{3,} files\.\n$/);
    expect(status).to.equal(0);
  });

  it('fails where a secret was printed, on either stream, in any spelling', () => {
    const out = run(`console.log('a ' + ${decoded(CANARIES.accessToken)} + ' b')`);
    expect([out.status, out.stderr]).to.deep.equal([
      1,
      'A secret of the tests leaked: accessToken was printed.\n',
    ]);
    const err = run(`console.error(encodeURIComponent(String(${decoded(CANARIES.password)})))`);
    expect(err.status).to.equal(1);
    expect(err.stderr).to.contain('A secret of the tests leaked: password was printed.');
  });

  it('fails where a file is left that has a secret in it', () => {
    const { status, stderr } = run(
      `fs.writeFileSync(os.tmpdir() + '/a.log', ${decoded(CANARIES.clientSecret)}.toString('base64'))`,
    );
    expect(status).to.equal(1);
    expect(stderr).to.match(/^A secret of the tests leaked: clientSecret stands in .*a\.log\.\n$/);
  });

  it('ends as the run ended', () => {
    expect(run('process.exit(7)').status).to.equal(7);
  });
});
