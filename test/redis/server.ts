// A Redis of one's own: empty, on a free port, and gone with its test.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { redisCoordinator, type RedisClient, type RedisOptions } from '../../lib/redis/index.js';
import { vacantPort } from '../support/local-server.js';
import { REDIS, useService } from '../support/services.js';

export interface RedisServer {
  readonly port: number;
  readonly url: string;
  /** For the test to look with, and to do harm. */
  readonly admin: Redis;
  /** Dies, and comes again at the same place: with what it had only where it was started with `--appendonly yes`. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** @param at a port; by default a free one */
export async function startRedis(
  path: string,
  args: readonly string[] = [],
  at?: number,
): Promise<RedisServer> {
  const port = at ?? (await vacantPort());
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-redis-'));
  const begin = () =>
    spawn(
      path,
      [
        ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder],
        ...['--save', '', '--appendonly', 'no', ...args],
      ],
      { stdio: 'ignore' },
    );
  let child = begin();
  const admin = new Redis(port, { maxRetriesPerRequest: null });
  admin.on('error', () => undefined); // until it listens
  await admin.ping();
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    admin,
    async restart() {
      await ended(child);
      child = begin();
      await admin.ping();
    },
    async stop() {
      admin.disconnect();
      await ended(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const over = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await over;
}

export interface RedisUse {
  /** Empty before each test; default true. */
  readonly flush?: boolean;
  /** Arguments of the server. */
  readonly args?: readonly string[];
}

/** Call in a `describe`: its tests run with a server of their own. */
export function useRedis({ flush = true, args = [] }: RedisUse = {}): () => RedisServer {
  const path = useService(REDIS);
  let server: RedisServer | undefined;
  before(async () => {
    server = await startRedis(path(), args);
  });
  beforeEach(async () => {
    if (flush) await server?.admin.flushall();
  });
  after(() => server?.stop());
  return () => server!;
}

export const NAME_SECRET = 'name-secret-of-at-least-32-characters';
export const KEY = { id: 'k1', secret: 'seal-secret-of-at-least-32-characters' };

export const coordinatorAt = (client: RedisClient, options: Partial<RedisOptions> = {}) =>
  redisCoordinator(client, { keys: [KEY], nameSecret: NAME_SECRET, timeout: 5_000, ...options });
