// Puts results where they are read: on the terminal, and between the marks of docs/performance.md, or of another page.
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

type Page = 'performance' | 'scale';

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)].join(
    '',
  );
}

export const print = ({ text }: Section): void => console.log(`\n${text}`);

/** Sections that were not measured this time stay as they are, and so does the prose around them. */
export async function report(section: Section, page: Page = 'performance'): Promise<void> {
  const { before, inside, after } = await filled(section, page);
  console.log(inside);
  writeFileSync(pathOf(page), before + inside + after);
  mkdirSync(`${ROOT}docs/${page}/`, { recursive: true });
  for (const [file, picture] of Object.entries(section.charts))
    writeFileSync(`${ROOT}docs/${page}/${file}`, picture);
}

const pathOf = (page: Page) => `${ROOT}docs/${page}.md`;

/** The page with what was found out, in three parts. */
export async function filled({ name, text }: Section, page: Page) {
  const [from, to] = [`<!-- bench: ${name} -->`, `<!-- end: ${name} -->`];
  const path = pathOf(page);
  const now = readFileSync(path, 'utf8');
  const [start, end] = [now.indexOf(from), now.indexOf(to)];
  if (start < 0 || end < start) throw new Error(`docs/${page}.md has no place for ${name}.`);
  const next = `${now.slice(0, start)}${from}\n\n${text}\n\n${now.slice(end)}`;
  const options = await resolveConfig(path);
  const pretty = await format(next, { ...options, parser: 'markdown' });
  const [begins, ends] = [pretty.indexOf(from) + from.length, pretty.indexOf(to)];
  return { before: pretty.slice(0, begins), inside: pretty.slice(begins, ends), after: pretty.slice(ends) };
}
