// docs/sandbox.md: names every handle, option, flag, fault and route that the sandbox has.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import ts from 'typescript';
import { compare, play } from '../../lib/cli/scenario.js';
import { startSandbox, type Sandbox, type Scenario } from '../../lib/sandbox/index.js';
import { ROOT, textOf } from './pages.js';

const page = textOf('docs/sandbox.md');

/** Names of the fields in the interfaces and types of a file that satisfy a test. */
function fieldsIn(file: string, isMeant: (declaration: string) => boolean): string[] {
  const source = ts.createSourceFile(file, readFileSync(ROOT + file, 'utf8'), ts.ScriptTarget.Latest, true);
  const names = new Set<string>();
  const visit = (node: ts.Node, inside: boolean): void => {
    const here =
      inside ||
      ((ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) && isMeant(node.name.text));
    if (here && ts.isPropertySignature(node)) names.add(node.name.getText());
    ts.forEachChild(node, (child) => visit(child, here));
  };
  visit(source, false);
  return [...names];
}

describe('docs/sandbox.md', () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await startSandbox();
  });
  after(() => sandbox.close());

  it('names every handle', () => {
    for (const handle of Object.keys(sandbox)) expect(page).to.match(new RegExp(`\`${handle}[(\`]`));
  });

  it('names every option of startSandbox()', () => {
    const options = fieldsIn('lib/sandbox/options.ts', (name) => name === 'SandboxOptions');
    expect(options).to.include.members(['port', 'faults', 'now']);
    for (const option of options.filter((name) => !['access', 'refresh', 'failures', 'for'].includes(name)))
      expect(page).to.include(`\`${option}\``);
  });

  it('names every flag', () => {
    const help = readFileSync(`${ROOT}lib/cli/sandbox.ts`, 'utf8');
    const flags = [...help.matchAll(/^ {2}(--[\w-]+) /gm)].map(([, flag = '']) => flag);
    expect(flags).to.include('--faults');
    for (const flag of flags) expect(page).to.include(`\`${flag}\``);
  });

  it('names every field of a fault rule', () => {
    const fields = fieldsIn('lib/sandbox/fault-rules.ts', (name) =>
      /^Fault(Rule|Scope)$|^RateLimit$/.test(name),
    );
    expect(fields).to.include.members(['on', 'status', 'rateLimit', 'retryAfter']);
    for (const field of fields) expect(page).to.include(`\`${field}\``);
  });

  it('names every field of a scenario, and shows one that ends as it says', async () => {
    const fields = fieldsIn('lib/sandbox/scenario.ts', (name) =>
      /^Scenario(Step|Play|Expectation)?$/.test(name),
    );
    expect(fields).to.include.members(['title', 'at', 'calls', 'outcomes']);
    for (const field of fields.filter((name) => name !== 'method'))
      expect(page).to.match(new RegExp(`[\`"]${field.replace('$', '\\$')}[\`"]`));
    const [, block] = /```json\n(\{\n {2}"\$schema".*?\n\})\n```/s.exec(page)!;
    const scenario = JSON.parse(block!) as Scenario;
    expect(compare(scenario.expect!, await play(scenario))).to.deep.equal([]);
  });

  it('names every admin route', async () => {
    const answer = await fetch(`${sandbox.origin}/__sandbox/`);
    const { routes } = (await answer.json()) as { routes: string[] };
    expect(routes.length).to.be.greaterThan(5);
    for (const route of routes) {
      const [method = '', path = ''] = route.split(' ');
      const call = `curl ${method === 'GET' ? '' : `-X ${method} `}http://127.0.0.1:4010/__sandbox${path}`;
      expect(page, route).to.match(new RegExp(`^${call.replace(/[.?*]/g, '\\$&')}( |$)`, 'm'));
    }
  });
});
