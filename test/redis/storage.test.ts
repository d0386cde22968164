// What stands in Redis: nothing that could be used elsewhere, nothing for ever, and nothing that trouble with it ends.
import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { Secret } from '../../lib/contract/secret.js';
import type { Grant, Seat } from '../../lib/index.js';
import { DRIVERS, type Connected } from './drivers.js';
import { coordinatorAt, KEY, NAME_SECRET, useRedis } from './server.js';

const ACCESS = 'access-token-of-ada';
const REFRESH = 'refresh-token-of-ada';
const SESSION = 'customer-4711';
const DAY = 86_400_000;

const grant = (mark = ''): Grant => ({
  tokens: { accessToken: new Secret(ACCESS + mark), refreshToken: new Secret(REFRESH + mark) },
  lifetime: 3_600_000,
  subject: 'ada@example.com',
});
const LOGOUT = { reason: 'logout', because: 'logout() was called.' } as const;
const FIRST = { gen: 1, ver: 1 };
const CLAIM = { seen: FIRST, lease: 1_000, eager: false };

async function failureOf(step: PromiseLike<unknown>): Promise<string> {
  try {
    return `no failure but ${JSON.stringify(await step)}`;
  } catch (error) {
    expect(String(error)).not.to.contain(ACCESS);
    return String(error);
  }
}

