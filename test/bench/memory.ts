// What a call costs that waits for a cooldown, and how fast the waiting calls leave when it ends.
import { barChart } from './chart.js';
import { quantile, spread, type Counts } from './figures.js';
import { table, type Scenario, type Section } from './report.js';
import type { WaitingOrder, WaitingResult } from './memory-worker.js';
import { startWorker } from './workers.js';

const CALLS = 10_000;
const ROUNDS = 2;
const LIMITED_FOR = 10_000;
/** By then everyone has sent what it sends and read the answers. */
const LOOK_AFTER = 8_500;

interface Wait extends WaitingResult, Counts {
  readonly overPlain: number;
}

/** In a new process each time: a heap that has been large once is not the same again. */
async function wait(client: string): Promise<Wait> {
  const [server, worker] = [startWorker('server'), startWorker('memory')];
  try {
    const url = await server.ask<string>('listen');
    const order = { client, url, calls: CALLS, opensAt: 0, lookAt: 0 };
    await worker.ask<number>('plain', order);
    const plain = await worker.ask<number>('plain', order);
    const opensAt = await server.ask<number>('limit', LIMITED_FOR);
    const lookAt = opensAt - LIMITED_FOR + LOOK_AFTER;
    const asked: WaitingOrder = { ...order, opensAt, lookAt };
    const result = await worker.ask<WaitingResult>('wait', asked);
    const counts = await server.ask<Counts>('counts');
    return { ...result, ...counts, overPlain: result.drain / plain };
  } finally {
    server.stop();
    worker.stop();
  }
}

async function measure(clients: readonly string[]): Promise<Section> {
  const results = new Map<string, Wait[]>(clients.map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1)
    for (const client of clients) results.get(client)!.push(await wait(client));
  const of = (client: string, key: keyof Wait) => results.get(client)!.map((each) => each[key]);
  return {
    name: 'memory',
    text: table(
      ['client', 'bytes for each waiting call', '429s per call', 'failed calls', 'drain, raw axios = 1'],
      clients.map((client) => [
        client,
        spread(of(client, 'bytes'), 0),
        quantile(of(client, 'limited').map((limited) => limited / CALLS)).toFixed(3),
        String(Math.max(...of(client, 'failed'))),
        spread(of(client, 'overPlain')),
      ]),
    ),
    charts: {
      'memory.svg': barChart(
        'Heap for each call that waits for a cooldown, kB (line: the aim)',
        clients.map((name) => ({ name, value: quantile(of(name, 'bytes')) / 1_000 })),
        1.2,
      ),
    },
  };
}

export const memory: Scenario = { clients: ['holdfast', 'axios + axios-retry'], variants: [], measure };
