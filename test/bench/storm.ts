// The refresh storm: N calls meet an expired token, and a refresh token is good for one refresh.
import { barChart } from './chart.js';
import { quantile, spread, type Counts, type Pair, type Trouble } from './figures.js';
import { table, type Scenario, type Section } from './report.js';
import { STORM_CLIENTS } from './storm-clients.js';
import type { StormOrder, StormResult } from './storm-worker.js';
import { startWorker, type Worker } from './workers.js';

const REFRESH_TAKES = 100;

/** How many rounds for how many calls: the big ones take seconds each. */
const SIZES = [
  { calls: 100, rounds: 9 },
  { calls: 1_000, rounds: 7 },
  { calls: 10_000, rounds: 3 },
] as const;

const UNKNOWN = { name: 'expiry unknown' } satisfies Trouble;
/** Variants that only count; what they cost in time is no figure of its own. */
const VARIANTS: readonly (Trouble & { readonly name: string; readonly calls: number })[] = [
  { name: 'expiry known', known: true, calls: 1_000 },
  { name: 'calls trickle in over 0.4 s', trickle: true, calls: 1_000 },
  { name: 'every second 401 after the refresh', late: true, calls: 1_000 },
  { name: 'first refresh answered 503', unavailable: true, calls: 200 },
  { name: 'refresh token dead', dead: true, calls: 200 },
];

interface Storm extends StormResult, Counts {
  readonly calls: number;
  /** Wall time over that of as many plain calls and one refresh. */
  readonly overIdeal: number;
}

async function storm(server: Worker, order: Omit<StormOrder, 'pair'>, worker: Worker): Promise<Storm> {
  const { url, calls, trouble } = order;
  const ideal = await worker.ask<StormResult>('ideal', { url, calls });
  const pair = await server.ask<Pair>('session', trouble);
  const result = await worker.ask<StormResult>('storm', { ...order, pair });
  const counts = await server.ask<Counts>('counts');
  return { ...result, ...counts, calls, overIdeal: result.wall / (ideal.wall + REFRESH_TAKES) };
}

const most = (storms: readonly Storm[], key: 'refreshes' | 'failed' | 'lost') =>
  String(Math.max(...storms.map((each) => each[key])));
const sends = (storms: readonly Storm[]) =>
  quantile(storms.map((each) => each.sends / each.calls)).toFixed(2);

async function measure(clients: readonly string[], variants: readonly string[]): Promise<Section> {
  const server = startWorker('server');
  const workers = new Map(clients.map((name) => [name, startWorker('storm')]));
  try {
    const url = await server.ask<string>('listen');
    const once = (client: string, trouble: Trouble, calls: number) =>
      storm(server, { client, url, trouble, calls }, workers.get(client)!);
    for (const client of clients) for (let warm = 0; warm < 2; warm += 1) await once(client, UNKNOWN, 1_000);

    const rows: string[][] = [];
    const walls: { name: string; value: number }[] = [];
    let working = clients;
    for (const { calls, rounds } of variants.includes(UNKNOWN.name) ? SIZES : []) {
      const results = new Map<string, Storm[]>(working.map((name) => [name, []]));
      for (let round = 0; round < rounds; round += 1)
        for (const client of round % 2 === 0 ? working : [...working].reverse())
          results.get(client)!.push(await once(client, UNKNOWN, calls));
      for (const [client, all] of results) {
        const works = all.every(({ failed }) => failed === 0);
        const wall = all.map(({ overIdeal }) => overIdeal);
        if (works) walls.push({ name: `${client}, N = ${calls}`, value: quantile(wall) });
        const counted = [most(all, 'refreshes'), most(all, 'failed'), most(all, 'lost'), sends(all)];
        rows.push([String(calls), client, ...counted, works ? spread(wall) : '–']);
        if (!works) working = working.filter((name) => name !== client); // more calls would fail likewise
      }
    }
    const others: string[][] = [];
    for (const { calls, ...trouble } of VARIANTS.filter(({ name }) => variants.includes(name)))
      for (const client of clients) {
        const all = [await once(client, trouble, calls), await once(client, trouble, calls)];
        const counted = [most(all, 'refreshes'), most(all, 'failed'), most(all, 'lost'), sends(all)];
        others.push([`${trouble.name}, N = ${calls}`, client, ...counted]);
      }
    const counted = ['refreshes', 'failed calls', 'sessions lost', 'sends per call'];
    return {
      name: 'storm',
      text: [
        table(['N', 'client', ...counted, 'wall over ideal'], rows),
        table(['variant', 'client', ...counted], others),
      ].join('\n'),
      charts: { 'storm.svg': barChart('Refresh storm: wall time over ideal', walls, 1) },
    };
  } finally {
    for (const worker of [server, ...workers.values()]) worker.stop();
  }
}

export const storms: Scenario = {
  clients: Object.keys(STORM_CLIENTS),
  variants: [UNKNOWN, ...VARIANTS].map(({ name }) => name),
  measure,
};
