// docs/api.md: every export of every entry point, with the docstring that it has now.
import { expect } from 'chai';
import { ENTRIES, exportsOf, renderApi } from '../../docs/api.js';
import { textOf } from './pages.js';

const page = textOf('docs/api.md');

describe('docs/api.md', function () {
  this.timeout(60_000); // the compiler reads lib/ for it

  it('is fresh', async () => {
    expect(page === (await renderApi()), 'stale: run `npx tsx docs/api.ts`').to.equal(true);
  });

  it('has a section for each entry point, and in it one for each export with a sentence', () => {
    expect(ENTRIES.map(({ name }) => name)).to.include.members(['holdfast', 'holdfast/testing']);
    const sections = page.split(/^## /m).slice(1);
    expect(sections.map((section) => section.split('\n')[0])).to.deep.equal(ENTRIES.map(({ name }) => name));
    ENTRIES.forEach((entry, index) => {
      const parts = sections[index]!.split(/^### /m).slice(1);
      const names = exportsOf(entry).map(({ name }) => name);
      expect(names.length).to.be.greaterThan(2);
      expect(parts.map((part) => part.split('\n')[0])).to.deep.equal(names);
      for (const part of parts)
        expect(part.split('\n')[2], part.slice(0, 40)).to.match(/^(?!```)[^#|\s].*\w/);
    });
  });

  it('tells names apart that differ in case alone, as anchors do not', () => {
    expect(page)
      .to.include('[`redisCooldowns`](#rediscooldowns)')
      .and.include('[`RedisCooldowns`](#rediscooldowns-1)');
  });

  it('does not show the implementation behind overloads', () => {
    const [, section] = page.split('### createAuthClient\n');
    expect(section!.split('\n### ')[0]!.match(/^function createAuthClient/gm)).to.have.length(2);
  });
});
