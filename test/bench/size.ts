// What a client weighs in a bundle for browsers, and what it adds to the start of a process.
import { execFileSync } from 'node:child_process';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'esbuild';
import { barChart } from './chart.js';
import { HERE, ROOT } from './build.js';
import { ratios, spread } from './figures.js';
import { table, type Scenario } from './report.js';

const ROUNDS = 11;
const WARM_UPS = 2;
const DIST = `${ROOT}dist/index.js`;

/** What is taken from which module. */
type Imports = Readonly<Record<string, string>>;

const AXIOS = { axios: 'default as axios' };
const CLIENTS = {
  holdfast: { holdfast: 'createAuthClient, createHttpClient' },
  'holdfast, createHttpClient': { holdfast: 'createHttpClient' },
  axios: AXIOS,
  'axios + axios-retry': { ...AXIOS, 'axios-retry': 'default as retry' },
  'axios + axios-auth-refresh': { ...AXIOS, 'axios-auth-refresh': 'createAuthRefresh' },
  'axios + cockatiel': { ...AXIOS, cockatiel: 'retry, circuitBreaker, wrap, handleAll, ExponentialBackoff' },
  'axios + axios-retry, p-queue, jwt-decode': {
    ...AXIOS,
    'axios-retry': 'default as retry',
    'p-queue': 'default as Queue',
    'jwt-decode': 'jwtDecode',
  },
  ky: { ky: 'default as ky' },
  got: { got: 'default as got' },
  ofetch: { ofetch: 'ofetch' },
  wretch: { wretch: 'default as wretch', 'wretch/middlewares': 'retry' },
  'undici RetryAgent': { undici: 'Agent, RetryAgent' },
} satisfies Readonly<Record<string, Imports>>;
type Client = keyof typeof CLIENTS;

const ONLY_NODE: readonly Client[] = ['got', 'undici RetryAgent'];

async function brotli(imports: Imports, external: readonly string[] = []): Promise<number> {
  const lines = Object.entries(imports).map(([module, names]) => `export { ${names} } from '${module}';`);
  const { outputFiles } = await build({
    stdin: { contents: lines.join('\n'), resolveDir: HERE, loader: 'ts' },
    alias: { holdfast: DIST },
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

/** Time of the imports in a new process, ms. */
function importTime(imports: Imports): number {
  const modules = Object.keys(imports).map((name) => (name === 'holdfast' ? DIST : name));
  const lines = modules.map((module) => `await import('${module}');`).join(' ');
  const code = `const began = performance.now(); ${lines} console.log(performance.now() - began);`;
  const args = ['--input-type=module', '-e', code];
  return Number(execFileSync(process.execPath, args, { cwd: HERE, encoding: 'utf8' }));
}

function importTimes(clients: readonly Client[]): Map<Client, number[]> {
  const times = new Map<Client, number[]>(clients.map((client) => [client, []]));
  for (let round = -WARM_UPS; round < ROUNDS; round += 1)
    for (const client of round % 2 === 0 ? clients : [...clients].reverse()) {
      const time = importTime(CLIENTS[client]);
      if (round >= 0) times.get(client)!.push(time);
    }
  return times;
}

const kB = (bytes: number) => (bytes / 1_000).toFixed(1);

export const size: Scenario<Client, never> = {
  clients: Object.keys(CLIENTS) as Client[],
  variants: [],
  async measure(clients) {
    const times = importTimes([...new Set<Client>(['axios', ...clients])]);
    const axios = await brotli(AXIOS);
    const rows: string[][] = [];
    const bars: { name: string; value: number }[] = [];
    for (const client of clients) {
      const start = spread(ratios(times.get(client)!, times.get('axios')!));
      if (ONLY_NODE.includes(client)) {
        rows.push([client, '–', '–', start]);
        continue;
      }
      const bytes = await brotli(CLIENTS[client]);
      const over = 'axios' in CLIENTS[client] || 'holdfast' in CLIENTS[client] ? kB(bytes - axios) : '–';
      bars.push({ name: client, value: bytes / 1_000 });
      rows.push([client, kB(bytes), over, start]);
    }
    const alone = await brotli(CLIENTS.holdfast, ['axios', 'axios-retry', 'jwt-decode', 'p-queue']);
    return {
      name: 'size',
      text: `${table(
        ['client', 'kB in a bundle', 'kB besides axios', 'time of the import, axios = 1'],
        rows,
      )}\nThe code of holdfast alone is ${kB(alone)} kB.`,
      charts: { 'size.svg': barChart('kB in a bundle', bars) },
    };
  },
};
