// docs/invariants.md, and the list behind it: it names what is there, and nothing that once was.
import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { renderInvariants } from '../../docs/invariants.js';
import { INVARIANTS } from '../mutations/invariants.js';
import { ROOT, textOf } from './pages.js';

const all = Object.values(INVARIANTS).flat();
const mutations = all.flatMap((invariant) =>
  invariant.mutations.map((each) => ({ ...each, id: invariant.id })),
);

describe('The list of invariants', () => {
  it('names each of them once, with one mutation at least', () => {
    const ids = all.map(({ id }) => id);
    expect(new Set(ids).size).to.equal(ids.length);
    for (const { id, mutations: own } of all) expect(own, id).not.to.have.length(0);
  });

  it('has all that the session promises, from I1 to I23', () => {
    const ids = all.flatMap(({ id }) => id.split(', '));
    for (let number = 1; number <= 23; number += 1) expect(ids).to.include(`I${number}`);
  });

  it('breaks what stands in lib exactly once, and puts something else there', () => {
    for (const { id, where, file, find, replace } of mutations) {
      const times = readFileSync(`${ROOT}lib/${file}`, 'utf8').split(find).length - 1;
      expect(times, `${id}, ${where}: ${file}`).to.equal(1);
      expect(replace, `${id}, ${where}`).not.to.equal(find);
    }
  });

  it('names tests that are there', () => {
    for (const { id, where, test, title, titled = `test/${test}` } of mutations) {
      expect(existsSync(`${ROOT}test/${test}`), test).to.equal(true);
      const isTitle = textOf(titled)
        .split('\n')
        .some((line) => line.includes(title) && /\bit\(|\babout: '|^ {2}async '/.test(line));
      expect(isTitle, `${id}, ${where}: ${titled} has no '${title}'`).to.equal(true);
    }
  });
});

describe('docs/invariants.md', () => {
  it('is fresh', async () => {
    const page = textOf('docs/invariants.md');
    expect(page === (await renderInvariants()), 'stale: run `npx tsx docs/invariants.ts`').to.equal(true);
    for (const { id, says } of all) expect(page).to.include(`**${id}** ${says}`);
  });

  it('names the commands that are there', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
    const named = [...textOf('docs/invariants.md').matchAll(/^npm run ([\w:]+)/gm)].map(([, name]) => name);
    expect(named).to.include.members(['mutations', 'simulate']);
    for (const name of named) expect(scripts).to.have.property(name!);
  });
});
