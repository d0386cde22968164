// Charts as SVG, readable on light and dark pages.

export interface Bar {
  readonly name: string;
  readonly value: number;
}

const WIDTH = 720;
const LABELS = 290;
const ROW = 26;
const TOP = 40;

export const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** Of all charts. */
export const STYLE =
  '<style>text{font:13px system-ui,sans-serif;fill:#57606a}@media(prefers-color-scheme:dark){text{fill:#adbac7}}</style>';

/** @param line a value to compare with, drawn across all bars */
export function barChart(title: string, bars: readonly Bar[], line?: number): string {
  const most = Math.max(...bars.map(({ value }) => value), line ?? 0);
  const x = (value: number) => LABELS + (value / most) * (WIDTH - LABELS - 70);
  const height = TOP + bars.length * ROW + 10;
  const rows = bars.flatMap(({ name, value }, index) => {
    const y = TOP + index * ROW;
    const fill = name.startsWith('holdfast') ? '#2f81f7' : '#8b949e';
    return [
      `<text x="${LABELS - 10}" y="${y + 14}" text-anchor="end">${escape(name)}</text>`,
      `<rect x="${LABELS}" y="${y}" width="${Math.max(1, x(value) - LABELS).toFixed(1)}" height="18" fill="${fill}"/>`,
      `<text x="${(x(value) + 6).toFixed(1)}" y="${y + 14}">${value.toFixed(2)}</text>`,
    ];
  });
  const mark =
    line === undefined
      ? []
      : [
          `<path d="M${x(line).toFixed(1)} ${TOP - 6}V${height - 8}" stroke="#d29922" stroke-dasharray="4 3"/>`,
        ];
  return [...head(title, height), ...rows, ...mark, '</svg>\n'].join('\n');
}

const head = (title: string, height: number) => [
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escape(title)}">`,
  STYLE,
  `<text x="10" y="22" font-weight="600">${escape(title)}</text>`,
];

type Points = readonly (readonly [x: number, y: number])[];

/** A line through points, from zero up, and a second one to compare it with. */
export function lineChart(title: string, axis: string, points: Points, line: Points): string {
  const [left, bottom, height] = [50, 200, 230];
  const most = Math.max(...points.map(([, y]) => y)) * 1.1;
  const last = Math.max(...points.map(([x]) => x));
  const place = ([x, y]: readonly [number, number]) =>
    `${(left + (x / last) * (WIDTH - left - 20)).toFixed(1)} ${(bottom - (y / most) * (bottom - TOP)).toFixed(1)}`;
  const path = (all: Points) => `M${all.map(place).join('L')}`;
  const marks = [0, most / 2, most].map(
    (y) =>
      `<text x="${left - 8}" y="${(bottom - (y / most) * (bottom - TOP) + 5).toFixed(1)}" text-anchor="end">${y.toFixed(0)}</text>`,
  );
  return [
    ...head(title, height),
    ...marks,
    `<text x="${WIDTH - 20}" y="${bottom + 20}" text-anchor="end">${escape(`${axis}, to ${last.toFixed(0)}`)}</text>`,
    `<path d="M${left} ${TOP}V${bottom}H${WIDTH - 20}" fill="none" stroke="#8b949e"/>`,
    `<path d="${path(points)}" fill="none" stroke="#2f81f7" stroke-width="1.5"/>`,
    `<path d="${path(line)}" fill="none" stroke="#d29922" stroke-dasharray="4 3"/>`,
    '</svg>\n',
  ].join('\n');
}
