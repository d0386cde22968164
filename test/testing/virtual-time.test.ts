// Virtual time for users: backoff, cooldowns and expiring tokens in no time, with fake timers of one's own or without.
import { AsyncLocalStorage } from 'node:async_hooks';
import FakeTimers from '@sinonjs/fake-timers';
import { expect } from 'chai';
import { unwrap } from '../../lib/index.js';
import { virtualTime, type VirtualTime } from '../../lib/testing/index.js';
import { ADA, useKit } from './stage.js';

const KEPT_REAL = {
  toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
} as const;
const nothing = () => undefined;

describe('Virtual time', () => {
  const kit = useKit();
  let time: VirtualTime;
  let before: Record<string, unknown>;
  let restoreFakes: () => void;

  const real = () => ({
    timeout: globalThis.setTimeout,
    interval: globalThis.setInterval,
    clear: globalThis.clearTimeout,
    Date: globalThis.Date,
    now: Reflect.get(performance, 'now') as unknown,
    ownNow: Object.hasOwn(performance, 'now'),
  });

  for (const [about, install] of [
    ['without fake timers', () => nothing],
    [
      'on the fake timers of @sinonjs/fake-timers',
      () => {
        const clock = FakeTimers.install({ toFake: [...KEPT_REAL.toFake] });
        return () => clock.uninstall();
      },
    ],
  ] as const)
    describe(about, () => {
      beforeEach(() => {
        before = real();
        restoreFakes = install();
        time = virtualTime();
      });
      afterEach(() => {
        time.restore();
        restoreFakes();
        expect(real()).to.deep.equal(before);
      });

      /** Time that a promise took, ms of the clocks that the policies read. */
      async function spent(
        promise: Promise<unknown>,
      ): Promise<{ readonly wall: number; readonly elapsed: number }> {
        const [wall, elapsed] = [Date.now(), performance.now()];
        await time.until(promise);
        return { wall: Date.now() - wall, elapsed: performance.now() - elapsed };
      }

      for (const adapter of ['http', 'fetch'] as const) {
        it(`lets a backoff pass over ${adapter}`, async () => {
          kit.api.login.drops().times(1).then.succeeds();
          const policies = { retry: { backoff: { initial: 5_000, max: 5_000, jitter: 'none' } } } as const;
          const { wall, elapsed } = await spent(kit.client({ policies, axios: { adapter } }).login(ADA));
          expect([wall, elapsed]).to.deep.equal([5_000, 5_000]);
          kit.api.done();
        });

        it(`lets a cooldown of 25 s pass, and a token expire, over ${adapter}`, async () => {
          const orders = kit.api.route('GET', '/orders');
          kit.api.login.succeeds({ expires_in: 600 });
          const auth = kit.client({ policies: {}, axios: { adapter } });
          const session = unwrap(await time.until(auth.login(ADA)));
          orders.rateLimited({ retryAfter: 25 }).then.succeeds().then.succeeds();
          expect((await spent(session.http.get('/orders'))).elapsed).to.be.within(25_000, 26_000);
          expect(kit.api.refresh.calls).to.have.length(0);
          kit.api.refresh.rotates();
          await time.pass(600_000);
          await time.until(session.http.get('/orders'));
          expect(kit.api.refresh.calls).to.have.length(1);
          kit.api.done();
        });

        it(`runs no time-out while answers are on their way, however many follow each other, over ${adapter}`, async () => {
          const auth = kit.client({ policies: { timeout: { attempt: 1 } }, axios: { adapter } });
          const orders = kit.api.route('GET', '/orders');
          orders.fails('INVALID_TOKEN').then.succeeds().always();
          kit.api.refresh.rotates();
          const session = auth.resume({ accessToken: 'a', refreshToken: 'r' });
          const began = Date.now();
          const many = async () => {
            for (let count = 0; count < 12; count += 1) await session.http.get('/orders');
          };
          await time.until(many());
          expect(Date.now() - began).to.equal(0);
        });
      }

      it('lets an answer that is delayed arrive when it is due, and a time-out ring', async () => {
        kit.api.login.delays(3_000).succeeds().then.hangs();
        const auth = kit.client({ policies: { timeout: { attempt: 7_000 }, retry: { retries: 0 } } });
        expect((await spent(auth.login(ADA))).elapsed).to.equal(3_000);
        expect((await spent(auth.login(ADA))).elapsed).to.be.within(7_000, 7_100);
      });

      it('passes with what has just begun: a repeat that is due at the end of the time comes', async () => {
        kit.api.login.drops().then.succeeds();
        const policies = { retry: { backoff: { initial: 5_000, max: 5_000, jitter: 'none' } } } as const;
        const login = kit.client({ policies }).login(ADA);
        await time.pass(5_000);
        expect(kit.api.login.calls).to.have.length(2);
        expect(await login).to.include({ ok: true, attempts: 2 });
      });

      it('passes as far as it is told', async () => {
        const rung: number[] = [];
        const began = Date.now();
        for (const at of [10, 20, 30]) setTimeout(() => void rung.push(Date.now() - began), at);
        const every = setInterval(() => void rung.push(-1), 9);
        await time.pass(20);
        expect(rung).to.deep.equal([-1, 10, -1, 20]);
        clearInterval(every);
        await time.pass(100);
        expect(rung).to.deep.equal([-1, 10, -1, 20, 30]);
        expect(Date.now() - began).to.equal(120);
      });

      it('gives what a promise gives, and throws what it throws', async () => {
        expect(await time.until(Promise.resolve(7))).to.equal(7);
        const failing = time.until(new Promise((_, reject) => setTimeout(reject, 5_000, new Error('no'))));
        expect(await failing.catch(String)).to.equal('Error: no');
      });

      it('says where a promise would never settle', async () => {
        const stuck = await time.until(new Promise(nothing)).catch(String);
        expect(stuck).to.equal(
          'Error: virtualTime: the promise is pending, and no timer is set that it could wait for.',
        );
      });
    });

  describe('without fake timers', () => {
    beforeEach(() => {
      time = virtualTime();
    });
    afterEach(() => time.restore());

    it('has dates and timers as code expects them', async () => {
      const now = Date.now();
      expect(new Date().getTime()).to.equal(now);
      expect(new Date(0).toISOString()).to.equal('1970-01-01T00:00:00.000Z');
      expect(new Date()).to.be.an.instanceOf(Date);
      expect([Date(), Date.UTC(2026, 0), typeof Date.parse]).to.deep.equal([
        new Date().toString(),
        1767225600000,
        'function',
      ]);
      const rung: string[] = [];
      const timer = setTimeout((name: string) => void rung.push(name), 10, 'refreshed');
      expect(timer.unref().ref().hasRef()).to.equal(true);
      await time.pass(6);
      timer.refresh();
      await time.pass(6);
      expect(rung).to.deep.equal([]);
      await time.pass(6);
      expect(rung).to.deep.equal(['refreshed']);
      clearTimeout(Number(setTimeout(() => void rung.push('cleared'), 1)));
      clearTimeout(undefined);
      await time.pass(5);
      expect(rung).to.deep.equal(['refreshed']);
    });

    it('keeps the async context of whoever sets a timer', async () => {
      const storage = new AsyncLocalStorage<string>();
      const seen = storage.run(
        'mine',
        () => new Promise((resolve) => setTimeout(() => resolve(storage.getStore()), 5)),
      );
      expect(await time.until(seen)).to.equal('mine');
    });
  });
});
