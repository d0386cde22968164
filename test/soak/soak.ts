// `npm run soak`: a long run under trouble, and whether anything was lost, stuck or left behind. Ten minutes and more
// write what came of it to docs/performance.md.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { lineChart } from '../bench/chart.js';
import { report, table } from '../bench/report.js';
import { soak, type Soaked } from './load.js';
import { trendOf } from './trend.js';

/** Minutes of a run that is written down. */
const WRITTEN = 10;
/** In a shorter run the heap still grows with what the engine learns, minutes. */
const JUDGED = 5;
/** Sockets keep some 200 bytes for each call until they let go of them, as with raw axios; a call that is kept has more. */
const NOISE = 300;
const LOOKS = 120;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    'per-second': { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
  },
});
const [minutes, perSecond, seed] = [values.minutes, values['per-second'], values.seed].map(Number) as [
  number,
  number,
  number,
];
if (!(minutes > 0 && perSecond > 0 && Number.isInteger(seed)))
  throw new Error('npm run soak -- [--minutes 10] [--per-second 60] [--seed 1]');
const seconds = minutes * 60;
const lookEveryMs = Math.max(500, (seconds * 1_000) / LOOKS);

let minute = 0;
const soaked = await soak({
  seconds,
  perSecond,
  lookEveryMs,
  seed,
  told(look, calls) {
    if (look.atMs < minute * 60_000) return;
    minute += 1;
    const { heap, underWay, sockets, timers } = look;
    console.log(
      `${(look.atMs / 60_000).toFixed(1)} min: ${calls} calls, ${underWay} under way, ${(heap / 1e6).toFixed(1)} MB, ${sockets} sockets, ${timers} timers`,
    );
  },
});

const { looks, broken } = soaked;
const second = looks.filter(({ atMs }) => atMs >= seconds * 500);
const trend = trendOf(second.map(({ atMs, heap }) => [atMs / 1_000, heap]));
const [slope, least, most] = [trend.slope, trend.least, trend.most].map(
  (bytes) => bytes / (soaked.calls / seconds),
) as [number, number, number];
const leaks = minutes >= JUDGED && least > 0 && slope > NOISE;
console.log(
  JSON.stringify({ ...soaked, looks: looks.length, bytesPerCall: { slope, least, most } }, null, 2),
);
for (const each of broken) console.log(`Broken: ${each}.`);
if (leaks)
  console.log(
    `The heap rises: ${slope.toFixed(0)} bytes for each call (${least.toFixed(0)} to ${most.toFixed(0)}).`,
  );
if (leaks || broken.length > 0) process.exitCode = 1;
else if (minutes >= WRITTEN) await write(soaked);

async function write({ calls, outcomes, sessions, orders, attempts, loopDelay }: Soaked): Promise<void> {
  const MB = 1e6;
  const middle = second.reduce((sum, { heap }) => sum + heap, 0) / second.length;
  const [from, to] = [second[0]!.atMs / 1_000, second.at(-1)!.atMs / 1_000];
  const at = (x: number) => (middle + trend.slope * (x - (from + to) / 2)) / MB;
  const highest = (key: 'sockets' | 'timers' | 'underWay') =>
    String(Math.max(...looks.map((look) => look[key])));
  const { ok = 0, ...failed } = outcomes;
  const rows = [
    ['minutes', String(minutes)],
    ['calls; succeeded', `${calls}; ${ok}`],
    ['attempts', String(attempts)],
    [
      'ends of the others',
      Object.entries(failed)
        .sort(([, a], [, b]) => b - a)
        .map(([code, count]) => `\`${code}\` ${count}`)
        .join(', '),
    ],
    ['sessions begun; ended', `${sessions.begun}; ${sessions.ended}`],
    ['orders that succeeded; of them not made exactly once', `${orders.succeeded}; 0`],
    ['orders that said their end is open', String(orders.unclear)],
    ['calls that never settled', '0'],
    [
      'heap for each call, second half, bytes (95 %)',
      `${slope.toFixed(1)} (${least.toFixed(1)}–${most.toFixed(1)})`,
    ],
    [
      'most calls under way; sockets; timers',
      `${highest('underWay')}; ${highest('sockets')}; ${highest('timers')}`,
    ],
    ['event loop delay, ms: 50 %; 99 %; longest', loopDelay.join('; ')],
  ];
  const text = table(['what', 'how many'], rows);
  const chart = lineChart(
    'Heap after a collection, MB (dashed: the trend of the second half)',
    'seconds',
    looks.map(({ atMs, heap }) => [atMs / 1_000, heap / MB]),
    [
      [from, at(from)],
      [to, at(to)],
    ],
  );
  await report({ name: 'soak', text, charts: { 'soak.svg': chart } });
  writeFileSync(
    new URL('../../docs/performance/soak.json', import.meta.url),
    `${JSON.stringify({ ...soaked, bytesPerCall: { slope, least, most } }, null, 2)}\n`,
  );
}
