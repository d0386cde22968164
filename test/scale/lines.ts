// Line charts as SVG, one below the other, readable on light and dark pages.
import { escape, STYLE } from '../bench/chart.js';

export interface Line {
  readonly name: string;
  /** One for each second. */
  readonly values: readonly number[];
}

export interface Panel {
  readonly title: string;
  readonly lines: readonly Line[];
  /** A value to compare with. */
  readonly mark: { readonly name: string; readonly value: number };
}

const WIDTH = 720;
const LEFT = 60;
const RIGHT = 20;
const HEIGHT = 130;
const ROW = HEIGHT + 58;
const TOP = 40;
const COLOURS = ['#8b949e', '#2f81f7'];
const MARK = '#d29922';

export function lineChart(title: string, panels: readonly Panel[]): string {
  const [first] = panels;
  const height = TOP + panels.length * ROW + 26;
  const names = [...(first?.lines ?? []).map(({ name }) => name), first?.mark.name ?? ''];
  const space = (WIDTH - LEFT) / names.length;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escape(title)}">`,
    STYLE,
    `<text x="10" y="22" font-weight="600">${escape(title)}</text>`,
    ...panels.flatMap((panel, index) => draw(panel, TOP + index * ROW)),
    ...names.flatMap((name, index) => {
      const x = LEFT + index * space;
      const colour = index === names.length - 1 ? MARK : COLOURS[index];
      return [
        `<path d="M${x} ${height - 14}h16" stroke="${colour}" stroke-width="2"${dashes(colour)}/>`,
        `<text x="${x + 22}" y="${height - 10}">${escape(name)}</text>`,
      ];
    }),
    '</svg>\n',
  ].join('\n');
}

const dashes = (colour: string | undefined) => (colour === MARK ? ' stroke-dasharray="4 3"' : '');

function draw({ title, lines, mark }: Panel, top: number): string[] {
  const most = Math.max(mark.value, ...lines.flatMap(({ values }) => values));
  const seconds = Math.max(...lines.map(({ values }) => values.length));
  const floor = top + 20 + HEIGHT;
  const x = (second: number) => LEFT + (second / seconds) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => (floor - (value / most) * HEIGHT).toFixed(1);
  const ticks = Array.from({ length: Math.floor(seconds / 30) + 1 }, (_, index) => index * 30);
  return [
    `<text x="${LEFT}" y="${top + 12}">${escape(title)}</text>`,
    `<text x="${LEFT - 8}" y="${top + 30}" text-anchor="end">${short(most)}</text>`,
    `<text x="${LEFT - 8}" y="${floor}" text-anchor="end">0</text>`,
    `<path d="M${LEFT} ${floor}H${WIDTH - RIGHT}" stroke="#8b949e" stroke-width="0.5"/>`,
    ...ticks.map(
      (second) =>
        `<text x="${x(second).toFixed(1)}" y="${floor + 16}" text-anchor="middle">${second} s</text>`,
    ),
    `<path d="M${LEFT} ${y(mark.value)}H${WIDTH - RIGHT}" stroke="${MARK}"${dashes(MARK)}/>`,
    ...lines.map(({ values }, index) => {
      const points = values.map((value, second) => `${x(second + 0.5).toFixed(1)} ${y(value)}`);
      return `<path d="M${points.join('L')}" fill="none" stroke="${COLOURS[index]}" stroke-width="1.5"/>`;
    }),
  ];
}

const short = (value: number) => (value >= 10_000 ? `${(value / 1_000).toFixed(0)}k` : value.toFixed(0));
