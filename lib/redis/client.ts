// The clients of Redis that may be handed in, by their shape: holdfast depends on neither. What differs between them is
// told here, so that the rest knows one driver.
import { bad } from '../check-options.js';
import type { Script } from './steps.js';

/** A message of the channel. */
export type OnMessage = (channel: string, message: string) => void;

/** A connection for hints. Nothing about it ever fails: what it does not bring is found by looking. */
export interface Subscriber {
  subscribe(channel: string): void;
  unsubscribe(channel: string): void;
  close(): void;
}

export interface Driver {
  /** Settles when commands are sent at once and not kept for later; `undefined`: they are. */
  ready(): Promise<void> | undefined;
  evalsha(script: Script, key: string, args: readonly string[]): Promise<unknown>;
  eval(script: Script, key: string, args: readonly string[]): Promise<unknown>;
  /** A connection of its own: one that listens can do nothing else. */
  subscriber(onMessage: OnMessage): Subscriber;
}

interface Emitter {
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  once(event: 'ready', listener: () => void): unknown;
}

/** What is used of a client of `ioredis`: `Redis` or `Cluster`. */
export interface Ioredis extends Emitter {
  /** Commands are sent only while it is `'ready'`; `'wait'` is a client with `lazyConnect`. */
  readonly status: string;
  /** Whether it is a `Cluster`, which is duplicated in another way. */
  readonly isCluster: boolean;
  /** Called where the client has `lazyConnect` and has not connected. */
  connect(): Promise<unknown>;
  /** Runs a script that the server knows. */
  evalsha(sha: string, keys: number, ...args: string[]): Promise<unknown>;
  /** Runs a script that the server does not know yet. */
  eval(source: string, keys: number, ...args: string[]): Promise<unknown>;
  /** Called on a duplicate: listens for changes of a session or a limit. */
  subscribe(channel: string): Promise<unknown>;
  /** Called on a duplicate, when nobody holds the session any more. */
  unsubscribe(channel: string): Promise<unknown>;
  /** Closes a duplicate; the client itself is left to you. */
  disconnect(): void;
  /** Makes the connection that listens. */
  duplicate(...args: never[]): unknown;
}

interface EvalOptions {
  readonly keys: string[];
  readonly arguments: string[];
}

/** What is used of a client of `redis`: of `createClient()` or `createCluster()`. */
export interface NodeRedis extends Emitter {
  /** Commands are sent only while it is not `false`; the cluster of version 4 has none. */
  readonly isReady?: boolean;
  /** Called on a duplicate: you connect the client itself. */
  connect(): Promise<unknown>;
  /** Runs a script that the server knows. */
  evalSha(sha: string, options: EvalOptions): Promise<unknown>;
  /** Runs a script that the server does not know yet. */
  eval(source: string, options: EvalOptions): Promise<unknown>;
  /** Runs scripts where the client is a cluster of version 4. */
  sendCommand(...args: never[]): Promise<unknown>;
  /** Called on a duplicate: listens for changes of a session or a limit. */
  subscribe(channel: string, listener: (message: string, channel: string) => void): Promise<unknown>;
  /** Called on a duplicate, when nobody holds the session any more. */
  unsubscribe(channel: string): Promise<unknown>;
  /** Closes a duplicate; version 4 has `disconnect()` for it. */
  destroy?(): void;
  /** Makes the connection that listens. */
  duplicate(overrides?: never): unknown;
}

/** A client of `ioredis`, or a connected one of `redis`, of one server or a cluster. */
export type RedisClient = Ioredis | NodeRedis;

/** @throws TypeError where it is neither */
export function driverOf(maker: string, client: unknown): Driver {
  if (typeof client === 'object' && client !== null && 'duplicate' in client) {
    if ('evalsha' in client) return ioredis(client as Ioredis);
    if ('evalSha' in client) return nodeRedis(client as NodeRedis);
  }
  return bad(maker, 'client', 'a client of ioredis or redis', typeof client);
}

function ioredis(client: Ioredis): Driver {
  return {
    ready() {
      if (client.status === 'ready') return undefined;
      if (client.status === 'wait') client.connect().catch(ignore); // `lazyConnect`
      return whenReady(client);
    },
    evalsha: ({ sha }, key, args) => client.evalsha(sha, 1, key, ...args),
    eval: ({ source }, key, args) => client.eval(source, 1, key, ...args),
    subscriber(onMessage) {
      // No prefix, since channels are no keys; and what is subscribed to waits for the connection, however long it takes.
      const own = { keyPrefix: '', enableOfflineQueue: true, autoResubscribe: true, lazyConnect: false };
      const patient = { ...own, maxRetriesPerRequest: null };
      const duplicate = client.duplicate.bind(client) as (...args: unknown[]) => Ioredis;
      const line = client.isCluster ? duplicate([], own) : duplicate(patient);
      line.on('error', ignore);
      line.on('message', (channel, message) => onMessage(String(channel), String(message)));
      return {
        subscribe: (channel) => void line.subscribe(channel).catch(ignore),
        unsubscribe: (channel) => void line.unsubscribe(channel).catch(ignore),
        close: () => line.disconnect(),
      };
    },
  };
}

function nodeRedis(client: NodeRedis): Driver {
  const isOldCluster = client.isReady === undefined;
  // It looks for the key in the wrong place, and so asks any node, until one happens to have the session.
  const send = (command: string, script: string, key: string, args: readonly string[]) =>
    (client.sendCommand.bind(client) as (...args: unknown[]) => Promise<unknown>)(key, false, [
      ...[command, script, '1', key],
      ...args,
    ]);
  return {
    // The cluster of version 4 does not say; then it is asked at once.
    ready: () => (client.isReady === false ? whenReady(client) : undefined),
    evalsha: ({ sha }, key, args) =>
      isOldCluster
        ? send('EVALSHA', sha, key, args)
        : client.evalSha(sha, { keys: [key], arguments: [...args] }),
    eval: ({ source }, key, args) =>
      isOldCluster
        ? send('EVAL', source, key, args)
        : client.eval(source, { keys: [key], arguments: [...args] }),
    subscriber(onMessage) {
      const duplicate = client.duplicate.bind(client) as (overrides?: object) => NodeRedis;
      const line = duplicate({ disableOfflineQueue: false });
      line.on('error', ignore);
      const open = line.connect();
      open.catch(ignore);
      const later = (work: () => Promise<unknown>) => void open.then(work).catch(ignore);
      return {
        subscribe: (channel) =>
          later(() => line.subscribe(channel, (message, from) => onMessage(from, message))),
        unsubscribe: (channel) => later(() => line.unsubscribe(channel)),
        close: () => hangUp(line),
      };
    },
  };
}

/** One listener, however many wait. */
const waits = new WeakMap<Emitter, Promise<void>>();

function whenReady(client: Emitter): Promise<void> {
  const known = waits.get(client);
  if (known) return known;
  const wait = new Promise<void>((resolve) => {
    client.once('ready', () => {
      waits.delete(client);
      resolve();
    });
  });
  waits.set(client, wait);
  return wait;
}

/** Version 4 says it otherwise. */
function hangUp(line: NodeRedis & { disconnect?(): Promise<unknown> }): void {
  try {
    if (line.destroy) line.destroy();
    else line.disconnect?.().catch(ignore);
  } catch {
    // it was not open
  }
}

function ignore(): void {
  // the client connects again by itself
}
