// session/registry and sessions.ts: a backend that meets one customer with many requests holds one session for all.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { createAuthClient, memoryCoordinator, unwrap, type Coordinator } from '../../lib/index.js';
import { authBench, BASE, errorOf, MINUTE, tokenServer, tokensOf } from '../policies/clients.js';
import { remote } from '../support/coordinators.js';
import type { Sent } from '../support/transport.js';
import { virtualTime } from '../support/virtual-time.js';
import { jwt } from './tokens.js';

/** Tokens of a customer that say when they end. */
const tokensUntil = (expiresAt: number, refreshToken: string, sub = 'ada') => ({
  accessToken: jwt({ sub, exp: Math.round(expiresAt / 1_000) }),
  refreshToken,
});

const CUSTOMER = { email: 'ada@example.com', password: 'secret' };
const isLogin = ({ url }: Sent) => url.endsWith('/auth/login');

describe('Requests that resume a session with the same tokens', () => {
  const time = virtualTime();

  it('share its refresh, and for a minute what it brought: the dead refresh token is not presented', async () => {
    const server = tokenServer({ refreshAfter: 100 });
    const { resume } = authBench(server.script);
    const [one, two] = [resume({ expiresIn: 0 }), resume({ expiresIn: 0 })];
    await time.finish(Promise.all([one.http.get('/a'), two.http.get('/b')]));
    await time.pass(59_000);
    const late = resume({ expiresIn: 0 });
    await time.finish(late.http.get('/c'));
    expect(late.tokens()).to.include({ accessToken: 'at-2', refreshToken: 'rt-2' });
    expect(server.refreshes).to.equal(1);
  });
});

describe('Requests that name their session', () => {
  const time = virtualTime();
  const named = (more = {}) => authBench(tokenServer().script, {}, more).auth;

  it('get it by that name', async () => {
    const auth = named();
    const session = auth.resume({ accessToken: 'at-1', refreshToken: 'rt-1' }, { key: 'cookie-1' });
    expect(session.key).to.equal('cookie-1');
    expect(unwrap(await auth.resume('cookie-1'))).to.equal(session);
    expect(unwrap(await auth.resume('cookie-2'))).to.equal(undefined);
  });

  it('bring newer tokens with them, which everybody gets', () => {
    const auth = named();
    const now = Date.now();
    const first = auth.resume(tokensUntil(now + MINUTE, 'rt-1'), { key: 'ada' });
    const newer = tokensUntil(now + 10 * MINUTE, 'rt-9');
    expect(auth.resume(newer, { key: 'ada' })).to.equal(first);
    expect(first.tokens()).to.include(newer);
    expect(first.state.version).to.equal(2);
  });

  it('bring older ones, which nobody gets', () => {
    const auth = named();
    const now = Date.now();
    const first = auth.resume(tokensUntil(now + 10 * MINUTE, 'rt-9'), { key: 'ada' });
    expect(auth.resume(tokensUntil(now + MINUTE, 'rt-1'), { key: 'ada' })).to.equal(first);
    expect(first.tokens()).to.include({ refreshToken: 'rt-9' });
  });

  it('never meet another customer under that name', async () => {
    const auth = named();
    const now = Date.now();
    const ada = auth.resume(tokensUntil(now + MINUTE, 'rt-1', 'ada'), { key: 'desk' });
    const bob = auth.resume(tokensUntil(now + MINUTE, 'rt-2', 'bob'), { key: 'desk' });
    expect(bob.state).to.deep.include({ status: 'live', subject: 'bob' });
    await time.flush();
    expect(ada.state).to.deep.include({ status: 'ended', subject: 'ada' });
    expect(ada.state.ended?.reason).to.equal('replaced');
    expect(unwrap(await auth.resume('desk'))).to.equal(bob);
  });

  it('hear of its end, and do not come back in with its tokens', async () => {
    const auth = named();
    const tokens = { accessToken: 'at-1', refreshToken: 'rt-1' };
    const session = auth.resume(tokens, { key: 'ada' });
    await time.finish(session.logout());
    const found = await auth.resume('ada');
    expect(!found.ok && found.error.code).to.equal('SESSION_ENDED');
    expect(auth.resume(tokens, { key: 'ada' })).to.equal(session);
    const again = auth.resume({ ...tokens, refreshToken: 'rt-9' }, { key: 'ada' });
    expect(again.state.status, 'with those of another login they do').to.equal('live');
  });

  it('are told of a name that is none', () => {
    const auth = named();
    const tokens = { accessToken: 'at-1' };
    expect(() => auth.resume(tokens, { key: '' })).to.throw(
      'resume: key must be a text that is not empty; got "".',
    );
    expect(() => auth.resume(7 as never)).to.throw('an object with accessToken, or the key of a session');
  });
});

