// One customer in several real tabs, in front of the sandbox: what happens there is counted at the server.
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { DEMO, type Sandbox } from '../../lib/sandbox/index.js';
import { useChromium } from './chromium.js';
import { useShop } from './shop.js';
import type { tab as actions } from './shop-tab.js';

const ADA = { email: DEMO.customer.email, password: DEMO.customer.password };
const BEN = { email: DEMO.otherCustomer.email, password: DEMO.otherCustomer.password };
/** Longest that a refresh may take in the tabs, and that others leave it alone, ms. */
const LEASE = 2_500;

type Actions = typeof actions;
type Asked<K extends keyof Actions> = Awaited<ReturnType<Actions[K]>>;

/** Asks a tab. */
function ask<K extends keyof Actions>(
  tab: Page,
  what: K,
  ...args: Parameters<Actions[K]>
): Promise<Asked<K>> {
  return tab.evaluate(
    ([name, given]) => {
      const acts = globalThis.inPage.tab as unknown as Record<string, (...all: unknown[]) => unknown>;
      return acts[name]!(...(given as unknown[]));
    },
    [what, args] as const,
  ) as Promise<Asked<K>>;
}

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  const patience = Date.now() + 10_000;
  while (!(await what())) {
    if (Date.now() > patience) throw new Error('It did not happen within 10 s.');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** What came of one call; `refused` by the server, with a session that was over when it could have been sent again. */
const orders = { ok: { 200: 1 }, over: { SESSION_ENDED: 1 }, refused: { INVALID_TOKEN: 1 } };

/** What a browser tells a tab that comes back. */
const WAKES: Readonly<Record<string, (tab: Page) => Promise<unknown>>> = {
  visibilitychange: (tab) => tab.evaluate(() => document.dispatchEvent(new Event('visibilitychange'))),
  pageshow: (tab) => tab.evaluate(() => dispatchEvent(new Event('pageshow'))),
  async online(tab) {
    await tab.context().setOffline(true);
    await tab.context().setOffline(false);
  },
};

describe('In Chromium, the tabs of a shop', function () {
  this.timeout(30_000);
  const { openTabs } = useChromium();
  const shopOf = useShop();
  let sandbox: Sandbox;
  beforeEach(() => {
    ({ sandbox } = shopOf());
  });

  const refreshes = () => sandbox.counts().operations.refresh;
  const look = (tab: Page) => ask(tab, 'look');

  let opened: Page[] = [];
  afterEach(() => opened.at(-1)?.context().close());

  /** Tabs that all hold one session of Ada, and its name. */
  async function tabsOfAda(count: number): Promise<{ tabs: Page[]; key: string }> {
    const tabs = (opened = await openTabs(shopOf().page, count));
    await Promise.all(tabs.map((tab) => ask(tab, 'open')));
    const key = await ask(tabs[0]!, 'login', ADA);
    await Promise.all(tabs.slice(1).map((tab) => ask(tab, 'resume', key)));
    return { tabs, key };
  }

  it('refresh once, where five of them with four calls each meet an expired token', async () => {
    const { tabs } = await tabsOfAda(5);
    sandbox.expireAccessTokens();
    const ends = await Promise.all(tabs.map((tab) => ask(tab, 'call', 4)));
    expect(ends).to.deep.equal(tabs.map(() => ({ 200: 4 })));
    expect(refreshes().received).to.equal(1);
    expect(sandbox.counts().operations.login.received).to.equal(1);
  });

  it('all end with a logout in one of them, each once and unasked', async () => {
    const { tabs } = await tabsOfAda(3);
    expect(await ask(tabs[0]!, 'logout')).to.equal('ok');
    await until(async () => (await Promise.all(tabs.map(look))).every(({ status }) => status === 'ended'));
    const before = sandbox.counts();
    expect(await Promise.all(tabs.map((tab) => ask(tab, 'call')))).to.deep.equal(tabs.map(() => orders.over));
    const seen = await Promise.all(tabs.map(look));
    expect(seen.map(({ ends }) => ends.tab)).to.deep.equal([['logout'], ['logout'], ['logout']]);
    expect(sandbox.counts()).to.deep.equal(before);
    expect(before.operations.logout.received).to.equal(1);
    expect(before.operations.listOrders.received).to.equal(0);
  });

  it('end with a logout in one of them while another refreshes: what the refresh brings is revoked', async () => {
    const { tabs } = await tabsOfAda(2);
    const [here, there] = tabs as [Page, Page];
    sandbox.expireAccessTokens();
    sandbox.fault({ on: 'refresh', delay: 500 });
    const call = ask(here, 'call');
    await until(() => refreshes().received === 1);
    await ask(there, 'logout');
    expect(await call).to.deep.equal(orders.refused);
    // One call with the token that was refused already, and one with what the refresh brought.
    await until(() => sandbox.counts().operations.logout.received === 2);
    await until(() => sandbox.counts().operations.logout.answered[204] === 1);
    const seen = await Promise.all(tabs.map(look));
    expect(seen.map(({ ends }) => ends.tab)).to.deep.equal([['logout'], ['logout']]);
    expect(seen.map(({ ends }) => ends.event)).to.deep.equal([[], ['logout']]);
    expect(refreshes().received).to.equal(1);
  });

  it('go on where one was closed in the middle of a refresh that the server never got', async () => {
    const { tabs } = await tabsOfAda(2);
    sandbox.expireAccessTokens();
    sandbox.fault({ on: 'refresh', drop: 'before', delay: 10_000 });
    ask(tabs[0]!, 'call').catch(() => undefined);
    await until(() => refreshes().received === 1);
    await tabs[0]!.close();
    const began = Date.now();
    expect(await ask(tabs[1]!, 'call', 3)).to.deep.equal({ 200: 3 });
    expect(Date.now() - began, 'ms').to.be.within(LEASE - 1_000, LEASE + 1_500);
    expect(refreshes().answered).to.deep.equal({ 200: 1 });
    expect(refreshes().received).to.equal(2);
  });

  it('end where the answer to a refresh was lost with a closed one, since the tokens were in it', async () => {
    const { tabs } = await tabsOfAda(3);
    sandbox.expireAccessTokens();
    sandbox.fault({ on: 'refresh', delay: 10_000 });
    ask(tabs[0]!, 'call').catch(() => undefined);
    await until(() => refreshes().received === 1);
    await tabs[0]!.close();
    const others = tabs.slice(1);
    const ends = await Promise.all(others.map((tab) => ask(tab, 'call')));
    expect(ends).to.deep.equal([orders.refused, orders.refused]);
    await until(async () => (await Promise.all(others.map(look))).every(({ status }) => status === 'ended'));
    const seen = await Promise.all(others.map(look));
    expect(seen.map(({ ends }) => ends.tab)).to.deep.equal([['expired'], ['expired']]);
    expect(seen.flatMap(({ ends }) => ends.event)).to.deep.equal(['expired']);
    expect(refreshes().received, 'presentations').to.equal(2);
  });

  it('keep the customer of their own where somebody else logs in in one of them', async () => {
    const { tabs } = await tabsOfAda(3);
    const [subject] = (await Promise.all(tabs.map(look))).map((each) => each.subject);
    await ask(tabs[0]!, 'login', BEN);
    sandbox.expireAccessTokens();
    expect(await Promise.all(tabs.map((tab) => ask(tab, 'call')))).to.deep.equal(tabs.map(() => orders.ok));
    const seen = await Promise.all(tabs.map(look));
    expect(seen.map((each) => each.subject === subject)).to.deep.equal([false, true, true]);
    expect(seen.flatMap(({ ends }) => [...ends.tab, ...ends.event])).to.deep.equal([]);
    expect(refreshes().received, 'one for each customer').to.equal(2);
  });

  it('end where somebody else logs in under the name of their session, and act for nobody else', async () => {
    const { tabs, key } = await tabsOfAda(3);
    const others = tabs.slice(1);
    await ask(tabs[0]!, 'login', BEN, key);
    await until(async () => (await Promise.all(others.map(look))).every(({ status }) => status === 'ended'));
    const before = sandbox.counts().received;
    expect(await Promise.all(others.map((tab) => ask(tab, 'call')))).to.deep.equal([
      orders.over,
      orders.over,
    ]);
    expect(sandbox.counts().received).to.equal(before);
    const seen = await Promise.all(others.map(look));
    expect(seen.map(({ ends }) => ends.tab)).to.deep.equal([['replaced'], ['replaced']]);
    expect(await ask(others[0]!, 'resume', key)).to.equal(true);
    expect(await ask(others[0]!, 'call')).to.deep.equal(orders.ok);
    expect((await look(others[0]!)).subject).to.equal((await look(tabs[0]!)).subject);
  });

  it('go on with tokens that are good where the storage is cleared, and need a login after that', async () => {
    const { tabs } = await tabsOfAda(2);
    const tools = await tabs[0]!.context().newCDPSession(tabs[0]!);
    const origin = new URL(shopOf().page).origin;
    await tools.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' });
    expect(await Promise.all(tabs.map((tab) => ask(tab, 'call')))).to.deep.equal([orders.ok, orders.ok]);
    sandbox.expireAccessTokens();
    const lost = { SESSION_UNAVAILABLE: 1 };
    expect(await Promise.all(tabs.map((tab) => ask(tab, 'call')))).to.deep.equal([lost, lost]);
    expect(refreshes().received).to.equal(0);
    expect((await Promise.all(tabs.map(look))).flatMap(({ ends }) => ends.tab)).to.deep.equal([]);
    const next = await ask(tabs[1]!, 'login', ADA);
    expect(await ask(tabs[0]!, 'resume', next)).to.equal(true);
    expect(await ask(tabs[0]!, 'call')).to.deep.equal(orders.ok);
  });

  it('stay logged in while they are offline, and refresh once when they are back', async () => {
    const { tabs } = await tabsOfAda(3);
    const context = tabs[0]!.context();
    sandbox.expireAccessTokens();
    await context.setOffline(true);
    const before = sandbox.counts().received;
    const ends = await Promise.all(tabs.map((tab) => ask(tab, 'call')));
    expect(ends).to.deep.equal(tabs.map(() => ({ CONNECTION_LOST: 1 })));
    expect(sandbox.counts().received).to.equal(before);
    await context.setOffline(false);
    const back = await Promise.all(tabs.map((tab) => ask(tab, 'call')));
    expect(back).to.deep.equal(tabs.map(() => orders.ok));
    expect(refreshes().received).to.equal(1);
  });

  it('are held up no longer by one whose clock is an hour fast, and was closed in a refresh', async () => {
    const { tabs } = await tabsOfAda(2);
    await tabs[0]!.evaluate(() => {
      const { now } = Date;
      Date.now = () => now() + 3_600_000;
    });
    sandbox.expireAccessTokens();
    sandbox.fault({ on: 'refresh', drop: 'before', delay: 10_000 });
    ask(tabs[0]!, 'call').catch(() => undefined);
    await until(() => refreshes().received === 1);
    await tabs[0]!.close();
    expect(await ask(tabs[1]!, 'call')).to.deep.equal(orders.ok);
    expect(refreshes().answered).to.deep.equal({ 200: 1 });
  });

  /**
   * Stops everything in a tab, as browsers do where nobody looks at it; the result lets it go on, looked at again. By
   * the debugger, since a tab that Playwright holds counts as looked at at all times, and is never frozen.
   */
  async function freeze(tab: Page): Promise<() => Promise<void>> {
    const tools = await tab.context().newCDPSession(tab);
    await tools.send('Debugger.enable');
    const paused = new Promise((resolve) => tools.once('Debugger.paused', resolve));
    tools.send('Runtime.evaluate', { expression: 'debugger' }).catch(() => undefined);
    await paused;
    return async () => {
      await tools.send('Debugger.resume');
      await tools.detach();
      await tab.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    };
  }

  it('go on without one that was frozen in a refresh, which takes over what they got', async () => {
    const { tabs } = await tabsOfAda(2);
    const [frozen, other] = tabs as [Page, Page];
    sandbox.expireAccessTokens();
    sandbox.fault({ on: 'refresh', drop: 'before', delay: 10_000 });
    const call = ask(frozen, 'call');
    await until(() => refreshes().received === 1);
    const thaw = await freeze(frozen);
    expect(await ask(other, 'call')).to.deep.equal(orders.ok);
    expect(refreshes().received).to.equal(2);
    await thaw();
    expect(await call).to.deep.equal(orders.ok);
    expect(refreshes().received).to.equal(2);
    expect((await look(frozen)).version).to.equal(2);
  });

  it('lose nothing where one is frozen past its deadline while the answer is there already', async () => {
    const { tabs } = await tabsOfAda(1);
    const [frozen] = tabs as [Page];
    sandbox.expireAccessTokens();
    sandbox.fault({ on: 'refresh', delay: 300 });
    const call = ask(frozen, 'call');
    await until(() => refreshes().received === 1);
    const thaw = await freeze(frozen);
    await new Promise((resolve) => setTimeout(resolve, LEASE));
    await thaw();
    expect(await call).to.deep.equal(orders.ok);
    expect(refreshes().received).to.equal(1);
  });

  it('learn of an end when they wake, once and unasked', async () => {
    const { tabs } = await tabsOfAda(2);
    const [frozen, other] = tabs as [Page, Page];
    const thaw = await freeze(frozen);
    await ask(other, 'logout');
    await thaw();
    await until(async () => (await look(frozen)).status === 'ended');
    expect((await look(frozen)).ends).to.deep.equal({ event: [], tab: ['logout'] });
  });

  it('that are gone back to go on with what others got, and hear of them again', async () => {
    const { tabs } = await tabsOfAda(2);
    const [away, other] = tabs as [Page, Page];
    await away.evaluate(() => {
      addEventListener('pageshow', ({ persisted }) => (document.title = `persisted: ${String(persisted)}`));
    });
    await away.goto(shopOf().otherPage);
    sandbox.expireAccessTokens();
    expect(await ask(other, 'call')).to.deep.equal(orders.ok);
    await away.goBack({ waitUntil: 'commit' });
    await until(async () => (await away.title()).startsWith('persisted'));
    expect(await away.title()).to.equal('persisted: true');
    await until(async () => (await look(away)).version === 2);
    expect(await ask(away, 'call')).to.deep.equal(orders.ok);
    expect(refreshes().received).to.equal(1);
    await ask(other, 'logout');
    await until(async () => (await look(away)).status === 'ended');
    expect((await look(away)).ends.tab).to.deep.equal(['logout']);
  });

  for (const [event, wake] of Object.entries(WAKES))
    it(`that missed a hint look for themselves on ${event}`, async () => {
      const { tabs } = await tabsOfAda(2);
      const [here, mute] = tabs as [Page, Page];
      await mute.evaluate(() => {
        BroadcastChannel.prototype.postMessage = () => undefined;
      });
      await ask(mute, 'logout');
      expect((await look(here)).status).to.equal('live');
      await wake(here);
      await until(async () => (await look(here)).status === 'ended');
      expect((await look(here)).ends.tab).to.deep.equal(['logout']);
    });

  it('listen to nothing any more once their coordinator is closed', async () => {
    const [tab] = (await openTabs(shopOf().page, 1)) as [Page];
    const before = await listeners(tab);
    await ask(tab, 'open');
    const ours = ['online', 'pagehide', 'pageshow', 'visibilitychange'];
    expect(await listeners(tab)).to.deep.equal([...before, ...ours].sort());
    await ask(tab, 'close');
    expect(await listeners(tab)).to.deep.equal(before);
  });
});

/** Events that somebody listens to in a tab. */
async function listeners(tab: Page): Promise<string[]> {
  const tools = await tab.context().newCDPSession(tab);
  const types: string[] = [];
  for (const expression of ['window', 'document']) {
    const { result } = await tools.send('Runtime.evaluate', { expression });
    const found = await tools.send('DOMDebugger.getEventListeners', { objectId: result.objectId! });
    types.push(...found.listeners.map(({ type }) => type));
  }
  return types.sort();
}
