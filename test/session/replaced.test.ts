// Somebody logs in under the key of a session that others still use.
import { expect } from 'chai';
import { createAuthClient, unwrap } from '../../lib/index.js';
import { remote } from '../support/coordinators.js';
import { transport } from '../support/transport.js';
import { virtualTime } from '../support/virtual-time.js';
import { BASE, isRefresh, tokensOf } from '../policies/clients.js';
import { jwt } from './tokens.js';

/** A store, and clients of it whose server refreshes to the second tokens. */
function bench() {
  const store = remote();
  const { adapter } = transport((sent) => (isRefresh(sent) ? { data: tokensOf(2) } : 200));
  const client = () => createAuthClient({ baseURL: BASE, coordinator: store, axios: { adapter } });
  return { store, client };
}

describe('A login in place of another session', () => {
  const time = virtualTime();

  it('is not ended by what the store still says of the session before it', async () => {
    const { store, client } = bench();
    const [here, there] = [client(), client()];
    const ada = here.resume({ accessToken: jwt({ sub: 'ada' }), refreshToken: 'rt-1' }, { key: 'one' });
    await time.finish(ada.accessToken());
    const alsoAda = unwrap(await time.finish(there.resume('one')));

    store.down.add('begin');
    const bob = here.resume({ accessToken: jwt({ sub: 'bob' }), refreshToken: 'rt-9' }, { key: 'one' });
    await time.pass(20);
    await time.finish(alsoAda!.refresh()); // and everybody looks at the record
    store.down.delete('begin');
    await time.pass(1_000);
    expect(bob.state).to.include({ status: 'live', subject: 'bob' });
    expect(await time.finish(bob.http.get('/orders'))).to.include({ status: 200 });
    expect(alsoAda!.state).to.have.nested.property('ended.reason', 'replaced');
  });

  it('is not replaced in turn by one that the store did not hear of in time', async () => {
    const store = remote();
    const { adapter } = transport();
    const client = createAuthClient({ baseURL: BASE, coordinator: store, axios: { adapter } });
    store.down.add('begin');
    const ada = client.resume({ accessToken: jwt({ sub: 'ada' }), refreshToken: 'rt-1' }, { key: 'one' });
    await time.pass(250);
    const bob = client.resume({ accessToken: jwt({ sub: 'bob' }), refreshToken: 'rt-9' }, { key: 'one' });
    expect(ada.state).to.have.nested.property('ended.reason', 'replaced');
    store.down.delete('begin');
    await time.pass(20_000);
    expect(bob.state).to.include({ status: 'live', subject: 'bob' });
    expect(unwrap(await time.finish(client.resume('one')))?.state.subject).to.equal('bob');
  });

  it('is not ended by one that the store did not hear of in time, whose tokens tell nothing', async () => {
    const store = remote();
    const { adapter } = transport(({ url }) => (url.endsWith('/auth/login') ? { data: tokensOf(1) } : 200));
    const client = createAuthClient({ baseURL: BASE, coordinator: store, axios: { adapter } });
    store.down.add('begin');
    client.resume({ accessToken: 'opaque', refreshToken: 'rt-1' }, { key: 'one' });
    await time.pass(50);
    store.down.delete('begin');
    const input = { email: 'ada@example.com', password: 'correct horse' };
    const session = unwrap(await time.finish(client.login(input, { key: 'one' })));
    await time.pass(20_000);
    expect(session.state.status).to.equal('live');
  });

  it('takes nobody’s place where it was logged out before the store knew of it', async () => {
    const { store, client } = bench();
    const ada = client().resume({ accessToken: jwt({ sub: 'ada' }), refreshToken: 'rt-1' }, { key: 'one' });
    await time.finish(ada.accessToken());
    store.down.add('begin');
    const bob = client().resume({ accessToken: jwt({ sub: 'bob' }), refreshToken: 'rt-9' }, { key: 'one' });
    await time.pass(250);
    expect(await time.finish(bob.logout())).to.include({ ok: true });
    store.down.delete('begin');
    await time.pass(20_000);
    expect(ada.state).to.include({ status: 'live', subject: 'ada' });
    expect(unwrap(await time.finish(client().resume('one')))?.state.subject).to.equal('ada');
  });
});

describe('Tokens in hand that a store hears of late', () => {
  const time = virtualTime();

  it('do not take the place of those that they were refreshed to meanwhile', async () => {
    const { store, client } = bench();
    store.lost.add('begin');
    const tokens = { accessToken: 'at-1', refreshToken: 'rt-1', expiresIn: 3_600_000 };
    const here = client().resume(tokens, { key: 'one' });
    await time.pass(15); // it has begun, and its answer is lost
    store.lost.delete('begin');
    const there = unwrap(await time.finish(client().resume('one')))!;
    expect(await time.finish(there.refresh())).to.include({ ok: true });
    await time.pass(5_000);
    expect([here, there].map((session) => session.tokens().refreshToken)).to.deep.equal(['rt-2', 'rt-2']);
  });
});

describe('A session that is logged out before the store has said that it began', () => {
  const time = virtualTime();
  const begin = (client: ReturnType<typeof bench>['client']) =>
    client().resume({ accessToken: jwt({ sub: 'ada' }), refreshToken: 'rt-1' }, { key: 'one' });

  for (const [when, after, away] of [
    ['while the store is asked', 5, 0],
    ['before it is asked again', 15, 0],
    ['when it has been in trouble for long, and is for a while longer', 9_950, 3_000],
  ] as const)
    it(`is over for whoever finds it there, if it had begun: ${when}`, async () => {
      const { store, client } = bench();
      store.lost.add('begin');
      const ada = begin(client);
      await time.pass(after);
      expect(await time.finish(ada.logout())).to.include({ ok: true });
      store.down.add('load');
      await time.pass(away);
      store.down.delete('load');
      const found = unwrap(await time.finish(client().resume('one')));
      await time.pass(10_000);
      expect(found!.state).to.have.nested.property('ended.reason', 'logout');
    });

  it('does not begin any more, if it had not', async () => {
    const { store, client } = bench();
    store.down.add('begin');
    const ada = begin(client);
    await time.pass(15);
    expect(await time.finish(ada.logout())).to.include({ ok: true });
    store.down.delete('begin');
    const { length } = store.asked.filter((step) => step === 'begin');
    await time.pass(60_000);
    expect(store.asked.filter((step) => step === 'begin')).to.have.length(length);
    expect(await time.finish(client().resume('one'))).to.deep.include({ ok: true, value: undefined });
    expect(time.timers).to.equal(0);
  });

  it('leaves alone whose session it is by then', async () => {
    const { store, client } = bench();
    store.lost.add('begin');
    const ada = begin(client);
    await time.pass(15);
    expect(await time.finish(ada.logout())).to.include({ ok: true });
    store.lost.delete('begin');
    const bob = client().resume({ accessToken: jwt({ sub: 'bob' }), refreshToken: 'rt-9' }, { key: 'one' });
    await time.pass(60_000);
    expect(bob.state).to.include({ status: 'live', subject: 'bob' });
  });
});
