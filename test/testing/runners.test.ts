// The examples of docs/examples/testing, each in the runner that it is for, on the built package; and virtual time on the
// fake timers that two of the runners have.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import ts from 'typescript';
import { STRICT_NODE } from '../../docs/api/compiler.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const EXAMPLES = 'docs/examples/testing';

interface Runner {
  readonly command: readonly string[];
  /** What it prints about this many tests that passed. */
  readonly passed: (count: number) => RegExp;
  /** Tests of `fake-timers/` that run along. */
  readonly more: number;
}

const RUNNERS: Readonly<Record<string, Runner>> = {
  mocha: {
    command: ['node_modules/mocha/bin/mocha.js', '--no-config', `${EXAMPLES}/mocha.test.js`],
    passed: (count) => new RegExp(`^ {2}${count} passing`, 'm'),
    more: 0,
  },
  node: {
    command: ['--test', '--test-reporter=tap', `${EXAMPLES}/node.test.js`],
    passed: (count) => new RegExp(`^# pass ${count}\n# fail 0$`, 'm'),
    more: 0,
  },
  vitest: {
    command: ['node_modules/vitest/vitest.mjs', 'run', '--no-color', 'vitest.test.js'],
    passed: (count) => new RegExp(`Tests {2}${count} passed \\(${count}\\)`),
    more: 1,
  },
  jest: {
    command: [
      ...['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--no-color', '--rootDir=.'],
      ...[`--roots=${EXAMPLES}`, '--roots=test/testing/fake-timers'],
      ...['--runInBand', '--watchman=false', '--haste={"forceNodeFilesystemAPI":true}', '/jest\\.test\\.js$'],
    ],
    passed: (count) => new RegExp(`^Tests: +${count} passed, ${count} total$`, 'm'),
    more: 1,
  },
};

describe('The examples for test runners', function () {
  this.timeout(120_000);

  before(() => {
    expect(
      existsSync(`${ROOT}dist/testing/index.js`),
      'dist/ is missing: run `npm run build` first',
    ).to.equal(true);
  });

  it('are one for each runner', () => {
    const files = readdirSync(ROOT + EXAMPLES).filter((name) => name.endsWith('.test.js'));
    expect(files).to.have.members(Object.keys(RUNNERS).map((name) => `${name}.test.js`));
  });

  it('have the types of the package as it is built', () => {
    const files = Object.keys(RUNNERS).map((name) => `${ROOT}${EXAMPLES}/${name}.test.js`);
    const options = { ...STRICT_NODE, allowJs: true, checkJs: true, types: ['node', 'mocha'] };
    const program = ts.createProgram(files, options);
    const read = program.getSourceFiles().map(({ fileName }) => fileName);
    expect(read).to.include(`${ROOT}dist/testing/index.d.ts`).and.to.include(`${ROOT}${EXAMPLES}/shop.js`);
    const complaints = ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
      const { line = 0 } = file?.getLineAndCharacterOfPosition(start ?? 0) ?? {};
      return `${file?.fileName.slice(ROOT.length) ?? ''}:${line + 1} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
    expect(complaints).to.deep.equal([]);
  });

  for (const [name, { command, passed, more }] of Object.entries(RUNNERS))
    it(`pass in ${name}`, async () => {
      const text = readFileSync(`${ROOT}${EXAMPLES}/${name}.test.js`, 'utf8');
      const count = [...text.matchAll(/^(?:it|test)\('/gm)].length;
      expect(count).to.be.at.least(3);
      // Rejects unless the runner ends by itself, with 0.
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [...command], {
        cwd: ROOT,
        env: { PATH: process.env.PATH, HOME: process.env.HOME },
      });
      expect((stdout + stderr).replace(/\u001b\[\d+m/g, '')).to.match(passed(count + more));
    });
});
