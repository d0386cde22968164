// A headless Chromium, and pages in it that hold the client as a bundler makes it.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { CHROMIUM, useService } from '../support/services.js';

const FLAGS = [
  '--no-sandbox', // root may not start it otherwise
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Chromium {
  readonly open: (url: string) => Promise<Page>;
  /** Loads a page anew: what it held is gone. */
  readonly reload: (page: Page) => Promise<void>;
  /** Tabs that share their storage, which is empty at first. */
  readonly openTabs: (url: string, count: number) => Promise<Page[]>;
  /** A page that nothing was put into, and nothing loaded yet. */
  readonly blank: (options: BrowserContextOptions) => Promise<Page>;
}

/** Call in a `describe`: its browser, with a profile of its own, is gone when the suite is over. */
export function useChromium(): Chromium {
  const path = useService(CHROMIUM);
  let browser: Browser | undefined;
  let script: string;
  before(async function () {
    this.timeout(60_000);
    [browser, script] = await Promise.all([
      chromium.launch({
        executablePath: path(),
        headless: true,
        args: FLAGS,
        ignoreDefaultArgs: ['--disable-back-forward-cache'],
      }),
      bundle('page.ts'),
    ]);
  });
  after(() => browser?.close());
  const ready = async (page: Page, url: string) => {
    await page.goto(url);
    await page.evaluate(script);
    return page;
  };
  return {
    open: async (url) => ready(await browser!.newPage(), url),
    reload: async (page) => {
      await page.reload();
      await page.evaluate(script);
    },
    blank: async (options) => (await browser!.newContext(options)).newPage(),
    async openTabs(url, count) {
      const context = await browser!.newContext();
      return Promise.all(Array.from({ length: count }, async () => ready(await context.newPage(), url)));
    },
  };
}

/** A file of this folder as a bundler makes it for pages. */
export async function bundle(name: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(name, import.meta.url))],
    bundle: true,
    format: 'iife',
    platform: 'browser',
    conditions: ['browser'],
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0]!.text;
}
