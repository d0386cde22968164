// docs/recipes/account.ts: whose session a page made on the server finds, and what it says where there is none.
import { expect } from 'chai';
import { loadAccount } from '../../docs/recipes/account.js';
import { memoryCoordinator, unwrap } from '../../lib/index.js';
import { DEMO } from '../../lib/sandbox/index.js';
import { COOKIE, cookieOf, onOneStore, SHOP, useBff, type Backend } from '../bff/stage.js';
import { ADA, times, until } from '../integration/stage.js';

const BEN = { email: DEMO.otherCustomer.email, password: DEMO.otherCustomer.password };

describe('A page made on the server', () => {
  const stage = useBff();

  const requestWith = (cookie: string, signal?: AbortSignal) =>
    new Request(`${SHOP}/account`, { headers: { cookie }, ...(signal && { signal }) });
  const load = ({ bff, sandbox }: Backend, cookie: string, signal?: AbortSignal) =>
    loadAccount(bff, `${sandbox.url}/orders`, requestWith(cookie, signal));

  async function signedIn(backend: Backend, who: typeof ADA | typeof BEN = ADA) {
    const browser = backend.visitor();
    const session = unwrap(await browser.client.login(who));
    const { data: order } = await session.http.post<{ id: string }>('/orders', { of: who.email });
    return { browser, session, order, cookie: cookieOf(browser) };
  }

  it('never shows one customer what is another’s: 200 requests at once, one refresh for each of two', async () => {
    const backend = await stage.backend();
    const customers = [await signedIn(backend, ADA), await signedIn(backend, BEN)];
    backend.sandbox.expireAccessTokens();
    const accounts = await times(200, (index) => load(backend, customers[index % 2]!.cookie));
    for (const [index, account] of accounts.entries()) {
      const ids = account.is === 'known' && account.orders.map(({ id }) => id);
      expect(ids).to.deep.equal(['1', '2', '3', customers[index % 2]!.order.id]);
    }
    expect(backend.sandbox.counts().operations.refresh.answered).to.deep.equal({ 200: 2 });
    expect(backend.sandbox.counts().refreshTokens.presented).to.equal(2);
  });

  it('goes on with a session of another process, whose requests share its refresh', async () => {
    const coordinator = memoryCoordinator({ idle: 60_000 });
    const one = await stage.backend({ auth: { coordinator } });
    const two = await stage.backend({ auth: { coordinator } }, { sandbox: one.sandbox });
    const { cookie } = await signedIn(one);
    one.sandbox.expireAccessTokens();
    const accounts = await times(40, (index) => load(index % 2 ? one : two, cookie));
    expect(new Set(accounts.map(({ is }) => is))).to.deep.equal(new Set(['known']));
    expect(one.sandbox.counts().refreshTokens.presented).to.equal(1);
  });

  it('knows nobody by a cookie that is none, forged, doubled, another shop’s, or made of what a page knows', async () => {
    const coordinator = memoryCoordinator({ idle: 60_000 }); // one store for both shops
    const backend = await stage.backend({ auth: { coordinator } });
    const { cookie, session } = await signedIn(backend);
    const other = await stage.backend({ auth: { coordinator, shopId: 2002 } }, { options: { shopId: 2002 } });
    const there = cookieOf((await signedIn(other)).browser);
    const { received } = backend.sandbox.counts();
    const value = cookie.slice(COOKIE.length + 1);
    const strange = {
      none: '',
      empty: `${COOKIE}=`,
      forged: `${COOKIE}=${'A'.repeat(43)}`,
      cut: cookie.slice(0, -1),
      changed: cookie.slice(0, -1) + (cookie.endsWith('A') ? 'B' : 'A'),
      doubled: `${cookie}; ${COOKIE}=${'A'.repeat(43)}`,
      'of another name': `holdfast-${DEMO.shopId}=${value}`,
      'of another shop': there,
      'of another shop, renamed': `${COOKIE}=${there.slice(there.indexOf('=') + 1)}`,
      'the stamp of the page': `${COOKIE}=${session.tokens().accessToken}`,
    };
    for (const [what, cookies] of Object.entries(strange))
      expect(await load(backend, cookies), what).to.deep.equal({ is: 'nobody' });
    expect(backend.sandbox.counts().received, 'the API is not asked').to.equal(received);
    expect(await load(backend, `a=b; ${cookie}; c=d`)).to.include({ is: 'known' });
  });

  it('says that nobody is signed in where the session is over: ended elsewhere, or logged out', async () => {
    const backend = await stage.backend();
    const ada = await signedIn(backend, ADA);
    const ben = await signedIn(backend, BEN);
    backend.sandbox.revokeCustomer(ADA.email);
    expect(await load(backend, ada.cookie)).to.deep.equal({ is: 'nobody' });
    expect(await load(backend, ada.cookie)).to.deep.equal({ is: 'nobody' });
    await ben.session.logout();
    expect(await load(backend, ben.cookie)).to.deep.equal({ is: 'nobody' });
    expect(backend.sandbox.counts().operations.listOrders.answered).to.deep.equal({ 401: 1 });
  });

  it('asks to come later where the API limits, or is in trouble, and knows its customer afterwards', async () => {
    const backend = await stage.backend();
    const { cookie } = await signedIn(backend);
    backend.sandbox.fault({ on: 'listOrders', status: 429, headers: { 'retry-after': '40' } });
    expect(await load(backend, cookie)).to.include({ is: 'later', seconds: 40 });
    const second = await stage.backend();
    const ben = await signedIn(second, BEN);
    second.sandbox.fault({ on: 'listOrders', status: 503, times: 'always' });
    expect(await load(second, ben.cookie)).to.include({ is: 'later' });
    second.sandbox.heal();
    expect(await load(second, ben.cookie)).to.include({ is: 'known' });
  });

  it('asks to come later where the store of the sessions is away, and knows its customer afterwards', async () => {
    const { store, one, two } = await onOneStore(stage);
    const { cookie } = await signedIn(one);
    store.isAway = true;
    expect(await load(two, cookie)).to.include({ is: 'later' });
    store.isAway = false;
    expect(await load(two, cookie)).to.include({ is: 'known' });
  });

  it('takes no other’s refresh along when its visitor leaves', async () => {
    const backend = await stage.backend();
    const { cookie } = await signedIn(backend);
    backend.sandbox.expireAccessTokens();
    backend.sandbox.fault({ on: 'refresh', delay: 200 });
    const left = new AbortController();
    const gone = load(backend, cookie, left.signal);
    const other = load(backend, cookie);
    await until(() => backend.sandbox.counts().operations.refresh.received === 1);
    left.abort();
    expect(await gone).to.include({ is: 'later' });
    expect(await other).to.include({ is: 'known' });
    expect(backend.sandbox.counts().operations.refresh.received).to.equal(1);
  });
});
