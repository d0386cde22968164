// Runs a command, `npm test` as a whole, and then looks for canaries in all that is left of it: what it printed, the
// files it left in its folder for temporary ones, what would be published, and the pages. Secrets of tests are canaries,
// so whatever prints or keeps one by mistake is found, whichever test it was that met it.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { canariesIn } from './canaries.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Compiled copies of the tests themselves, where the canaries stand. */
const CACHES = /^(?:tsx-|node-compile-cache|node-jiti|jest_|v8-compile-cache)/;
const LARGEST = 64 * 1024 * 1024;

const [command, ...args] = process.argv.slice(2);
if (command === undefined) throw new Error('tsx test/secrets/whole-run.ts <command>');

/** Short: sockets of Chromium are in there, and the path of a socket may have some 100 characters. */
const left = mkdtempSync(join(tmpdir(), 'run-'));
const printed: Buffer[] = [];

const code = await new Promise<number>((resolve, reject) => {
  const colour = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {};
  const child = spawn(command, args, {
    stdio: ['inherit', 'pipe', 'pipe'],
    env: { ...process.env, ...colour, TMPDIR: left, TEMP: left, TMP: left },
  });
  for (const [from, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ] as const)
    from.on('data', (data: Buffer) => {
      printed.push(data);
      to.write(data);
    });
  child.on('error', reject);
  child.on('close', (ended) => resolve(ended ?? 1));
});

/** Files below a folder, by their paths. */
function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return CACHES.test(entry.name) ? [] : filesBelow(path);
    return entry.isFile() && statSync(path).size <= LARGEST ? [path] : [];
  });
}

/** What `npm pack` would take. */
function published(): string[] {
  const told = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ files }] = JSON.parse(told) as [{ files: { path: string }[] }];
  return files.map(({ path }) => join(ROOT, path));
}

const text = stripVTControlCharacters(Buffer.concat(printed).toString('utf8'));
const files = [
  ...filesBelow(left),
  ...published(),
  ...filesBelow(`${ROOT}docs`),
  ...filesBelow(`${ROOT}site`),
];
const leaks = [
  ...canariesIn(text).map((name) => `${name} was printed`),
  ...[...new Set(files)].flatMap((path) => {
    const bytes = readFileSync(path);
    const names = [...canariesIn(bytes.toString('utf8')), ...canariesIn(bytes.toString('latin1'))];
    return [...new Set(names)].map((name) => `${name} stands in ${path}`);
  }),
];
rmSync(left, { recursive: true, force: true, maxRetries: 3 });
for (const leak of leaks) console.error(`A secret of the tests leaked: ${leak}.`);
if (leaks.length === 0)
  console.log(`No canary in ${text.length} characters of output and ${files.length} files.`);
process.exitCode = code === 0 && leaks.length > 0 ? 1 : code;
