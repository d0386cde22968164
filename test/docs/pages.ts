// The pages a reader gets, and what is in them: code blocks, headings, links.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAnchors } from '../../docs/website/anchors.js';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Block {
  /** `README.md:12`. */
  readonly at: string;
  readonly page: string;
  /** Line of the fence, 1 is the first. */
  readonly line: number;
  readonly language: string;
  readonly code: string;
}

/** The pages at the root and in `docs/`, by their path from the root; `README.md` comes first. */
export const PAGES: readonly string[] = [
  'README.md',
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md') && name !== 'README.md'),
  ...readdirSync(`${ROOT}docs`, { recursive: true, encoding: 'utf8' })
    .map((name) => `docs/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.md'))
    .sort(),
];

export const textOf = (page: string) => readFileSync(ROOT + page, 'utf8');

export function blocksOf(page: string): Block[] {
  const text = textOf(page);
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(
    ({ index, 1: language = '', 2: code = '' }) => {
      const line = text.slice(0, index).split('\n').length;
      return { at: `${page}:${line}`, page, line, language, code };
    },
  );
}

/** The page without its code. */
function proseOf(page: string): string {
  return textOf(page).replace(/^```\w*\n[\s\S]*?^```$/gm, '');
}

/** Where a link may point to within a page. */
function anchorsOf(page: string): string[] {
  const anchorOf = createAnchors();
  return [...proseOf(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, title = '']) => anchorOf(title));
}

export interface Link {
  /** As it is written. */
  readonly target: string;
  /** Path from the root. */
  readonly file: string;
  readonly anchor: string | undefined;
}

/** The links of a page to this repository. */
export function linksOf(page: string, text = proseOf(page)): Link[] {
  const prose = text.replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
    if (/^https:\/\//.test(target)) return [];
    const [path = '', anchor] = target.split('#');
    return [{ target, file: path === '' ? page : posix.join(posix.dirname(page), path), anchor }];
  });
}

/** What is wrong with the links of a page. */
export function brokenLinksOf(page: string, text?: string): string[] {
  return linksOf(page, text).flatMap(({ target, file, anchor }) => {
    if (!existsSync(ROOT + file)) return [`${target}: there is no ${file}`];
    if (anchor === undefined || anchorsOf(file).includes(anchor)) return [];
    return [`${target}: ${file} has no heading #${anchor}`];
  });
}