describe('A coordinator that several clients share', () => {
  const time = virtualTime();

  function clients(coordinator = remote(), more = {}) {
    const server = tokenServer({ refreshAfter: 100 });
    const script = (sent: Sent) => (isLogin(sent) ? { data: tokensOf(1) } : server.script(sent));
    const benches = [1, 2].map(() => authBench(script, {}, { coordinator, ...more }));
    return { server, coordinator, one: benches[0]!, two: benches[1]! };
  }

  it('leads from one to the session of the other, and one refresh serves both', async () => {
    const { server, one, two } = clients();
    const here = one.resume({ expiresIn: 0 });
    await time.pass(10);
    const there = unwrap(await time.finish(two.auth.resume(here.key)))!;
    await time.finish(Promise.all([here.http.get('/a'), there.http.get('/b')]));
    expect(server.refreshes).to.equal(1);
    expect([here.state.version, there.state.version]).to.deep.equal([2, 2]);
    expect(there.tokens()).to.deep.include({ accessToken: 'at-2', refreshToken: 'rt-2' });
  });

  it('has one session where several are given the same tokens and name: nobody is thrown out', async () => {
    const { server, one, two } = clients();
    const tokens = { accessToken: 'at-1', refreshToken: 'rt-1', expiresIn: 0 };
    const [here, there] = [one, two].map(({ auth }) => auth.resume(tokens, { key: 'ada' }));
    await time.finish(Promise.all([here!.http.get('/a'), there!.http.get('/b')]));
    expect([here!.state, there!.state].map(({ status, version }) => [status, version])).to.deep.equal([
      ['live', 2],
      ['live', 2],
    ]);
    expect(server.refreshes).to.equal(1);
    const late = two.auth.resume({ ...tokens, accessToken: 'at-0', refreshToken: 'rt-0' }, { key: 'ada' });
    expect(late.tokens()).to.include({ accessToken: 'at-2' });
  });

  it('gives a newcomer with older tokens the newer ones, and gets newer ones from it', async () => {
    const { one, two } = clients();
    const now = Date.now();
    const [older, newer] = [tokensUntil(now + MINUTE, 'rt-1'), tokensUntil(now + 10 * MINUTE, 'rt-2')];
    const first = one.auth.resume(newer, { key: 'ada' });
    await time.pass(50);
    const second = two.auth.resume(older, { key: 'ada' });
    await time.pass(50);
    expect(second.tokens()).to.include(newer);
    const newest = tokensUntil(now + 20 * MINUTE, 'rt-3');
    two.auth.resume(newest, { key: 'ada' });
    await time.pass(50);
    expect(first.tokens()).to.include(newest);
  });

  it('never gives one customer the session of another, whoever was first', async () => {
    const { one, two } = clients();
    const now = Date.now();
    const ada = one.auth.resume(tokensUntil(now + MINUTE, 'rt-1', 'ada'), { key: 'desk' });
    await time.pass(50);
    const bob = two.auth.resume(tokensUntil(now + MINUTE, 'rt-2', 'bob'), { key: 'desk' });
    await time.pass(100);
    expect(bob.state).to.include({ status: 'live', subject: 'bob' });
    expect(ada.state.ended?.reason).to.equal('replaced');
  });

  it('finds the login that took the place of a session, also where that one is still held', async () => {
    const { one, two } = clients();
    const now = Date.now();
    const ada = one.auth.resume(tokensUntil(now + MINUTE, 'rt-1', 'ada'), { key: 'desk' });
    await time.pass(50);
    two.auth.resume(tokensUntil(now + MINUTE, 'rt-2', 'bob'), { key: 'desk' });
    await time.pass(100);
    expect(ada.state.status).to.equal('ended');
    expect(unwrap(await time.finish(one.auth.resume('desk')))?.state.subject).to.equal('bob');
  });

  it('waits with the next refresh until the server must be done, where a client was closed in the middle of one', async () => {
    const { server, one, two } = clients();
    const here = one.resume({ expiresIn: 0 });
    await time.pass(10);
    const there = unwrap(await time.finish(two.auth.resume(here.key)))!;
    const lost = here.refresh();
    await time.pass(60); // it is on its way
    one.auth.close();
    const closed = await time.finish(lost);
    expect(!closed.ok && closed.error.code).to.equal('CLIENT_CLOSED');
    const next = there.refresh();
    await time.pass(10_000);
    expect(server.refreshes).to.equal(1);
    await time.finish(next);
    expect(server.refreshes).to.equal(2);
  });

  it('tells all of an end, once', async () => {
    const { one, two } = clients();
    const here = one.resume();
    await time.pass(10);
    const there = unwrap(await time.finish(two.auth.resume(here.key)))!;
    await time.finish(here.logout());
    await time.pass(20);
    expect(there.state.ended?.reason).to.equal('logout');
    expect([...one.heard('sessionEnded'), ...two.heard('sessionEnded')]).to.have.length(1);
    const found = await time.finish(two.auth.resume(here.key));
    expect(!found.ok && found.error.code).to.equal('SESSION_ENDED');
  });

  it('knows of a login before the login is done', async () => {
    const { one, two, coordinator } = clients(remote(1_000));
    const login = one.auth.login(CUSTOMER);
    await time.pass(999);
    expect(coordinator.asked).to.deep.equal(['begin']);
    const session = unwrap(await time.finish(login));
    expect(unwrap(await time.finish(two.auth.resume(session.key)))?.tokens()).to.include({
      accessToken: 'at-1',
    });
  });

  it('in trouble makes a login fail rather than begin a session that nobody will find, and its tokens are revoked', async () => {
    const { one, coordinator } = clients();
    coordinator.down.add('begin');
    const login = await time.finish(one.auth.login(CUSTOMER));
    expect(!login.ok && login.error.code).to.equal('SESSION_UNAVAILABLE');
    await time.flush();
    expect(one.wire.sent.at(-1)).to.deep.include({ url: `${BASE}/auth/logout` });
    await time.pass(MINUTE);
    expect(time.timers).to.equal(0);
  });

  it('that never said that a session has begun is asked when it is logged out: nobody goes on with it', async () => {
    const { one, two, coordinator } = clients();
    coordinator.lost.add('begin');
    const tokens = { accessToken: 'at-1', refreshToken: 'rt-1' };
    const session = one.auth.resume(tokens, { key: 'desk' });
    expect((await time.finish(errorOf(session.http.get('/a')))).code).to.equal('SESSION_UNAVAILABLE');
    const there = unwrap(await time.finish(two.auth.resume('desk')))!;
    coordinator.lost.clear();
    coordinator.down.add('end');
    await time.finish(session.logout());
    await time.pass(500);
    coordinator.down.clear();
    await time.pass(5_000);
    expect(there.state.ended?.reason).to.equal('logout');
    expect([...one.heard('sessionEnded'), ...two.heard('sessionEnded')]).to.have.length(1);
  });

  it('in trouble for a moment costs a login that moment', async () => {
    const { one, coordinator } = clients();
    coordinator.down.add('begin');
    const login = one.auth.login(CUSTOMER);
    await time.pass(500);
    coordinator.down.clear();
    expect((await time.finish(login)).ok).to.equal(true);
  });

  it('that does not know of a session yet holds its calls, and whoever cannot wait leaves alone', async () => {
    const { one } = clients(remote(1_000));
    const session = one.resume();
    const abort = new AbortController();
    const calls = [session.http.get('/a', { signal: abort.signal }), session.http.get('/b')] as const;
    abort.abort();
    expect((await errorOf(calls[0])).code).to.equal('ABORTED');
    expect(one.wire.sent).to.have.length(0);
    expect((await time.finish(calls[1])).status).to.equal(200);
  });

  it('hears of a logout that came before the beginning, as soon as it began', async () => {
    const { one, two } = clients(remote(1_000));
    const session = one.resume();
    await time.finish(session.logout());
    await time.pass(5_000);
    const found = await time.finish(two.auth.resume(session.key));
    expect(!found.ok && found.error.code).to.equal('SESSION_ENDED');
    expect(one.heard('sessionEnded')).to.have.length(1);
  });

  it('that hangs holds up nobody for longer than a refresh may take', async () => {
    for (const step of ['claim', 'mark', 'load'] as const) {
      const { one, two, coordinator } = clients();
      const session = one.resume({ expiresIn: 0 });
      await time.pass(10);
      coordinator.hung.add(step);
      const began = performance.now();
      const failed =
        step === 'load'
          ? await time.finish(two.auth.resume(session.key))
          : await time.finish(session.refresh());
      expect(!failed.ok && failed.error.code, step).to.equal('SESSION_UNAVAILABLE');
      expect(performance.now() - began, step).to.be.within(10_000, 11_000);
      coordinator.hung.clear();
      if (step !== 'load') expect((await time.finish(session.refresh())).ok, step).to.equal(true);
    }
  });

  it('that was emptied in the middle of a refresh says so at once', async () => {
    const inner = remote();
    let isEmpty = false;
    const coordinator: Coordinator = {
      open(key) {
        const seat = inner.open(key);
        return {
          ...seat,
          commit() {
            isEmpty = true;
            return false;
          },
          load: () => (isEmpty ? undefined : seat.load()),
        };
      },
    };
    const { auth, resume, heard } = authBench(tokenServer().script, {}, { coordinator });
    const session = resume({ expiresIn: 0 });
    await time.pass(10);
    const began = performance.now();
    const result = await time.finish(session.refresh());
    expect(!result.ok && result.error.code).to.equal('SESSION_UNAVAILABLE');
    expect(performance.now() - began).to.be.below(200);
    expect([session.state.status, heard('sessionEnded')]).to.deep.equal(['live', []]);
    auth.close();
  });

  it('must be one', () => {
    const make = () => createAuthClient({ baseURL: BASE, coordinator: {} as never });
    expect(make).to.throw('createAuthClient: coordinator must be a coordinator, such as memoryCoordinator()');
  });
});