describe('What stands in Redis', function () {
  this.timeout(20_000);
  const server = useRedis();
  let connected: Connected;
  before(async () => {
    connected = await DRIVERS.ioredis(server().url);
  });
  after(() => connected.close());

  const seatOf = (options = {}, session = SESSION): Seat =>
    coordinatorAt(connected.client, options).open(session);
  const keys = () => server().admin.keys('*');
  const only = async () => (await keys())[0]!;
  const ttl = async () => server().admin.pttl(await only());

  /** Everything in the keyspace, as it stands and as it is dumped. */
  async function everything(): Promise<string> {
    const { admin } = server();
    const found = await keys();
    const dumps = await Promise.all(
      found.map(async (key) => [
        JSON.stringify(await admin.hgetall(key)),
        (await admin.dumpBuffer(key)).toString('latin1'),
      ]),
    );
    return JSON.stringify([found, dumps]);
  }

  it('tells no token, no key of a session and no plain hash of either, at no step', async () => {
    const heard: string[] = [];
    const listener = server().admin.duplicate();
    await listener.psubscribe('*');
    listener.on('pmessage', (_pattern, channel, message) => heard.push(`${channel} ${message}`));
    const seat = seatOf();
    const stages: string[] = [];
    const note = async () => void stages.push(await everything());
    await seat.begin(grant(), false);
    await note();
    const claim = await seat.claim(CLAIM);
    await seat.mark(claim.is === 'claimed' ? claim.fence : 0, 1_000);
    await note();
    await seat.commit(FIRST, grant('-2'));
    await note();
    await seat.end({ gen: 1 }, LOGOUT);
    await note();
    listener.disconnect();

    expect(stages.join('')).to.include('k1.');
    expect(heard).to.have.length(3);
    const seen = stages.join('\n') + heard.join('\n');
    for (const secret of [ACCESS, REFRESH, `${ACCESS}-2`, SESSION, 'ada@example.com']) {
      expect(seen).not.to.include(secret);
      for (const algorithm of ['md5', 'sha1', 'sha256', 'sha512'])
        for (const form of ['hex', 'base64', 'base64url'] as const)
          expect(seen, algorithm).not.to.include(createHash(algorithm).update(secret).digest(form));
    }
  });

  it('is one key for each session, all of it on one node of a cluster', async () => {
    await seatOf().begin(grant(), false);
    await seatOf({}, 'another').begin(grant(), false);
    const found = await keys();
    expect(found).to.have.length(2);
    for (const key of found) expect(key).to.match(/^holdfast:\{[\w-]{43}\}$/);
  });

  it('goes by itself: a session in time, the end of one sooner', async () => {
    const seat = seatOf({ idle: 10 * DAY, tombstone: 3_600_000 });
    const is = async (most: number) => expect(await ttl()).to.be.within(most - 5_000, most);
    await seat.begin(grant(), false);
    await is(10 * DAY);
    const forgotten = async () => server().admin.pexpire(await only(), 60_000);
    for (const use of [
      () => seat.load(),
      () => seat.claim(CLAIM),
      () => seat.commit(FIRST, grant('-2')),
    ] as const) {
      await forgotten();
      await use();
      await is(10 * DAY);
    }
    await seat.end({ gen: 1 }, LOGOUT);
    await is(3_600_000);
    await forgotten();
    await seat.load();
    await is(60_000);
  });

  it('is opened with an older key, and sealed with the first one', async () => {
    const next = { id: 'k2', secret: 'another-secret-of-at-least-32-characters' };
    await seatOf().begin(grant(), false);
    const both = seatOf({ keys: [next, KEY] });
    expect(await both.load()).to.have.nested.property('grant.subject', 'ada@example.com');
    await both.commit(FIRST, grant('-2'));
    const seen = await seatOf({ keys: [next] }).load();
    expect(seen && 'grant' in seen && seen.grant.tokens.accessToken.reveal()).to.equal(`${ACCESS}-2`);
    expect(await failureOf(seatOf().load() as Promise<unknown>)).to.include('not among `keys`');
  });

  it('opens in its own session alone, and only as it was written', async () => {
    const { admin } = server();
    await seatOf().begin(grant(), false);
    const mine = await only();
    await seatOf({}, 'another').begin(grant('-other'), false);
    const other = (await keys()).find((key) => key !== mine)!;
    const sealed = (await admin.hget(mine, 'grant'))!;
    const flipped = (sealed.at(20) === 'A' ? 'B' : 'A') + sealed.slice(21);
    for (const wrong of [
      (await admin.hget(other, 'grant'))!,
      sealed.slice(0, 20) + flipped,
      sealed.slice(0, -9),
      'k1.',
      'k1',
      '',
    ]) {
      await admin.hset(mine, 'grant', wrong);
      const failure = await failureOf(seatOf().load() as Promise<unknown>);
      expect(failure, wrong).to.match(/damaged|not among/);
    }
  });

  it('means trouble where it is damaged, at every step, and is not written over', async () => {
    const { admin } = server();
    const damages: readonly ((key: string) => Promise<unknown>)[] = [
      (key) => admin.hdel(key, 'grant'),
      (key) => admin.hdel(key, 'gen'),
      (key) => admin.hset(key, 'ver', 'one'),
      async (key) => {
        await admin.del(key);
        await admin.set(key, 'a text');
      },
    ];
    for (const damage of damages) {
      await admin.flushall();
      const seat = seatOf();
      await seat.begin(grant(), false);
      await damage(await only());
      // The order of the fields says nothing.
      const content = async () => {
        const fields = await admin.hgetall(await only()).catch(String);
        return typeof fields === 'string' ? fields : Object.entries(fields).sort();
      };
      const before = await content();
      for (const step of [
        () => seat.load(),
        () => seat.claim(CLAIM),
        () => seat.mark(1, 1_000),
        () => seat.commit(FIRST, grant('-2')),
        () => seat.cool(1, 100, true),
        () => seat.end({ gen: 1 }, LOGOUT),
      ])
        expect(await failureOf(step() as Promise<unknown>)).to.match(/damaged|WRONGTYPE/);
      expect(await content()).to.deep.equal(before);
    }
  });

  it('ends on logout, also where its tokens cannot be opened any more', async () => {
    await seatOf().begin(grant(), false);
    const blind = seatOf({ keys: [{ id: 'k9', secret: 'another-secret-of-at-least-32-characters' }] });
    expect(await blind.end({ gen: 1 }, LOGOUT)).to.deep.equal({ ver: 1, grant: undefined });
    expect(await seatOf().load()).to.have.nested.property('end.reason', 'logout');
  });

  it('is not found by whoever has another secret for names, or another prefix', async () => {
    await seatOf().begin(grant(), false);
    expect(await seatOf({ nameSecret: NAME_SECRET.toUpperCase() }).load()).to.equal(undefined);
    expect(await seatOf({ prefix: 'other' }).load()).to.equal(undefined);
  });

  it('never takes an attempt from before a loss for one of after', async () => {
    const seat = seatOf();
    const fence = async () => {
      await seat.begin(grant(), false);
      const claim = await seat.claim(CLAIM);
      return claim.is === 'claimed' ? claim.fence : undefined;
    };
    const before = await fence();
    await server().admin.flushall();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await fence()).to.be.greaterThan(before!);
  });
});
