// The kit with nock 15, on a Node that it supports: its suites again, and nock 15 as a user has it.
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { manifest } from '../package/installed.js';
import { useNode22 } from '../support/node-22.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Those that are about the kit on nock; the rest is the same whatever nock it is. */
const SUITES = ['every-failure', 'scripts', 'calls', 'not-mocked', 'surroundings', 'virtual-time'];

describe('With nock 15', function () {
  this.timeout(120_000);
  const node = useNode22();

  it('every suite of the kit passes', async () => {
    const suites = SUITES.map((name) => `test/testing/${name}.test.ts`);
    const { stdout } = await promisify(execFile)(
      node(),
      [
        ...['--import=tsx', '--import=./test/nock-15/register.js', '--unhandled-rejections=strict'],
        ...['node_modules/mocha/bin/mocha.js', '--no-config', '--timeout=20000', '--forbid-only'],
        ...['--invert', '--grep=The compiler'], // it looks at no nock
        ...['test/nock-15/swap.ts', ...suites],
      ],
      { cwd: ROOT, env: { ...process.env, NODE_OPTIONS: '' } },
    ).catch((error: unknown) => {
      const { stdout: out = '', stderr = '' } = error as {
        readonly stdout?: string;
        readonly stderr?: string;
      };
      throw new Error(`${out}\n${stderr}`);
    });
    const [, passing = 0] = /^ {2}(\d+) passing/m.exec(stdout) ?? [];
    expect(stdout).to.match(/with nock 15\.\d+\.\d+ on Node 2[2-9]\./);
    expect(Number(passing)).to.be.greaterThan(100);
    expect(stdout).to.not.match(/\d+ (failing|pending)/);
  });

  it('mockAuthApi() finds it where it is installed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-nock-15-'));
    try {
      // Copied, for a linked package would find the nock of this repository.
      const at = (...path: string[]) => join(folder, 'node_modules', ...path);
      for (const name of ['dist', 'package.json'])
        cpSync(join(ROOT, name), at('holdfast', name), { recursive: true });
      for (const name of Object.keys(manifest.dependencies))
        symlinkSync(join(ROOT, 'node_modules', name), at(name));
      symlinkSync(join(ROOT, 'node_modules/nock-15'), at('nock'));
      const code = `
        import nock from 'nock';
        import { createAuthClient } from 'holdfast';
        import { mockAuthApi } from 'holdfast/testing';
        const api = mockAuthApi({ baseURL: 'https://auth.example.com/v1' });
        api.login.succeeds();
        const auth = createAuthClient({ baseURL: 'https://auth.example.com/v1' });
        const login = await auth.login({ email: 'ada@example.com', password: 'secret' });
        console.log(login.ok, nock.activeMocks().length > 0, 'getGetRequestBody' in nock);
        auth.close();
        api.restore();`;
      const { stdout } = await promisify(execFile)(node(), ['--input-type=module', '-e', code], {
        cwd: folder,
        timeout: 60_000,
      });
      expect(stdout).to.equal('true true true\n');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
