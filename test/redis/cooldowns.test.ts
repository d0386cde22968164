// Limits that the workers of a fleet share: several clients with a governor and a connection of their own, in front of a
// server that limits.
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { expect } from 'chai';
import {
  createGovernor,
  createHttpClient,
  isAuthError,
  type Cooldowns,
  type HttpClient,
} from '../../lib/index.js';
import { redisCooldowns, type RedisCooldownOptions, type RedisClient } from '../../lib/redis/index.js';
import { sendJson, startLocalServer, type LocalServer, type SeenRequest } from '../support/local-server.js';
import { Secret } from '../../lib/contract/secret.js';
import { DRIVERS } from './drivers.js';
import { pass, until } from './fleet.js';
import { coordinatorAt, NAME_SECRET, startRedis, useRedis } from './server.js';
import { REDIS, useService } from '../support/services.js';

interface Stage {
  /** Another process, as far as limits go. */
  worker(driver?: keyof typeof DRIVERS, url?: string): Promise<HttpClient>;
  /** What the server says to a request from now on; by default 200. */
  answer: (request: SeenRequest, response: ServerResponse) => void;
  readonly seen: () => readonly SeenRequest[];
}

const OK = (_: SeenRequest, response: ServerResponse) => sendJson(response, 200, {});
const limited = (response: ServerResponse, seconds?: number) =>
  sendJson(response, 429, {}, seconds === undefined ? {} : { 'retry-after': String(seconds) });

/** The first so many are limited, the rest is welcome. */
function limits(count: number, seconds?: number): Stage['answer'] {
  let left = count;
  return (request, response) => {
    left -= 1;
    if (left >= 0) limited(response, seconds);
    else OK(request, response);
  };
}

function useStage(redisUrl: () => string, options: Partial<RedisCooldownOptions> = {}): Stage {
  let server: LocalServer;
  const endings: (() => void)[] = [];
  beforeEach(async () => {
    stage.answer = OK;
    server = await startLocalServer((request, response) => stage.answer(request, response));
  });
  afterEach(async () => {
    for (const end of endings.splice(0)) end();
    await server.close();
  });
  const stage: Stage = {
    answer: OK,
    seen: () => server.seen,
    async worker(driver = 'ioredis', url = redisUrl()) {
      const { client, close } = await DRIVERS[driver](url);
      const cooldowns = redisCooldowns(client, { nameSecret: NAME_SECRET, timeout: 5_000, ...options });
      const http = createHttpClient({ baseURL: server.origin, governor: createGovernor({ cooldowns }) });
      endings.push(() => {
        http.close();
        cooldowns.close();
        close();
      });
      return http;
    },
  };
  return stage;
}

const status = (http: HttpClient, url = '/orders') => http.get<unknown>(url).then(({ status }) => status);

async function timeOf(call: Promise<unknown>): Promise<number> {
  const began = performance.now();
  await call;
  return performance.now() - began;
}

