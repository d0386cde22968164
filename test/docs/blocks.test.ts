// Every code block of every page does what the page says, and every link leads somewhere.
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { expect } from 'chai';
import { nodeHandler } from '../../lib/bff/index.js';
import { startSandbox, type FaultRule, type Sandbox } from '../../lib/sandbox/index.js';
import { listen, useBff } from '../bff/stage.js';
import { useRedis } from '../redis/server.js';
import { vacantPort } from '../support/local-server.js';
import { blocksOf, brokenLinksOf, PAGES, ROOT, textOf, type Block } from './pages.js';
import { complaintsAbout, openWorkshop, promisedBy, type Workshop } from './runner.js';

const blocks = PAGES.flatMap(blocksOf);
const inLanguage = (...languages: string[]) => blocks.filter(({ language }) => languages.includes(language));
/** Takes a Redis for granted. */
const isOnRedis = ({ code: text }: Block) => text.includes("'holdfast/redis'");
/** Is meant for a page whose backend is the one of docs/frontend.md. */
const isInPage = ({ code: text }: Block) => text.includes('createBrowserClient(');
/** Is a file that has a test of its own: see recipes.test.ts. */
const isRecipe = ({ page }: Block) => page === 'docs/recipes.md';
const code = inLanguage('ts', 'js').filter(
  (block) => ![isOnRedis, isInPage, isRecipe].some((is) => is(block)),
);

/** Runs, is checked as data or as commands, or is a picture. */
const LANGUAGES = ['ts', 'tsx', 'js', 'json', 'sh', 'http', 'text'];

describe('Code blocks', function () {
  this.timeout(30_000);
  let workshop: Workshop;
  let complaints: Map<string, string[]>;

  before(() => {
    expect(existsSync(`${ROOT}dist/index.js`), 'dist/ is missing: run `npm run build` first').to.equal(true);
    workshop = openWorkshop();
    complaints = complaintsAbout(inLanguage('ts').filter((block) => !isRecipe(block)));
  });
  after(() => workshop.close());

  it('are in a language that is tested here', () => {
    const fences = PAGES.flatMap((page) => textOf(page).match(/^```/gm) ?? []);
    expect(fences).to.have.length(2 * blocks.length);
    for (const { at, language } of blocks) expect(LANGUAGES, at).to.include(language);
  });

  it('begin, in README.md, with one that runs as it stands, within the first 20 lines', () => {
    const [first] = blocksOf('README.md').filter(({ language }) => language === 'ts');
    expect(first?.line).to.be.at.most(20);
    expect(first?.code).to.include("from 'holdfast'");
    expect(promisedBy(first!).join('\n'), 'an error and a success').to.match(/[A-Z_]{6,}[\s\S]*\b200\b/);
  });

  for (const block of code)
    it(`${block.at} runs, and prints what it says`, async () => {
      expect(complaints.get(block.at) ?? []).to.deep.equal([]);
      const printed = await workshop.run(block, { PORT: '0' });
      const promised = promisedBy(block);
      if (promised.length > 0) expect(printed).to.deep.equal(promised);
    });

  describe('in a page', () => {
    const { backend } = useBff();
    for (const block of inLanguage('ts').filter(isInPage))
      it(`${block.at} runs, and prints what it says`, async () => {
        expect(complaints.get(block.at) ?? []).to.deep.equal([]);
        const port = await vacantPort();
        const origin = `http://127.0.0.1:${port}`;
        await backend(
          { origins: [origin] },
          { serve: (bff) => listen(createServer(nodeHandler(bff)), port) },
        );
        const printed = await workshop.run(block, { PAGE_ORIGIN: origin }, `${ROOT}test/docs/in-page.js`);
        expect(printed).to.deep.equal(promisedBy(block));
      });
  });

  describe('with a Redis', () => {
    const redis = useRedis();
    for (const block of inLanguage('ts').filter(isOnRedis))
      it(`${block.at} runs, and prints what it says`, async () => {
        expect(complaints.get(block.at) ?? []).to.deep.equal([]);
        expect(await workshop.run(block, { REDIS_URL: redis().url })).to.deep.equal(promisedBy(block));
      });
  });

  for (const { at, code: text } of inLanguage('json'))
    it(`${at} is JSON; fault rules are good ones`, async () => {
      const data: unknown = JSON.parse(text);
      const rules = [data].flat() as FaultRule[];
      if (rules.every((rule) => 'on' in rule)) await (await startSandbox({ faults: rules })).close();
    });

  describe('for a shell', () => {
    let sandbox: Sandbox;
    before(async () => {
      sandbox = await startSandbox();
    });
    after(() => sandbox.close());

    for (const block of inLanguage('sh'))
      it(`${block.at} names commands that exist`, async () => {
        for (const command of commandsOf(block)) await checkCommand(command, sandbox);
      });
  });
});

