// session/session-core: one refresh for all who need it.
import { expect } from 'chai';
import { virtualTime, watch } from '../support/virtual-time.js';
import { bench, MINUTE, PASSING, refused, SECOND, waiter } from './fixture.js';
import { jwt } from './tokens.js';

describe('A session whose token was refused', () => {
  const time = virtualTime();
  it('asks once for all who need it, and all of them go on', async () => {
    const one = bench();
    const waiters = Array.from({ length: 100 }, () => watch(refused(one, 1)));
    await time.flush();
    expect(one.asked).to.have.length(1);
    expect(one.asked[0]?.refreshToken).to.equal('rt-1');
    expect(waiters.every(({ state }) => state === 'pending')).to.equal(true);
    one.asked[0]?.grant(SECOND);
    await time.flush();
    expect(waiters.every(({ state }) => state === 'resolved')).to.equal(true);
    expect(one.bearer).to.equal('Bearer at-2');
    expect(one.core.state).to.include({ status: 'live', version: 2 });
    expect(one.asked).to.have.length(1);
  });

  it('lets a late 401 go again without a refresh (I12)', async () => {
    const one = bench();
    const first = refused(one, 1);
    one.asked[0]?.grant(SECOND);
    await first;
    await refused(one, 1);
    expect(one.asked).to.have.length(1);
  });

  it('makes calls that come meanwhile wait for the new token', async () => {
    const one = bench();
    const first = refused(one, 1);
    const later = watch(one.core.identity.ready(waiter()) ?? Promise.resolve());
    await time.flush();
    expect(later.state).to.equal('pending');
    one.asked[0]?.grant(SECOND);
    await first;
    await time.flush();
    expect(later.state).to.equal('resolved');
    expect(one.core.identity.ready(waiter())).to.equal(undefined);
  });

  it('refreshes again when the new token is refused too', async () => {
    const one = bench();
    const first = refused(one, 1);
    one.asked[0]?.grant(SECOND);
    await first;
    const second = refused(one, 2);
    expect(one.asked.map(({ refreshToken }) => refreshToken)).to.deep.equal(['rt-1', 'rt-2']);
    one.asked[1]?.grant({ access: 'at-3' });
    await second;
    expect(one.core.state.version).to.equal(3);
  });

  it('lets one waiter leave at once without touching the refresh or the others (I14)', async () => {
    const one = bench();
    const [leaver, stayer] = [waiter(), waiter()];
    const left = watch(refused(one, 1, leaver));
    const stayed = watch(refused(one, 1, stayer));
    leaver.stop('aborted');
    await time.flush();
    expect(left).to.deep.include({ state: 'rejected', error: { cause: 'aborted' } });
    expect(stayed.state).to.equal('pending');
    one.asked[0]?.grant(SECOND);
    await time.flush();
    expect(stayed.state).to.equal('resolved');
    expect(one.bearer).to.equal('Bearer at-2');
  });

  it('keeps the tokens of a refresh that everybody left', async () => {
    const one = bench();
    const who = waiter();
    const left = watch(refused(one, 1, who));
    who.stop('deadline');
    one.asked[0]?.grant(SECOND);
    await time.flush();
    expect(left.error).to.deep.equal({ cause: 'deadline' });
    expect(one.core.state).to.include({ status: 'live', version: 2 });
  });

  it('refuses a waiter that had to stop before it began to wait', async () => {
    const one = bench();
    const who = waiter();
    who.stop('closed');
    const refusal = watch(refused(one, 1, who));
    await time.flush();
    expect(refusal.error).to.deep.equal({ cause: 'closed' });
  });

  it('leaves no listener with a waiter, however the wait ended', async () => {
    const one = bench();
    const [well, badly] = [waiter(), waiter()];
    const granted = refused(one, 1, well);
    one.asked[0]?.grant(SECOND);
    await granted;
    const denied = watch(refused(one, 2, badly));
    one.asked[1]?.deny(PASSING);
    await time.flush();
    expect(denied.state).to.equal('rejected');
    expect([well.holder, badly.holder]).to.deep.equal([undefined, undefined]);
  });

  it('keeps its refresh token where the server sends no new one', async () => {
    const one = bench();
    const first = refused(one, 1);
    one.asked[0]?.grant({ access: 'at-2', expiresIn: MINUTE });
    await first;
    void refused(one, 2);
    expect(one.asked[1]?.refreshToken).to.equal('rt-1');
    expect(one.core.tokens.refreshToken?.reveal()).to.equal('rt-1');
  });

  it('does not go on believing in the old lifetime after a refresh', async () => {
    const one = bench({ access: 'at-1', refresh: 'rt-1', expiresIn: MINUTE });
    await time.pass(2 * MINUTE);
    const wait = one.core.identity.ready(waiter());
    one.asked[0]?.grant({ access: 'opaque' });
    await wait;
    await time.pass(60 * MINUTE);
    expect(one.core.identity.ready(waiter())).to.equal(undefined);
    expect(one.core.state).not.to.have.property('expiresAt');
  });

  it('without a refresh token is over', async () => {
    const one = bench({ access: 'at-1' });
    const sent = { ...waiter(), sentAt: performance.now() };
    const refusal = watch(one.core.identity.refresh!(1, sent));
    await time.flush();
    expect(refusal.error).to.deep.equal({ cause: 'session-ended' });
    expect(one.core.state.ended).to.deep.equal({
      reason: 'expired',
      because: 'The access token was refused and there is no refresh token.',
    });
    expect(one.asked).to.have.length(0);
  });
});

