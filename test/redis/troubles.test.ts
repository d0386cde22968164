// A Redis that is slow, away, emptied or restarted: never the end of a session, never a wait without bound, never a token
// presented twice.
import { expect } from 'chai';
import { Secret } from '../../lib/contract/secret.js';
import { createAuthClient, unwrap, type Coordinator, type Session as AnySession } from '../../lib/index.js';
import { strictServer, type StrictServer } from '../../lib/testing/strict-server.js';
import { REDIS, useService } from '../support/services.js';
import { DRIVERS, type Connected } from './drivers.js';
import { ALL_DRIVERS } from './older-drivers.js';
import { coordinatorAt, KEY, startRedis, useRedis } from './server.js';

type Session = AnySession<'SESSION_UNAVAILABLE'>;

const TIMEOUT = 300;
const POLICIES = { refresh: { timeout: 2_000, rotation: 'strict' } } as const;

interface Worker {
  readonly session: Session;
  /** Reasons of the ends that it told. */
  readonly ends: string[];
  readonly coordinator: ReturnType<typeof coordinatorAt>;
  readonly close: () => void;
}

const pass = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function clientAt(coordinator: Coordinator, { adapter }: StrictServer) {
  const baseURL = 'https://api.example.com';
  const auth = createAuthClient({ baseURL, policies: POLICIES, axios: { adapter }, coordinator });
  const ends: string[] = [];
  auth.on('sessionEnded', ({ reason }) => ends.push(reason));
  return { auth, ends };
}

const codeOf = async (refresh: ReturnType<Session['refresh']>) => {
  const result = await refresh;
  return result.ok ? 'ok' : result.error.code;
};
const get = async (session: Session) => (await session.http.get<unknown>('/orders')).status;

/** How long something took, ms. */
async function timed<T>(work: Promise<T>): Promise<readonly [T, number]> {
  const began = performance.now();
  return [await work, performance.now() - began];
}

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let waits = 0; waits < 200; waits += 1) {
    if (await holds()) return;
    await pass(20);
  }
  expect.fail(`Not after 4 s: ${what}`);
}

