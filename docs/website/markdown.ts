// A page of Markdown as HTML, with its links turned into those of the site, and its sections for the search.
import { existsSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { Marked, type Tokens } from 'marked';
import { createAnchors } from './anchors.js';

/** What the search finds: a heading with the text below it. */
export interface Section {
  readonly page: string;
  /** Address within the site. */
  readonly url: string;
  readonly title: string;
  readonly text: string;
}

export interface Rendered {
  readonly title: string;
  readonly html: string;
  readonly sections: readonly Section[];
  /** Files and folders that it links to and that are no pages, by their path from the root. */
  readonly linked: readonly string[];
}

/** Where a file of the repository is found on the site. */
export function addressOf(path: string): string {
  if (path === 'README.md') return 'index.html';
  if (path.endsWith('/')) return `${path}index.html`;
  if (path.endsWith('.md')) return path.replace(/\.md$/, '.html');
  return path.endsWith('.svg') ? path : `${path}.txt`;
}

export const escape = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/**
 * @param root folder of the repository
 * @param path of the page, from there
 */
export function renderMarkdown(root: string, path: string, source: string): Rendered {
  const anchorOf = createAnchors();
  const sections: { page: string; url: string; title: string; text: string }[] = [];
  const linked: string[] = [];
  const home = addressOf(path);

  /** A link of the page as one of the site. */
  function hrefOf(target: string): string {
    if (/^[a-z]+:/.test(target) || target.startsWith('#')) return target;
    const [file = '', anchor] = target.split('#');
    let found = posix.join(posix.dirname(path), file);
    if (existsSync(root + found) && statSync(root + found).isDirectory())
      found = `${found.replace(/\/$/, '')}/`;
    if (!found.endsWith('.md')) linked.push(found);
    return posix.relative(posix.dirname(home), addressOf(found)) + (anchor === undefined ? '' : `#${anchor}`);
  }

  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text }: Tokens.Heading) {
        const id = anchorOf(text);
        const inner = this.parser.parseInline(tokens);
        return `<h${depth} id="${id}">${inner} <a class="anchor" href="#${id}" aria-label="Link to ${escape(plain(text))}">#</a></h${depth}>\n`;
      },
      link({ href, tokens }: Tokens.Link) {
        return `<a href="${escape(hrefOf(href))}">${this.parser.parseInline(tokens)}</a>`;
      },
      image({ href, text }: Tokens.Image) {
        return `<img src="${escape(hrefOf(href))}" alt="${escape(text)}" loading="lazy">`;
      },
      code({ text, lang = '' }: Tokens.Code) {
        return `<pre tabindex="0"><code class="${escape(lang)}">${escape(text)}</code></pre>\n`;
      },
      table(token: Tokens.Table) {
        const cells = (row: Tokens.TableCell[], tag: string) =>
          row.map(({ tokens }) => `<${tag}>${this.parser.parseInline(tokens)}</${tag}>`).join('');
        const body = token.rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('\n');
        return `<div class="table" tabindex="0"><table><thead><tr>${cells(token.header, 'th')}</tr></thead><tbody>\n${body}\n</tbody></table></div>\n`;
      },
    },
  });

  const tokens = marked.lexer(source);
  const [first] = tokens.filter((token): token is Tokens.Heading => token.type === 'heading');
  const title = plain(first?.text ?? path);
  const anchors = createAnchors();
  for (const token of tokens) {
    if (token.type === 'heading') {
      const { text } = token as Tokens.Heading;
      sections.push({ page: title, url: `${home}#${anchors(text)}`, title: plain(text), text: '' });
    } else if (token.type !== 'html') {
      const section = sections.at(-1);
      if (section) section.text += ` ${plain(token.raw)}`;
    }
  }
  return { title, html: marked.parser(tokens), sections, linked };
}

/** The words of a piece of Markdown. */
function plain(text: string): string {
  return text
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/^```\w*$|^\|[-| :]+\|$/gm, ' ')
    .replace(/[`*|]|&nbsp;|<br>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