describe('Workers that share their limits on Redis', function () {
  this.timeout(20_000);
  const redis = useRedis();
  const stage = useStage(() => redis().url);

  for (const [name, other] of [
    ['ioredis', 'redis'],
    ['redis', 'ioredis'],
  ] as const)
    it(`wait for a cooldown that another one met (${name} hears of ${other})`, async () => {
      const [one, two] = [await stage.worker(other), await stage.worker(name)];
      await Promise.all([status(one), status(two)]);
      stage.answer = limits(1, 1);
      await listening(2);
      const first = status(one);
      while (stage.seen().length < 3) await pass(1);
      await pass(30); // a round trip of news
      expect(await timeOf(status(two))).to.be.above(800);
      await first;
      expect(stage.seen()).to.have.length(5);
    });

  it('wait for it also where they have just been started', async () => {
    const one = await stage.worker();
    stage.answer = limits(1, 1);
    const first = status(one);
    while (stage.seen().length < 1) await pass(1);
    await pass(30);
    const newcomer = await stage.worker();
    expect(await timeOf(status(newcomer))).to.be.above(700);
    await first;
    expect(stage.seen()).to.have.length(3);
  });

  it('send one of them ahead when a bucket opens, and not each its own', async () => {
    const workers = await Promise.all([1, 2, 3, 4, 5, 6].map(() => stage.worker()));
    await Promise.all(workers.map((each) => status(each)));
    await listening(6);
    const before = stage.seen().length;
    const refusing = performance.now() + 2_500; // it opens and refuses, and again
    stage.answer = (request, response) =>
      performance.now() < refusing ? limited(response, 1) : OK(request, response);
    const first = status(workers[0]!);
    while (stage.seen().length === before) await pass(1);
    await pass(30);
    await Promise.all([first, ...workers.slice(1).map((each) => status(each))]);
    expect(stage.seen().length - before - workers.length, 'refusals').to.equal(3);
  });

  it('let another one go first where the one that should does not come back', async () => {
    const [one, two] = [await stage.worker(), await stage.worker()];
    await Promise.all([status(one), status(two)]);
    await listening(2);
    let asked = 0;
    stage.answer = (request, response) => {
      asked += 1;
      if (asked === 1) limited(response, 1);
      else if (asked > 2) OK(request, response); // the second one hangs
    };
    const first = status(one);
    first.catch(() => undefined);
    while (asked < 1) await pass(1);
    await pass(30);
    const began = performance.now();
    const second = status(two);
    const done = await Promise.race([first, second]);
    expect([done, performance.now() - began < 4_000]).to.deep.equal([200, true]);
    one.close();
  });

  it('keep buckets, identities and customers apart', async () => {
    const [one, two] = [await stage.worker(), await stage.worker()];
    await Promise.all([status(one), status(two)]);
    await listening(2);
    stage.answer = (request, response) =>
      request.url === '/orders?of=10.0.0.1' ? limited(response, 30) : OK(request, response);
    const of = (http: HttpClient, ip: string, url = '/orders') =>
      http.get<unknown>(`${url}?of=${ip}`, { holdfast: { customer: { ip }, deadline: 2_000 } }).then(
        ({ status: is }) => is,
        (error: unknown) => (isAuthError(error) ? error.code : error),
      );
    expect(await of(one, '10.0.0.1')).to.equal('TOO_MANY_ATTEMPTS');
    await pass(30);
    const before = stage.seen().length;
    expect(await of(two, '10.0.0.1')).to.equal('TOO_MANY_ATTEMPTS');
    expect(stage.seen().length, 'which was not sent').to.equal(before);
    expect([await of(two, '10.0.0.2'), await of(two, '10.0.0.1', '/others')]).to.deep.equal([200, 200]);
  });

  it('keep a quota that the server says is used up', async () => {
    const [one, two] = [await stage.worker(), await stage.worker()];
    await Promise.all([status(one), status(two)]);
    await listening(2);
    stage.answer = (_, response) => {
      stage.answer = OK;
      sendJson(response, 200, {}, { ratelimit: '"default";r=0;t=1' });
    };
    await status(one);
    await pass(30);
    expect(await timeOf(status(two))).to.be.above(800);
  });

  it('share their first calls to a server: half of what is left for each that comes', async () => {
    const [one, two] = [await stage.worker(), await stage.worker()];
    stage.answer = () => undefined; // it hangs
    const many = (http: HttpClient) => {
      for (let calls = 0; calls < 20; calls += 1) http.get('/orders').catch(() => undefined);
    };
    many(one);
    await until(() => stage.seen().length >= 4, 'four of eight');
    await pass(50);
    expect(stage.seen()).to.have.length(4);
    many(two);
    await until(() => stage.seen().length >= 6, 'two of four');
    await pass(50);
    expect(stage.seen()).to.have.length(6);
  });

  it('ask Redis for nothing while no limit is known', async () => {
    const one = await stage.worker();
    await status(one);
    await pass(100); // what this worker, and those of other tests, still had to say
    await redis().admin.config('RESETSTAT');
    for (let calls = 0; calls < 20; calls += 1) await status(one);
    expect(await redis().admin.info('commandstats')).not.to.match(/cmdstat_(eval|get|set|h|publish)/);
  });

  it('leave nothing in Redis that tells of an address, a path or a customer, nor anything for ever', async () => {
    const one = await stage.worker();
    stage.answer = limits(1, 1);
    await one.get('/orders', { holdfast: { customer: { ip: '192.0.2.77' } } });
    const { keys, text } = await stored();
    expect(keys).to.have.length(1);
    for (const key of keys) expect(await redis().admin.pttl(key)).to.be.within(1, 120_000);
    expect(text).not.to.match(/orders|192\.0\.2|127\.0\.0|localhost/);
  });

  it('forget a limit that nobody has met for a minute', async () => {
    const [one, two] = [await stage.worker(), await stage.worker()];
    stage.answer = limits(1, 1);
    await status(one);
    const [key] = await redis().admin.keys('holdfast:limit:*');
    await redis().admin.pexpire(key!, 1); // the minute is over
    await pass(10);
    expect(await Promise.all(Array.from({ length: 40 }, () => status(two)))).to.have.length(40);
    expect(await redis().admin.keys('holdfast:limit:*')).to.deep.equal([]);
  });

  it('go on, each for itself, where a record is damaged', async () => {
    const one = await stage.worker();
    stage.answer = limits(1, 1);
    await status(one);
    const [key] = await redis().admin.keys('holdfast:limit:*');
    await redis().admin.hset(key!, 'opensAt', 'soon');
    expect(await status(await stage.worker())).to.equal(200);
  });

  it('go on as before where a replica has taken over that is behind', async () => {
    const one = await stage.worker();
    stage.answer = limits(1, 1);
    await status(one);
    const [key] = await redis().admin.keys('holdfast:limit:*');
    await redis().admin.hincrby(key!, 'epoch', -1);
    expect(await Promise.all(Array.from({ length: 5 }, () => status(one)))).to.have.length(5);
  });

  it('go on as before where Redis was emptied meanwhile', async () => {
    const [one, two] = [await stage.worker(), await stage.worker()];
    await Promise.all([status(one), status(two)]);
    for (let closings = 0; closings < 2; closings += 1) {
      stage.answer = limits(1, 1);
      await Promise.all([status(one), status(two)]);
    }
    await redis().admin.flushall();
    await redis().admin.config('RESETSTAT');
    stage.answer = limits(1, 1);
    const first = status(one);
    await pass(30);
    expect(await timeOf(status(two))).to.be.within(500, 2_500);
    await first;
    const [, scripts] = /cmdstat_evalsha:calls=(\d+)/.exec(await redis().admin.info('commandstats')) ?? [];
    expect(Number(scripts), 'and nobody asks without end').to.be.below(60);
  });

  it('meet a refusal of their own where news are lost, and no more than that', async () => {
    const [one, two] = [await stage.worker(), await stage.worker()];
    await Promise.all([status(one), status(two)]);
    await redis().admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    const refusing = performance.now() + 1_000;
    stage.answer = (request, response) =>
      performance.now() < refusing ? limited(response, 1) : OK(request, response);
    const before = stage.seen().length;
    await Promise.all([status(one), ...Array.from({ length: 5 }, () => status(two))]);
    expect(stage.seen().length - before - 6).to.be.within(1, 7);
    expect(await status(two)).to.equal(200);
  });

  /** So many workers hear news: they begin to with their first call. */
  const listening = (count: number) =>
    until(async () => {
      const [, workers] = (await redis().admin.pubsub('NUMSUB', 'holdfast:limits')) as [string, number];
      return workers >= count;
    }, `${count} workers that listen`);

  async function stored() {
    const { admin } = redis();
    const keys = await admin.keys('*');
    const values = await Promise.all(keys.map((key) => admin.hgetall(key)));
    return { keys, text: JSON.stringify([keys, values]) };
  }
});

