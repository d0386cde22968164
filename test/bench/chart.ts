// Bar charts as SVG, readable on light and dark pages.

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
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escape(title)}">`,
    STYLE,
    `<text x="10" y="22" font-weight="600">${escape(title)}</text>`,
    ...rows,
    ...mark,
    '</svg>\n',
  ].join('\n');
}
