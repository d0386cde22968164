// The shape of lib/, kept true: who may import whom, what each room stays away from, and how long files get.
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import ts from 'typescript';

/** Rooms, and whom their files may import besides their own room; of those under `types`, types only. */
const ROOMS: Readonly<Record<string, { readonly imports: string[]; readonly types: string[] }>> = {
  contract: { imports: [], types: [] },
  decide: { imports: ['contract'], types: [] },
  policies: { imports: ['decide', 'contract'], types: ['ports.ts'] },
  session: { imports: ['decide', 'contract'], types: ['ports.ts'] },
  bff: { imports: ['contract', 'check-options.ts', 'index.ts'], types: [] },
  cli: { imports: ['contract', 'index.ts', 'sandbox', 'playground'], types: [] },
  playground: { imports: ['contract', 'events.ts', 'index.ts', 'bff', 'browser', 'sandbox'], types: [] },
  browser: { imports: ['session', 'decide', 'contract', 'check-options.ts', 'index.ts'], types: [] },
  redis: { imports: ['session', 'decide', 'contract', 'check-options.ts'], types: [] },
  otel: { imports: ['check-options.ts', 'events.ts', 'index.ts'], types: [] },
  sandbox: { imports: ['contract', 'check-options.ts'], types: [] },
  testing: {
    imports: ['decide', 'contract', 'check-options.ts', 'endpoint-options.ts', 'instance.ts', 'index.ts'],
    types: [],
  },
};
/** Rooms with a subpath or a command of their own. Everything else is the core, which also runs in browsers. */
const SUBPATHS = ['bff', 'browser', 'cli', 'otel', 'playground', 'redis', 'sandbox', 'testing'];
const BUSIEST = 300; // lines of the longest file
const USUAL = 120; // lines of the median file

interface Import {
  readonly target: string;
  /** Gone after compilation. */
  readonly typeOnly: boolean;
}

interface File {
  readonly name: string;
  /** Folder in lib/, or the name of a file that stands directly in it. */
  readonly room: string;
  readonly text: string;
  readonly imports: readonly Import[];
  readonly nodes: readonly ts.Node[];
}

