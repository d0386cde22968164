// A customer in a real browser whose tokens stay on the server, and what a page of somebody else can do about it.
import { createServer, type IncomingMessage } from 'node:http';
import { expect } from 'chai';
import { nodeHandler } from '../../lib/bff/index.js';
import { COOKIE, listen, useBff } from '../bff/stage.js';
import { ADA } from '../integration/stage.js';
import { startLocalServer, vacantPort } from '../support/local-server.js';
import { useChromium } from './chromium.js';

describe('In Chromium, a customer with a backend', function () {
  this.timeout(60_000);
  const { open, openTabs, reload } = useChromium();
  const stage = useBff();

  /** The shop: its pages and its backend, on one origin. */
  async function shop() {
    const port = await vacantPort();
    const origin = `http://localhost:${port}`;
    const arrived: IncomingMessage[] = [];
    const { sandbox } = await stage.backend(
      { origins: [origin] },
      {
        serve: (bff) => {
          const handle = nodeHandler(bff);
          const page = createServer(
            (request, response) =>
            handle(request, response, () => response.setHeader('content-type', 'text/html').end('<title>shop</title>')), // prettier-ignore
          );
          page.on('request', (request: IncomingMessage) => void arrived.push(request));
          return listen(page, port);
        },
      },
    );
    return { origin, sandbox, arrived };
  }

  it('logs in, loads the page again, calls, and logs out', async () => {
    const { origin, sandbox } = await shop();
    const page = await open(`${origin}/`);
    const wrong = await page.evaluate(async (form) => {
      const login = await globalThis.inPage.shop.login(form);
      return login.ok ? 'in' : [login.error.code, login.error.userMessage];
    }, { ...ADA, password: 'wrong' }); // prettier-ignore
    expect(wrong).to.deep.equal(['USER_NOT_FOUND', 'Your email address or password is incorrect. Please try again.']); // prettier-ignore
    const login = await page.evaluate(async (form) => (await globalThis.inPage.shop.login(form)).ok, ADA);
    expect(login).to.equal(true);

    const [cookie, ...others] = await page.context().cookies();
    expect(others).to.deep.equal([]);
    expect(cookie).to.include({ name: COOKIE, httpOnly: true, secure: true, sameSite: 'Strict', path: '/' });
    expect(await page.evaluate(() => document.cookie)).to.equal('');

    await reload(page);
    sandbox.expireAccessTokens();
    const orders = await page.evaluate(async () => {
      const known = await globalThis.inPage.shop.session();
      if (!known.ok || !known.value) return 'nobody';
      const { status, data } = await known.value.http.get<unknown[]>('/orders');
      return [status, data.length];
    });
    expect(orders).to.deep.equal([200, 3]);

    const out = await page.evaluate(async () => {
      const known = await globalThis.inPage.shop.session();
      if (!known.ok || !known.value) return 'nobody';
      const { ok } = await known.value.logout();
      const after = await globalThis.inPage.shop.session();
      return [ok, after.ok && after.value === undefined];
    });
    expect(out).to.deep.equal([true, true]);
    expect(await page.context().cookies()).to.deep.equal([]);
    expect(sandbox.counts().operations.logout.answered).to.deep.equal({ 204: 1 });
  });

  it('is not spoken for by a page of another port, to which the browser gives the cookie all the same', async () => {
    const { origin, sandbox, arrived } = await shop();
    const evil = stage.keep(
      await startLocalServer((_request, response) =>
        response.setHeader('content-type', 'text/html').end('<title>evil</title>'),
      ),
    );
    const [page] = await openTabs(`${origin}/`, 1);
    await page!.evaluate(async (form) => (await globalThis.inPage.shop.login(form)).ok, ADA);
    const cookie = (await page!.context().cookies())[0]!.value;
    const there = await page!.context().newPage();
    await there.goto(`http://localhost:${evil.port}/`);
    const attempts: readonly (readonly [path: string, init: RequestInit])[] = [
      ['/auth/logout', { method: 'POST', mode: 'no-cors' }],
      ['/session', { mode: 'no-cors' }],
      ['/session', { headers: { 'x-holdfast': '1' } }],
      ['/auth/logout', { method: 'POST', headers: { 'x-holdfast': '1' } }],
    ];
    const tried: string[] = [];
    for (const [path, init] of attempts)
      tried.push(
        await there.evaluate(
          ([url, how]) =>
            fetch(url, { credentials: 'include', ...how }).then(
              ({ type, status }) => `${type} ${status}`,
              () => 'refused',
            ),
          [`${origin}/bff${path}`, init] as const,
        ),
      );
    expect(tried).to.deep.equal(attempts.map(() => 'refused'));
    const posts = arrived.filter(({ method, url }) => method === 'POST' && url === '/bff/auth/logout');
    expect(posts.map(({ headers }) => headers.cookie)).to.deep.equal([`${COOKIE}=${cookie}`]);
    expect(sandbox.counts().operations.logout.answered).to.deep.equal({});
    const still = await page!.evaluate(async () => {
      const known = await globalThis.inPage.shop.session();
      return known.ok && known.value !== undefined;
    });
    expect(still).to.equal(true);
  });
});
