// A headless Chromium, and pages in it that hold the client as a bundler makes it.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium, type Browser, type Page } from 'playwright-core';
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

/** Call in a `describe`: its browser, with a profile of its own, is gone when the suite is over. */
export function useChromium(): { readonly open: (url: string) => Promise<Page> } {
  const path = useService(CHROMIUM);
  let browser: Browser | undefined;
  let script: string;
  before(async function () {
    this.timeout(60_000);
    [browser, script] = await Promise.all([
      chromium.launch({ executablePath: path(), headless: true, args: FLAGS }),
      bundle(),
    ]);
  });
  after(() => browser?.close());
  return {
    async open(url) {
      const page = await browser!.newPage();
      await page.goto(url);
      await page.evaluate(script);
      return page;
    },
  };
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('page.ts', import.meta.url))],
    bundle: true,
    format: 'iife',
    platform: 'browser',
    conditions: ['browser'],
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0]!.text;
}