describe('Workers that share their limits, when Redis is away,', function () {
  this.timeout(20_000);
  const path = useService(REDIS);
  let url = '';
  const stage = useStage(() => url, { timeout: 200 });

  it('wait for it no longer than a step may take, and then go by what they know themselves', async () => {
    const server = await startRedis(path());
    url = server.url;
    const [one, two] = [await stage.worker(), await stage.worker('redis')];
    await server.stop();
    const began = performance.now();
    expect(await Promise.all([status(one), status(two)])).to.deep.equal([200, 200]);
    expect(performance.now() - began).to.be.below(1_500);
    stage.answer = limits(1, 1);
    expect(await timeOf(status(one)), 'their own cooldown is kept').to.be.above(900);
  });

  it('share them again when it is back', async () => {
    const server = await startRedis(path());
    url = server.url;
    const [one, two] = [await stage.worker(), await stage.worker()];
    await server.stop();
    await Promise.all([status(one), status(two)]);
    const again = await startRedis(path(), [], server.port);
    await pass(1_500); // alone for a second, and reconnected
    stage.answer = limits(1, 2);
    const first = status(one);
    const before = stage.seen().length;
    while (stage.seen().length === before) await pass(1);
    await pass(50);
    expect(await timeOf(status(two))).to.be.above(1_500);
    await first;
    await again.stop();
  });
});

