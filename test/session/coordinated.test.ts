// session/: several holders of one session at one coordinator, a coordinator in trouble, and a refresh token in doubt.
import { expect } from 'chai';
import type { Seat } from '../../lib/session/coordinator.js';
import { grantOf } from '../../lib/session/grant.js';
import { createMemoryCoordinator } from '../../lib/session/memory-coordinator.js';
import { virtualTime, watch } from '../support/virtual-time.js';
import { bench, FATAL, FIRST, MINUTE, PASSING, refused, SECOND, waiter } from './fixture.js';
import { tokenSet } from './tokens.js';

/** A record that has begun, and seats at it. */
function shared() {
  const coordinator = createMemoryCoordinator();
  coordinator.open('one').begin(grantOf(tokenSet(FIRST), true), false);
  return () => coordinator.open('one');
}

/** A failure after which the server may have taken the refresh token, and no answer came. */
const LOST = { row: { code: 'CONNECTION_LOST', because: 'It broke.' }, unclear: 1 };

const ended = ({ told }: ReturnType<typeof bench>) => told.filter(({ name }) => name === 'sessionEnded');

describe('Two holders of one session', () => {
  const time = virtualTime();

  it('refresh once: whoever comes second waits for the tokens of the first', async () => {
    const seat = shared();
    const [one, two] = [bench(FIRST, {}, seat()), bench(FIRST, {}, seat())];
    const waits = [watch(refused(one, 1)), watch(refused(two, 1))];
    one.asked[0]?.grant(SECOND);
    await time.flush();
    expect(waits.map(({ state }) => state)).to.deep.equal(['resolved', 'resolved']);
    expect([one.asked.length, two.asked.length]).to.deep.equal([1, 0]);
    expect([one.bearer, two.bearer]).to.deep.equal(['Bearer at-2', 'Bearer at-2']);
    expect(time.timers).to.be.at.most(1);
  });

  it('end together, and one of them tells of it', async () => {
    const seat = shared();
    const [one, two] = [bench(FIRST, {}, seat()), bench(FIRST, {}, seat())];
    one.core.end('logout', 'logout() was called.');
    await time.flush();
    expect(two.core.state).to.deep.include({
      status: 'ended',
      ended: { reason: 'logout', because: 'logout() was called.' },
    });
    expect([...ended(one), ...ended(two)]).to.have.length(1);
  });

  it('go on after one of them has gone without a word while it refreshed', async () => {
    const seat = shared();
    const [one, two] = [bench(FIRST, {}, seat()), bench(FIRST, {}, seat())];
    void refused(one, 1).catch(() => undefined); // never answered
    const wait = watch(refused(two, 1));
    await time.pass(10_999);
    expect(two.asked).to.have.length(0);
    await time.pass(1);
    two.asked[0]?.grant(SECOND);
    await time.flush();
    expect(wait.state).to.equal('resolved');
  });

  it('take tokens for as old as they can be, however long the answer of the store took', async () => {
    const seat = shared();
    const began = performance.now();
    seat().commit({ gen: 1, ver: 1 }, grantOf(tokenSet(SECOND), true));
    const own = seat();
    const slow: Seat = {
      ...own,
      async claim(terms) {
        const claim = await own.claim(terms);
        await new Promise((resolve) => setTimeout(resolve, 100));
        return claim;
      },
    };
    const two = bench(FIRST, {}, slow);
    await time.pass(50);
    const wait = watch(refused(two, 1));
    await time.pass(100);
    expect([wait.state, two.bearer]).to.deep.equal(['resolved', 'Bearer at-2']);
    // A call that was refused between the two would take them for new ones, and give up.
    expect(two.core.identity.credential()?.grantedAt).to.be.at.most(began);
  });

  it('send nothing where a hint brings newer tokens between claim and sending: no intent guards those', async () => {
    const seat = shared();
    const own = seat();
    const slow: Seat = {
      ...own,
      async mark(fence, lease) {
        const ok = await own.mark(fence, lease);
        await new Promise((resolve) => setTimeout(resolve, 100));
        return ok;
      },
    };
    const two = bench(FIRST, {}, slow);
    const wait = watch(refused(two, 1));
    await time.flush();
    seat().commit({ gen: 1, ver: 1 }, grantOf(tokenSet(SECOND), true)); // of one who was late
    await time.pass(200);
    expect([wait.state, two.bearer, two.asked.length]).to.deep.equal(['resolved', 'Bearer at-2', 0]);
    expect(two.core.state.status).to.equal('live');
  });

  for (const answer of ['is dead', 'brings tokens'] as const)
    it(`keep what a hint brought while a refresh was under way whose answer ${answer}`, async () => {
      const seat = shared();
      const one = bench(FIRST, {}, seat());
      const wait = watch(refused(one, 1));
      seat().commit({ gen: 1, ver: 1 }, grantOf(tokenSet(SECOND), true)); // of one who was late
      await time.flush();
      expect([wait.state, one.bearer]).to.deep.equal(['resolved', 'Bearer at-2']);
      if (answer === 'is dead') one.asked[0]!.deny(FATAL);
      else one.asked[0]!.grant({ access: 'at-9', refresh: 'rt-9' });
      await time.flush();
      expect([one.core.state.status, one.bearer]).to.deep.equal(['live', 'Bearer at-2']);
      const seen = await seat().load();
      expect(seen && 'grant' in seen && seen.grant.tokens.refreshToken?.reveal()).to.equal('rt-2');
    });

  for (const answer of ['is dead', 'brings tokens'] as const)
    it(`get newer ones yet where those of the hint are refused while that refresh is under way, whose answer ${answer}`, async () => {
      const seat = shared();
      const own = seat();
      let saves = 0;
      const one = bench(FIRST, {}, { ...own, commit: (at, grant) => ((saves += 1), own.commit(at, grant)) });
      watch(refused(one, 1));
      seat().commit({ gen: 1, ver: 1 }, grantOf(tokenSet(SECOND), true));
      await time.flush();
      const sent = Object.assign(waiter(), { sentAt: performance.now() });
      const [later, named] = [watch(refused(one, 2, sent)), watch(one.core.refresh(waiter()))];
      const next = watch(one.core.identity.ready(waiter()) ?? Promise.resolve());
      if (answer === 'is dead') one.asked[0]!.deny(FATAL);
      else one.asked[0]!.grant({ access: 'at-9', refresh: 'rt-9' });
      await time.flush();
      expect([later.state, named.state, next.state]).to.deep.equal(Array(3).fill('pending'));
      expect(one.asked.map(({ refreshToken }) => refreshToken)).to.deep.equal(['rt-1', 'rt-2']);
      expect(saves, 'a store of the user would take older tokens for newer ones').to.equal(0);
      one.asked[1]!.grant({ access: 'at-3', refresh: 'rt-3' });
      await time.flush();
      expect([later.state, named.state, next.state]).to.deep.equal(Array(3).fill('resolved'));
      expect(one.bearer).to.equal('Bearer at-3');
    });

  it('do not doubt tokens that a hint brought, whatever becomes of the refresh of those before', async () => {
    const seat = shared();
    const one = bench(FIRST, { rotation: 'strict' }, seat());
    watch(refused(one, 1));
    seat().commit({ gen: 1, ver: 1 }, grantOf(tokenSet(SECOND), true));
    await time.flush();
    one.asked[0]!.deny(LOST);
    await time.flush();
    expect(one.core.state).not.to.have.property('inDoubt');
    void one.core.refresh(waiter());
    await time.flush();
    expect(one.asked.map(({ refreshToken }) => refreshToken)).to.deep.equal(['rt-1', 'rt-2']);
  });

  it('go on with tokens that a hint brought while a verdict about those before is written down', async () => {
    const seat = shared();
    const own = seat();
    let close: () => void = () => undefined;
    const one = bench(
      FIRST,
      {},
      {
        ...own,
        end: (at, end) => new Promise((resolve) => (close = () => resolve(own.end(at, end)))),
      },
    );
    watch(refused(one, 1));
    one.asked[0]!.deny(FATAL);
    await time.flush();
    seat().commit({ gen: 1, ver: 1 }, grantOf(tokenSet(SECOND), true));
    await time.flush();
    const later = watch(refused(one, 2));
    close();
    await time.flush();
    expect(one.asked.map(({ refreshToken }) => refreshToken)).to.deep.equal(['rt-1', 'rt-2']);
    one.asked[1]!.grant({ access: 'at-3', refresh: 'rt-3' });
    await time.flush();
    expect([later.state, one.bearer]).to.deep.equal(['resolved', 'Bearer at-3']);
  });

  it('take no older tokens from a record that went back, and do not refresh by it (I3)', async () => {
    const behind = shared();
    let current = shared()();
    let hint: () => void = () => undefined;
    const one = bench(
      FIRST,
      {},
      {
        begin: (grant, joins) => current.begin(grant, joins),
        load: () => current.load(),
        claim: (terms) => current.claim(terms),
        mark: (fence, lease) => current.mark(fence, lease),
        commit: (at, grant) => current.commit(at, grant),
        cool: (fence, forMs, doubtful) => current.cool(fence, forMs, doubtful),
        end: (at, end) => current.end(at, end),
        subscribe(onChange) {
          hint = onChange;
          return () => undefined;
        },
      },
    );
    const wait = refused(one, 1);
    one.asked[0]?.grant(SECOND);
    await wait;
    current = behind(); // as a replica that had not heard of the second pair yet
    hint();
    await time.flush();
    expect([one.bearer, one.core.state.version]).to.deep.equal(['Bearer at-2', 2]);
    const again = watch(refused(one, 2));
    await time.flush();
    expect(again.error).to.deep.equal({ cause: 'session-unavailable' });
    expect([one.asked.length, one.core.state.status]).to.deep.equal([1, 'live']);
  });

  it('wait no longer than two exchanges may take', async () => {
    const seat = shared();
    const slow: Seat = { ...seat(), claim: () => ({ is: 'busy', ms: 60_000 }) };
    const one = bench(FIRST, {}, slow);
    const wait = watch(refused(one, 1));
    await time.pass(22_000);
    expect(wait.error).to.deep.equal({ cause: 'outcome-unknown' });
    expect(one.core.state.status).to.equal('live');
  });

  it('leave no timer when nobody waits any more', async () => {
    const seat = shared();
    const one = bench(FIRST, {}, { ...seat(), claim: () => ({ is: 'busy', ms: 60_000 }) });
    const who = waiter();
    const wait = watch(refused(one, 1, who));
    who.stop('closed');
    await time.flush();
    expect([wait.state, one.core.state.status, time.timers]).to.deep.equal(['rejected', 'live', 0]);
  });

  it('revoke what one of them got and the other did not know of when it logged out', async () => {
    const seat = shared();
    const deaf: Seat = { ...seat(), subscribe: () => () => undefined };
    const [one, two] = [bench(FIRST, {}, seat()), bench(FIRST, {}, deaf)];
    const done = refused(one, 1);
    one.asked[0]?.grant(SECOND);
    await done;
    two.core.end('logout', 'logout() was called.');
    expect(two.orphans).to.deep.equal(['at-2']);
  });
});

