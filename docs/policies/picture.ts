// A recording as SVG, readable on light and dark pages: time goes to the right, each call has a line.
import type { Lane, Recording, Span } from './record.js';

const WIDTH = 860;
const LEFT = 150;
const RIGHT = 190;
const TOP = 48;
const ROW = 30;
const BAR = 16;
/** Narrower bars have their word beside them. */
const ROOM = 26;

const STYLE = `<style>
  text { font: 13px system-ui, sans-serif; fill: #3d444d; }
  .title { font-weight: 600; }
  .small { font-size: 11.5px; fill: #57606a; }
  .grid { stroke: #d0d7de; }
  .wait { stroke: #57606a; stroke-width: 1.5; stroke-dasharray: 3 4; }
  .ok { fill: #2f81f7; }
  .failed { fill: #bc4c00; }
  .word { fill: #fff; font-size: 11px; font-weight: 600; }
  .band { fill: #d29922; opacity: 0.18; }
  .band.good { fill: #2f81f7; }
  @media (prefers-color-scheme: dark) {
    text { fill: #d1d7e0; }
    .small { fill: #9da7b3; }
    .grid { stroke: #3d444d; }
    .wait { stroke: #9da7b3; }
    .word { fill: #fff; }
    .band { opacity: 0.25; }
  }
</style>`;

/** Steps between marks of the axis, ms. */
const STEPS = [50, 100, 200, 500, 1_000, 2_000, 5_000];

export function draw(title: string, { lanes, bands, endedAt }: Recording): string {
  const x = (ms: number) => Math.round((LEFT + (ms / endedAt) * (WIDTH - LEFT - RIGHT)) * 10) / 10;
  const bottom = TOP + lanes.length * ROW + 6;
  const step = STEPS.find((each) => endedAt / each <= 8) ?? 10_000;
  const marks = Array.from({ length: Math.floor(endedAt / step) + 1 }, (_, index) => index * step);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom + 46}" role="img" aria-label="${escape(title)}">`,
    STYLE,
    `<text class="title" x="10" y="20">${escape(title)}</text>`,
    ...bands.map((band) => bandOf(band, x, bottom)),
    ...marks.flatMap((ms) => [
      `<path class="grid" d="M${x(ms)} ${TOP - 6}V${bottom}"/>`,
      `<text class="small" x="${x(ms)}" y="${bottom + 16}" text-anchor="middle">${inSeconds(ms)}</text>`,
    ]),
    ...lanes.flatMap((lane, index) => rowOf(lane, x, TOP + index * ROW)),
    ...legend(bottom + 36),
    '</svg>\n',
  ].join('\n');
}

function bandOf({ from, to, text, ok }: Span, x: (ms: number) => number, bottom: number): string {
  const name = `<text class="small" x="${x(from) + 3}" y="${TOP - 10}">${text}, ${to - from} ms</text>`;
  return `<rect class="band${ok ? ' good' : ''}" x="${x(from)}" y="${TOP - 6}" width="${width(x, from, to)}" height="${bottom - TOP + 6}"/>${name}`;
}

function rowOf(lane: Lane, x: (ms: number) => number, y: number): string[] {
  const middle = y + BAR / 2;
  const waits =
    lane.startedAt < lane.endedAt
      ? [`<path class="wait" d="M${x(lane.startedAt)} ${middle}H${x(lane.endedAt)}"/>`]
      : [];
  const bars = lane.attempts.map(({ from, to, text, ok }) => {
    const wide = width(x, from, to) >= ROOM && text.length <= 3;
    const word = wide
      ? `<text class="word" x="${(x(from) + x(to)) / 2}" y="${y + 12}" text-anchor="middle">${text}</text>`
      : '';
    return `<rect class="${ok ? 'ok' : 'failed'}" x="${x(from)}" y="${y}" width="${width(x, from, to)}" height="${BAR}" rx="2"/>${word}`;
  });
  return [
    `<text x="${LEFT - 12}" y="${y + 13}" text-anchor="end">${escape(lane.name)}</text>`,
    ...waits,
    ...bars,
    `<text x="${x(lane.endedAt) + 8}" y="${y + 13}">${lane.ok ? '' : '✕ '}${lane.outcome}</text>`,
  ];
}

const legend = (y: number) => [
  `<rect class="ok" x="${LEFT}" y="${y - 10}" width="14" height="10"/><text class="small" x="${LEFT + 20}" y="${y - 1}">attempt</text>`,
  `<rect class="failed" x="${LEFT + 90}" y="${y - 10}" width="14" height="10"/><text class="small" x="${LEFT + 110}" y="${y - 1}">attempt that failed</text>`,
  `<path class="wait" d="M${LEFT + 240} ${y - 5}h22"/><text class="small" x="${LEFT + 268}" y="${y - 1}">the call waits</text>`,
];

const width = (x: (ms: number) => number, from: number, to: number) =>
  Math.round(Math.max(2, x(to) - x(from)) * 10) / 10;
const inSeconds = (ms: number) => `${ms / 1_000} s`;
const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
