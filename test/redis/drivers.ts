// The clients of Redis that the coordinator works with, connected.
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import type { RedisClient } from '../../lib/redis/index.js';

export interface Connected {
  readonly client: RedisClient;
  readonly close: () => void;
}

export type Drivers<Name extends string> = Readonly<Record<Name, (url: string) => Promise<Connected>>>;

/** A test does harm to connections, and clients tell of it. */
export const ignore = () => undefined;

/** Both of them, by the name of their package. */
export const DRIVERS: Drivers<'ioredis' | 'redis'> = {
  async ioredis(url) {
    const client = new Redis(url);
    client.on('error', ignore);
    await client.ping();
    return { client, close: () => client.disconnect() };
  },
  async redis(url) {
    const client = createClient({ url });
    client.on('error', ignore);
    await client.connect();
    return { client, close: () => client.destroy() };
  },
};
