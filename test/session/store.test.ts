// session/store: new tokens go to the user's own store before any call gets them.
import { expect } from 'chai';
import type { SaveTokens, Tokens } from '../../lib/index.js';
import { createAuthClient } from '../../lib/index.js';
import { authBench, isRefresh, tokenServer, tokensOf } from '../policies/clients.js';
import { virtualTime, watch } from '../support/virtual-time.js';

interface Save {
  readonly tokens: Tokens;
  readonly replaced: Tokens;
  readonly key: string;
  readonly done: () => void;
  readonly fail: () => void;
}

/** A store that answers when it is told to. */
function slowStore() {
  const saves: Save[] = [];
  const onTokens: SaveTokens = (tokens, session) =>
    new Promise<void>((done, reject) => {
      saves.push({ tokens, ...session, done, fail: () => reject(new Error('disk full')) });
    });
  return { saves, onTokens };
}

describe('New tokens', () => {
  const time = virtualTime();

  function story(onTokens: SaveTokens) {
    const server = tokenServer();
    const bench = authBench(server.script, {}, { onTokens });
    const session = bench.resume({ expiresIn: 0 });
    return { server, session, ...bench };
  }

  it('are saved before any call gets them', async () => {
    const { saves, onTokens } = slowStore();
    const { session, wire, server } = story(onTokens);
    const calls = [1, 2, 3].map((id) => watch(session.http.get(`/orders/${id}`)));
    await time.pass(1_000);
    expect(wire.sent.map(isRefresh)).to.deep.equal([true]);
    expect(session.tokens()).to.include({ accessToken: 'at-1' });
    saves[0]!.done();
    await time.flush();
    expect(calls.map(({ state }) => state)).to.deep.equal(['resolved', 'resolved', 'resolved']);
    expect([saves.length, server.refreshes]).to.deep.equal([1, 1]);
  });

  it('are told with what they take the place of, and whose they are', async () => {
    const { saves, onTokens } = slowStore();
    const { session } = story(onTokens);
    const first = session.refresh();
    await time.flush();
    saves[0]!.done();
    await first;
    const second = session.refresh();
    await time.flush();
    saves[1]!.done();
    await second;
    const told = saves.map(({ key, replaced, tokens }) => ({
      key,
      pairs: [replaced, tokens].map(({ accessToken, refreshToken }) => [accessToken, refreshToken]),
    }));
    expect(told).to.deep.equal([
      { key: session.key, pairs: [['at-1', 'rt-1'], ['at-2', 'rt-2']] },
      { key: session.key, pairs: [['at-2', 'rt-2'], ['at-3', 'rt-3']] },
    ]); // prettier-ignore
    expect(saves[0]!.tokens.expiresIn).to.be.within(3_599_000, 3_600_000);
  });

  it('keep the old refresh token where the server sends no new one', async () => {
    const { saves, onTokens } = slowStore();
    const withoutOne = { ...tokensOf(2), refresh_token: undefined };
    const { resume } = authBench((sent) => (isRefresh(sent) ? { data: withoutOne } : 200), {}, { onTokens });
    const refresh = resume().refresh();
    await time.flush();
    saves[0]!.done();
    expect(await refresh).to.include({ ok: true });
    expect(saves[0]!.tokens).to.include({ accessToken: 'at-2', refreshToken: 'rt-1' });
  });

  it('that cannot be saved are saved again, while the calls wait; every failure is told', async () => {
    const { saves, onTokens } = slowStore();
    const { session, server, heard } = story(onTokens);
    const call = watch(session.http.get('/orders'));
    await time.flush();
    for (const index of [0, 1]) {
      saves[index]!.fail();
      await time.pass(1_000);
    }
    expect(call.state).to.equal('pending');
    saves[2]!.done();
    await time.flush();
    expect([call.state, server.refreshes]).to.deep.equal(['resolved', 1]);
    expect(heard('refresh').map(({ phase }) => phase)).to.deep.equal([
      'started', 'unsaved', 'unsaved', 'succeeded',
    ]); // prettier-ignore
  });

  it('are used unsaved rather than lost where the store fails for good', async () => {
    const store = { works: false, replaced: '' };
    const { session, server } = story((_, { replaced }) => {
      if (!store.works) throw new Error('no disk');
      store.replaced = replaced.accessToken;
    });
    expect((await time.finish(session.http.get('/orders'))).status).to.equal(200);
    expect(session.tokens()).to.include({ accessToken: 'at-2', refreshToken: 'rt-2' });
    expect(server.refreshes).to.equal(1);
    store.works = true;
    expect(await time.finish(session.refresh()), 'the session goes on').to.include({ ok: true });
    expect(session.tokens()).to.include({ accessToken: 'at-3' });
    expect(store.replaced, 'what the store still holds').to.equal('at-1');
  });

  it('do not wait for ever for a store that never answers, and leave no timer', async () => {
    let asked = 0;
    const { session } = story(() => {
      asked += 1;
      return new Promise(() => undefined);
    });
    const call = watch(session.http.get('/orders', { holdfast: { deadline: 300_000 } }));
    await time.pass(250_000);
    expect([call.state, asked]).to.deep.equal(['resolved', 10]);
    expect(time.timers).to.equal(0);
  });

  it('of a session that ends while they are saved are revoked at the server', async () => {
    const { saves, onTokens } = slowStore();
    const { session, wire } = story(onTokens);
    const call = watch(session.http.get('/orders'));
    await time.flush();
    void session.logout();
    saves[0]!.done();
    await time.flush();
    expect(call.state).to.equal('rejected');
    expect(call.error).to.include({ code: 'SESSION_ENDED' });
    const bearers = wire.sent.filter((sent) => !isRefresh(sent)).map(({ headers }) => headers.authorization);
    expect(bearers).to.have.members(['Bearer at-1', 'Bearer at-2']);
  });

  it('are saved by a function, or the client is not made', () => {
    expect(() => createAuthClient({ baseURL: 'https://api.example.com', onTokens: 'db' as never })).to.throw(
      TypeError,
      'createAuthClient: onTokens must be a function; got a value of type string.',
    );
  });
});
