// The site as its readers have it: opened from a folder, on a phone, by keyboard, in light and dark.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { buildSite } from '../../docs/site.js';
import { complaints } from './axe.js';
import { useChromium } from './chromium.js';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const SAMPLES = ['index.html', 'docs/errors.html', 'docs/policies/cooldown.html'];
const LARGE = ['docs/api.html', 'docs/troubleshooting.html', 'docs/performance.html'];

describe('In Chromium, the site', function () {
  this.timeout(120_000);
  const { blank } = useChromium();
  let folder: string;
  let asked: string[];
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-site-'));
    await buildSite(folder);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(() => {
    asked = [];
  });

  async function visit(address: string, options: Parameters<typeof blank>[0] = PHONE): Promise<Page> {
    const page = await blank(options);
    page.on('request', (request) => void asked.push(request.url()));
    page.on('pageerror', (error) => void asked.push(error.message));
    await page.goto(`${pathToFileURL(folder).href}/${address}`);
    return page;
  }

  afterEach(() => {
    expect(asked.filter((url) => !url.startsWith('file:') && !url.startsWith('data:'))).to.deep.equal([]);
  });

  it('finds a word and leads to the page that explains it, by keyboard alone', async () => {
    const page = await visit('index.html');
    await page.keyboard.press('/');
    await page.keyboard.type('keep the tokens');
    await page.waitForSelector('#results a');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL(/docs\/sessions\.html#keep-the-tokens$/);
    expect(await page.locator('main').textContent()).to.match(/onTokens/);
    await page.context().close();
  });

  it('leads with Enter to the first that was found, from any depth', async () => {
    const page = await visit('docs/policies/retry.html');
    await page.getByRole('searchbox').fill('CIRCUIT_OPEN');
    await page.waitForSelector('#results a');
    await page.keyboard.press('Enter');
    await page.waitForURL(/docs\/errors\.html#circuit_open$/);
    await page.context().close();
  });

  it('says where nothing was found, and lets go with Escape', async () => {
    const page = await visit('index.html');
    await page.getByRole('searchbox').fill('qwertzuiop');
    await page.waitForSelector('#results p:text("Nothing found.")');
    await page.keyboard.press('Escape');
    expect(await page.locator('#results').textContent()).to.equal('');
    await page.context().close();
  });

  for (const address of [...SAMPLES, ...LARGE])
    it(`${address} fits a phone`, async () => {
      const page = await visit(address);
      const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      expect(wide, 'scrolls sideways').to.be.at.most(room);
      await page.context().close();
    });

  for (const address of SAMPLES)
    it(`${address} keeps nobody out, in light and dark`, async () => {
      for (const colorScheme of ['light', 'dark'] as const) {
        const page = await visit(address, { ...PHONE, colorScheme });
        expect(await complaints(page)).to.deep.equal([]);
        await page.context().close();
      }
    });

  it('shows all pages beside the text where there is room', async () => {
    const page = await visit('index.html', { viewport: { width: 1280, height: 900 } });
    await page.getByRole('navigation').getByRole('link', { name: 'Troubleshooting' }).click();
    await page.waitForURL(/docs\/troubleshooting\.html$/);
    expect(await page.locator('nav [aria-current]').textContent()).to.equal('Troubleshooting');
    await page.context().close();
  });
});
