// docs/recipes.md: shows every file of docs/recipes/, as it is, and nothing else; each is run by a test.
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { renderRecipes } from '../../docs/recipes.js';
import { blocksOf, ROOT, textOf } from './pages.js';

const FILES = readdirSync(`${ROOT}docs/recipes`).sort();
const PAGE = 'docs/recipes.md';
const codeOf = (file: string) => readFileSync(`${ROOT}docs/recipes/${file}`, 'utf8');

describe(PAGE, () => {
  it('is fresh', () => {
    expect(textOf(PAGE) === renderRecipes(), 'stale: run `npx tsx docs/recipes.ts`').to.equal(true);
  });

  it('shows each file once, and no code that is no file', () => {
    const shown = blocksOf(PAGE).map(({ code }) => code);
    expect(shown.toSorted()).to.deep.equal(FILES.map(codeOf).toSorted());
  });

  it('shows files that somebody can copy: short, and with imports of packages and of each other alone', () => {
    for (const file of FILES) {
      const code = codeOf(file);
      expect(code.split('\n').length, file).to.be.at.most(81);
      const imported = [...code.matchAll(/ from '([^']+)'/g)].map(([, name = '']) => name);
      for (const name of imported) expect(name, file).to.match(/^(?:\.\/[\w-]+\.js|[a-z][\w/-]*)$/);
    }
  });

  it('shows files that a test runs', () => {
    const tests = ['test/recipes', 'test/chromium'].flatMap((folder) =>
      readdirSync(ROOT + folder)
        .filter((name) => /\.tsx?$/.test(name))
        .map((name) => readFileSync(`${ROOT}${folder}/${name}`, 'utf8')),
    );
    const all = [...tests, ...FILES.map(codeOf)].join('\n');
    const isNamed = (file: string) =>
      new RegExp(`[/\`']${file.replace(/\.tsx?$/, '')}(?:\\.js|\\.tsx)?['\`]`).test(all);
    expect(FILES.filter((file) => !isNamed(file))).to.deep.equal([]);
  });
});