describe('A page would not pass', function () {
  this.timeout(30_000);
  const block = (code: string): Block => ({ at: 'x.md:1', page: 'x.md', line: 1, language: 'ts', code });
  let workshop: Workshop;
  before(() => {
    workshop = openWorkshop();
  });
  after(() => workshop.close());

  it('with a block of the wrong types', () => {
    expect(complaintsAbout([block('const name: string = 1;')]).get('x.md:1')).to.have.length(1);
    const typo = "import { createAuthCleint } from 'holdfast';";
    expect(
      complaintsAbout([block(typo)])
        .get('x.md:1')!
        .join(),
    ).to.include('createAuthCleint');
    expect(
      complaintsAbout([block('const { data } = await session.http.get("/");')]).get('x.md:1'),
    ).to.deep.equal([]);
  });

  it('with a block that throws', async () => {
    const failure: unknown = await workshop
      .run(block('throw new Error("no");'))
      .catch((error: unknown) => error);
    expect(String(failure)).to.include('Error: no');
  });

  it('with a block that prints something else', async () => {
    const wrong = block('console.log(1 + 1); // → 3');
    expect(await workshop.run(wrong)).to.deep.equal(['2']);
    expect(promisedBy(wrong)).to.deep.equal(['3']);
  });

  it('with a dead link', () => {
    const links = '[a](nowhere.md) [b](#no-such-heading) [c](docs/errors.md#codes) [d](docs/errors.md#none)';
    expect(brokenLinksOf('README.md', links)).to.deep.equal([
      'nowhere.md: there is no nowhere.md',
      '#no-such-heading: README.md has no heading #no-such-heading',
      'docs/errors.md#none: docs/errors.md has no heading #none',
    ]);
  });
});

describe('Pages', () => {
  for (const page of PAGES)
    it(`${page} has no dead links`, () => {
      expect(brokenLinksOf(page)).to.deep.equal([]);
    });

  it('are all reached from README.md', () => {
    const linked = [...textOf('README.md').matchAll(/\]\(([^)#:]+)/g)].map(([, target = '']) => target);
    const reached = PAGES.filter((page) => linked.some((target) => page.startsWith(target)));
    expect(PAGES.filter((page) => !reached.includes(page))).to.deep.equal(['README.md']);
  });

  it('README.md is short enough to be read', () => {
    expect(textOf('README.md').split('\n').length).to.be.at.most(171);
  });
});

const manifest = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as {
  scripts: Record<string, string>;
  bin: Record<string, string>;
};
const helpOf = (command: string) => readFileSync(`${ROOT}lib/cli/${command}.ts`, 'utf8');

function commandsOf({ code: text }: Block): string[] {
  return text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, ''))
    .flatMap((line) => line.split('&&'))
    .map((command) => command.trim())
    .filter((command) => command !== '');
}

/** Fails where a command would: an unknown script, a flag that is none, a route that is not there. */
async function checkCommand(command: string, sandbox: Sandbox): Promise<void> {
  const [program, verb = '', ...rest] = command.split(/\s+/);
  if (program === 'npm') {
    if (verb === 'run') expect(manifest.scripts, command).to.have.property(rest[0]!);
    else expect(['ci', 'test', 'pack', 'install'], command).to.include(verb);
  } else if (program === 'npx' && verb === 'holdfast') {
    expect(manifest.bin, command).to.have.property('holdfast');
    const [name = ''] = rest;
    expect(existsSync(`${ROOT}lib/cli/${name}.ts`), command).to.equal(true);
    for (const [flag] of command.matchAll(/--[\w-]+/g))
      expect(helpOf(name), command).to.include(`  ${flag} `);
  } else if (program === 'npx' && verb === 'tsx') {
    expect(existsSync(ROOT + rest[0]!), command).to.equal(true);
  } else if (program === 'curl') {
    const [url = ''] = /http:\S+/.exec(command) ?? [];
    const [, body] = /-d '(.*)'/.exec(command) ?? [];
    const method = /-X (\w+)/.exec(command)?.[1] ?? (body === undefined ? 'GET' : 'POST');
    const target = url.replace('http://127.0.0.1:4010', sandbox.origin);
    const { ok } = await fetch(target, { method, ...(body !== undefined && { body }) });
    expect(ok, command).to.equal(true);
  } else expect.fail(`${command}: not known to this test`);
}
