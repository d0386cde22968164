// What a call costs that nothing goes wrong with: over loopback, and without a network.
import { barChart } from './chart.js';
import type { ClientName } from './clients.js';
import { quantile, ratios, spread, type Cost } from './figures.js';
import { table, type Scenario } from './report.js';
import { startWorker, type Worker } from './workers.js';

/** Until the compiler has nothing left to do. */
const WARM_UPS = 15;
const ROUNDS = 31;
const CALLS = 1_000;
const BASE = 'axios' satisfies ClientName;

const HEAP = { warmUps: 2, rounds: 5, allocate: 400, keep: 2_000 };
/** Room for what that many calls allocate, MB. */
const ROOMY = ['--min-semi-space-size=128', '--max-semi-space-size=128'];

/** These can be given an adapter that needs no network. */
const ON_AXIOS: readonly ClientName[] = [
  'axios, maxRedirects 0',
  'axios + axios-retry',
  'axios + axios-auth-refresh',
  'axios, retry by hand',
  'axios + cockatiel',
  'holdfast',
  'holdfast, session.http',
];

/** A second raw axios: how far two equals differ in one run. */
const TWIN = 'axios again';
type Measured = ClientName | typeof TWIN;

interface Rounds<T> {
  readonly names: readonly Measured[];
  /** Without one there is no network. */
  readonly url?: string;
  readonly flags?: readonly string[];
  readonly warmUps?: number;
  readonly count: number;
  readonly once: (worker: Worker) => Promise<T>;
}

async function inTurn<T>({
  names,
  url,
  flags = [],
  warmUps = WARM_UPS,
  count,
  once,
}: Rounds<T>): Promise<Map<Measured, T[]>> {
  const workers = new Map<Measured, Worker>();
  const results = new Map<Measured, T[]>(names.map((name) => [name, []]));
  try {
    for (const name of names) {
      const worker = startWorker('overhead', flags);
      workers.set(name, worker);
      await worker.ask('prepare', { name: name === TWIN ? BASE : name, url });
    }
    for (let round = -warmUps; round < count; round += 1) {
      // Forwards, then backwards: nobody always comes first, or always after the same neighbour.
      for (const name of round % 2 === 0 ? names : [...names].reverse()) {
        const result = await once(workers.get(name)!);
        if (round >= 0) results.get(name)!.push(result);
      }
    }
  } finally {
    for (const worker of workers.values()) worker.stop();
  }
  return results;
}

async function measureAll(url: string, clients: readonly ClientName[]) {
  const names = [BASE, TWIN, ...clients] as const;
  const onAxios = [BASE, TWIN, ...ON_AXIOS.filter((name) => clients.includes(name))] as const;
  return {
    loopback: await inTurn({ names, url, count: ROUNDS, once: (worker) => worker.ask<Cost>('round', CALLS) }),
    memory: await inTurn({
      names: onAxios,
      count: ROUNDS,
      once: (worker) => worker.ask<Cost>('round', CALLS),
    }),
    heap: await inTurn({
      names,
      url,
      flags: ROOMY,
      warmUps: HEAP.warmUps,
      count: HEAP.rounds,
      once: async (worker) => ({
        allocated: await worker.ask<number>('allocate', HEAP.allocate),
        kept: await worker.ask<number>('keep', HEAP.keep),
      }),
    }),
  };
}

/** The figures of one client, next to those of raw axios in the same rounds. */
function figuresOf({ loopback, memory, heap }: Awaited<ReturnType<typeof measureAll>>, name: Measured) {
  const over = <T>(costs: ReadonlyMap<Measured, T[]>, figure: (cost: T) => number) => {
    const of = (each: Measured) => costs.get(each)!.map(figure);
    return ratios(of(name), of(BASE));
  };
  return {
    cpu: over(loopback, ({ cpu }) => cpu),
    perSecond: 1 / quantile(over(loopback, ({ wall }) => wall)),
    own: memory.get(name)?.map(({ cpu }, round) => cpu - memory.get(BASE)![round]!.cpu),
    allocated: over(heap, ({ allocated }) => allocated),
    kept: quantile(heap.get(name)!.map(({ kept }) => kept)),
  };
}

const HEAD = [
  'client',
  'CPU of a GET, axios = 1',
  'GETs per second, axios = 1',
  'µs over axios ¹',
  'allocated, axios = 1 ²',
  'bytes kept',
];

export const overhead: Scenario<ClientName, never> = {
  clients: [...ON_AXIOS, 'ky', 'got', 'ofetch', 'wretch', 'undici RetryAgent'],
  variants: [],
  async measure(clients) {
    const server = startWorker('server');
    try {
      const all = await measureAll(await server.ask<string>('listen'), clients);
      const rows: string[][] = [];
      const bars: { name: string; value: number }[] = [];
      for (const name of [TWIN, ...clients] as const) {
        const { cpu, perSecond, own, allocated, kept } = figuresOf(all, name);
        bars.push({ name, value: quantile(cpu) });
        const time = [spread(cpu), perSecond.toFixed(2), own ? spread(own, 1) : '–'];
        rows.push([name, ...time, spread(allocated), kept.toFixed(0)]);
      }
      const base = quantile(all.memory.get(BASE)!.map(({ cpu }) => cpu)).toFixed(1);
      const bytes = quantile(all.heap.get(BASE)!.map(({ allocated }) => allocated / 1_000)).toFixed(0);
      const notes = [
        `¹ In memory, where raw axios takes ${base} µs of CPU on the machine of this run.`,
        `² On the JavaScript heap, over loopback, where raw axios takes ${bytes} kB.`,
      ];
      return {
        name: 'overhead',
        text: `${table(HEAD, rows)}\n${notes.join('<br>\n')}`,
        charts: { 'overhead.svg': barChart('CPU time of a GET over loopback, raw axios = 1', bars, 1) },
      };
    } finally {
      server.stop();
    }
  },
};
