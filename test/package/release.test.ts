// The release script, on a copy of what it looks at in a repository of its own.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { manifest, repository } from './installed.js';

describe('package: release', function () {
  this.timeout(60_000);
  let folder: string;
  const git = (...args: string[]) => execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.example', ...args], { cwd: folder }); // prettier-ignore
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-release-'));
    git('init', '-q', '-b', 'main');
    cpSync(join(repository, 'scripts'), join(folder, 'scripts'), { recursive: true });
    write('package.json', JSON.stringify({ ...manifest, scripts: { test: 'node -e 0' } }));
    write('CHANGELOG.md', '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- It.\n\n## [0.1.0]\n\nFirst.\n');
    git('add', '.');
    git('commit', '-qm', 'first');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function release(...args: string[]) {
    const tsx = import.meta.resolve('tsx');
    const options = { cwd: folder, encoding: 'utf8' } as const;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', tsx, 'scripts/release.ts', ...args],
      options,
    );
    return { status, said: stdout + stderr };
  }

  it('says what it would do, and does nothing', () => {
    const [major, minor] = manifest.version.split('.').map(Number);
    const { status, said } = release('minor', '--dry-run');
    expect(said).to.contain(`Would release ${major!}.${minor! + 1}.0, after ${manifest.version}`);
    expect(status).to.equal(0);
    expect(git('status', '--porcelain').toString()).to.equal('');
  });

  it('moves what is unreleased under the version, and leaves tag and push to the person', () => {
    write('package.json', JSON.stringify({ name: 'x', version: '0.1.9', scripts: { test: 'node -e 0' } }));
    git('commit', '-qam', 'second');
    const { status, said } = release('patch');
    expect(said).to.contain('git tag v0.1.10');
    expect(status).to.equal(0);
    const today = String.raw`\d{4}-\d\d-\d\d`;
    expect(read('CHANGELOG.md')).to.match(
      new RegExp(
        String.raw`## \[Unreleased\]\n\n## \[0\.1\.10\] - ${today}\n\n### Added\n\n- It\.\n\n## \[0\.1\.0\]`,
      ),
    );
    expect(JSON.parse(read('package.json'))).to.include({ version: '0.1.10' });
    expect(git('tag').toString()).to.equal('');
  });

  const REFUSED: Readonly<
    Record<string, { readonly prepare: () => void; readonly because: string; readonly step?: string }>
  > = {
    'what is no step': { prepare: () => undefined, because: 'usage: npm run release', step: 'huge' },
    'a tree with changes': { prepare: () => write('new.txt', ''), because: 'not committed' },
    'another branch': {
      prepare: () => git('switch', '-qc', 'other'),
      because: 'this is other, and not main',
    },
    'a tag that is there': {
      prepare: () => git('tag', 'v1.0.0'),
      because: 'a tag v1.0.0 already',
      step: 'major',
    },
    'a changelog without news': {
      prepare: () => {
        write('CHANGELOG.md', '# Changelog\n\n## [Unreleased]\n\n## [0.1.0]\n\n- First.\n');
        git('commit', '-qam', 'second');
      },
      because: 'nothing under Unreleased',
    },
  };
  for (const [what, { prepare, because, step = 'minor' }] of Object.entries(REFUSED))
    it(`refuses ${what}`, () => {
      prepare();
      const { status, said } = release(step);
      expect(said).to.contain(because);
      expect(status).to.equal(1);
    });
});
