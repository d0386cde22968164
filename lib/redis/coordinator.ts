// `redisCoordinator()`: sessions in Redis, for a backend of many processes.
import { randomUUID } from 'node:crypto';
import { bad } from '../check-options.js';
import type { Coordinator } from '../session/coordinator.js';
import { driverOf, type Driver, type RedisClient } from './client.js';
import { createHints } from './hints.js';
import { readOptions, type RedisOptions } from './options.js';
import type { Script } from './scripts.js';
import { nameOf, sealFor } from './seal.js';
import { seatAt } from './seat.js';

export interface RedisCoordinator extends Coordinator {
  /** Closes the connection for hints. The client is yours, and stays open. */
  close(): void;
}

/**
 * Keeps the sessions of many processes, one key for each session.
 * @param client of `ioredis` or `redis`, for one server or for a cluster
 * @throws TypeError naming the first bad option
 */
export function redisCoordinator(client: RedisClient, options: RedisOptions): RedisCoordinator {
  const maker = 'redisCoordinator';
  const driver = driverOf(client);
  if (!driver) bad(maker, 'client', 'a client of ioredis or redis', typeof client);
  const { keys, nameSecret, prefix, idle, tombstone, timeout } = readOptions(maker, options);
  const hints = createHints(driver);
  const here = randomUUID();
  let seats = 0;
  let isClosed = false;
  const table = {
    hints,
    idle,
    tombstone,
    isClosed: () => isClosed,
    run: (script: Script, key: string, args: readonly string[]) => run(driver, timeout, script, key, args),
  };
  return {
    open(key) {
      const name = nameOf(nameSecret, key);
      seats += 1;
      // In braces: all that is ever needed for a session is on one node of a cluster.
      return seatAt(table, `${prefix}:{${name}}`, `${here}.${seats}`, sealFor(name, keys));
    },
    close() {
      isClosed = true;
      hints.close();
    },
  };
}

/** Rejects when Redis has not answered in time: nobody knows then whether the step took effect. */
async function run(
  driver: Driver,
  timeout: number,
  script: Script,
  key: string,
  args: readonly string[],
): Promise<readonly string[]> {
  let isLate = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      isLate = true;
      reject(new Error(`Redis did not answer within ${timeout} ms.`));
    }, timeout);
  });
  try {
    return listOf(await Promise.race([late, send()]));
  } finally {
    clearTimeout(timer);
  }

  async function send(): Promise<unknown> {
    // Not left to the client's queue, which might carry out in a minute what everybody has given up by then.
    await driver.ready();
    if (isLate) return undefined;
    try {
      return await driver.evalsha(script, key, args);
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      return await driver.eval(script, key, args);
    }
  }
}

/** After a restart or a `SCRIPT FLUSH`. */
function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

/** A client may be set up to give bytes, or the texts of a script as they are. */
function listOf(reply: unknown): readonly string[] {
  if (!Array.isArray(reply)) throw new Error('Redis answered something that no step does.');
  return reply.map(String);
}
