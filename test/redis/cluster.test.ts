// The same coordinator on Redis Cluster: each step stays on one node, and hints travel through the cluster.
import { expect } from 'chai';
import { Cluster } from 'ioredis';
import { createCluster } from 'redis';
import { Secret } from '../../lib/contract/secret.js';
import { coordinatorConformance, type Stage } from '../../lib/testing/index.js';
import { type Connected } from './drivers.js';
import { coordinatorAt, useRedis } from './server.js';

const CLUSTERS: Readonly<Record<string, (port: number) => Promise<Connected>>> = {
  async ioredis(port) {
    const client = new Cluster([{ host: '127.0.0.1', port }]);
    client.on('error', () => undefined);
    await client.ping();
    return { client, close: () => client.disconnect() };
  },
  async redis(port) {
    const client = createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${port}` }] });
    client.on('error', () => undefined);
    await client.connect();
    return { client, close: () => client.destroy() };
  },
};

/** What a cluster could change; the rest is one server's business. */
const CASES =
  /^(Whatever a token|A session that nobody|Sessions keep apart|Of many claims|Who saves first|One call ends|Hints|Two clients|A logout ends)/;

for (const [name, connect] of Object.entries(CLUSTERS))
  describe(`The coordinator on Redis Cluster, with ${name}`, function () {
    this.timeout(10_000);
    const server = useRedis({
      flush: false,
      args: ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'],
    });
    before(async () => {
      const { admin } = server();
      await admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
      while (!(await admin.cluster('INFO')).includes('cluster_state:ok'))
        await new Promise((resolve) => setTimeout(resolve, 50));
    });

    async function stage(): Promise<Stage> {
      const ends = await Promise.all([connect(server().port), connect(server().port)]);
      const [one, two] = [coordinatorAt(ends[0].client), coordinatorAt(ends[1].client)];
      return {
        coordinators: [one, two],
        close() {
          for (const each of [one, two, ...ends]) each.close();
        },
      };
    }
    const cases = coordinatorConformance({ stage }).filter((each) => CASES.test(each.name));
    for (const { name: what, run } of cases) it(what, run);

    it('hears of changes at once', async () => {
      const { coordinators, close } = await stage();
      const [one, two] = [coordinators[0].open('customer-1'), coordinators[1].open('customer-1')];
      let hints = 0;
      two.subscribe(() => (hints += 1));
      for (let tries = 0; tries < 100 && hints === 0; tries += 1) {
        await one.begin({ tokens: { accessToken: new Secret('at') } }, false);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await close?.();
      expect(hints).to.be.greaterThan(0);
    });
  });