const lib = fileURLToPath(new URL('../lib/', import.meta.url));
const files = readdirSync(lib, { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.ts'))
  .map(parse);
const core = files.filter(({ room }) => !SUBPATHS.includes(room));
const pure = files.filter(({ room }) => room === 'contract' || room === 'decide');

function parse(name: string): File {
  const text = readFileSync(lib + name, 'utf8');
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  const nodes: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    nodes.push(node);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { name, room: name.split('/')[0]!, text, imports: nodes.flatMap(importIn), nodes };
}

/** What a node imports: `import`, `export … from`, `import()` and the type `import('…')`. */
function importIn(node: ts.Node): Import[] {
  const to = (at: ts.Node | undefined, typeOnly: boolean) =>
    at && ts.isStringLiteralLike(at) ? [{ target: targetOf(at), typeOnly }] : [];
  // `import { type A }` is no type-only import: the compiler keeps an `import {}` of it.
  if (ts.isImportDeclaration(node))
    return to(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
  if (ts.isExportDeclaration(node)) return to(node.moduleSpecifier, node.isTypeOnly);
  if (ts.isImportTypeNode(node))
    return to(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true);
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
    return to(node.arguments[0], false);
  return [];
}

/** A file of ours by its place in lib/, a package by its name. */
function targetOf(at: ts.StringLiteralLike): string {
  if (!at.text.startsWith('.')) return at.text;
  return posix.join(posix.dirname(at.getSourceFile().fileName), at.text).replace(/\.js$/, '.ts');
}

const roomOf = (target: string) => target.split('/')[0]!;
const isOurs = (target: string) => files.some(({ name }) => name === target);

/** Each place in the files whose node is meant, as `file:line text`: a failure lists what to mend. */
function places(among: readonly File[], isMeant: (node: ts.Node) => boolean): string[] {
  return among.flatMap(({ name, nodes }) =>
    nodes.filter(isMeant).map((node) => {
      const { line } = node.getSourceFile().getLineAndCharacterOfPosition(node.getStart());
      return `lib/${name}:${line + 1} ${node.getText().split('\n')[0]!}`;
    }),
  );
}

/** Whether a node uses the global of that name: not a property, and not a declaration of the same name. */
function isGlobal(node: ts.Node, ...names: readonly string[]): boolean {
  return (
    ts.isIdentifier(node) &&
    names.includes(node.text) &&
    (node.parent as { name?: ts.Node }).name !== node &&
    !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node)
  );
}

describe('architecture', () => {
  it('knows every room', () => {
    const folders = files.filter(({ name }) => name.includes('/')).map(({ room }) => room);
    expect([...new Set(folders)]).to.have.members(Object.keys(ROOMS));
  });

  for (const [room, { imports, types }] of Object.entries(ROOMS))
    it(`${room}/ imports only ${[...imports, 'its own room'].join(', ')}${types.map((name) => ` and types of ${name}`).join('')}`, () => {
      const strangers = files
        .filter((file) => file.room === room)
        .flatMap(({ name, imports: all }) => all.map((each) => ({ name, ...each })))
        .filter(({ target }) => isOurs(target) && roomOf(target) !== room)
        .filter(({ target }) => !imports.includes(roomOf(target)))
        .filter(({ target, typeOnly }) => !(typeOnly && types.includes(roomOf(target))));
      expect(strangers).to.deep.equal([]);
    });

  it('keeps the subpaths out of the core', () => {
    for (const { name, imports } of core)
      for (const { target } of imports) expect(SUBPATHS, name).not.to.include(roomOf(target));
  });

  it('has no cycles, save by types', () => {
    const byName = new Map(files.map((file) => [file.name, file]));
    const done = new Set<string>();
    const walk = (name: string, path: readonly string[]): void => {
      expect(path.includes(name) ? [...path, name].join(' > ') : '').to.equal('');
      if (done.has(name)) return;
      for (const { target, typeOnly } of byName.get(name)?.imports ?? [])
        if (!typeOnly) walk(target, [...path, name]);
      done.add(name);
    };
    for (const { name } of files) walk(name, []);
  });

  it('lets time and randomness into contract/ and decide/ only as arguments', () => {
    const impure = (node: ts.Node) =>
      isGlobal(
        node,
        'performance',
        'crypto',
        'setTimeout',
        'setInterval',
        'setImmediate',
        'queueMicrotask',
      ) ||
      (ts.isPropertyAccessExpression(node) && /^(Date\.now|Math\.random)$/.test(node.getText())) ||
      (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length) ||
      (ts.isCallExpression(node) && node.expression.getText() === 'Date');
    expect(places(pure, impure)).to.deep.equal([]);
  });

  it('keeps Node out of the core, which runs in browsers too', () => {
    const builtin = core.filter(({ imports }) => imports.some(({ target }) => isBuiltin(target)));
    expect(builtin.map(({ name }) => name)).to.deep.equal([]);
    const names = ['process', 'Buffer', 'require', 'global', 'setImmediate', '__dirname', '__filename'];
    expect(places(core, (node) => isGlobal(node, ...names))).to.deep.equal([]);
  });

  it('prints nothing, save on the command line', () => {
    const quiet = files.filter(({ name }) => !name.endsWith('/cli.ts'));
    expect(places(quiet, (node) => isGlobal(node, 'console'))).to.deep.equal([]);
  });

  it('has no default exports and no drawer for odds and ends', () => {
    const isDefault = (node: ts.Node) =>
      ts.isExportAssignment(node) ||
      (node.kind === ts.SyntaxKind.DefaultKeyword && !ts.isDefaultClause(node.parent)) ||
      (ts.isExportSpecifier(node) && node.name.text === 'default');
    expect(places(files, isDefault)).to.deep.equal([]);
    for (const { name } of files) expect(name).not.to.match(/(^|\/)(utils?|helpers?|common|misc)(\/|\.ts)/);
  });

  it('says first in each file what it is', () => {
    for (const { name, text } of files) expect(text.replace(/^#!.*\n/, ''), name).to.match(/^\/[/*] *\S/);
  });

  it(`has no file above ${BUSIEST} lines and a median of at most ${USUAL}`, () => {
    const lines = files
      .map(({ name, text }) => ({ name, count: text.trimEnd().split('\n').length }))
      .sort((a, b) => a.count - b.count);
    expect(lines.filter(({ count }) => count > BUSIEST)).to.deep.equal([]);
    expect(lines[Math.floor(lines.length / 2)]!.count).to.be.at.most(USUAL);
  });

  it('orders the policies in wire.ts, and nowhere else', () => {
    const order = [
      'installRetry',
      'installCooldown',
      'installRefresh',
      'traffic.enter',
      'authorize',
      'transmit',
      'judge',
    ];
    const callsIn = ({ nodes }: File) =>
      nodes.filter(ts.isCallExpression).map(({ expression }) => expression.getText());
    const wire = files.find(({ name }) => name === 'wire.ts')!;
    expect(callsIn(wire).filter((call) => order.includes(call))).to.deep.equal(order);
    const others = files.filter(
      (file) => file !== wire && callsIn(file).some((call) => call.startsWith('install')),
    );
    expect(others.map(({ name }) => name)).to.deep.equal([]);
  });
});
