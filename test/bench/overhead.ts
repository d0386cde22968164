// What a call costs that nothing goes wrong with: over loopback, and without a network.
import type { ClientName } from './clients.js';
import { quantile, ratios, spread, type Cost } from './figures.js';
import { barChart } from './chart.js';
import { table, type Scenario, type Section } from './report.js';
import { startWorker, type Worker } from './workers.js';

const WARM_UPS = 2;
const ROUNDS = 9;
const CALLS = 1_000;
const CALLS_IN_MEMORY = 5_000;
const BASE = 'axios' satisfies ClientName;
/** These can be given an adapter that needs no network. */
const ON_AXIOS: readonly ClientName[] = [
  'axios, maxRedirects 0',
  'axios + axios-retry',
  'holdfast',
  'holdfast, session.http',
];

/** A second raw axios: how far two equals differ in one run. */
const TWIN = 'axios again';
type Measured = ClientName | typeof TWIN;
const real = (name: Measured): ClientName => (name === TWIN ? BASE : name);

async function rounds(names: readonly Measured[], calls: number, url?: string): Promise<Map<string, Cost[]>> {
  const workers = new Map<string, Worker>();
  const costs = new Map<string, Cost[]>(names.map((name) => [name, []]));
  try {
    for (const name of names) {
      const worker = startWorker('overhead');
      workers.set(name, worker);
      await worker.ask('prepare', { name: real(name), url });
    }
    for (let round = -WARM_UPS; round < ROUNDS; round += 1) {
      // Forwards, then backwards: nobody always comes first, or always after the same neighbour.
      for (const name of round % 2 === 0 ? names : [...names].reverse()) {
        const cost = await workers.get(name)!.ask<Cost>('round', calls);
        if (round >= 0) costs.get(name)!.push(cost);
      }
    }
  } finally {
    for (const worker of workers.values()) worker.stop();
  }
  return costs;
}

async function measure(clients: readonly ClientName[]): Promise<Section> {
  const server = startWorker('server');
  try {
    const url = await server.ask<string>('listen');
    const loopback = await rounds([BASE, TWIN, ...clients], CALLS, url);
    const memory = await rounds(
      [BASE, TWIN, ...ON_AXIOS.filter((name) => clients.includes(name))],
      CALLS_IN_MEMORY,
    );
    const over = (costs: Map<string, Cost[]>, name: string, key: keyof Cost) =>
      ratios(
        costs.get(name)!.map((cost) => cost[key]),
        costs.get(BASE)!.map((cost) => cost[key]),
      );
    const own = (name: string) =>
      memory.get(name)?.map(({ cpu }, round) => cpu - memory.get(BASE)![round]!.cpu);
    const names = [...loopback.keys()].filter((name) => name !== BASE);
    const rows = names.map((name) => {
      const extra = own(name);
      return [
        name,
        spread(over(loopback, name, 'cpu')),
        (1 / quantile(over(loopback, name, 'wall'))).toFixed(2),
        extra ? spread(extra, 1) : '–',
      ];
    });
    const base = quantile(memory.get(BASE)!.map(({ cpu }) => cpu)).toFixed(1);
    return {
      name: 'overhead',
      text: table(
        ['client', 'CPU of a GET, axios = 1', 'GETs per second, axios = 1', 'µs over axios ¹'],
        rows,
      ).concat(`\n¹ In memory, where raw axios takes ${base} µs of CPU on the machine of this run.`),
      charts: {
        'overhead.svg': barChart(
          'CPU time of a GET over loopback, raw axios = 1',
          names.map((name) => ({ name, value: quantile(over(loopback, name, 'cpu')) })),
          1,
        ),
      },
    };
  } finally {
    server.stop();
  }
}

export const overhead: Scenario<ClientName, never> = {
  clients: [...ON_AXIOS, 'ky', 'got', 'ofetch'],
  variants: [],
  measure,
};