for (const [name, connect] of Object.entries(ALL_DRIVERS))
  describe(`A session on Redis, with ${name}`, function () {
    this.timeout(30_000);
    const redis = useRedis();
    let connected: Connected;
    let api: StrictServer;
    const workers: Worker[] = [];
    before(async () => {
      connected = await connect(redis().url);
    });
    beforeEach(() => {
      api = strictServer(20);
    });
    afterEach(() => {
      for (const worker of workers.splice(0)) worker.close();
    });
    after(() => connected.close());

    /** A process that holds the session. */
    async function worker(options = {}): Promise<Worker> {
      const coordinator = coordinatorAt(connected.client, { timeout: TIMEOUT, ...options });
      const { auth, ends } = clientAt(coordinator, api);
      const found = await auth.resume('customer-1');
      const session = (found.ok && found.value) || auth.resume(api.tokens, { key: 'customer-1' });
      await session.accessToken();
      const close = () => {
        auth.close();
        coordinator.close();
      };
      const made = { session, ends, coordinator, close };
      workers.push(made);
      return made;
    }

    it('is kept where Redis was emptied: it works for as long as its token does, and then asks to come again', async () => {
      const { session, ends } = await worker();
      await redis().admin.flushall();
      expect(await get(session)).to.equal(200);
      expect(await codeOf(session.refresh())).to.equal('SESSION_UNAVAILABLE');
      expect(await get(session)).to.equal(200);
      expect([session.state.status, ends, api.presented]).to.deep.equal(['live', [], []]);
    });

    it('gets its scripts to a Redis that has forgotten them', async () => {
      const { session } = await worker();
      await redis().admin.script('FLUSH');
      expect(await codeOf(session.refresh())).to.equal('ok');
    });

    // It takes its time, by the clock of Redis and not by a driver.
    if (name in DRIVERS)
      it('does not wait for a Redis that hangs, and goes on when that does', async () => {
        const { session, ends } = await worker();
        await redis().admin.client('PAUSE', 1_200);
        const [code, took] = await timed(codeOf(session.refresh()));
        expect([code, took < TIMEOUT + 500], String(took)).to.deep.equal(['SESSION_UNAVAILABLE', true]);
        expect(await get(session), 'with its token').to.equal(200);
        await until(async () => (await codeOf(session.refresh())) === 'ok', 'a refresh that works');
        expect([ends, new Set(api.presented).size]).to.deep.equal([[], api.presented.length]);
      });

    it('is trouble where the keys are wrong, and no logout', async () => {
      const { session } = await worker();
      const blind = coordinatorAt(connected.client, {
        keys: [{ id: KEY.id, secret: KEY.secret.toUpperCase() }],
      });
      const { auth, ends } = clientAt(blind, api);
      const found = await auth.resume('customer-1');
      expect(found.ok || found.error.code).to.equal('SESSION_UNAVAILABLE');
      auth.close();
      blind.close();
      expect([ends, await get(session)]).to.deep.equal([[], 200]);
    });

    it('survives damage to its record in a worker that holds it', async () => {
      const { session, ends } = await worker();
      const [key] = await redis().admin.keys('*');
      await redis().admin.hset(key!, 'ver', 'x');
      expect(await codeOf(session.refresh())).to.equal('SESSION_UNAVAILABLE');
      expect([session.state.status, ends, await get(session)]).to.deep.equal(['live', [], 200]);
    });

    it('costs Redis one claim for a hundred calls of one worker', async () => {
      const { session, coordinator } = await worker({ timeout: 5_000 });
      let claims = 0;
      const counting: Coordinator = {
        open(key) {
          const seat = coordinator.open(key);
          return {
            ...seat,
            claim(terms) {
              claims += 1;
              return seat.claim(terms);
            },
          };
        },
      };
      const { auth } = clientAt(counting, api);
      const sessions = await Promise.all(
        Array.from({ length: 10 }, async () => unwrap(await auth.resume('customer-1'))!),
      );
      expect(new Set(sessions).size, 'one session for all who ask by its key').to.equal(1);
      api.expire();
      await Promise.all(sessions.flatMap((each) => Array.from({ length: 10 }, () => get(each))));
      expect([claims, api.presented.length]).to.deep.equal([1, 1]);
      auth.close();
      expect(await get(session)).to.equal(200);
    });

    it('asks Redis once for each step', async () => {
      const { session } = await worker();
      await session.refresh(); // the scripts are there now
      await redis().admin.config('RESETSTAT');
      await session.refresh();
      const stats = await redis().admin.info('commandstats');
      const calls: Readonly<Record<string, string>> = Object.fromEntries(
        [...stats.matchAll(/^cmdstat_(\w+):calls=(\d+)/gm)].map(([, command = '', count = '']) => [
          command,
          count,
        ]),
      );
      // claim, mark and commit
      expect([calls.evalsha, calls.eval]).to.deep.equal(['3', undefined]);
    });

    it('hears of new tokens and of the end at once', async () => {
      const [one, two] = [await worker(), await worker()];
      await until(async () => (await redis().admin.pubsub('CHANNELS')).length > 0, 'a subscription');
      await one.session.refresh();
      await until(() => two.session.state.version === 2, 'new tokens');
      await one.session.logout();
      await until(() => two.session.state.status === 'ended', 'the end');
      expect([one.ends, two.ends]).to.deep.equal([['logout'], []]);
    });

    it('hears again after its connection for hints was cut', async () => {
      const [one, two] = [await worker(), await worker()];
      const listens = async () => (await redis().admin.pubsub('CHANNELS')).length > 0;
      await until(listens, 'a subscription');
      await redis().admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await pass(300);
      await until(listens, 'a subscription again');
      await one.session.refresh();
      await until(() => two.session.state.version === 2, 'new tokens');
    });

    it('waits for another worker no longer than needed, also where no hint arrives', async () => {
      const [one, two] = [await worker(), await worker()];
      await redis().admin.acl('SETUSER', 'default', 'resetchannels'); // ends the connections for hints too
      try {
        api.expire();
        const [codes, took] = await timed(Promise.all([get(one.session), get(two.session)]));
        expect([codes, api.presented.length]).to.deep.equal([[200, 200], 1]);
        expect(took).to.be.below(1_000); // the intent lasts for 3 000
      } finally {
        await redis().admin.acl('SETUSER', 'default', 'allchannels');
      }
    });

    it('leaves no connection behind when its coordinator is closed', async () => {
      const listeners = async () => {
        const list = String(await redis().admin.call('CLIENT', 'LIST', 'TYPE', 'pubsub'));
        return list.trim().split('\n').filter(Boolean).length;
      };
      await until(async () => (await listeners()) === 0, 'those of the tests before are gone');
      const { close } = await worker();
      await until(async () => (await listeners()) === 1, 'one that listens');
      close();
      await until(async () => (await listeners()) === 0, 'none');
    });
  });

describe('A Redis that is away', function () {
  this.timeout(30_000);
  const path = useService(REDIS);

  for (const [name, connect] of Object.entries(ALL_DRIVERS))
    it(`fails each step in time, and gets none of them later (${name})`, async () => {
      const redis = await startRedis(path());
      const { client, close } = await connect(redis.url);
      const coordinator = coordinatorAt(client, { timeout: TIMEOUT });
      const api = strictServer(20);
      const { auth, ends } = clientAt(coordinator, api);
      const session = auth.resume(api.tokens, { key: 'customer-1' });
      await session.accessToken();
      await redis.stop();

      expect(await get(session), 'with its token').to.equal(200);
      const [code, took] = await timed(codeOf(session.refresh()));
      expect([code, took < TIMEOUT + 500]).to.deep.equal(['SESSION_UNAVAILABLE', true]);
      const login = coordinator
        .open('customer-2')
        .begin({ tokens: { accessToken: new Secret('at') } }, false);
      expect(await Promise.resolve(login).catch(String)).to.match(/did not answer within 300 ms|clos/i);

      const again = await startRedis(path(), [], redis.port);
      await until(async () => {
        const found = await auth.resume('customer-3');
        return found.ok;
      }, 'an answer');
      expect(await again.admin.keys('*'), 'what was given up is not carried out').to.deep.equal([]);
      expect([session.state.status, ends, api.presented]).to.deep.equal(['live', [], []]);
      auth.close();
      coordinator.close();
      close();
      await again.stop();
    });
});
