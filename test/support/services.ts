// Programs that a suite needs and npm does not bring. They are found on PATH or where the environment says, installed
// where a test may do that, and otherwise leave their suite pending with the line that installs them.
import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

export interface Service {
  /** Name on PATH. */
  readonly command: string;
  /** Environment variable with its path. */
  readonly variable: string;
  /** Package of Debian. */
  readonly debian: string;
}

export const CHROMIUM: Service = { command: 'chromium', variable: 'CHROMIUM', debian: 'chromium' };
export const REDIS: Service = {
  command: 'redis-server',
  variable: 'REDIS_SERVER',
  debian: 'redis-server',
};
export const NGINX: Service = { command: 'nginx', variable: 'NGINX', debian: 'nginx' };
export const HAPROXY: Service = { command: 'haproxy', variable: 'HAPROXY', debian: 'haproxy' };

/** Where Debian has servers; not everybody's PATH leads there. */
const SYSTEM = '/usr/sbin';

/** An installation fetches some 100 MB. */
const PATIENCE = 10 * 60_000;

/**
 * Call in a `describe`: its tests run with the program, or are pending. Where `REQUIRE_SERVICES` is set they fail
 * instead. The result tells its path, once the tests run.
 */
export function useService(service: Service): () => string {
  let path: string | undefined;
  before(async function () {
    this.timeout(PATIENCE);
    path = find(service) ?? (await install(service));
    if (path !== undefined) return;
    const line = `${service.command} is not here: apt-get install -y ${service.debian}, or ${service.variable}=/path/to/it`;
    if (process.env.REQUIRE_SERVICES) throw new Error(line);
    console.log(`    pending, for ${line}`);
    this.skip();
  });
  return () => path!;
}

/** @throws Error where the environment names a program that cannot be run */
function find({ command, variable }: Service): string | undefined {
  const named = process.env[variable];
  if (named === undefined)
    return [...(process.env.PATH ?? '').split(delimiter), SYSTEM]
      .map((folder) => join(folder, command))
      .find(isProgram);
  if (!isProgram(named)) throw new Error(`${variable}=${named} is no program that can be run.`);
  return named;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Root on Debian may; suites that run side by side take turns. */
async function install(service: Service): Promise<string | undefined> {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return undefined;
  const script = 'apt-get -qq update && apt-get -qq install -y --no-install-recommends "$0"';
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const lock = '/tmp/holdfast-apt.lock';
  try {
    await promisify(execFile)('flock', [lock, 'sh', '-c', script, service.debian], {
      env,
      timeout: PATIENCE,
    });
  } catch (error) {
    console.log(`    ${service.debian} could not be installed: ${String(error)}`);
  }
  return find(service);
}
