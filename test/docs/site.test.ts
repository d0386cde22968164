// The site, as `npm run site` builds it: every page is there, every link and anchor of it leads somewhere, and it asks
// nobody else for anything.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { expect } from 'chai';
import { buildSite } from '../../docs/site.js';
import { addressOf } from '../../docs/website/markdown.js';
import { NAV } from '../../docs/website/nav.js';
import { PAGES } from './pages.js';

describe('The site', function () {
  this.timeout(60_000);
  let folder: string;
  let html: ReadonlyMap<string, string>;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-site-'));
    await buildSite(folder);
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) =>
      name.replaceAll('\\', '/'),
    );
    html = new Map(
      names
        .filter((name) => name.endsWith('.html'))
        .map((name) => [name, readFileSync(`${folder}/${name}`, 'utf8')]),
    );
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const idsOf = (page: string) => [...(html.get(page) ?? '').matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);

  it('has every page', () => {
    for (const page of PAGES) expect(html.has(addressOf(page)), page).to.equal(true);
  });

  it('leads to every page from its navigation; decisions from their list', () => {
    const named = NAV.flatMap(({ pages }) => pages.map(([, path]) => path));
    const decisions = named.find((path) => path.endsWith('/decisions/'))!;
    expect(PAGES.filter((page) => !named.includes(page) && !page.startsWith(decisions))).to.deep.equal([]);
    const list = html.get(addressOf(decisions))!;
    for (const page of PAGES.filter((each) => each.startsWith(decisions)))
      expect(list).to.include(`href="${posix.basename(addressOf(page))}"`);
  });

  it('has no dead link, anchors included', () => {
    const dead = [...html].flatMap(([page, text]) =>
      [...text.matchAll(/(?:href|src)="([^"]*)"/g)].flatMap(([, address = '']) => {
        if (/^(?:https?:|data:)/.test(address)) return [];
        const [file = '', anchor] = address.split('#');
        const found = file === '' ? page : posix.join(posix.dirname(page), file);
        const isThere = existsSync(`${folder}/${found}`) && !found.endsWith('/');
        return isThere && (anchor === undefined || anchor === 'content' || idsOf(found).includes(anchor))
          ? []
          : [`${page}: ${address}`];
      }),
    );
    expect([...new Set(dead)]).to.deep.equal([]);
  });

  it('loads nothing from elsewhere', () => {
    for (const [page, text] of html)
      expect(text, page).not.to.match(/(?:src|<link[^>]+href)="(?:https?:)?\/\//);
    for (const file of ['site.css', 'search.js'])
      expect(readFileSync(`${folder}/${file}`, 'utf8'), file).not.to.match(/@import|url\(|https?:\/\//);
  });

  it('has each heading of each page in what the search goes through', () => {
    const sections = readFileSync(`${folder}/search-index.js`, 'utf8');
    for (const page of PAGES)
      for (const id of idsOf(addressOf(page)).filter(
        (each) => !['search', 'results', 'content'].includes(each!),
      ))
        expect(sections, page).to.include(`"url":"${addressOf(page)}#${id}"`);
  });
});
