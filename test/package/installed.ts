// The package as its users get it: built, packed, and installed from the tarball into an empty project. Its
// dependencies are links to those of this repository, so nothing is fetched; what it does not declare is not there.
import { execFile } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const repository = fileURLToPath(new URL('../../', import.meta.url));

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
}

export const manifest = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as Manifest;

/** Where the entries lead. */
export const targets = Object.values(manifest.exports).filter((target) => typeof target === 'object');

/** What may be imported: `holdfast`, `holdfast/sandbox` and so on. */
export const entries = Object.entries(manifest.exports)
  .filter(([, target]) => typeof target === 'object')
  .map(([path]) => manifest.name + path.slice(1));

export interface Installed {
  /** Directory of a project that depends on the package. */
  readonly project: string;
  /** Directory of the package within it. */
  readonly home: string;
  readonly tarball: string;
  /** Paths of the files in the tarball. */
  readonly files: readonly string[];
}

let once: Promise<Installed> | undefined;

/** Packs and installs: for the first who asks. */
export function installed(): Promise<Installed> {
  once ??= install();
  return once;
}

async function install(): Promise<Installed> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-package-')));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  if (isStale()) await run('npm', ['run', 'build'], repository);
  const packed = await run(
    'npm',
    ['pack', '--ignore-scripts', '--json', '--pack-destination', directory],
    repository,
  );
  const [{ filename, files }] = JSON.parse(packed) as [{ filename: string; files: { path: string }[] }];

  // Who uses a subpath has the peer that it imports; nock is loaded when it is needed, and is not there.
  const links = [...Object.keys(manifest.dependencies), '@opentelemetry/api'].map((name) => [
    name,
    `file:${join(repository, 'node_modules', name)}`,
  ]);
  const dependencies = { [manifest.name]: `file:${filename}`, ...(Object.fromEntries(links) as object) };
  writeFileSync(
    join(directory, 'package.json'),
    JSON.stringify({ private: true, type: 'module', dependencies }),
  );
  await run(
    'npm',
    ['install', '--offline', '--ignore-scripts', '--no-package-lock', '--no-audit'],
    directory,
  );
  return {
    project: directory,
    home: join(directory, 'node_modules', manifest.name),
    tarball: join(directory, filename),
    files: files.map(({ path }) => path),
  };
}

/** There is no build, or something in lib/ has changed since. `npm test` builds first, for all its suites. */
function isStale(): boolean {
  const built = statSync(join(repository, 'dist/index.js'), { throwIfNoEntry: false });
  const sources = readdirSync(join(repository, 'lib'), { recursive: true, encoding: 'utf8' });
  return !built || sources.some((name) => statSync(join(repository, 'lib', name)).mtimeMs > built.mtimeMs);
}

/** Runs a program to its end and gives its output. @throws an error that shows all that was printed */
export async function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  // npm tells its scripts about the project they belong to; a program in another project must not hear of it.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS$)/i.test(name)),
  );
  try {
    const { stdout } = await promisify(execFile)(program, args, { cwd, env, timeout: 60_000 });
    return stdout;
  } catch (error) {
    const {
      message,
      stdout = '',
      stderr = '',
    } = error as { message: string; stdout?: string; stderr?: string };
    throw new Error([message, stdout, stderr].join('\n').trim(), { cause: error });
  }
}
