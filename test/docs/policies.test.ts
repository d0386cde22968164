// docs/policies/: a page for each policy, under the same headings, with what lib/ says and what a real run shows.
import { expect } from 'chai';
import { pageOf, pagesThere, pictureOf, POLICIES, renderPicture, renderPolicy } from '../../docs/policies.js';
import { play, STORIES } from '../../docs/policies/stories.js';
import { blocksOf } from './pages.js';

const HEADINGS = ['What', 'Defaults', 'Events', 'Timeline', 'Patterns', 'Anti-patterns'];
const STALE = 'stale: run `npx tsx docs/policies.ts`';

describe('docs/policies', function () {
  this.timeout(30_000); // the compiler reads lib/ for the events

  it('has a page for each policy, and no other', () => {
    expect(pagesThere().sort()).to.deep.equal(POLICIES.map((name) => `${name}.md`).sort());
  });

  for (const name of POLICIES) {
    it(`${name}.md has the headings that all have, in their order`, () => {
      const headings = [...pageOf(name).matchAll(/^## (.+)$/gm)].map(([, title]) => title);
      expect(headings).to.deep.equal(HEADINGS);
    });

    it(`${name}.md shows its defaults, its events and its picture, as they are now`, async () => {
      expect(pageOf(name)).to.include(`<!-- defaults: ${name} -->\n\n| Option`);
      expect(pageOf(name)).to.match(/<!-- events: [\w ]+ -->\n\n\| Event/);
      expect(pageOf(name)).to.match(new RegExp(`^## Timeline[^#]*\\]\\(${name}\\.svg\\)`, 'm'));
      expect(pageOf(name) === (await renderPolicy(name)), STALE).to.equal(true);
    });

    it(`${name}.svg is what the client did just now`, async () => {
      expect(pictureOf(name) === (await renderPicture(name)), STALE).to.equal(true);
      expect(pictureOf(name))
        .to.include('prefers-color-scheme: dark')
        .and.not.to.match(/NaN|undefined/);
    });

    it(`${name}.md has a pattern that runs`, () => {
      const [pattern] = blocksOf(`docs/policies/${name}.md`).filter(({ language }) => language === 'ts');
      expect(pattern?.code).to.match(/\/\/ → /);
    });
  }

  it('tells in its pictures what each policy promises', async () => {
    const { lanes: timed } = await play(STORIES.timeout);
    expect(timed.map(({ outcome }) => outcome)).to.deep.equal(['200', 'DEADLINE_EXCEEDED']);
    const retried = await play(STORIES.retry);
    expect(retried.lanes.map(({ attempts }) => attempts.length)).to.deep.equal([4, 1, 1]);
    const cooled = await play(STORIES.cooldown);
    const [closed] = cooled.bands;
    const held = cooled.lanes
      .filter(({ name }) => name === 'GET /orders')
      .flatMap(({ attempts }) => attempts);
    expect(held.filter(({ from }) => from > closed!.from && from < closed!.to)).to.deep.equal([]);
    const refreshed = await play(STORIES.refresh);
    expect(refreshed.bands).to.have.length(1);
    expect(refreshed.lanes.every(({ ok }) => ok)).to.equal(true);
    const broken = await play(STORIES.breaker);
    const refused = broken.lanes.filter(({ outcome }) => outcome === 'CIRCUIT_OPEN');
    expect(refused.map(({ attempts }) => attempts.length)).to.deep.equal([0, 0, 0]);
  });
});
