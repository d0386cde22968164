// docs/errors.md: the page says what the contract says, and nothing older.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { renderErrors } from '../../docs/errors.js';
import { CODES } from '../../lib/contract/codes.js';
import { FAILURES } from '../../lib/contract/failures.js';

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');

describe('docs/errors.md', () => {
  it('is fresh', () => {
    expect(page === renderErrors(), 'stale: run `npx tsx docs/errors.ts`').to.equal(true);
  });

  it('has an anchor for each code, and no link without one', () => {
    const anchors = [...page.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
      title!.toLowerCase().replace(/[^\w -]/g, '').replaceAll(' ', '-'),
    ); // prettier-ignore
    expect(anchors).to.include.members(Object.keys(CODES).map((code) => code.toLowerCase()));
    expect(new Set(anchors).size).to.equal(anchors.length);
    for (const [, target] of page.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors).to.include(target);
  });

  it('names every row, with its reason, twice: in the table and beside its example', () => {
    for (const { id, because } of FAILURES) {
      expect(page, id).to.match(new RegExp(`^\\| \\d+ \\| \`${id}\` \\|`, 'm'));
      expect(page, id).to.contain(`**${id}**: ${because}`);
    }
  });

  it('shows only JSON that is JSON', () => {
    const bodies = [
      ...page.matchAll(/```http\n[^`]*?application\/json\n(?:.+\n)*\n([^`]*(?:`\w+`[^`]*)*)```/g),
    ];
    expect(bodies.length).to.be.greaterThan(10);
    for (const [, body] of bodies) expect(() => JSON.parse(body!) as unknown).not.to.throw();
  });

  it('keeps every table in shape', () => {
    for (const table of page.match(/(?:^\|.*\|\n)+/gm) ?? []) {
      const widths = table.trimEnd().split('\n').map((line) => line.split(/(?<!\\)\|/).length); // prettier-ignore
      expect(new Set(widths).size, table.slice(0, 60)).to.equal(1);
    }
  });
});
