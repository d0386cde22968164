// Compilers that users have and this repository does not. They are fetched beside it: each package of TypeScript brings a
// command `tsc`, and as dependencies here they would fight for it.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository, run } from './installed.js';

/** The oldest that reads our declarations (4.9 does not know `const` type parameters), and the newest there is. */
export const COMPILERS = { oldest: '5.0.4', newest: '7.0.2' } as const;

/** Call in a `describe`: its tests run with the compilers, or are pending; with `REQUIRE_SERVICES` they fail instead. */
export function useCompilers(): (version: string) => string {
  const pathOf = (version: string) =>
    join(repository, `node_modules/.cache/holdfast-typescript-${version}`, 'node_modules/typescript/bin/tsc');
  before(async function () {
    this.timeout(5 * 60_000);
    try {
      for (const version of Object.values(COMPILERS)) await fetched(version, pathOf(version));
    } catch (error) {
      if (process.env.REQUIRE_SERVICES) throw error;
      console.log(`    pending, for TypeScript could not be installed: ${String(error)}`);
      this.skip();
    }
  });
  return pathOf;
}

async function fetched(version: string, path: string): Promise<void> {
  if (existsSync(path)) return;
  const folder = join(path, '../../../..');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const args = [
    'install',
    '--no-save',
    '--no-audit',
    '--no-fund',
    '--no-package-lock',
    `typescript@${version}`,
  ];
  await run('npm', args, folder);
}