describe('What a worker hears of', () => {
  const redis = useRedis();

  it('are buckets that it uses: it lets go of others now and then, and of all when it is closed', async () => {
    const server = await startLocalServer(OK);
    const { client, close } = await DRIVERS.ioredis(redis().url);
    const shared = redisCooldowns(client, { nameSecret: NAME_SECRET });
    let heard = 0;
    const cooldowns: Cooldowns = {
      ...shared,
      bucket(name, hear) {
        const limit = shared.bucket(name, hear);
        heard += 1;
        return {
          ...limit,
          release() {
            heard -= 1;
            limit.release();
          },
        };
      },
    };
    const http = createHttpClient({ baseURL: server.origin, governor: createGovernor({ cooldowns }) });
    for (let bucket = 0; bucket < 300; bucket += 1) await status(http, `/bucket-${bucket}`);
    expect(heard).to.be.below(256);
    http.close();
    expect(heard).to.equal(0);
    shared.close();
    close();
    await server.close();
  });
});

describe('A user of Redis with the rights that docs/fleet.md names', () => {
  const redis = useRedis();
  const stage = useStage(() => redis().url.replace('//', '//worker:password@'));

  it('has all that sessions and limits need', async () => {
    const page = readFileSync(new URL('../../docs/fleet.md', import.meta.url), 'utf8');
    const [, keys = '', channels = '', commands = ''] =
      /`(~\S+)`, `(&\S+)` and `([^`]+)`/.exec(page.replaceAll('\n', ' ')) ?? [];
    const clients = ['+ping', '+info', '+client']; // what ioredis asks by itself
    const { admin } = redis();
    await admin.acl(
      'SETUSER',
      'worker',
      'on',
      '>password',
      keys,
      channels,
      ...commands.split(' '),
      ...clients,
    );
    const [one, two] = [await stage.worker(), await stage.worker()];
    await Promise.all([status(one), status(two)]);
    stage.answer = limits(1, 1);
    await Promise.all([status(one), status(two), ...Array.from({ length: 20 }, () => status(one))]);
    const { client, close } = await DRIVERS.ioredis(redis().url.replace('//', '//worker:password@'));
    const coordinator = coordinatorAt(client);
    try {
      const seat = coordinator.open('a session');
      seat.subscribe(() => undefined);
      const version = await seat.begin({ tokens: { accessToken: new Secret('at-1') } }, false);
      const claim = await seat.claim({ seen: version, lease: 1_000, eager: false });
      expect(claim.is === 'claimed' && (await seat.mark(claim.fence, 1_000))).to.equal(true);
      expect(await seat.end(version, { reason: 'logout', because: 'asked' })).not.to.equal(undefined);
    } finally {
      coordinator.close();
      close();
    }
    expect(await admin.acl('LOG')).to.deep.equal([]);
  });
});

describe('redisCooldowns()', () => {
  for (const { wrong, says } of [
    { wrong: { nameSecret: 'short' }, says: 'nameSecret must be a text of at least 32 characters' },
    { wrong: { prefix: 'a b' }, says: 'prefix must be' },
    { wrong: { timeout: 0 }, says: 'timeout must be a number of ms from 1 to 60000; got 0.' },
    { wrong: { idle: 5 }, says: 'there is no option idle; known are nameSecret, prefix, timeout.' },
  ])
    it(`names the option ${Object.keys(wrong)[0]} where it is wrong`, () => {
      const client = { evalsha: () => undefined, duplicate: () => undefined } as unknown as RedisClient;
      const options = { nameSecret: NAME_SECRET, ...wrong };
      expect(() => redisCooldowns(client, options)).to.throw(TypeError, `redisCooldowns: ${says}`);
    });

  it('wants a client that it knows, and a governor wants what it makes', () => {
    expect(() => redisCooldowns({} as RedisClient, { nameSecret: NAME_SECRET })).to.throw(
      TypeError,
      'redisCooldowns: client must be a client of ioredis or redis',
    );
    expect(() => createGovernor({ cooldowns: {} as never })).to.throw(
      TypeError,
      'createGovernor: cooldowns must be made by redisCooldowns(); got {}.',
    );
    expect(() => createGovernor({ cooldown: 1 } as never)).to.throw(TypeError, 'there is no option cooldown');
  });
});
