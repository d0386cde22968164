// A Redis of one's own: empty, on a free port, and gone with its test.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { redisCoordinator, type RedisClient, type RedisOptions } from '../../lib/redis/index.js';
import { vacantPort } from '../support/local-server.js';
import { REDIS, useService } from '../support/services.js';

export interface RedisServer {
  readonly port: number;
  readonly url: string;
  /** For the test to look with, and to do harm. */
  readonly admin: Redis;
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
  const child = spawn(
    path,
    [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder],
      ...['--save', '', '--appendonly', 'no', ...args],
    ],
    { stdio: 'ignore' },
  );
  const admin = new Redis(port, { maxRetriesPerRequest: null });
  admin.on('error', () => undefined); // until it listens
  await admin.ping();
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    admin,
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

export interface Connected {
  readonly client: RedisClient;
  readonly close: () => void;
}

/** Both drivers, by the name of their package. */
export const DRIVERS: Readonly<Record<'ioredis' | 'redis', (url: string) => Promise<Connected>>> = {
  async ioredis(url) {
    const client = new Redis(url);
    client.on('error', () => undefined);
    await client.ping();
    return { client, close: () => client.disconnect() };
  },
  async redis(url) {
    const client = createClient({ url });
    client.on('error', () => undefined);
    await client.connect();
    return { client, close: () => client.destroy() };
  },
};

export const NAME_SECRET = 'name-secret-of-at-least-32-characters';
export const KEY = { id: 'k1', secret: 'seal-secret-of-at-least-32-characters' };

export const coordinatorAt = (client: RedisClient, options: Partial<RedisOptions> = {}) =>
  redisCoordinator(client, { keys: [KEY], nameSecret: NAME_SECRET, ...options });
