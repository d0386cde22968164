// A fleet whose network, Redis or API is in trouble: real connections that are cut, hang and lead elsewhere, at drawn moments
// and at each point of a refresh.
import { expect } from 'chai';
import { randomFrom } from '../../lib/testing/trouble.js';
import { startProxy, type Chunk, type Fate, type Proxy } from '../support/proxy.js';
import { REDIS, useService } from '../support/services.js';
import type { Outcome, Point } from './fleet-worker.js';
import { pass, ROUNDS, until, useFleet } from './fleet.js';
import { KEY, startRedis, useRedis, type RedisServer } from './server.js';

const SEED = 11;
/** How long an intent holds: who waits for another one waits no longer, ms. */
const LEASE = 2_000;
/** More of them in the long form. */
const DRAWN = Math.max(6, Math.round(ROUNDS / 10));

describe('Eight processes in trouble', function () {
  this.timeout(30_000 + ROUNDS * 300);
  const path = useService(REDIS);
  const redis = useRedis({ flush: false, args: ['--appendonly', 'yes', '--repl-diskless-sync-delay', '0'] });
  const admin = () => redis().admin;
  let toRedis: Proxy;
  let toApi: Proxy;
  before(async () => {
    toRedis = await startProxy(redis().port);
  });
  const fleet = useFleet({
    redis: () => `redis://127.0.0.1:${toRedis.port}`,
    async route(port) {
      toApi = await startProxy(port);
      return `http://127.0.0.1:${toApi.port}`;
    },
  });
  beforeEach(() => fleet.login());
  afterEach(() => {
    toRedis.meddle = toApi.meddle = undefined;
  });
  after(() => Promise.all([toRedis.close(), toApi.close()]));

  /** Chunks that carry a refresh token to the API, or its answer. */
  const isRefresh = ({ asked }: Chunk) => /oauth\/token|refresh_token/.test(asked);

  /** Meets the first chunk that is meant, and lets all others pass. */
  function once(isMeant: (chunk: Chunk) => boolean, fate: Fate): (chunk: Chunk) => Fate {
    let isOver = false;
    return (chunk) => {
      if (isOver || !isMeant(chunk)) return 'pass';
      isOver = true;
      return fate;
    };
  }

  function expectUnavailable(outcomes: readonly Outcome[]): void {
    fleet.expectNoHarm(outcomes);
    expect(outcomes.filter(({ worked }) => worked)).to.deep.equal([]);
    expect([...new Set(outcomes.flatMap(({ codes }) => codes))]).to.deep.equal(['SESSION_UNAVAILABLE']);
  }

  const cutAndHold = (random: () => number, cuts: number, holds: number) => (): Fate => {
    const kind = random();
    return kind < cuts ? 'cut' : kind < cuts + holds ? 50 + 250 * random() : 'pass';
  };

  it('refreshes once each time while connections to Redis are cut and held up', async () => {
    const { cut, held } = toRedis.done;
    toRedis.meddle = cutAndHold(randomFrom(SEED), 0.01, 0.04);
    for (let rounds = 1; rounds <= DRAWN; rounds += 1) {
      fleet.expectAllWell(await fleet.round());
      expect(fleet.presentations()).to.have.length(rounds);
    }
    expect(toRedis.done.cut - cut).to.be.greaterThan(DRAWN / 4);
    expect(toRedis.done.held - held).to.be.greaterThan(DRAWN / 2);
  });

  it('saves new tokens though the connection is cut before Redis has them, or before it says so', async () => {
    const { cut } = toRedis.done;
    const isSaved = ({ asked }: Chunk) => asked.includes(`${KEY.id}.`);
    for (let rounds = 1; rounds <= 8; rounds += 1) {
      const from = rounds % 2 === 0 ? 'client' : 'server';
      toRedis.meddle = once((chunk) => isSaved(chunk) && chunk.from === from, 'cut');
      fleet.expectAllWell(await fleet.round());
      expect([fleet.presentations().length, toRedis.done.cut - cut]).to.deep.equal([rounds, rounds]);
    }
  });

  it('refreshes once each time while connections to the API are held up, and cut save where new tokens come', async () => {
    const random = randomFrom(SEED);
    const [often, rarely] = [cutAndHold(random, 0.25, 0.3), cutAndHold(random, 0.03, 0.05)];
    const { cut, held } = toApi.done;
    toApi.meddle = (chunk) => {
      if (!isRefresh(chunk)) return rarely();
      const fate = often();
      return chunk.from === 'server' && fate === 'cut' ? 'pass' : fate;
    };
    for (let rounds = 1; rounds <= DRAWN; rounds += 1) {
      fleet.expectAllWell(await fleet.round());
      expect(fleet.presentations()).to.have.length(rounds);
    }
    expect(toApi.done.cut - cut).to.be.greaterThan(DRAWN / 4);
    expect(toApi.done.held - held).to.be.greaterThan(DRAWN / 2);
  });

  it('presents a refresh token again that was held up for so long that it never came to the API', async () => {
    const { held } = toApi.done;
    toApi.meddle = once((chunk) => isRefresh(chunk) && chunk.from === 'client', 1_500);
    fleet.expectAllWell(await fleet.round());
    expect([toApi.done.held - held, fleet.presentations()]).to.deep.equal([1, [1]]);
  });

  it('presents a refresh token twice where the answer was lost and nothing else is left, and tells of the end once', async () => {
    // Intended, and no client can do better: the server has taken the token, and nobody heard of it.
    toApi.meddle = once((chunk) => isRefresh(chunk) && chunk.from === 'server', 'cut');
    const outcomes = await fleet.round();
    expect(outcomes.map(({ worked }) => worked)).not.to.include(true);
    await pass(300);
    expect([fleet.presentations(), fleet.ends()]).to.deep.equal([[2], ['expired']]);
  });

  const POINTS = ['claimed', 'marked', 'answered', 'saved'] as const;
  const harms: readonly (readonly [string, () => Promise<unknown>, readonly Point[], mostMs: number])[] = [
    [
      'loses its connections for hints',
      () => admin().call('CLIENT', 'KILL', 'TYPE', 'pubsub'),
      POINTS,
      2 * LEASE,
    ],
    ['forgets its scripts', () => admin().script('FLUSH'), POINTS, 2 * LEASE],
    ['hangs for less than a step may take', () => admin().client('PAUSE', 300), POINTS, 2 * LEASE],
    ['hangs for longer than that', () => admin().client('PAUSE', 1_500), ['claimed', 'answered'], 3 * LEASE],
    ['is restarted with its data', () => redis().restart(), POINTS, 2 * LEASE],
  ];
  for (const [harm, carryOut, points, mostMs] of harms)
    it(`refreshes once where Redis ${harm}, when one had ${points.join(', ')}`, async () => {
      for (const point of points) {
        fleet.at(point, () => carryOut().then(() => 0));
        const outcomes = await fleet.round();
        fleet.expectAllWell(outcomes);
        expect(fleet.met()).to.equal(true);
        const longest = Math.max(...outcomes.map((each) => each.longest));
        expect(longest, point).to.be.below(mostMs);
      }
      expect(fleet.presentations()).to.deep.equal(points.map(() => 1));
    });

  it('ends nothing where Redis is restarted without its data before new tokens are saved, and a login begins anew', async () => {
    fleet.at('answered', async () => {
      await admin().flushall();
      await redis().restart();
      return 0;
    });
    expectUnavailable(await fleet.round(500));
    expect(fleet.presentations()).to.deep.equal([1]);
    await fleet.login();
    fleet.expectAllWell(await fleet.round());
  });

  describe('with a replica', () => {
    let replica: RedisServer;
    beforeEach(async () => {
      replica = await startRedis(path(), ['--replicaof', '127.0.0.1', String(redis().port)]);
      await until(
        async () => (await replica.admin.info('replication')).includes('master_link_status:up'),
        'a replica',
      );
    });
    afterEach(async () => {
      toRedis.leadTo(redis().port);
      await replica.stop();
    });

    for (const point of ['claimed', 'marked', 'answered'] as const)
      it(`refreshes once where that takes over when one had ${point}`, async () => {
        fleet.at(point, async () => {
          await admin().set('last', 'write'); // waiting is for what this connection wrote, and so for all before it
          expect(await admin().call('WAIT', 1, 5_000)).to.equal(1);
          await replica.admin.call('REPLICAOF', 'NO', 'ONE');
          toRedis.leadTo(replica.port);
          return 0;
        });
        for (const presented of [[1], [1, 1]]) {
          fleet.expectAllWell(await fleet.round());
          expect(fleet.presentations()).to.deep.equal(presented);
        }
        expect(await replica.admin.keys('holdfast:*')).to.have.length.greaterThan(0);
      });

    it('does not go back to the tokens of one that takes over late', async () => {
      await replica.admin.call('REPLICAOF', 'NO', 'ONE');
      fleet.expectAllWell(await fleet.round());
      toRedis.leadTo(replica.port);
      expectUnavailable(await fleet.round(500));
      expect(fleet.presentations(), 'before, and no more').to.deep.equal([1]);
    });
  });

  it('tells once that the API has ended the session, while connections to Redis are cut and held up', async () => {
    const random = randomFrom(SEED);
    for (let rounds = 1; rounds <= 3; rounds += 1) {
      await fleet.login();
      toRedis.meddle = cutAndHold(random, 0.02, 0.05);
      fleet.api.revoke();
      const outcomes = await fleet.round(5_000);
      expect(outcomes.filter(({ worked }) => worked)).to.deep.equal([]);
      await until(() => fleet.ends().length > 0, 'an end');
      await pass(300);
      expect(fleet.ends(), `round ${rounds}`).to.deep.equal(['expired']);
      toRedis.meddle = undefined;
    }
  });

  for (const point of ['claimed', 'marked', 'answered', 'saved'] as const)
    it(`tells once of a logout in all processes but one that had ${point}`, async () => {
      fleet.at(point, async (worker) => {
        for (const each of fleet.workers) if (each !== worker) fleet.order(each, { do: 'log out' });
        await until(() => fleet.ends().length > 0, 'an end');
        return 0;
      });
      const outcomes = await fleet.round(3_000);
      await pass(200);
      expect(fleet.met()).to.equal(true);
      expect([fleet.ends(), fleet.presentations().filter((count) => count > 1)]).to.deep.equal([
        ['logout'],
        [],
      ]);
      expect(outcomes).to.have.length.greaterThan(0);
    });
});
