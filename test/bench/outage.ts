// A server that fails for three seconds under calls that go on coming, from many instances of a client; and one that
// fails for a moment when all of them call at once.
import { barChart, type Bar } from './chart.js';
import { UNDER_PRESSURE, type ClientName } from './clients.js';
import { percent, quantile } from './figures.js';
import { byChance, inRounds, run, slots } from './load.js';
import { table, type Scenario } from './report.js';

const INSTANCES = 200;
const PER_SECOND = 250;
/** Well, failing, well again. */
const [FROM, UNTIL, END] = [1_000, 4_000, 8_000] as const;
const SLOT = 100;
const POLICIES = { timeout: { total: 10_000 } };

async function outage(client: ClientName) {
  const { ended, log } = await run({
    client,
    policies: POLICIES,
    instances: INSTANCES,
    arrivals: byChance(PER_SECOND, 0, END),
    patience: 15_000,
    trouble: (at) => ({ kind: 'outage', from: at + FROM, until: at + UNTIL, status: 500 }),
  });
  const during = ended.filter(({ from }) => from >= FROM && from < UNTIL);
  const after = ended.filter(({ from }) => from >= UNTIL);
  const sends = log.map(({ at }) => at);
  /** When each instance had its first answer after the outage. */
  const back = Array.from({ length: INSTANCES }, () => Infinity);
  for (const [call, { from, took, ok }] of ended.entries())
    if (ok && from + took >= UNTIL)
      back[call % INSTANCES] = Math.min(back[call % INSTANCES]!, from + took - UNTIL);
  const slotsAfter = slots(sends, UNTIL, END, SLOT);
  const late = during.filter(({ ok }) => ok).map(({ from, took }) => Math.max(0, from + took - UNTIL));
  return {
    sends: sends.filter((at) => at >= FROM && at < UNTIL).length / during.length,
    failed: during.filter(({ ok }) => !ok).length / during.length,
    /** The busiest slot over the mean of all. */
    peak: Math.max(...slotsAfter) / (slotsAfter.reduce((sum, count) => sum + count, 0) / slotsAfter.length),
    back50: quantile(back),
    back99: quantile(back, 0.99),
    late50: quantile(late),
    late99: quantile(late, 0.99),
    failedAfter: after.filter(({ ok }) => !ok).length / after.length,
    after99: quantile(
      after.filter(({ ok }) => ok).map(({ took }) => took),
      0.99,
    ),
  };
}

/** Whoever sends something new for so long is told 503 once. */
const MOMENT = 500;

async function herd(client: ClientName) {
  const { ended, log } = await run({
    client,
    policies: POLICIES,
    instances: INSTANCES,
    arrivals: new Array<number>(INSTANCES).fill(0),
    patience: 15_000,
    trouble: (at) => ({ kind: 'outage', from: at, until: at + MOMENT, status: 503, once: true }),
  });
  const seen = new Set<number>();
  const again = log.filter(({ at, call }) => {
    const repeated = at >= MOMENT || seen.has(call);
    seen.add(call);
    return repeated;
  });
  const counts = slots(
    again.map(({ at }) => at),
    0,
    30_000,
    SLOT,
  );
  return {
    share: Math.max(...counts) / again.length,
    failed: ended.filter(({ ok }) => !ok).length / INSTANCES,
  };
}

const ms = (figure: number) => (Number.isFinite(figure) ? figure.toFixed(0) : '–');

export const outages: Scenario<ClientName, 'long' | 'herd'> = {
  clients: UNDER_PRESSURE,
  variants: ['long', 'herd'],
  async measure(clients, variants) {
    const texts: string[] = [];
    const bars: Bar[] = [];
    if (variants.includes('long')) {
      const rows: string[][] = [];
      for (const [client, all] of await inRounds(clients, outage)) {
        const of = (key: keyof (typeof all)[number]) => quantile(all.map((each) => each[key]));
        bars.push({ name: client, value: of('sends') });
        rows.push([
          client,
          of('sends').toFixed(2),
          percent(of('failed')),
          Number.isNaN(of('peak')) ? '–' : of('peak').toFixed(1),
          `${ms(of('back50'))} / ${ms(of('back99'))}`,
          `${ms(of('late50'))} / ${ms(of('late99'))}`,
          percent(of('failedAfter')),
          ms(of('after99')),
        ]);
      }
      const head = [
        'client',
        'sends per call',
        'failed',
        'peak after',
        'instances back, ms',
        'calls answered, ms',
      ];
      texts.push(table([...head, 'failed after', 'p99 after, ms'], rows));
    }
    if (variants.includes('herd')) {
      const rows: string[][] = [];
      for (const [client, all] of await inRounds(clients, herd)) {
        const of = (key: keyof (typeof all)[number]) => quantile(all.map((each) => each[key]));
        rows.push([client, Number.isNaN(of('share')) ? '–' : of('share').toFixed(2), percent(of('failed'))]);
      }
      texts.push(table(['client', 'herd: most in 100 ms', 'failed'], rows));
    }
    return {
      name: 'outage',
      text: texts.join('\n'),
      charts: { 'outage.svg': barChart('Sends for each call during the outage', bars) },
    };
  },
};
