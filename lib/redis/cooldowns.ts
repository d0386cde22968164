// `redisCooldowns()`: what is known about limits, shared by the workers of a fleet.
import { randomUUID } from 'node:crypto';
import type { Cooldowns, Leave, Lesson, News, SharedLimit, Standing, Tally } from '../decide/shared-limit.js';
import { driverOf, type RedisClient, type Subscriber } from './client.js';
import * as scripts from './limit-scripts.js';
import { readCooldownOptions, type RedisCooldownOptions } from './options.js';
import { nameOf } from './seal.js';
import { runStep, strange, type Script } from './steps.js';

/** Limits that processes share, for `createGovernor({ cooldowns })`. */
export interface RedisCooldowns extends Cooldowns {
  /** Closes the connection for news. The client is yours, and stays open. */
  close(): void;
}

/**
 * Lets a fleet learn the limits of a server as one: for `createGovernor({ cooldowns })`.
 * @param client of `ioredis` or `redis`, for one server or for a cluster
 * @throws TypeError naming the first bad option
 */
export function redisCooldowns(client: RedisClient, options: RedisCooldownOptions): RedisCooldowns {
  const maker = 'redisCooldowns';
  const driver = driverOf(maker, client);
  const { nameSecret, prefix, timeout } = readCooldownOptions(maker, options);
  const here = randomUUID();
  const channel = `${prefix}:limits`;
  const listeners = new Map<string, Map<string, (news: News) => void>>();
  let buckets = 0;
  let line: Subscriber | undefined;
  let isClosed = false;

  const keyOf = (kind: string, name: string) => `${prefix}:${kind}:{${nameOf(nameSecret, name)}}`;
  const run = (script: Script, key: string, args: readonly (string | number)[]) =>
    runStep(driver, timeout, script, key, args.map(String));

  function onMessage(_: string, message: string): void {
    const [key = '', from, is, epoch, forMs] = message.split(' ');
    const news: News | undefined =
      is === 'going'
        ? { is, epoch: Number(epoch) }
        : is === 'closed'
          ? { is, epoch: Number(epoch), forMs: Number(forMs) }
          : undefined; // of a version to come
    if (!news) return;
    for (const [id, hear] of listeners.get(key) ?? []) if (id !== from) hear(news);
  }

  return {
    bucket(name, hear) {
      // One channel for all: closings are rare, and buckets may be as many as customers.
      if (!isClosed && !line) (line = driver.subscriber(onMessage)).subscribe(channel);
      const key = keyOf('limit', name);
      const id = `${here}.${(buckets += 1)}`;
      const same = listeners.get(key) ?? new Map<string, typeof hear>();
      listeners.set(key, same.set(id, hear));
      return {
        ...limitAt((script, args) => run(script, key, [channel, id, ...args])),
        release() {
          if (same.delete(id) && same.size === 0 && listeners.get(key) === same) listeners.delete(key);
        },
      };
    },
    async start(origin, burst) {
      const [mine] = await run(scripts.START, keyOf('start', origin), [burst]);
      return Number(mine);
    },
    close() {
      isClosed = true;
      listeners.clear();
      line?.close();
    },
  };
}

type Step = (script: Script, args: readonly (string | number)[]) => Promise<readonly string[]>;

function limitAt(step: Step): Omit<SharedLimit, 'release'> {
  return {
    close: async (epoch, forMs, { accepted, forMs: within }) =>
      standing(await step(scripts.CLOSE, [epoch, forMs, accepted, within])),
    async report(epoch, { accepted, forMs }) {
      await step(scripts.REPORT, [epoch, accepted, forMs]);
    },
    ask: async (epoch, want, accepted) => leaveIn(await step(scripts.ASK, [epoch, want, accepted])),
    async reopen(epoch, lesson) {
      const taught = lesson
        ? [JSON.stringify(lesson), lesson.perSecond, lesson.most, lesson.growth]
        : ['', '', '', ''];
      return leaveIn(await step(scripts.REOPEN, [epoch, ...taught]));
    },
  };
}

const standing = ([epoch, forMs]: readonly string[]): Standing => ({
  epoch: count(epoch),
  forMs: count(forMs),
});

function leaveIn([is, ...rest]: readonly string[]): Leave {
  if (is === 'free') return { is };
  const [epoch, first, second] = rest;
  switch (is) {
    case 'closed':
    case 'wait':
      return { is, epoch: count(epoch), forMs: count(first) };
    case 'granted':
      return { is, epoch: count(epoch), count: count(first), forMs: count(second) };
    case 'first':
      return { is, epoch: count(epoch), tally: tallyIn(rest.slice(1)) };
    default:
      throw strange();
  }
}

function tallyIn([closedAt, opensAt, accepted, forMs, lesson, ...since]: readonly string[]): Tally {
  const tally = {
    closedAt: count(closedAt),
    opensAt: count(opensAt),
    shown: { accepted: count(accepted), forMs: count(forMs) },
  };
  if (lesson === undefined) return tally;
  const [refusedAt, openedAt, got, perSecond, marks = ''] = since;
  return {
    ...tally,
    since: {
      lesson: { ...(JSON.parse(lesson) as Lesson), perSecond: count(perSecond) },
      refusedAt: count(refusedAt),
      openedAt: count(openedAt),
      accepted: count(got),
      marks: marks
        .split(' ')
        .filter(Boolean)
        .map((mark) => mark.split(':'))
        .map(([at, total]) => ({ at: count(at), accepted: count(total) })),
    },
  };
}

function count(text: string | undefined): number {
  const value = Number(text);
  if (text === undefined || text === '' || !Number.isFinite(value)) throw strange();
  return value;
}
