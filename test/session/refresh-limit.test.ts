// session/session-core: how often a session refreshes, and what it tells about it.
import { expect } from 'chai';
import fc from 'fast-check';
import { virtualTime, watch } from '../support/virtual-time.js';
import { bench, MINUTE, PASSING, refused, SECOND, waiter } from './fixture.js';

describe('The limit of refreshes', () => {
  const time = virtualTime();
  it('refuses one too many, says when to ask again, and keeps the session', async () => {
    const one = bench(undefined, { limit: { refreshes: 2, per: 30_000 } });
    for (const [turn, wait] of [0, 10_000].entries()) {
      await time.pass(wait);
      const done = refused(one, turn + 1);
      one.asked.at(-1)?.grant({ access: `at-${turn + 2}` });
      await done;
    }
    await time.pass(5_000);
    const refusal = watch(refused(one, 3));
    await time.flush();
    expect(refusal.error).to.deep.equal({ cause: 'refresh-limit', retryAfter: 15_000 });
    expect(one.core.state.status).to.equal('live');
    expect(one.asked).to.have.length(2);
    await time.pass(15_000);
    void refused(one, 3);
    expect(one.asked).to.have.length(3);
  });

  it('does not count refreshes that failed: trouble of the server must not outlast the trouble', async () => {
    const one = bench(undefined, { limit: { refreshes: 2, per: 30_000 } });
    for (let turn = 0; turn < 9; turn += 1) {
      const failed = watch(refused(one, 1));
      one.asked.at(-1)?.deny(PASSING);
      await time.flush();
      expect(failed.error).to.equal(PASSING);
    }
    const done = refused(one, 1);
    one.asked.at(-1)?.grant(SECOND);
    await done;
    expect(one.core.state).to.include({ status: 'live', version: 2 });
  });

  it('leaves the server in peace, longer each time, once ten refreshes in a row have failed', async () => {
    const one = bench();
    const begun: number[] = [];
    for (let second = 0; second < 120; second += 1) {
      const before = one.asked.length;
      for (let call = 0; call < 4; call += 1) {
        watch(refused(one, 1));
        one.asked.at(-1)?.deny(PASSING);
        await time.flush();
      }
      begun.push(one.asked.length - before);
      await time.pass(1_000);
    }
    expect(begun.slice(0, 3)).to.deep.equal([4, 4, 2]);
    const later = begun.slice(60).reduce((sum, each) => sum + each, 0);
    expect(later, 'in the last minute').to.be.within(3, 4);
  });

  it('lets the server judge an expired token where no refresh may begin', async () => {
    const one = bench(
      { access: 'at-1', refresh: 'rt-1', expiresIn: MINUTE },
      { limit: { refreshes: 1, per: 60 * MINUTE } },
    );
    await time.pass(2 * MINUTE);
    const done = watch(one.core.identity.ready(waiter()) ?? Promise.resolve());
    one.asked[0]?.grant({ access: 'at-2', expiresIn: MINUTE });
    await time.flush();
    expect(done.state).to.equal('resolved');
    await time.pass(2 * MINUTE);
    expect(one.core.identity.ready(waiter())).to.equal(undefined);
    expect(one.asked).to.have.length(1);
  });

  it('holds in every window for refreshes that work, whatever is asked and whatever the server answers (I13)', async () => {
    const demand = fc.record({
      after: fc.nat(15_000),
      want: fc.constantFrom('ready' as const, 'refused' as const, 'refresh' as const),
      grant: fc.boolean(),
    });
    const limit = { refreshes: 3, per: 30_000 };
    await fc.assert(
      fc.asyncProperty(fc.array(demand, { maxLength: 40 }), async (demands) => {
        const one = bench({ access: 'at-1', refresh: 'rt-1', expiresIn: 1_000 }, { limit });
        const settled: Promise<unknown>[] = [];
        const follow = (wait?: Promise<unknown>) => settled.push(Promise.allSettled([wait]));
        let answered = 0;
        const granted = new Set<number>();
        for (const { after, want, grant } of demands) {
          await time.pass(after);
          const { version } = one.core.state;
          if (want === 'ready') follow(one.core.identity.ready(waiter()));
          if (want === 'refused') follow(refused(one, version));
          if (want === 'refresh') follow(one.core.refresh(waiter()));
          const open = one.asked[answered];
          if (!open) continue;
          answered += 1;
          if (grant) granted.add(answered - 1);
          if (grant) open.grant({ access: `at-${answered + 1}`, expiresIn: 1_000 });
          else open.deny(PASSING);
        }
        await Promise.all(settled);
        const begun = one.asked.filter((_, index) => granted.has(index)).map(({ at }) => at);
        for (const from of begun)
          expect(begun.filter((at) => at >= from && at < from + limit.per)).to.have.length.at.most(3);
      }),
      { numRuns: 60 },
    );
  });
});

describe('A session tells its listeners', () => {
  const time = virtualTime();
  it('of a refresh that worked: that it began and that it succeeded, each with the version then in hand', async () => {
    const one = bench();
    const done = refused(one, 1);
    one.asked[0]?.grant({ access: 'at-2' });
    await done;
    const because = 'The access token was refused, or new tokens were asked for.';
    expect(one.told).to.deep.equal([
      {
        name: 'refresh',
        event: { at: Date.now(), session: 'session:test', phase: 'started', version: 1, because },
      },
      { name: 'refresh', event: { at: Date.now(), session: 'session:test', phase: 'succeeded', version: 2 } },
    ]);
  });

  it('of a refresh that failed: code and reason, and nothing of the tokens (I17)', async () => {
    const one = bench();
    const failed = watch(refused(one, 1));
    one.asked[0]?.deny(PASSING);
    await time.flush();
    expect(failed.state).to.equal('rejected');
    expect(one.told[1]?.event).to.include({
      phase: 'failed',
      code: 'API_EXCEPTION',
      because: 'The service failed.',
    });
    expect(JSON.stringify(one.told)).not.to.match(/[ar]t-\d/);
  });

  it('of its end, with the reason', () => {
    const one = bench();
    one.core.end('revoked', 'revoke() was called for this session.');
    expect(one.told).to.deep.equal([
      {
        name: 'sessionEnded',
        event: {
          at: Date.now(),
          session: 'session:test',
          reason: 'revoked',
          because: 'revoke() was called for this session.',
        },
      },
    ]);
  });
});
