// `npm run release -- minor`: checks what a release needs, moves Unreleased in the changelog under the new version, and
// runs the tests. Tag and push are left to the person, publishing to CI. `--dry-run` changes and runs nothing.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const STEPS = ['major', 'minor', 'patch'];
const USAGE = `usage: npm run release -- ${STEPS.join('|')} [--dry-run]`;
const UNRELEASED = '## [Unreleased]';

const dryRun = process.argv.includes('--dry-run');
const given = process.argv.slice(2).filter((argument) => argument !== '--dry-run');
const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();

function stop(because: string): never {
  console.error(`Not released: ${because}`);
  process.exit(1);
}

function next(version: string, step: string): string {
  const numbers = version.split('.').map(Number);
  const at = STEPS.indexOf(step);
  return numbers.map((number, index) => (index < at ? number : index === at ? number + 1 : 0)).join('.');
}

/** The changelog with what was unreleased under its version, or `undefined` where there is nothing. */
function moved(changelog: string, heading: string): string | undefined {
  const [before = '', rest] = changelog.split(`${UNRELEASED}\n`);
  const content = rest?.split(/^## /m)[0];
  if (!content || !/^- /m.test(content)) return undefined;
  return `${before}${UNRELEASED}\n\n${heading}\n${rest}`;
}

const [step = ''] = given;
if (given.length !== 1 || !STEPS.includes(step)) stop(USAGE);
if (git('status', '--porcelain') !== '') stop('the tree has changes that are not committed.');
const branch = git('branch', '--show-current');
if (branch !== 'main') stop(`this is ${branch === '' ? 'no branch' : branch}, and not main.`);

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const wanted = next(version, step);
if (git('tag', '--list', `v${wanted}`) !== '') stop(`there is a tag v${wanted} already.`);
const today = new Date().toISOString().slice(0, 10);
const changelog = moved(readFileSync('CHANGELOG.md', 'utf8'), `## [${wanted}] - ${today}`);
if (changelog === undefined) stop('CHANGELOG.md has nothing under Unreleased.');

if (dryRun) console.log(`Would release ${wanted}, after ${version}, as of ${today}. Nothing was changed.`);
else {
  writeFileSync('CHANGELOG.md', changelog);
  const quiet = ['--no-git-tag-version', '--ignore-scripts'];
  execFileSync('npm', ['version', wanted, ...quiet], { stdio: 'inherit' });
  execFileSync('npm', ['test'], { stdio: 'inherit' });
  console.log(`${wanted} is ready and green. Left to you, after a look at \`git diff\`:
  git commit -am "${wanted}" && git tag v${wanted} && git push origin main v${wanted}
CI publishes it from the tag.`);
}
