// What a call costs that waits for a cooldown, and how fast the waiting calls leave when it ends.
import { barChart } from './chart.js';
import type { ClientName } from './clients.js';
import { quantile, spread, type Counts } from './figures.js';
import { inRounds } from './load.js';
import type { WaitingOrder, WaitingResult } from './memory-worker.js';
import { table, type Scenario } from './report.js';
import { startWorker } from './workers.js';

/** By the time of the look everyone has sent what it sends and read the answers. */
const VARIANTS = {
  '10000': { calls: 10_000, limitedFor: 10_000, lookAfter: 8_500, rounds: 3 },
  '100000': { calls: 100_000, limitedFor: 40_000, lookAfter: 38_000, rounds: 1 },
};
type Variant = keyof typeof VARIANTS;
/** Too many for the others to be waited for. */
const ONLY_OURS: Variant = '100000';

/** In a new process each time: a heap that has been large once is not the same again. */
async function wait(client: ClientName, variant: Variant) {
  const { calls, limitedFor, lookAfter } = VARIANTS[variant];
  const [server, worker] = [startWorker('server'), startWorker('memory')];
  try {
    const policies = { cooldown: { maxQueued: calls, maxWait: 120_000 }, timeout: { total: 300_000 } };
    const setting = { url: await server.ask<string>('listen'), policies };
    const order = { client, setting, calls, opensAt: 0, lookAt: 0 };
    await worker.ask<number>('plain', { ...order, calls: 10_000 });
    const plain = await worker.ask<number>('plain', order);
    const opensAt = await server.ask<number>('limit', limitedFor);
    const asked: WaitingOrder = { ...order, opensAt, lookAt: opensAt - limitedFor + lookAfter };
    const { bytes, failed, drain } = await worker.ask<WaitingResult>('wait', asked);
    const { limited } = await server.ask<Counts>('counts');
    return { bytes, failed, limited: limited / calls, overPlain: drain / plain };
  } finally {
    server.stop();
    worker.stop();
  }
}

export const memory: Scenario<ClientName, Variant> = {
  clients: ['holdfast', 'axios + axios-retry'], // the others do not wait for as long as Retry-After says
  variants: ['10000', '100000'],
  async measure(clients, variants) {
    const rows: string[][] = [];
    const bars: { name: string; value: number }[] = [];
    for (const variant of variants) {
      const names = clients.filter((client) => client === 'holdfast' || variant !== ONLY_OURS);
      for (const [client, all] of await inRounds(
        names,
        (each) => wait(each, variant),
        VARIANTS[variant].rounds,
      )) {
        const of = (key: keyof (typeof all)[number]) => all.map((each) => each[key]);
        bars.push({ name: `${client}, ${variant}`, value: quantile(of('bytes')) / 1_000 });
        rows.push([
          variant,
          client,
          spread(of('bytes'), 0),
          quantile(of('limited')).toFixed(3),
          String(Math.max(...of('failed'))),
          spread(of('overPlain')),
        ]);
      }
    }
    const head = [
      'waiting',
      'client',
      'bytes for each',
      '429s per call',
      'failed calls',
      'drain, raw axios = 1',
    ];
    return {
      name: 'memory',
      text: table(head, rows),
      charts: {
        'memory.svg': barChart('Heap for each call that waits for a cooldown, kB (line: the aim)', bars, 1.2),
      },
    };
  },
};
