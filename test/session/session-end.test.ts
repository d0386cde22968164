// session/session-core: what a refresh that fails means for the session, and what the end of it means for the rest.
import { expect } from 'chai';
import { virtualTime, watch } from '../support/virtual-time.js';
import { bench, FATAL, FIRST, PASSING, refused, SECOND, waiter } from './fixture.js';

describe('A session whose refresh fails', () => {
  const time = virtualTime();
  it('is kept by anything that is no verdict about its refresh token, and tells every waiter', async () => {
    const one = bench();
    const waiters = [1, 2, 3].map(() => watch(refused(one, 1)));
    one.asked[0]?.deny(PASSING);
    await time.flush();
    expect(waiters.map(({ error }) => error)).to.deep.equal([PASSING, PASSING, PASSING]);
    expect(one.core.state).to.include({ status: 'live', version: 1 });
    expect(one.told.map(({ name }) => name)).to.deep.equal(['refresh', 'refresh']);
  });

  it('can try again with the same refresh token', async () => {
    const one = bench();
    const failed = watch(refused(one, 1));
    one.asked[0]?.deny(PASSING);
    await time.flush();
    const again = refused(one, 1);
    one.asked[1]?.grant(SECOND);
    await again;
    expect(failed.state).to.equal('rejected');
    expect(one.asked.map(({ refreshToken }) => refreshToken)).to.deep.equal(['rt-1', 'rt-1']);
    expect(one.core.state).to.include({ status: 'live', version: 2 });
  });

  it('is kept whatever was thrown', async () => {
    for (const thrown of [new TypeError('odd'), 'odd', { row: {} }]) {
      const one = bench();
      const failed = watch(refused(one, 1));
      one.asked[0]?.deny(thrown);
      await time.flush();
      expect(failed.error).to.equal(thrown);
      expect(one.core.state.status).to.equal('live');
    }
  });

  it('ends once when the server says that the refresh token is dead (I7)', async () => {
    const one = bench();
    const waiters = [1, 2, 3].map(() => watch(refused(one, 1)));
    one.asked[0]?.deny(FATAL);
    await time.flush();
    expect(waiters.map(({ error }) => error)).to.deep.equal([FATAL, FATAL, FATAL]);
    expect(one.core.state).to.deep.include({
      status: 'ended',
      ended: { reason: 'expired', because: 'It was revoked.' },
    });
    expect(one.told.filter(({ name }) => name === 'sessionEnded')).to.have.length(1);
    expect(one.core.end('logout', 'again')).to.equal(false);
    expect(one.told.filter(({ name }) => name === 'sessionEnded')).to.have.length(1);
  });
});

describe('A session that is over', () => {
  const time = virtualTime();
  it('has nothing to send with, and refreshes no more', async () => {
    const one = bench();
    expect(one.core.end('logout', 'logout() was called.')).to.equal(true);
    const refusals = [
      watch(one.core.identity.ready(waiter()) ?? Promise.resolve()),
      watch(refused(one, 1)),
      watch(refused(one, 0)),
      watch(one.core.refresh(waiter())),
    ];
    await time.flush();
    expect(refusals.map(({ error }) => error)).to.deep.equal(Array(4).fill({ cause: 'session-ended' }));
    expect(one.asked).to.have.length(0);
  });

  it('hands over tokens that arrive too late, and never sends them (I9)', async () => {
    const one = bench();
    const waiting = watch(refused(one, 1));
    one.core.end('logout', 'logout() was called.');
    one.asked[0]?.grant(SECOND);
    await time.flush();
    expect(one.orphans).to.deep.equal(['at-2']);
    expect(one.core.tokens.accessToken.reveal()).to.equal('at-1');
    expect(one.core.state).to.include({ status: 'ended', version: 1 });
    expect(waiting.error).to.deep.equal({ cause: 'session-ended' });
  });

  it('releases those who wait for its refresh at once (R32)', async () => {
    const one = bench();
    const waiting = watch(refused(one, 1));
    one.core.end('logout', 'logout() was called.');
    await time.flush();
    expect(waiting).to.deep.include({ state: 'rejected', error: { cause: 'session-ended' } });
  });

  it('is not ended a second time by a dead refresh token', async () => {
    const one = bench();
    const waiting = watch(refused(one, 1));
    one.core.end('logout', 'logout() was called.');
    one.asked[0]?.deny(FATAL);
    await time.flush();
    expect(waiting.state).to.equal('rejected');
    expect(one.core.state.ended?.reason).to.equal('logout');
    expect(one.told.filter(({ name }) => name === 'sessionEnded')).to.have.length(1);
  });
});

describe('A session that is told to refresh', () => {
  virtualTime();
  it('refreshes a fresh token, and joins a refresh under way', async () => {
    const one = bench();
    const [first, second] = [one.core.refresh(waiter()), one.core.refresh(waiter())];
    expect(one.asked).to.have.length(1);
    one.asked[0]?.grant(SECOND);
    expect(await first).to.deep.equal({ status: 200, attempts: 1 });
    expect(await second).to.deep.equal({ status: 200, attempts: 1 });
    expect(FIRST.access).not.to.equal(one.core.tokens.accessToken.reveal());
  });
});
