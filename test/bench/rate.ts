// A server that takes so many calls per second and answers 429 to the rest, and N calls at once.
import { barChart } from './chart.js';
import { UNDER_PRESSURE, type ClientName } from './clients.js';
import { inversions, percent, quantile } from './figures.js';
import { inRounds, run } from './load.js';
import { table, type Scenario } from './report.js';

/**
 * `burst`: who waits out a Retry-After of 1 s while the bucket is full after less loses 1 - burst / rate s. These bursts
 * make that 1.33 / 1.33 / 1.29 / 1.16 of the optimum when it happens once, and 1.67 / 1.67 / 1.57 / 1.32 when twice.
 */
const VARIANTS = {
  'Retry-After': { rate: 200, burst: 50, calls: 500, retryAfter: 1 },
  'no Retry-After': { rate: 200, burst: 50, calls: 500 },
  slow: { rate: 50, burst: 10, calls: 150, retryAfter: 1 },
  high: { rate: 1_000, burst: 250, calls: 5_000, retryAfter: 1 },
} as const;
type Variant = keyof typeof VARIANTS;

async function measure(client: ClientName, variant: Variant) {
  const { calls, ...bucket } = VARIANTS[variant];
  const { ended, log } = await run({
    client,
    instances: 1,
    arrivals: new Array<number>(calls).fill(0),
    patience: 60_000,
    trouble: () => ({ kind: 'bucket', ...bucket }),
  });
  const last = Math.max(...ended.map(({ from, took }) => from + took));
  const accepted = log.filter(({ status }) => status === 200).map(({ call }) => call);
  return {
    completed: ended.filter(({ ok }) => ok).length / calls,
    limited: (log.length - accepted.length) / calls,
    /** Time to the last answer over the least possible. */
    overOptimum: last / (((calls - bucket.burst) / bucket.rate) * 1_000),
    outOfOrder: inversions(accepted) / ((accepted.length * (accepted.length - 1)) / 2),
  };
}

export const rate: Scenario<ClientName, Variant> = {
  clients: [...UNDER_PRESSURE, 'axios + axios-retry, 10 retries'],
  variants: ['Retry-After', 'no Retry-After', 'slow', 'high'],
  async measure(clients, variants) {
    const rows: string[][] = [];
    const worst = new Map<ClientName, number>();
    for (const variant of variants)
      for (const [client, all] of await inRounds(clients, (each) => measure(each, variant))) {
        const [completed, limited, overOptimum, outOfOrder] = (
          ['completed', 'limited', 'overOptimum', 'outOfOrder'] as const
        ).map((key) => quantile(all.map((each) => each[key]))) as [number, number, number, number];
        worst.set(client, Math.max(limited, worst.get(client) ?? 0));
        rows.push([
          variant,
          client,
          percent(completed),
          limited.toFixed(2),
          completed === 1 ? overOptimum.toFixed(2) : '–',
          percent(outOfOrder, 1),
        ]);
      }
    const bars = [...worst].map(([name, value]) => ({ name, value }));
    const head = ['variant', 'client', 'completed', '429s per call', 'finish over optimum', 'out of order'];
    return {
      name: 'rate',
      text: table(head, rows),
      charts: { 'rate.svg': barChart('429s for each call, in the worst variant', bars) },
    };
  },
};
