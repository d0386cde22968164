// docs/recipes/login-form.tsx as a customer has it: in a real browser, in front of the backend and the sandbox.
import { createServer } from 'node:http';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { nodeHandler } from '../../lib/bff/index.js';
import { CODES } from '../../lib/contract/codes.js';
import { DEMO, type Sandbox } from '../../lib/sandbox/index.js';
import { listen, useBff } from '../bff/stage.js';
import { ADA, until } from '../integration/stage.js';
import { vacantPort } from '../support/local-server.js';
import { complaints } from './axe.js';
import { bundle, useChromium } from './chromium.js';

const RECIPE = '../../docs/recipes/login-page.tsx';
const ALONE = 'login-form.tsx';

describe('In Chromium, the recipe of a login form', function () {
  this.timeout(60_000);
  const { blank } = useChromium();
  const stage = useBff();
  const scripts = new Map<string, string>();
  let problems: string[];
  before(async () => {
    for (const name of [RECIPE, ALONE]) scripts.set(name, await bundle(name));
  });
  beforeEach(() => {
    problems = [];
  });
  afterEach(() => expect(problems, 'said by React, or thrown').to.deep.equal([]));

  /** A page of the shop with that script, and the sandbox behind it. */
  async function visit(script = RECIPE): Promise<{ page: Page; sandbox: Sandbox }> {
    const port = await vacantPort();
    const origin = `http://localhost:${port}`;
    const { sandbox } = await stage.backend(
      { origins: [origin] },
      {
        serve: (bff) => {
          const handle = nodeHandler(bff);
          return listen(
            createServer((request, response) =>
              handle(request, response, () => {
                const isScript = request.url === '/page.js';
                response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html; charset=utf-8');
                response.end(isScript ? scripts.get(script) : PAGE);
              }),
            ),
            port,
          );
        },
      },
    );
    const page = await blank({});
    stage.keep({ close: () => page.context().close() });
    page.setDefaultTimeout(15_000);
    page.on('pageerror', (error) => void problems.push(error.message));
    page.on('console', (message) => {
      const isRefusal = message.text().startsWith('Failed to load resource'); // by the API, as ordered
      if (['error', 'warning'].includes(message.type()) && !isRefusal) problems.push(message.text());
    });
    await page.goto(origin);
    await page.waitForSelector('form');
    return { page, sandbox };
  }

  const said = (page: Page) => page.locator('[aria-live="polite"]');
  const button = (page: Page) => page.locator('form button');
  async function submit(
    page: Page,
    { email, password }: { readonly email: string; readonly password: string },
  ) {
    await page.getByLabel('Email').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.keyboard.press('Enter');
  }
  const logins = (sandbox: Sandbox) => sandbox.counts().operations.login;

  it('says that the password is wrong, lets in with the right one, knows the customer again, and logs out', async () => {
    const { page, sandbox } = await visit();
    expect(await complaints(page)).to.deep.equal([]);
    await submit(page, { ...ADA, password: 'wrong' });
    await said(page).getByText(CODES.USER_NOT_FOUND.userMessage).waitFor();
    expect(await said(page).locator('a').getAttribute('href')).to.equal('/forgot');
    expect(await button(page).isEnabled()).to.equal(true);
    expect(await page.getByLabel('Email').inputValue(), 'is still there').to.equal(ADA.email);
    expect(await complaints(page)).to.deep.equal([]);
    await submit(page, ADA);
    await page.getByRole('button', { name: 'Log out' }).waitFor();
    expect(logins(sandbox).answered).to.deep.equal({ 200: 1, 404: 1 });
    await page.reload();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.waitForSelector('form');
    expect(logins(sandbox).received).to.equal(2);
    await until(() => sandbox.counts().operations.logout.answered[204] === 1);
  });

  it('leads to the shop where the account is deactivated', async () => {
    const { page, sandbox } = await visit();
    await submit(page, DEMO.deactivated);
    await said(page).getByText(CODES.USER_DEACTIVATED.userMessage).waitFor();
    expect(await said(page).locator('a').getAttribute('href')).to.equal('/contact');
    expect(logins(sandbox).answered).to.deep.equal({ 403: 1 });
  });

  it('counts down after a 429, sends nothing meanwhile, and lets in when it is over', async () => {
    const { page, sandbox } = await visit();
    sandbox.fault({ on: 'login', status: 429, headers: { 'retry-after': '7' } });
    await submit(page, ADA);
    await said(page).getByText(CODES.TOO_MANY_ATTEMPTS.userMessage).waitFor();
    const shown = new Set<number>();
    while (!(await button(page).isEnabled())) {
      const [, seconds] = /^Wait (\d+) s$/.exec((await button(page).textContent()) ?? '') ?? [];
      if (seconds !== undefined) shown.add(Number(seconds));
      if (Number(seconds) > 2) await page.getByLabel('Password').press('Enter'); // later it may be over by then
      await page.waitForTimeout(50);
    }
    const seen = [...shown];
    expect(seen).to.deep.equal(seen.toSorted((a, b) => b - a));
    expect(seen[0]).to.be.within(5, 7);
    expect(seen.at(-1)).to.equal(1);
    expect(seen.length).to.be.at.least(3);
    expect(logins(sandbox).received, 'while it counts').to.equal(1);
    expect(await said(page).textContent()).to.equal('You can try again now.');
    expect(await button(page).textContent()).to.equal('Log in');
    await button(page).click();
    await page.getByRole('button', { name: 'Log out' }).waitFor();
    expect(logins(sandbox).answered).to.deep.equal({ 200: 1, 429: 1 });
  });

  it('is sent once, however often one presses while it is under way', async () => {
    const { page, sandbox } = await visit(ALONE);
    sandbox.fault({ on: 'login', delay: 1_000 });
    await submit(page, ADA);
    await button(page).getByText('Logging in …').waitFor();
    expect(await button(page).isEnabled()).to.equal(false);
    for (let press = 0; press < 3; press += 1) await page.getByLabel('Password').press('Enter');
    await page.waitForFunction(() => document.title === 'signed in');
    expect(logins(sandbox).received).to.equal(1);
  });

  it('leaves no call behind when it is taken away, and says nothing afterwards', async () => {
    const { page, sandbox } = await visit(ALONE);
    const failed = page.waitForEvent('requestfailed');
    sandbox.fault({ on: 'login', delay: 2_000 });
    await submit(page, ADA);
    await until(() => logins(sandbox).received === 1);
    await page.evaluate(() => globalThis.takeAway());
    expect((await failed).failure()?.errorText).to.equal('net::ERR_ABORTED');
    await until(() => logins(sandbox).answered[200] === 1, 10_000);
    expect(await page.title()).to.equal('a shop');
  });
});

const PAGE = `<!doctype html><html lang="en"><title>a shop</title><link rel="icon" href="data:,">
<main><h1>Log in</h1><div id="login"></div></main><script src="/page.js"></script></html>`;