describe('A session that cannot refresh', () => {
  virtualTime();
  it('is not over because somebody asks it to', async () => {
    const one = bench({ access: 'at-1' });
    const asked = await one.core.refresh(waiter()).catch((thrown: unknown) => thrown);
    expect(asked).to.deep.equal({ cause: 'unsendable' });
    expect(one.core.state.status).to.equal('live');
  });
});

describe('A refresh that brings the token of somebody else', () => {
  virtualTime();
  it('ends the session, hands those tokens and its own over to be revoked, and never sends them (I22)', async () => {
    const own = jwt({ sub: 'ada' });
    const one = bench({ access: own, refresh: 'rt-1', expiresIn: MINUTE });
    const done = refused(one, 1).catch((thrown: unknown) => thrown);
    const foreign = jwt({ sub: 'bob' });
    one.asked[0]?.grant({ access: foreign });
    expect(await done).to.deep.equal({ cause: 'session-ended' });
    expect(one.core.state.ended?.reason).to.equal('mismatch');
    expect(one.orphans).to.deep.equal([foreign, own]);
    expect(one.bearer).not.to.contain(foreign);
  });
});

describe('A session whose token gets old', () => {
  const time = virtualTime();
  it('refreshes in the background while the token is usable, and nobody waits', async () => {
    const one = bench();
    await time.pass(59 * MINUTE);
    expect(one.core.identity.ready(waiter())).to.equal(undefined);
    expect(one.core.identity.ready(waiter())).to.equal(undefined);
    expect(one.asked).to.have.length(1);
    expect(one.bearer).to.equal('Bearer at-1');
    expect(one.core.state.status).to.equal('refreshing');
    one.asked[0]?.grant(SECOND);
    await time.flush();
    expect(one.bearer).to.equal('Bearer at-2');
  });

  it('does nothing as long as the token is fresh', async () => {
    const one = bench();
    await time.pass(58.5 * MINUTE);
    expect(one.core.identity.ready(waiter())).to.equal(undefined);
    expect(one.asked).to.have.length(0);
  });

  it('makes calls wait once the token is expired, also for a refresh that began in the background', async () => {
    const one = bench();
    await time.pass(59 * MINUTE);
    expect(one.core.identity.ready(waiter())).to.equal(undefined);
    await time.pass(MINUTE);
    const wait = watch(one.core.identity.ready(waiter()) ?? Promise.resolve());
    await time.flush();
    expect(wait.state).to.equal('pending');
    expect(one.asked).to.have.length(1);
    one.asked[0]?.grant(SECOND);
    await time.flush();
    expect(wait.state).to.equal('resolved');
  });

  it('survives a background refresh that fails, without an unhandled rejection', async () => {
    const one = bench();
    await time.pass(59 * MINUTE);
    expect(one.core.identity.ready(waiter())).to.equal(undefined);
    one.asked[0]?.deny(PASSING);
    await time.flush();
    expect(one.core.state.status).to.equal('live');
    expect(one.bearer).to.equal('Bearer at-1');
  });

  it('lets the server judge an expired token where there is no refresh token', async () => {
    const one = bench({ access: 'at-1', expiresIn: MINUTE });
    await time.pass(2 * MINUTE);
    expect(one.core.identity.ready(waiter())).to.equal(undefined);
    expect(one.core.state.status).to.equal('live');
  });

  it('waits for no token of unknown lifetime', async () => {
    const one = bench({ access: 'opaque', refresh: 'rt-1' });
    await time.pass(1_000 * MINUTE);
    expect(one.core.identity.ready(waiter())).to.equal(undefined);
    expect(one.asked).to.have.length(0);
  });

  it('takes no moment that is no date from an absurd token', () => {
    const seconds = Date.now() / 1_000;
    for (const access of [jwt({ exp: 1e300 }), jwt({ exp: -1e300 }), jwt({ exp: 1e15, iat: seconds })]) {
      const { expiresAt } = bench({ access, refresh: 'rt-1' }).core.state;
      expect(expiresAt === undefined || !Number.isNaN(expiresAt.getTime())).to.equal(true, access);
    }
  });
});
