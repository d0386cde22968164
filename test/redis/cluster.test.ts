// The same coordinator on a cluster of three nodes: each step stays on one of them, hints travel through the cluster, and a
// session goes on while its slot moves from one to another.
import { expect } from 'chai';
import { Cluster } from 'ioredis';
import { createCluster } from 'redis';
import { createCluster as createCluster4 } from 'redis-4';
import { createCluster as createCluster5 } from 'redis-5';
import { Secret } from '../../lib/contract/secret.js';
import type { Coordinator, Grant } from '../../lib/index.js';
import { coordinatorConformance, type Stage } from '../../lib/testing/index.js';
import { REDIS, useService } from '../support/services.js';
import { DRIVERS, ignore, type Connected, type Drivers } from './drivers.js';
import { EVERY_VERSION } from './older-drivers.js';
import { coordinatorAt, startRedis, type RedisServer } from './server.js';

/** Told of one node, they find the others. */
const CLUSTERS: Drivers<'ioredis' | 'redis' | 'redis 5' | 'redis 4'> = {
  async ioredis(url) {
    const client = new Cluster([url]);
    client.on('error', ignore);
    await client.ping();
    return { client, close: () => client.disconnect() };
  },
  async redis(url) {
    const client = createCluster({ rootNodes: [{ url }] });
    client.on('error', ignore);
    await client.connect();
    return { client, close: () => client.destroy() };
  },
  async 'redis 5'(url) {
    const client = createCluster5({ rootNodes: [{ url }] });
    client.on('error', ignore);
    await client.connect();
    return { client, close: () => client.destroy() };
  },
  async 'redis 4'(url) {
    const client = createCluster4({ rootNodes: [{ url }] });
    client.on('error', ignore);
    await client.connect();
    return { client, close: () => void client.disconnect() };
  },
};

/** What a cluster could change; the rest is one server's business. */
const CASES =
  /^(Whatever a token|A session that nobody|Sessions keep apart|Of many claims|Who saves first|One call ends|Hints|Two clients|A logout ends)/;

const SLOTS = 16_384;
const NODES = 3;

const pass = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let waits = 0; waits < 400; waits += 1) {
    if (await holds()) return;
    await pass(50);
  }
  expect.fail(`Not after 20 s: ${what}`);
}

function useCluster(): readonly RedisServer[] {
  const path = useService(REDIS);
  const nodes: RedisServer[] = [];
  before(async function () {
    this.timeout(30_000);
    const args = ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'];
    nodes.push(...(await Promise.all(Array.from({ length: NODES }, () => startRedis(path(), args)))));
    const first = (number: number) => Math.floor((SLOTS * number) / NODES);
    await Promise.all(
      nodes.map(async ({ admin, port }, number) => {
        await admin.call('CLUSTER', 'ADDSLOTSRANGE', first(number), first(number + 1) - 1);
        if (number > 0) await nodes[0]!.admin.cluster('MEET', '127.0.0.1', port);
      }),
    );
    await until(async () => {
      const infos = await Promise.all(nodes.map(({ admin }) => admin.cluster('INFO')));
      return infos.every((info) => /cluster_state:ok/.test(info) && info.includes(`known_nodes:${NODES}`));
    }, 'a cluster that is well');
  });
  after(() => Promise.all(nodes.map((node) => node.stop())));
  return nodes;
}

const grant = (number: number): Grant => ({
  tokens: { accessToken: new Secret(`at-${number}`), refreshToken: new Secret(`rt-${number}`) },
});

const LOGOUT = { reason: 'logout', because: 'logout() was called.' } as const;

