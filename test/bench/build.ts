// Makes what is measured: dist/, and the workers without what tsx adds to each closure. These go below node_modules/,
// where nothing is linted or published and the peers are found.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const HERE = fileURLToPath(new URL('./', import.meta.url));
export const BUILT = `${HERE}node_modules/.bench/`;

interface Manifest {
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** The peers are installed only where somebody measures. */
export function installPeers(): void {
  const isThere = (name: string) => existsSync(`${HERE}node_modules/${name}`);
  const { devDependencies } = JSON.parse(readFileSync(`${HERE}package.json`, 'utf8')) as Manifest;
  if (Object.keys(devDependencies).every(isThere)) return;
  const args = ['ci', '--prefix', 'test/bench', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', args, { cwd: ROOT, stdio: 'inherit' });
}

export async function buildAll(): Promise<void> {
  rmSync(BUILT, { recursive: true, force: true });
  execFileSync('npm', ['run', 'build'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  await build({
    entryPoints: readdirSync(HERE)
      .filter((name) => name.endsWith('-worker.ts'))
      .map((name) => HERE + name),
    outdir: BUILT,
    bundle: true,
    splitting: false,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
  });
}