describe('memoryCoordinator()', () => {
  const time = virtualTime();
  const grants = { accessToken: 'at-1', refreshToken: 'rt-1' };

  /** Whether a session of that name is found by a client that does not hold it. */
  const finds = async (coordinator: ReturnType<typeof memoryCoordinator>, key: string) =>
    unwrap(await authBench([], {}, { coordinator }).auth.resume(key)) !== undefined;

  it('keeps a session that nobody uses for as long as `idle` says', async () => {
    const coordinator = memoryCoordinator({ idle: 10 * MINUTE });
    authBench([], {}, { coordinator }).auth.resume(grants, { key: 'ada' });
    await time.pass(9 * MINUTE);
    expect(await finds(coordinator, 'ada')).to.equal(true);
    await time.pass(9 * MINUTE);
    expect(await finds(coordinator, 'ada'), 'being found is a use').to.equal(true);
  });

  it('keeps as many as `most` says: those unused for longest make room', async () => {
    const coordinator = memoryCoordinator({ idle: MINUTE, most: 2 });
    const { auth } = authBench([], {}, { coordinator });
    for (const key of ['a', 'b', 'c']) auth.resume({ ...grants, refreshToken: key }, { key });
    expect(await Promise.all(['b', 'c'].map((key) => finds(coordinator, key)))).to.deep.equal([true, true]);
  });

  it('says which option is bad', () => {
    expect(() => memoryCoordinator({ idle: -1 })).to.throw('memoryCoordinator: idle must be a number of ms');
    expect(() => memoryCoordinator({ most: 0.5 })).to.throw('memoryCoordinator: most must be a whole number');
    expect(() => memoryCoordinator({ ttl: 1 } as never)).to.throw('there is no option ttl');
  });
});