describe('A store in trouble', () => {
  const time = virtualTime();

  it('does not lose new tokens: they are saved as soon as it works, and only then anybody gets them (I10)', async () => {
    const seat = shared()();
    let down = true;
    const trouble: Seat = {
      ...seat,
      commit: (at, grant) =>
        down ? Promise.reject(new Error('down')) : Promise.resolve(seat.commit(at, grant)),
    };
    const one = bench(FIRST, {}, trouble);
    const wait = watch(refused(one, 1));
    one.asked[0]?.grant(SECOND);
    await time.pass(5_000);
    expect([wait.state, one.bearer]).to.deep.equal(['pending', 'Bearer at-1']);
    expect(one.told.map(({ event }) => 'phase' in event && event.phase)).to.include('unsaved');
    down = false;
    await time.pass(5_000);
    expect([wait.state, one.bearer]).to.deep.equal(['resolved', 'Bearer at-2']);
  });

  it('is no reason to end a session: whoever needs tokens hears that the store is down', async () => {
    for (const method of ['claim', 'mark'] as const) {
      const seat = shared()();
      const broken: Seat = { ...seat, [method]: () => Promise.reject(new Error('down')) };
      const one = bench(FIRST, {}, broken);
      const wait = watch(refused(one, 1));
      await time.pass(1_000);
      expect(wait.error).to.deep.equal({ cause: 'session-unavailable' });
      expect(one.core.state.status).to.equal('live');
      expect(one.asked).to.have.length(0);
    }
  });

  it('is not an answer to the claim under way when only a hint could not be followed', async () => {
    const seat = shared()();
    let hint = (): void => undefined;
    let answer: (claim: Awaited<ReturnType<Seat['claim']>>) => void = () => undefined;
    const one = bench(
      FIRST,
      {},
      {
        ...seat,
        load: () => Promise.reject(new Error('down')),
        claim: () => new Promise((resolve) => (answer = resolve)),
        subscribe(onChange) {
          hint = onChange;
          return () => undefined;
        },
      },
    );
    const wait = watch(refused(one, 1));
    hint();
    await time.flush();
    expect(wait.state).to.equal('pending');
    answer(await seat.claim({ seen: { gen: 1, ver: 1 }, lease: 2_000, eager: false }));
    await time.flush();
    one.asked[0]?.grant(SECOND);
    await time.flush();
    expect(wait.state).to.equal('resolved');
  });

  for (const trouble of ['fails', 'never answers'] as const)
    it(`that ${trouble} hears of a logout as soon as it works: nobody goes on with the session (I9)`, async () => {
      const seat = shared();
      const inner = seat();
      let well = false;
      const bad: Seat = {
        ...inner,
        end: (at, end) => {
          if (well) return inner.end(at, end);
          return trouble === 'fails' ? Promise.reject(new Error('down')) : new Promise(() => undefined);
        },
      };
      const [one, two] = [bench(FIRST, {}, bad), bench(FIRST, {}, seat())];
      one.core.end('logout', 'logout() was called.');
      await time.pass(11_000);
      expect(one.core.state.status).to.equal('ended');
      expect(ended(one), 'the customer is told all the same').to.have.length(1);
      well = true;
      await time.pass(11_000);
      expect(two.core.state.status).to.equal('ended');
      expect([...ended(one), ...ended(two)]).to.have.length(1);
      expect(time.timers).to.equal(0);
    });

  for (const [does, saves] of [
    ['has it all the same', true],
    ['does not have it', false],
  ] as const)
    it(`that lost a verdict and ${does}: whoever logs out then tells of the end, once (I7)`, async () => {
      const seat = shared()();
      let down = true;
      const one = bench(
        FIRST,
        {},
        {
          ...seat,
          subscribe: () => () => undefined,
          end(at, end) {
            if (down && saves) void seat.end(at, end);
            return down ? Promise.reject(new Error('down')) : seat.end(at, end);
          },
        },
      );
      void refused(one, 1).catch(() => undefined);
      one.asked[0]?.deny(FATAL);
      await time.pass(MINUTE);
      expect(one.core.state.status).to.equal('live');
      down = false;
      one.core.end('logout', 'logout() was called.');
      await time.pass(MINUTE);
      expect(ended(one)).to.have.length(1);
    });

  it('that answered while all stood still has answered, and is in no trouble', async () => {
    const inner = shared()();
    const slow: Seat = {
      ...inner,
      async claim(terms) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        return inner.claim(terms);
      },
    };
    const one = bench(FIRST, {}, slow);
    const wait = watch(refused(one, 1));
    await time.sleep(MINUTE);
    one.asked[0]?.grant(SECOND);
    await time.flush();
    expect(wait.state).to.equal('resolved');
    expect(time.timers).to.equal(0);
  });

  it('that lost the answer to a save does not get the same tokens in place of newer ones (I11)', async () => {
    const seat = shared();
    const inner = seat();
    let lost = true;
    const bad: Seat = {
      ...inner,
      async commit(at, grant) {
        const answer = await inner.commit(at, grant);
        if (lost) throw new Error('The answer was lost.');
        return answer;
      },
    };
    const [one, two] = [bench(FIRST, {}, bad), bench(FIRST, {}, seat())];
    const wait = watch(refused(one, 1));
    one.asked[0]?.grant(SECOND);
    await time.flush();
    const next = refused(two, 2);
    two.asked[0]?.grant({ access: 'at-3', refresh: 'rt-3' });
    await next;
    await time.flush();
    lost = false;
    await time.pass(5_000);
    expect([wait.state, one.bearer, two.bearer]).to.deep.equal(['resolved', 'Bearer at-3', 'Bearer at-3']);
  });

  it('that lost the record is no reason either (I20)', async () => {
    const empty = createMemoryCoordinator().open('another');
    const one = bench(FIRST, {}, empty);
    const wait = watch(refused(one, 1));
    await time.flush();
    expect(wait.error).to.deep.equal({ cause: 'session-unavailable' });
    expect(one.core.state.status).to.equal('live');
  });
});

