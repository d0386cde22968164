// The async context of the caller survives every wait, so that traces and log fields stay with the call.
import { AsyncLocalStorage } from 'node:async_hooks';
import { expect } from 'chai';
import type { Script } from '../support/transport.js';
import { virtualTime } from '../support/virtual-time.js';
import { authBench, isRefresh, limit, tokensOf, type AuthBench } from './clients.js';

interface Seen {
  readonly url: string;
  readonly context: string | undefined;
}

describe('The async context of a caller', () => {
  const time = virtualTime();
  const storage = new AsyncLocalStorage<string>();

  /** A bench that notes in which context each attempt left. */
  function noting(script: Script, policies = {}): AuthBench & { readonly seen: readonly Seen[] } {
    const seen: Seen[] = [];
    const bench = authBench((sent) => {
      if (!isRefresh(sent)) seen.push({ url: sent.url.split('/').at(-1) ?? '', context: storage.getStore() });
      return typeof script === 'function' ? script(sent) : (script[sent.number - 1] ?? 200);
    }, policies);
    return Object.assign(bench, { seen });
  }

  /** Every attempt of a call left in the context that carries its name. */
  function expectOwn(seen: readonly Seen[], attempts: number): void {
    expect(seen).to.have.length(attempts);
    for (const { url, context } of seen) expect(context).to.equal(url);
  }

  const NAMES = ['a', 'b', 'c', 'd'];
  const all = (call: (name: string) => Promise<unknown>) =>
    time.finish(Promise.all(NAMES.map((name) => storage.run(name, () => call(name)))));

  it('survives a wait for room', async () => {
    const { auth, seen } = noting(() => ({ after: 100 }), { cooldown: { concurrency: 1 } });
    await all((name) => auth.http.get(`/orders/${name}`));
    expectOwn(seen, 4);
  });

  it('survives a cooldown, whoever met it', async () => {
    const { auth, seen } = noting([limit(1), 200, limit(2)]);
    await all((name) => auth.http.get(`/orders/${name}`));
    await all((name) => auth.http.get(`/orders/${name}`));
    expectOwn(seen, 10);
  });

  it('survives a backoff', async () => {
    const sends = new Map<string, number>();
    const { auth, seen } = noting(({ url }) => {
      sends.set(url, (sends.get(url) ?? 0) + 1);
      return sends.get(url)! > 2 ? 200 : 503;
    });
    await all((name) => auth.http.get(`/orders/${name}`));
    expectOwn(seen, 12);
  });

  it('survives a refresh, whoever began it', async () => {
    const { resume, seen } = noting((sent) => {
      if (isRefresh(sent)) return { data: tokensOf(2), after: 100 };
      return sent.headers.authorization === 'Bearer at-1' ? 401 : 200;
    });
    const session = resume();
    await all((name) => session.http.get(`/orders/${name}`));
    expectOwn(seen, 8);
  });

  it('is there when the call comes back, and when its events are told', async () => {
    const { auth } = noting([503, limit(1)], { cooldown: { concurrency: 1 } });
    const heard: (string | undefined)[] = [];
    for (const name of ['attempt', 'retry', 'settled'] as const)
      auth.on(name, () => void heard.push(storage.getStore()));
    const back = await storage.run('a', async () => {
      await time.finish(auth.http.get('/orders/a'));
      return storage.getStore();
    });
    expect(back).to.equal('a');
    expect(heard).to.deep.equal(Array(5).fill('a'));
  });
});
