// A fleet whose processes are in trouble: held up, stopped and killed, at each point of a refresh.
import { expect } from 'chai';
import { randomFrom } from '../../lib/testing/trouble.js';
import { CALLS, pass, ROUNDS, until, useFleet, WORKERS, type Worker } from './fleet.js';
import { useRedis } from './server.js';

/** Longer than an intent that was claimed or marked, ms. */
const TOO_LONG = 2_100;
const SEED = 7;

describe('Eight processes with one session on Redis', function () {
  this.timeout(60_000 + ROUNDS * 1_000);
  const redis = useRedis({ flush: false });
  const fleet = useFleet({ redis: () => redis().url });
  before(() => fleet.login());

  it('refreshes once each time', async () => {
    for (let rounds = 1; rounds <= ROUNDS; rounds += 1) {
      const outcomes = await fleet.round();
      expect(outcomes.flatMap(({ codes }) => codes)).to.deep.equal([]);
      fleet.expectAllWell(outcomes);
      expect(fleet.presentations()).to.have.length(rounds);
    }
  });

  it('refreshes once each time where 5 % of the refreshes stall and 15 % of them stop their process', async () => {
    const random = randomFrom(SEED);
    const count = { stalls: 0, stops: 0 };
    const rotations = fleet.api.rotations();
    for (let rounds = 1; rounds <= ROUNDS; rounds += 1) {
      const [kind, where, more] = [random(), random(), random()];
      // What has come from the server must be saved within the intent: no client can do better.
      const point = (['claimed', 'marked', 'answered', 'saved'] as const)[Math.floor(where * 4)]!;
      const ms = point === 'answered' ? 200 + 500 * more : TOO_LONG + 500 * more;
      if (kind < 0.05) {
        count.stalls += 1;
        fleet.at(point, () => pass(ms).then(() => 0));
      } else if (kind < 0.2) {
        count.stops += 1;
        fleet.at(point, () => ms);
      }
      fleet.expectAllWell(await fleet.round());
      expect(fleet.met(), `round ${rounds}: nobody came to ${point}`).to.equal(true);
      expect(fleet.api.rotations() - rotations).to.equal(rounds);
    }
    expect(count.stalls).to.be.within(ROUNDS * 0.03, ROUNDS * 0.1);
    expect(count.stops).to.be.within(ROUNDS * 0.1, ROUNDS * 0.2);
    if (ROUNDS > 20) console.log(`      ${ROUNDS} rounds, ${count.stalls} stalls, ${count.stops} stops`);
  });

  for (const point of ['claimed', 'marked', 'saved'] as const)
    it(`goes on after the one that refreshes was killed, when it had ${point}`, async () => {
      fleet.at(point, fleet.kill);
      const outcomes = await fleet.round();
      expect(outcomes).to.have.length((WORKERS - 1) * CALLS);
      fleet.expectAllWell(outcomes);
      await fleet.replace();
    });

  for (const point of ['claimed', 'marked'] as const)
    it(`goes on while one that ${point} is stopped for longer than its intent, which then sends nothing`, async () => {
      const rotations = fleet.api.rotations();
      let stopped: Worker | undefined;
      fleet.at(point, (worker) => {
        stopped = worker;
        worker.process.kill('SIGSTOP');
        return 0;
      });
      const outcomes = fleet.round();
      await until(() => stopped !== undefined, 'one that is stopped');
      await pass(3_500);
      expect(fleet.api.rotations(), 'the others have new tokens').to.equal(rotations + 1);
      stopped!.process.kill('SIGCONT');
      fleet.expectAllWell(await outcomes);
      expect(fleet.api.rotations()).to.equal(rotations + 1);
    });

  // No client can do better in these two: the server has taken the token, and who knows its answer does not say so.
  it('loses the session where one was killed between answer and save, and tells of it once', async () => {
    fleet.at('answered', fleet.kill);
    await expectLost();
  });

  it('loses it where one stood still there for longer than its intent, and what that has is no use', async () => {
    await fleet.login();
    fleet.at('answered', () => TOO_LONG + 500);
    await expectLost();
  });

  async function expectLost(): Promise<void> {
    const outcomes = await fleet.round();
    expect(outcomes.map(({ worked }) => worked)).not.to.include(true);
    expect(fleet.presentations().filter((count) => count > 1)).to.deep.equal([2]);
    await pass(300);
    expect(fleet.ends()).to.deep.equal(['expired']);
  }
});
