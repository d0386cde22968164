// docs/options.md: the page says what the options say, and nothing older.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { renderOptions } from '../../docs/options.js';
import { createHttpClient } from '../../lib/index.js';
import { DEFAULTS } from '../../lib/options.js';

const page = readFileSync(new URL('../../docs/options.md', import.meta.url), 'utf8');

describe('docs/options.md', () => {
  it('is fresh', async function () {
    this.timeout(30_000); // the compiler reads lib/ for it
    expect(page === (await renderOptions()), 'stale: run `npx tsx docs/options.ts`').to.equal(true);
  });

  it('has a row for every policy option, with its default', () => {
    for (const [name, value] of leavesOf(DEFAULTS)) {
      const [row] = page.split('\n').filter((line) => line.startsWith(`| \`${name}\``));
      expect(row, name).to.be.a('string');
      expect(row!.split('|')[2], name).to.include(String(value).replaceAll(',', ', '));
    }
  });

  it('shows defaults that a client accepts when they are given', () => {
    createHttpClient({ baseURL: 'https://api.example.com', policies: DEFAULTS }).close();
  });
});

function leavesOf(value: object, name = ''): [name: string, value: unknown][] {
  return Object.entries(value).flatMap(([key, item]: [string, unknown]) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? leavesOf(item, `${name}${key}.`)
      : [[name + key, item]],
  );
}
