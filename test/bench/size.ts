// What holdfast adds to a bundle for browsers and to the start of a process.
import { execFileSync } from 'node:child_process';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'esbuild';
import { BUILT, ROOT } from './build.js';
import { ratios, spread } from './figures.js';
import { table, type Scenario, type Section } from './report.js';

const ROUNDS = 11;

async function brotli(code: string, external: readonly string[] = []): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: ROOT, loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    external: [...external],
  });
  return brotliCompressSync(outputFiles[0]!.contents).length;
}

/** Time of the import in a new process, ms. */
function importTime(module: string): number {
  const code = `const began = performance.now(); await import('${module}'); console.log(performance.now() - began);`;
  const args = ['--input-type=module', '-e', code];
  return Number(execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' }));
}

async function measure(): Promise<Section> {
  const axios = await brotli("export { default } from 'axios';");
  const surface = "export { createAuthClient, createHttpClient } from './lib/index.ts';";
  const holdfast = await brotli(surface);
  const alone = await brotli(surface, ['axios', 'axios-retry', 'jwt-decode', 'p-queue']);
  const times = { holdfast: [] as number[], axios: [] as number[] };
  for (let round = -2; round < ROUNDS; round += 1) {
    const [ours, theirs] = [importTime(`${BUILT}holdfast/index.js`), importTime('axios')];
    if (round < 0) continue;
    times.holdfast.push(ours);
    times.axios.push(theirs);
  }
  const kB = (bytes: number) => `${(bytes / 1_000).toFixed(1)} kB`;
  const start = ratios(times.holdfast, times.axios);
  return {
    name: 'size',
    text: table(
      ['what', 'figure'],
      [
        ['axios in a bundle', kB(axios)],
        ['what holdfast adds to it, with its other dependencies', kB(holdfast - axios)],
        ['the code of holdfast alone', kB(alone)],
        ['importing it in Node, axios = 1', spread(start)],
      ],
    ),
    charts: {},
  };
}

export const size: Scenario = { clients: [], variants: [], measure };
