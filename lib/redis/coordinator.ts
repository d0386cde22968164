// `redisCoordinator()`: sessions in Redis, for a backend of many processes.
import { randomUUID } from 'node:crypto';
import type { Coordinator } from '../session/coordinator.js';
import { driverOf, type RedisClient } from './client.js';
import { createHints } from './hints.js';
import { readOptions, type RedisOptions } from './options.js';
import { nameOf, sealFor } from './seal.js';
import { seatAt } from './seat.js';
import { runStep, type Script } from './steps.js';

/** A coordinator of many processes. */
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
  const driver = driverOf(maker, client);
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
    run: (script: Script, key: string, args: readonly string[]) =>
      runStep(driver, timeout, script, key, args),
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
