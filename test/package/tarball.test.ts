// The tarball: what is in it, and what the judges of packages say.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { linksOf } from '../docs/pages.js';
import { entries, installed, manifest, repository, run, targets, type Installed } from './installed.js';

/** What pages of the package link to and it does not have. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'CONTRIBUTING.md': 'It is for a checkout.',
  'docs/examples/demo.ts': 'It runs in a checkout: `npm run demo`.',
  'docs/recipes/': 'The page has each file in full.',
};

/** A bound against what comes along by accident. */
const LARGEST = { files: 380, kB: 2_750, packedKB: 760 } as const;

describe('package: tarball', function () {
  this.timeout(60_000);
  let it_: Installed;
  before(async () => {
    it_ = await installed();
  });

  it('holds the build and the papers, and nothing else', () => {
    const types = readdirSync(join(repository, 'lib'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `dist/${name.replaceAll('\\', '/').slice(0, -3)}.d.ts`);
    const shared = it_.files.filter((name) => /^dist\/chunk-\w+\.js$/.test(name));
    const code = [...targets.map(({ default: file }) => file), ...Object.values(manifest.bin), ...shared]
      .map((file) => file.replace('./', ''))
      .flatMap((file) => [file, `${file}.map`]);
    const page = ['index.html', 'main.js', 'page.css'].map((name) => `dist/playground/page/${name}`);
    const pages = readdirSync('docs', { recursive: true, encoding: 'utf8' })
      .map((name) => `docs/${name.replaceAll('\\', '/')}`)
      .filter((name) => /\.(?:md|svg)$/.test(name) || /^docs\/examples\/testing\/.*\.js$/.test(name));
    const papers = [
      'package.json',
      'README.md',
      'LICENSE',
      'CHANGELOG.md',
      'SECURITY.md',
      ...pages,
      ...readdirSync('scenarios').map((name) => `scenarios/${name}`),
    ];
    const wanted = [...types, ...code, ...page, ...papers];
    expect({
      missing: wanted.filter((name) => !it_.files.includes(name)),
      strange: it_.files.filter((name) => !wanted.includes(name)),
    }).to.deep.equal({ missing: [], strange: [] });
  });

  it('has whatever its pages link to, or a reason why not', () => {
    const pages = it_.files.filter((name) => name.endsWith('.md'));
    expect(pages).to.include.members(['README.md', 'docs/security.md', 'docs/policies/retry.md']);
    const linked = pages.flatMap((page) => linksOf(page, readFileSync(join(it_.home, page), 'utf8')));
    const missing = linked.map(({ file }) => file).filter((file) => !it_.files.some((name) => name === file || (file.endsWith('/') && name.startsWith(file)))); // prettier-ignore
    const excused = (file: string) => Object.keys(ELSEWHERE).find((start) => file.startsWith(start));
    expect(missing.filter((file) => excused(file) === undefined)).to.deep.equal([]);
    expect([...new Set(missing.map(excused))], 'no reason is left over').to.have.members(
      Object.keys(ELSEWHERE),
    );
  });

  it('is no larger than it was', () => {
    const bytes = it_.files.reduce((sum, name) => sum + statSync(join(it_.home, name)).size, 0);
    const size = { files: it_.files.length, kB: bytes / 1_000, packedKB: statSync(it_.tarball).size / 1_000 };
    console.table({ size, limit: LARGEST });
    for (const [name, most] of Object.entries(LARGEST))
      expect(size[name as keyof typeof size], name).to.be.within(most / 2, most);
  });

  it('tells of its version in the changelog, under a licence that names the authors', () => {
    const read = (name: string) => readFileSync(join(it_.home, name), 'utf8');
    expect(read('CHANGELOG.md')).to.contain(`## [${manifest.version}]`);
    expect(read('LICENSE'))
      .to.match(/^MIT License\n/)
      .and.to.contain('the holdfast authors');
  });

  it('declares exactly what it imports', () => {
    const imported = it_.files
      .filter((name) => name.endsWith('.js') && !name.startsWith('dist/playground/page/')) // that has it all in it
      .flatMap((name) => [...readFileSync(join(it_.home, name), 'utf8').matchAll(/ from "([^."][^"]*)"/g)])
      .map(([, name]) => name!)
      .filter((name) => !name.startsWith('node:'));
    const peers = Object.keys(manifest.peerDependencies);
    const own = imported.filter((name) => !peers.includes(name));
    expect(Object.keys(manifest.dependencies)).to.have.members([...new Set(own)]);
    expect(imported, 'nock is asked for where a test needs it').not.to.include('nock');
  });

  it('runs nothing when it is installed, and neither does what it depends on', () => {
    const { scripts } = JSON.parse(readFileSync(join(it_.home, 'package.json'), 'utf8')) as {
      scripts: object;
    };
    expect(scripts).to.not.have.any.keys('preinstall', 'install', 'postinstall', 'prepare');
    const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
      packages: Record<string, { dev?: true; peer?: true; hasInstallScript?: true }>;
    };
    const brought = Object.entries(lock.packages).filter(([, { dev, peer }]) => !dev && !peer);
    expect(brought.map(([name]) => name)).to.include('node_modules/axios');
    expect(brought.filter(([, { hasInstallScript }]) => hasInstallScript)).to.deep.equal([]);
  });

  it('pins what it is developed with', () => {
    for (const [name, range] of Object.entries(manifest.devDependencies))
      expect(range, name).to.match(/^(npm:[\w-]+@)?\d+\.\d+\.\d+$/);
  });

  it('keeps registry addresses out of the lock file', () => {
    expect(readFileSync(join(repository, 'package-lock.json'), 'utf8')).not.to.contain('"resolved"');
  });

  it('pleases publint', async () => {
    const tarball = readFileSync(it_.tarball);
    const { messages, pkg } = await publint({
      strict: true,
      pack: { tarball: tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.byteLength) },
    });
    expect(messages.map((message) => formatMessage(message, pkg as object, { color: false }))).to.deep.equal(
      [],
    );
  });

  it('pleases attw', async () => {
    const attw = new URL('dist/index.js', import.meta.resolve('@arethetypeswrong/cli/package.json'));
    await run(
      process.execPath,
      [fileURLToPath(attw), it_.tarball, '--profile', 'esm-only', '--no-definitely-typed'],
      it_.project,
    );
  });

  it('has an entry for each subpath', () => {
    expect(entries).to.include.members([
      'holdfast',
      'holdfast/bff',
      'holdfast/browser',
      'holdfast/redis',
      'holdfast/sandbox',
      'holdfast/testing',
    ]);
    for (const { types, default: code } of targets)
      for (const file of [types, code]) expect(existsSync(join(it_.home, file)), file).to.equal(true);
  });
});
