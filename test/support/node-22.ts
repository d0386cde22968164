// A Node that nock 15 runs on: this one if it is new enough, that of `NODE_22`, or one that npm installs.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const VERSION = '22.23.3';
const LEAST = [22, 20] as const;
const FOLDER = fileURLToPath(new URL('../../node_modules/.cache/holdfast-node-22/', import.meta.url));
/** An installation fetches some 60 MB. */
const PATIENCE = 5 * 60_000;

/**
 * Call in a `describe`: its tests run with a Node 22, or are pending. Where `REQUIRE_SERVICES` is set they fail instead.
 * The result tells its path, once the tests run.
 */
export function useNode22(): () => string {
  let path: string | undefined;
  before(async function () {
    this.timeout(PATIENCE);
    path = isNew() ? process.execPath : (process.env.NODE_22 ?? (await install()));
    if (path !== undefined) return;
    const line = `Node 22 is not here: NODE_22=/path/to/it`;
    if (process.env.REQUIRE_SERVICES) throw new Error(line);
    console.log(`    pending, for ${line}`);
    this.skip();
  });
  return () => path!;
}

function isNew(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1]);
}

/** As a package of npm, which has one for each platform. */
async function install(): Promise<string | undefined> {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const path = join(FOLDER, 'node_modules', name, 'bin', 'node');
  if (existsSync(path)) return path;
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, 'package.json'), '{ "private": true }');
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--no-package-lock', `${name}@${VERSION}`];
  try {
    await promisify(execFile)('npm', args, { cwd: FOLDER, timeout: PATIENCE });
  } catch (error) {
    console.log(`    ${name} could not be installed: ${String(error)}`);
  }
  return existsSync(path) ? path : undefined;
}