describe('A refresh whose answer was lost', () => {
  const time = virtualTime();
  const lost = async (rotation: 'strict' | 'single-use' | 'grace', after = 59 * MINUTE) => {
    const one = bench(FIRST, { rotation, grace: 20_000 });
    await time.pass(after);
    void one.core.identity.ready(waiter());
    one.asked[0]?.deny(LOST);
    await time.pass(11_000); // the server may be at it still
    return one;
  };

  it('leaves the session in doubt, and says so', async () => {
    const one = bench();
    const wait = watch(refused(one, 1));
    one.asked[0]?.deny(LOST);
    await time.flush();
    expect(wait.error).to.deep.equal({ cause: 'outcome-unknown' });
    expect(one.core.state).to.include({ status: 'live', inDoubt: true });
    await time.pass(11_000);
    const again = refused(one, 1);
    one.asked[1]?.grant(SECOND);
    await again;
    expect(one.core.state).to.include({ version: 2 }).and.not.to.have.property('inDoubt');
  });

  it('is not tried again before the server must be done with it (I2)', async () => {
    const one = bench();
    watch(refused(one, 1));
    one.asked[0]?.deny(LOST);
    await time.flush();
    const wait = watch(refused(one, 1));
    await time.pass(10_000);
    expect([one.asked.length, wait.state]).to.deep.equal([1, 'pending']);
    await time.pass(1_000);
    expect(one.asked).to.have.length(2);
  });

  it('is not tried again with a strict server while the access token is good, and then it is', async () => {
    const one = await lost('strict');
    expect(one.core.identity.ready(waiter())).to.equal(undefined);
    const byName = watch(one.core.refresh(waiter()));
    await time.flush();
    expect(byName.error).to.deep.equal({ cause: 'outcome-unknown', retryAfter: 49_000 });
    expect(one.asked).to.have.length(1);
    await time.pass(49_000);
    void one.core.identity.ready(waiter());
    expect(one.asked).to.have.length(2);
  });

  it('is tried again at once with a server that takes no offence', async () => {
    const one = await lost('single-use');
    void one.core.identity.ready(waiter());
    expect(one.asked).to.have.length(2);
  });

  it('is tried again within the grace of the server, and not after it', async () => {
    const within = await lost('grace');
    void within.core.identity.ready(waiter());
    expect(within.asked).to.have.length(2);
    const after = await lost('grace');
    await time.pass(10_000);
    void after.core.identity.ready(waiter());
    expect(after.asked).to.have.length(1);
  });

  it('and then a dead refresh token: the end says that the good tokens may have been in that answer', async () => {
    const one = await lost('single-use');
    void one.core.identity.ready(waiter());
    one.asked[1]?.deny(FATAL);
    await time.flush();
    expect(one.core.state.ended?.because).to.contain('The answer to an earlier refresh was lost');
  });

  it('with an answer that says nothing about the token leaves the doubt and may be tried at once', async () => {
    const one = bench();
    watch(refused(one, 1));
    one.asked[0]?.deny({ ...PASSING, status: 503, unclear: 1 });
    await time.flush();
    expect(one.core.state).to.include({ inDoubt: true });
    watch(refused(one, 1));
    expect(one.asked).to.have.length(2);
  });
});
