// docs/which-option.md names every option there is; docs/troubleshooting.md every code, with a link to what it means.
import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import ts from 'typescript';
import { CODES } from '../../lib/contract/codes.js';
import { RULES } from '../../lib/options.js';
import { ROOT, textOf } from './pages.js';

/** Where options stand besides the policies, by file. */
const INTERFACES: Readonly<Record<string, readonly string[]>> = {
  'lib/options.ts': ['HttpClientOptions', 'AuthClientOptions'],
  'lib/begin.ts': ['RequestOptions'],
  'lib/governor.ts': ['GovernorOptions'],
  'lib/session/memory-coordinator.ts': ['MemoryOptions'],
  'lib/redis/options.ts': ['RedisOptions', 'RedisCooldownOptions'],
  'lib/browser/coordinator.ts': ['BrowserOptions'],
  'lib/bff/options.ts': ['BffOptions', 'Resource'],
  'lib/otel/instrument.ts': ['InstrumentOptions'],
};

function fieldsOf(file: string, interfaces: readonly string[]): string[] {
  const source = ts.createSourceFile(file, readFileSync(ROOT + file, 'utf8'), ts.ScriptTarget.Latest, true);
  const found = source.statements
    .filter(ts.isInterfaceDeclaration)
    .filter(({ name }) => interfaces.includes(name.text));
  expect(found, file).to.have.length(interfaces.length);
  return found.flatMap(({ members }) => members.map((member) => member.name!.getText()));
}

function leavesOf(rule: object, name: string): string[] {
  if ('accepts' in rule) return [name];
  return Object.entries(rule).flatMap(([key, each]) => leavesOf(each as object, `${name}.${key}`));
}

/** What stands in the column `Change` or `What you see`. */
const column = (page: string, number: number) =>
  textOf(page)
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split(/(?<!\\)\|/)[number] ?? '');

describe('docs/which-option.md', () => {
  const named = new Set(
    column('docs/which-option.md', 2).flatMap((cell) =>
      [...cell.matchAll(/`([\w.]+)`/g)].map(([, name]) => name),
    ),
  );
  const options = [
    ...Object.entries(INTERFACES).flatMap(([file, interfaces]) => fieldsOf(file, interfaces)),
    ...Object.entries(RULES).flatMap(([policy, rule]) => leavesOf(rule, policy)),
  ];

  it('has a situation for each option', () => {
    expect(options).to.include.members(['baseURL', 'deadline', 'clientAddress', 'retry.budget.burst']);
    expect(options.filter((option) => !named.has(option))).to.deep.equal([]);
  });

  it('names no policy option that there is not', () => {
    const dotted = [...named].filter((name) => name!.includes('.'));
    expect(dotted.filter((name) => !options.includes(name!))).to.deep.equal([]);
  });
});

describe('docs/troubleshooting.md', () => {
  const seen = column('docs/troubleshooting.md', 1).join('\n');

  it('has an entry for each code, which links to its causes', () => {
    for (const code of Object.keys(CODES).filter((each) => each !== 'SUCCESS'))
      expect(seen).to.include(`[\`${code}\`](errors.md#${code.toLowerCase()})`);
  });

  it('says of each symptom why, and what to do', () => {
    for (const line of textOf('docs/troubleshooting.md')
      .split('\n')
      .filter((each) => each.startsWith('| ')))
      for (const cell of line.split('|').slice(1, -1)) expect(cell.trim(), line).not.to.equal('');
  });

  it('names only codes that there are', () => {
    const linked = [...seen.matchAll(/\[`([A-Z_]+)`\]/g)].map(([, code]) => code);
    expect(linked.filter((code) => !(code! in CODES))).to.deep.equal([]);
  });
});

describe('docs/security.md', () => {
  const rows = textOf('docs/security.md')
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2);

  it('names for each threat a test that tries it, by the file and the title that it has', () => {
    expect(rows.length).to.be.greaterThan(15);
    for (const row of rows) {
      const tests = [...row.matchAll(/`(test\/[\w./-]+\.test\.ts)`: (“[^”]+”(?:, “[^”]+”)*)/g)];
      expect(tests, row).not.to.deep.equal([]);
      for (const [, path = '', titles = ''] of tests) {
        const source = existsSync(ROOT + path) ? readFileSync(ROOT + path, 'utf8') : '';
        const said = [...source.matchAll(/\bit\(\s*(['"`])(.+?)\1,/g)].map(([, , title]) => title);
        for (const [, title] of titles.matchAll(/“([^”]+)”/g)) expect(said, path).to.include(title);
      }
    }
  });
});
