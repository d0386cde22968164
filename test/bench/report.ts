// Puts results where they are read: on the terminal, and between the marks of docs/performance.md.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { ROOT } from './build.js';

/** What a scenario found out. */
export interface Section {
  readonly name: string;
  /** Markdown. */
  readonly text: string;
  /** Pictures by the name of their file. */
  readonly charts: Readonly<Record<string, string>>;
}

/** What can be measured, as a whole or for some clients and variants. */
export interface Scenario<Client extends string = string, Variant extends string = string> {
  readonly clients: readonly Client[];
  readonly variants: readonly Variant[];
  // A method, so that a scenario of narrower names is a scenario.
  measure(clients: readonly Client[], variants: readonly Variant[]): Promise<Section>;
}

const PAGE = `${ROOT}docs/performance.md`;
const CHARTS = `${ROOT}docs/performance/`;

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)].join(
    '',
  );
}

export const print = ({ text }: Section): void => console.log(`\n${text}`);

/** Sections that were not measured this time stay as they are, and so does the prose around them. */
export async function report({ name, text, charts }: Section): Promise<void> {
  const [from, to] = [`<!-- bench: ${name} -->`, `<!-- end: ${name} -->`];
  const page = readFileSync(PAGE, 'utf8');
  const [start, end] = [page.indexOf(from), page.indexOf(to)];
  if (start < 0 || end < start) throw new Error(`docs/performance.md has no place for ${name}.`);
  const next = `${page.slice(0, start)}${from}\n\n${text}\n\n${page.slice(end)}`;
  const options = await resolveConfig(PAGE);
  const pretty = await format(next, { ...options, parser: 'markdown' });
  console.log(pretty.slice(pretty.indexOf(from) + from.length, pretty.indexOf(to)));
  writeFileSync(PAGE, pretty);
  mkdirSync(CHARTS, { recursive: true });
  for (const [file, picture] of Object.entries(charts)) writeFileSync(CHARTS + file, picture);
}
