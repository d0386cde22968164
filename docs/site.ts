// Builds the site: `npm run site` writes it to site/, which opens from the folder as well as from a server. It has the
// layout of the repository, so that one link leads to the same page on both.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'; // prettier-ignore
import { dirname, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { addressOf, escape, renderMarkdown, type Section } from './website/markdown.js';
import { NAV } from './website/nav.js';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const SOURCES = `${ROOT}docs/website/`;

/** Every page: those at the root, and those below docs/. */
function pagesThere(): string[] {
  const below = readdirSync(`${ROOT}docs`, { recursive: true, encoding: 'utf8' });
  const all = [...readdirSync(ROOT), ...below.map((name) => `docs/${name.replaceAll('\\', '/')}`)];
  return all.filter((name) => name.endsWith('.md'));
}

/** @param folder where to; what is there is replaced */
export async function buildSite(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  const sections: Section[] = [];
  const linked = new Set(NAV.flatMap(({ pages }) => pages.map(([, path]) => path)));
  const titles = new Map<string, string>();
  for (const path of pagesThere()) {
    const page = renderMarkdown(ROOT, path, readFileSync(ROOT + path, 'utf8'));
    write(folder, addressOf(path), shell(path, page.title, page.html));
    titles.set(path, page.title);
    sections.push(...page.sections);
    for (const each of page.linked) linked.add(each);
  }
  for (const path of linked) if (!path.endsWith('.md')) put(folder, path, titles);
  write(folder, 'search-index.js', `globalThis.holdfastSections = ${JSON.stringify(sections)};\n`);
  await build({
    entryPoints: [`${SOURCES}search.ts`, `${SOURCES}site.css`],
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    outdir: folder,
    logLevel: 'warning',
  });
}

/** A file that a page links to, or a list of the pages in a folder. */
function put(folder: string, path: string, titles: ReadonlyMap<string, string>): void {
  if (!existsSync(ROOT + path)) return; // a dead link: the test of the links says so
  if (!statSync(ROOT + path).isDirectory()) {
    mkdirSync(dirname(`${folder}/${addressOf(path)}`), { recursive: true });
    copyFileSync(ROOT + path, `${folder}/${addressOf(path)}`);
    return;
  }
  const inside = [...titles].filter(([page]) => page.startsWith(path)).sort();
  const items = inside.map(([page, title]) => `<li><a href="${posix.relative(path, addressOf(page))}">${escape(title)}</a></li>`); // prettier-ignore
  const title = path.split('/').at(-2) ?? path;
  write(folder, addressOf(path), shell(path, title, `<h1>${title}</h1>\n<ul>${items.join('\n')}</ul>`));
}

function write(folder: string, address: string, text: string): void {
  mkdirSync(dirname(`${folder}/${address}`), { recursive: true });
  writeFileSync(`${folder}/${address}`, text);
}

/** The page around the text of a page. */
function shell(path: string, title: string, html: string): string {
  const home = posix.dirname(addressOf(path));
  const to = (address: string) => posix.relative(home, address);
  const root = to('index.html').replace(/index\.html$/, '');
  const groups = NAV.map(({ title: group, pages }) => {
    const items = pages
      .filter(([, page]) => existsSync(ROOT + page))
      .map(([name, page]) => {
        const current = page === path ? ' aria-current="page"' : '';
        return `<li><a href="${to(addressOf(page))}"${current}>${name}</a></li>`;
      });
    return `<h2>${group}</h2><ul>${items.join('')}</ul>`;
  });
  return `<!doctype html>
<html lang="en" data-root="${root}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title === 'holdfast' ? title : `${title} · holdfast`)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${root}site.css">
</head>
<body>
<a class="skip" href="#content">To the text</a>
<header>
<a href="${to('index.html')}">holdfast</a>
<form id="search" role="search" hidden><input type="search" placeholder="Search ( / )" aria-label="Search" autocomplete="off"><div id="results" aria-live="polite"></div></form>
</header>
<div class="columns">
<nav aria-label="Pages"><details><summary>All pages</summary>${groups.join('\n')}</details></nav>
<main id="content" tabindex="-1">
${html}
</main>
</div>
<script src="${root}search.js"></script>
</body>
</html>
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildSite(`${ROOT}site`);
  console.log('site/index.html');
}
