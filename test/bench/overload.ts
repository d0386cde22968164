// More calls than a server can serve, from many instances of a client. It turns away who finds its queue full, which
// takes time as well: whoever calls again takes from the others.
import { barChart, type Bar } from './chart.js';
import { UNDER_PRESSURE, type ClientName } from './clients.js';
import { percent, quantile } from './figures.js';
import { byChance, inRounds, run } from './load.js';
import { table, type Scenario } from './report.js';

const CAPACITY = 100;
const QUEUE = 50;
const INSTANCES = 200;
/** An answer after that is of no use, ms. */
const USEFUL = 2_000;
/** Timers are late. */
const GRACE = 100;

interface Variant {
  readonly rejection: number;
  /** Load over capacity from a moment on, ms. */
  readonly loads: readonly (readonly [over: number, from: number, until: number])[];
  /** What is answered from then on, while the load lasts, counts. */
  readonly countsFrom: number;
}

const steady = (over: number): Variant => ({ rejection: 0.1, loads: [[over, 0, 6_500]], countsFrom: 1_500 });
const VARIANTS = {
  '1x': steady(1),
  '2x': steady(2),
  '3x': steady(3),
  pulse: {
    rejection: 0.3,
    loads: [
      [0.8, 0, 1_500],
      [4, 1_500, 3_000],
      [0.8, 3_000, 8_000],
    ],
    countsFrom: 4_000, // does it come back?
  },
} satisfies Readonly<Record<string, Variant>>;

async function measure(client: ClientName, variant: keyof typeof VARIANTS) {
  const { rejection, loads, countsFrom }: Variant = VARIANTS[variant];
  const { ended, log } = await run({
    client,
    policies: { timeout: { total: USEFUL } },
    instances: INSTANCES,
    arrivals: loads.flatMap(([over, from, until]) => byChance(over * CAPACITY, from, until)),
    patience: USEFUL + GRACE,
    trouble: () => ({ kind: 'overload', perSecond: CAPACITY, queue: QUEUE, rejection }),
  });
  const until = loads.at(-1)![2];
  const counts = (at: number) => at >= countsFrom && at < until;
  const counted = ended.filter(({ from }) => counts(from));
  const useful = ended.filter(({ from, took, ok }) => ok && took <= USEFUL && counts(from + took));
  const possible = Math.min(counted.length, (CAPACITY * (until - countsFrom)) / 1_000);
  return {
    goodput: useful.length / possible,
    sends: log.length / ended.length,
    undecided: counted.filter(({ took }) => took > USEFUL + GRACE).length / counted.length,
  };
}

export const overload: Scenario<ClientName, keyof typeof VARIANTS> = {
  clients: UNDER_PRESSURE,
  variants: ['1x', '2x', '3x', 'pulse'],
  async measure(clients, variants) {
    const rows: string[][] = [];
    const bars: Bar[] = [];
    for (const variant of variants)
      for (const [client, all] of await inRounds(clients, (each) => measure(each, variant))) {
        const of = (key: keyof (typeof all)[number]) => quantile(all.map((each) => each[key]));
        if (variant === '3x') bars.push({ name: client, value: of('goodput') });
        rows.push([
          variant,
          client,
          of('goodput').toFixed(2),
          of('sends').toFixed(2),
          percent(of('undecided')),
        ]);
      }
    return {
      name: 'overload',
      text: table(['load', 'client', 'goodput', 'sends per call', 'undecided after 2 s'], rows),
      charts: { 'overload.svg': barChart('Goodput at three times the capacity, possible = 1', bars, 1) },
    };
  },
};
