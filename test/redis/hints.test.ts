// Who listens for hints: the sessions that somebody holds, and no others.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { createAuthClient } from '../../lib/index.js';
import { strictServer } from '../../lib/testing/strict-server.js';
import { DRIVERS } from './drivers.js';
import { coordinatorAt, useRedis } from './server.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

describe('Hints of Redis', function () {
  this.timeout(20_000);
  const redis = useRedis();

  it('are listened to only for sessions that somebody holds', async () => {
    const { client, close } = await DRIVERS.ioredis(redis().url);
    const coordinator = coordinatorAt(client);
    const { adapter, tokens } = strictServer(10);
    const auth = createAuthClient({ baseURL: 'https://api.example.com', axios: { adapter }, coordinator });
    const held = auth.resume(tokens, { key: 'held' });
    await held.accessToken();
    const meet = async (count: number) => {
      for (let each = 0; each < count; each += 1)
        await auth.resume(tokens, { key: `met-${each}` }).accessToken();
    };
    await meet(50);
    const channels = async () => (await redis().admin.pubsub('CHANNELS')).length;
    const after = async (holds: (count: number) => boolean) => {
      let count = await channels();
      for (let tries = 0; tries < 100 && !holds(count); tries += 1) {
        collect();
        await new Promise((resolve) => setTimeout(resolve, 20));
        count = await channels();
      }
      return count;
    };
    expect(await after((count) => count <= 2)).to.be.within(1, 2);
    expect(held.state.status).to.equal('live');
    auth.close();
    coordinator.close();
    expect(await after((count) => count === 0)).to.equal(0);
    close();
  });
});
