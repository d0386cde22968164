// The expiry of a token on a machine whose clock is wrong, or stood still: the server's clock counts.
import { expect } from 'chai';
import { authBench, isRefresh, MINUTE, tokensOf } from '../policies/clients.js';
import type { Sent } from '../support/transport.js';
import { virtualTime } from '../support/virtual-time.js';
import { jwt } from './tokens.js';

describe('A token that says when it ends', () => {
  const time = virtualTime();

  /** A server whose clock is ahead of ours; every answer has its date. */
  function story(ahead: { by: number }) {
    const serverNow = () => Date.now() + ahead.by;
    const bench = authBench((sent: Sent) => ({
      status: 200,
      headers: { date: new Date(serverNow()).toUTCString() },
      ...(isRefresh(sent) && { data: tokensOf(2) }),
    }));
    const until = (ms: number) => ({
      accessToken: jwt({ sub: 'ada', exp: Math.round((serverNow() + ms) / 1_000) }),
      expiresIn: undefined as never,
    });
    return { ...bench, until };
  }
  const sendsOf = ({ wire }: ReturnType<typeof story>) =>
    wire.sent.map((sent) => (isRefresh(sent) ? 'refresh' : 'call'));

  it('is refreshed in time where our clock is an hour slow', async () => {
    const bench = story({ by: 60 * MINUTE });
    const session = bench.resume(bench.until(20 * MINUTE));
    await time.finish(session.http.get('/a'));
    await time.pass(21 * MINUTE);
    await time.finish(session.http.get('/b'));
    expect(sendsOf(bench)).to.deep.equal(['call', 'refresh', 'call']);
  });

  it('is used to its end where our clock is an hour fast', async () => {
    const bench = story({ by: -60 * MINUTE });
    await time.finish(bench.auth.http.get('/anything')); // tells what time it is there
    const session = bench.resume(bench.until(20 * MINUTE));
    await time.finish(session.http.get('/a'));
    expect(sendsOf(bench)).to.deep.equal(['call', 'call']);
  });

  it('is known to have ended while the machine slept, as soon as any answer shows it', async () => {
    const ahead = { by: 0 };
    const bench = story(ahead);
    const session = bench.resume({ expiresIn: 0 });
    await time.finish(session.http.get('/a')); // refreshes: an hour from now on
    ahead.by = 2 * 60 * MINUTE; // our monotonic clock stood still meanwhile
    await time.finish(bench.auth.http.get('/anything'));
    await time.finish(session.http.get('/b'));
    expect(sendsOf(bench)).to.deep.equal(['refresh', 'call', 'call', 'refresh', 'call']);
  });

  it('costs at most one refresh more for each jump of a clock (I21)', async () => {
    const ahead = { by: 0 };
    const bench = story(ahead);
    const session = bench.resume();
    for (const by of [0, 10 * 60, -10 * 60, 0, 3, -3].map((minutes) => minutes * MINUTE)) {
      ahead.by = by;
      const before = sendsOf(bench).filter((what) => what === 'refresh').length;
      for (let call = 0; call < 5; call += 1) {
        await time.finish(session.http.get('/a'));
        await time.pass(1_000);
      }
      expect(sendsOf(bench).filter((what) => what === 'refresh').length - before).to.be.at.most(1);
    }
  });
});

describe('Sessions that began together', () => {
  const time = virtualTime();

  it('do not all refresh together', async () => {
    const bench = authBench((sent) => (isRefresh(sent) ? { data: tokensOf(2) } : 200));
    const sessions = Array.from({ length: 40 }, (_, index) =>
      bench.resume({ refreshToken: `rt-of-${index}`, expiresIn: 10 * MINUTE }),
    );
    const refreshed: number[] = [];
    for (let second = 0; second < 600; second += 5) {
      await Promise.all(sessions.map(({ http }) => time.finish(http.get('/a'))));
      refreshed.push(bench.wire.sent.filter(isRefresh).length);
      await time.pass(5_000);
    }
    // A tenth of ten minutes before the end at the latest, and a quarter of that earlier at the earliest.
    expect(refreshed[520 / 5]).to.equal(0);
    expect(refreshed[545 / 5]).to.equal(40);
    const largest = Math.max(...refreshed.map((count, index) => count - (refreshed[index - 1] ?? 0)));
    expect(largest).to.be.at.most(30);
  });
});
