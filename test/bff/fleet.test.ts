// Two backends with their sessions in Redis, as two processes have them.
import { expect } from 'chai';
import { unwrap } from '../../lib/index.js';
import { ADA, QUICK } from '../integration/stage.js';
import { DRIVERS } from '../redis/drivers.js';
import { coordinatorAt, useRedis } from '../redis/server.js';
import { COOKIE, useBff } from './stage.js';

describe('Two backends on Redis', () => {
  const redis = useRedis();
  const stage = useBff();

  async function member(sandbox?: Awaited<ReturnType<typeof stage.sandbox>>) {
    const { client, close } = await DRIVERS.ioredis(redis().url);
    stage.keep({ close });
    const coordinator = stage.keep(coordinatorAt(client));
    const auth = { coordinator, policies: { ...QUICK, refresh: { timeout: 500 } } };
    return stage.backend({ auth }, sandbox && { sandbox });
  }

  it('are one: login at one, calls at both with one refresh, logout at the other', async () => {
    const one = await member();
    const two = await member(one.sandbox);
    const ada = one.visitor();
    const session = unwrap(await ada.client.login(ADA));
    const there = two.visitor();
    there.jar.set(COOKIE, ada.jar.get(COOKIE)!);
    const same = unwrap(await there.client.session())!;
    one.sandbox.expireAccessTokens();
    const calls = Array.from({ length: 20 }, (_, index) => (index % 2 ? session : same).http.get('/orders'));
    expect((await Promise.all(calls)).every(({ status }) => status === 200)).to.equal(true);
    expect(one.sandbox.counts().refreshTokens.presented).to.equal(1);
    expect((await same.logout()).ok).to.equal(true);
    expect((await session.validate()).ok).to.equal(false);
  });

  it('keep neither cookie nor token in it where it could be read', async () => {
    const one = await member();
    const ada = one.visitor();
    const session = unwrap(await ada.client.login(ADA));
    const { admin } = redis();
    const names = await admin.keys('*');
    const stored = JSON.stringify([names, ...(await Promise.all(names.map((name) => admin.hgetall(name))))]);
    expect(names).to.have.length(1);
    for (const secret of [ada.jar.get(COOKIE)!, session.tokens().accessToken, 'eyJ'])
      expect(stored).not.to.contain(secret);
  });

  it('say that a session cannot be found now where Redis is away, and find it afterwards', async () => {
    const one = await member();
    const ada = one.visitor();
    unwrap(await ada.client.login(ADA));
    const two = await member(one.sandbox);
    const there = two.visitor();
    there.jar.set(COOKIE, ada.jar.get(COOKIE)!);
    await redis().admin.client('PAUSE', 3_000);
    const found = await there.client.session();
    if (!found.ok) expect(found.error).to.include({ code: 'API_EXCEPTION', status: 503, retryable: true });
    expect(found.ok).to.equal(false);
    await redis().admin.ping(); // answered when the pause is over
    expect(unwrap(await there.client.session())).not.to.equal(undefined);
  });
});
