// docs/architecture.md: the files and rooms that it names are there, and its picture has the order of the wire.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { ROOT, textOf } from './pages.js';

const page = textOf('docs/architecture.md');
const picture = /^```text\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? '';

describe('docs/architecture.md', () => {
  it('names only files that exist', () => {
    const inProse = [...page.matchAll(/`((?:lib|test|docs)\/[\w./-]*)`/g)].map(([, path = '']) => path);
    const inPicture = [...picture.matchAll(/[\w/-]+\.ts/g)].map(([path]) => `lib/${path}`);
    expect(inProse.length * inPicture.length).to.be.greaterThan(100);
    for (const path of [...inProse, ...inPicture]) expect(existsSync(ROOT + path), path).to.equal(true);
  });

  it('names every room', () => {
    const rooms = readdirSync(`${ROOT}lib`, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    for (const { name } of rooms) expect(page).to.match(new RegExp(`^\\| \`${name}/\``, 'm'));
  });

  it('shows every policy once, in the order in which the wire has them', () => {
    const wire = readFileSync(`${ROOT}lib/wire.ts`, 'utf8');
    const installed = [...wire.matchAll(/^ {2}install(\w+)\(/gm)].map(([, name = '']) => name.toLowerCase());
    const shown = [...picture.matchAll(/^│ {3}(\w+)/gm)].map(([, name]) => name);
    expect(shown).to.deep.equal(installed);
  });

  it('fits the width of a page', () => {
    for (const line of picture.split('\n')) expect(line.length, line).to.be.at.most(120);
  });
});

describe('docs/decisions', () => {
  const names = readdirSync(`${ROOT}docs/decisions`).sort();

  it('are numbered without a gap', () => {
    expect(names.map((name) => Number(name.slice(0, 4)))).to.deep.equal(names.map((_, index) => index + 1));
  });

  for (const name of names)
    it(`${name} has context, choice, price, what would reopen it, and is short`, () => {
      const text = textOf(`docs/decisions/${name}`);
      expect(text).to.match(new RegExp(`^# ${name.slice(0, 4)} `));
      const parts = [...text.matchAll(/^## (.+)$/gm)].map(([, part]) => part);
      expect(parts).to.deep.equal(['Context', 'Choice', 'Price', 'What would reopen it']);
      expect(text.split('\n').length).to.be.within(20, 42);
      for (const [, path = ''] of text.matchAll(/`((?:lib|test)\/[\w./-]+)`/g))
        expect(existsSync(ROOT + path), path).to.equal(true);
    });
});