describe('A record that is kept', () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;

  async function heap(): Promise<number> {
    for (let turn = 0; turn < 5; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      collectGarbage();
    }
    return process.memoryUsage().heapUsed;
  }

  const tokens = (refreshToken: string) => ({ accessToken: 'at-1', refreshToken });
  /** The names under which a client that holds none of them finds a session. */
  async function found(coordinator: ReturnType<typeof memoryCoordinator>, keys: readonly string[]) {
    await heap();
    const auth = createAuthClient({ baseURL: BASE, coordinator });
    const sessions = await Promise.all(keys.map((key) => auth.resume(key)));
    return keys.filter((_, index) => unwrap(sessions[index]!) !== undefined);
  }

  it('makes room for others where there are too many', async () => {
    const coordinator = memoryCoordinator({ idle: MINUTE, most: 2 });
    const auth = createAuthClient({ baseURL: BASE, coordinator });
    for (const key of ['a', 'b', 'c']) auth.resume(tokens(key), { key });
    expect(await found(coordinator, ['a', 'b', 'c'])).to.deep.equal(['b', 'c']);
  });

  it('is gone once nobody used it for long enough', async () => {
    const coordinator = memoryCoordinator({ idle: 40 });
    const auth = createAuthClient({ baseURL: BASE, coordinator });
    auth.resume(tokens('a'), { key: 'a' });
    await new Promise((resolve) => setTimeout(resolve, 60));
    const later = auth.resume(tokens('b'), { key: 'b' });
    expect(await found(coordinator, ['a', later.key])).to.deep.equal(['b']);
  });

  it('keeps none of the sessions that looked at it', async () => {
    const coordinator = memoryCoordinator({ idle: MINUTE });
    const client = () => createAuthClient({ baseURL: BASE, coordinator });
    client().resume({ accessToken: 'at-1' }, { key: 'ada' });
    const looks = async (count: number) => {
      for (let look = 0; look < count; look += 1) unwrap(await client().resume('ada'));
    };
    await looks(20);
    const before = await heap();
    await looks(400);
    expect((await heap()) - before).to.be.below(400 * 2_000);
  });
});
