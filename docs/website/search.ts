// The script of the site: its search, and the list of pages, which is open where there is room for it. The texts are a script beside it, loaded when somebody begins to search, so that
// it works from a folder as well as from a server.
import MiniSearch from 'minisearch';
import type { Section } from './markdown.js';

declare global {
  var holdfastSections: readonly Section[] | undefined;
}

const MOST = 12;
/** Characters of the text around what was found. */
const AROUND = 70;

const root = document.documentElement.dataset.root ?? '';
const form = document.querySelector<HTMLFormElement>('#search');
const input = document.querySelector<HTMLInputElement>('#search input');
const results = document.querySelector<HTMLElement>('#results');

let index: Promise<MiniSearch<Section>> | undefined;

function load(): Promise<MiniSearch<Section>> {
  index ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = `${root}search-index.js`;
    script.onerror = reject;
    script.onload = () => {
      const search = new MiniSearch<Section>({
        idField: 'url',
        fields: ['title', 'page', 'text'],
        storeFields: ['title', 'page', 'text'],
        tokenize: (text) => text.split(/[^\p{L}\p{N}_]+/u).filter((word) => word !== ''),
        searchOptions: { boost: { title: 4, page: 2 }, prefix: true, fuzzy: 0.1, combineWith: 'AND' },
      });
      search.addAll(globalThis.holdfastSections ?? []);
      resolve(search);
    };
    document.head.append(script);
  });
  return index;
}

async function show(words: string): Promise<void> {
  if (!results) return;
  if (words.trim() === '') {
    results.replaceChildren();
    return;
  }
  const search = await load();
  if (input?.value !== words) return; // somebody typed on
  const found = search.search(words).slice(0, MOST);
  const list = document.createElement('ol');
  for (const { id, title, page, text, terms } of found) {
    const link = document.createElement('a');
    link.href = root + String(id);
    const where = document.createElement('b');
    where.textContent = page === title ? String(page) : `${String(page)} › ${String(title)}`;
    const excerpt = document.createElement('span');
    excerpt.textContent = around(String(text), terms);
    link.append(where, excerpt);
    const item = document.createElement('li');
    item.append(link);
    list.append(item);
  }
  const said = document.createElement('p');
  said.textContent =
    found.length === 0
      ? 'Nothing found.'
      : `${found.length === MOST ? 'The first ' : ''}${found.length} found.`;
  results.replaceChildren(said, list);
}

function around(text: string, terms: readonly string[]): string {
  const lower = text.toLowerCase();
  const at = Math.max(
    0,
    Math.min(...terms.map((term) => lower.indexOf(term)).filter((each) => each >= 0), Infinity),
  );
  const from = Number.isFinite(at) ? Math.max(0, at - AROUND) : 0;
  return `${from > 0 ? '…' : ''}${text.slice(from, from + 2 * AROUND)}${text.length > from + 2 * AROUND ? '…' : ''}`;
}

const pages = document.querySelector<HTMLDetailsElement>('nav details');
if (pages && matchMedia('(min-width: 900px)').matches) pages.open = true;

if (form && input && results) {
  form.hidden = false;
  const links = () => [...results.querySelectorAll('a')];
  input.addEventListener('input', () => void show(input.value));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void show(input.value).then(() => links()[0]?.click());
  });
  document.addEventListener('keydown', (event) => {
    const active = document.activeElement;
    if (event.key === '/' && active !== input) {
      event.preventDefault();
      input.focus();
    } else if (event.key === 'Escape' && form.contains(active)) {
      input.value = '';
      results.replaceChildren();
      input.focus();
    } else if (['ArrowDown', 'ArrowUp'].includes(event.key) && form.contains(active)) {
      event.preventDefault();
      const stops: HTMLElement[] = [input, ...links()];
      stops[stops.indexOf(active as HTMLElement) + (event.key === 'ArrowDown' ? 1 : -1)]?.focus();
    }
  });
}