describe('The coordinator on Redis Cluster', function () {
  this.timeout(20_000);
  const nodes = useCluster();
  const opened: { close(): unknown }[] = [];
  afterEach(() => {
    for (const each of opened.splice(0)) each.close();
  });

  async function stage(connect: (url: string) => Promise<Connected>): Promise<Stage> {
    // Not told of the same one: each has to find the others.
    const ends = await Promise.all([connect(nodes[0]!.url), connect(nodes[1]!.url)]);
    const [one, two] = [coordinatorAt(ends[0].client), coordinatorAt(ends[1].client)];
    opened.push(one, two, ...ends);
    return { coordinators: [one, two] };
  }

  /** Which sessions each node has, by their names in Redis. */
  const names = () => Promise.all(nodes.map(({ admin }) => admin.keys('*')));

  async function refresh(coordinator: Coordinator, key: string, ver: number): Promise<void> {
    const seat = coordinator.open(key);
    const claim = await seat.claim({ seen: { gen: 1, ver }, lease: 2_000, eager: true });
    if (claim.is !== 'claimed') throw new Error(`The claim was answered with ${claim.is}.`);
    expect(await seat.mark(claim.fence, 2_000)).to.equal(true);
    expect(await seat.commit({ gen: 1, ver }, grant(ver + 1))).to.equal(true);
  }

  /** Hands a slot over, step by step as `redis-cli --cluster reshard` does, and works in each of its states. */
  async function move(name: string, work: () => Promise<void>): Promise<void> {
    const from = (await names()).findIndex((each) => each.includes(name));
    const to = (from + 1) % NODES;
    const [source, target] = [nodes[from]!.admin, nodes[to]!.admin];
    const ids = await Promise.all([source, target].map((admin) => admin.cluster('MYID')));
    const slot = await source.cluster('KEYSLOT', name);
    await target.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', ids[0]!);
    await source.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', ids[1]!);
    await work();
    await source.call('MIGRATE', '127.0.0.1', nodes[to]!.port, '', 0, 1_000, 'KEYS', name);
    await work(); // ASK
    for (const { admin } of [nodes[to]!, nodes[from]!, nodes[(to + 1) % NODES]!])
      await admin.call('CLUSTER', 'SETSLOT', slot, 'NODE', ids[1]!);
    await work(); // MOVED
    expect((await names())[to]).to.include(name);
  }

  for (const [driver, connect] of Object.entries(CLUSTERS).filter(
    ([name]) => EVERY_VERSION || name in DRIVERS,
  ))
    describe(`with ${driver}`, () => {
      const cases = coordinatorConformance({ stage: () => stage(connect) });
      for (const { name, run } of cases.filter((each) => CASES.test(each.name))) it(name, run);

      it('hears of changes at once', async () => {
        const { coordinators } = await stage(connect);
        const [one, two] = [coordinators[0].open('customer-1'), coordinators[1].open('customer-1')];
        let hints = 0;
        two.subscribe(() => (hints += 1));
        for (let tries = 0; tries < 100 && hints === 0; tries += 1) {
          await one.begin(grant(1), false);
          await pass(50);
        }
        expect(hints).to.be.greaterThan(0);
      });

      it('keeps sessions on every node, and goes on with each while its slot moves to another one', async () => {
        await Promise.all(nodes.map(({ admin }) => admin.flushall()));
        const { coordinators } = await stage(connect);
        const [one, two] = coordinators;
        const keys = Array.from({ length: 24 }, (_, number) => `customer-${number}`);
        for (const key of keys) await one.open(key).begin(grant(1), false);
        const found = await names();
        expect(found.flat()).to.have.length(keys.length);
        for (const each of found) expect(each).to.have.length.greaterThan(0);

        let ver = 1;
        await move(found[0]![0]!, async () => {
          for (const each of [one, two]) {
            for (const key of keys) await refresh(each, key, ver); // the one that moves is among them
            ver += 1;
          }
        });
        expect(ver).to.equal(7);
        for (const key of keys) expect(await one.open(key).load()).to.include({ gen: 1, ver });
        let ended = 0;
        await move(found[1]![0]!, async () => {
          if (ended === 0)
            for (const key of keys) if (await two.open(key).end({ gen: 1 }, LOGOUT)) ended += 1;
          for (const key of keys) expect(await one.open(key).load()).to.deep.include({ gen: 1, end: LOGOUT });
        });
        expect(ended).to.equal(keys.length);
      });
    });
});
