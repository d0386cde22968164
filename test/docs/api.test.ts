// docs/api.md: every export of every entry point, with the docstring that it has now. docs/api/: their types as text.
import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import { renderReports } from '../../docs/api/report.js';
import { ENTRIES, exportsOf } from '../../docs/api/surface.js';
import { renderApi } from '../../docs/api.js';
import { ROOT, textOf } from './pages.js';

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

  it('has a sentence for each member', () => {
    const cells = [...page.matchAll(/^\| (`.*`) +\| `.*` +\| (.*?) *\|$/gm)];
    expect(cells.length).to.be.greaterThan(300);
    expect(cells.filter(([, , meaning]) => !/\w/.test(meaning!)).map(([, name]) => name)).to.deep.equal([]);
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

describe('docs/api/', function () {
  this.timeout(60_000);
  let reports: Map<string, string>;
  before(async () => {
    reports = await renderReports();
  });

  it('has a fresh report for each entry point', () => {
    const there = readdirSync(`${ROOT}docs/api`).filter((name) => name.endsWith('.txt'));
    expect(there.map((name) => `docs/api/${name}`)).to.have.members([...reports.keys()]);
    expect(reports.size).to.equal(ENTRIES.length);
    for (const [path, text] of reports)
      expect(textOf(path) === text, `${path} is stale: run \`npx tsx docs/api.ts\``).to.equal(true);
  });

  it('shows every export, and nothing else as exported, in alphabetical order', () => {
    [...reports.values()].forEach((report, index) => {
      const names = exportsOf(ENTRIES[index]!).map(({ name }) => name);
      expect([...report.matchAll(/^export \w+ (\w+)/gm)].map(([, name]) => name)).to.deep.equal(names.sort());
    });
  });

  it('shows members and types that are not exported, what the tables come to, and no words', () => {
    const report = reports.get('docs/api/holdfast.d.ts.txt')!;
    const [open, closed] = report.split('// Not exported here');
    expect(open).to.include('export interface Session<').and.to.include("declare module 'axios' {");
    expect(closed).to.match(/^interface Backoff \{$/m);
    for (const code of ['USER_NOT_FOUND', 'USER_DEACTIVATED'])
      expect(report.replace(/\n\/\/ {3}/g, ' ')).to.match(
        new RegExp(`^// LoginError = .*AuthError<'${code}'>`, 'm'),
      );
    expect(report).not.to.include('/**');
  });
});
