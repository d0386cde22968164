// The stage of the recipes: files of docs/recipes/ in a process of their own, as somebody has them who copied them, with
// the built package, in front of a sandbox.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { DEMO, type Sandbox } from '../../lib/sandbox/index.js';
import { ROOT } from '../docs/pages.js';
import { furnishedFolder, javaScriptOf } from '../docs/runner.js';
import { CREDENTIALS } from '../integration/stage.js';
import { vacantPort } from '../support/local-server.js';

const RECIPES = `${ROOT}docs/recipes/`;

export interface Running {
  readonly origin: string;
  /** Asks it to end, and tells how it did. */
  end(): Promise<{ readonly code: number | null; readonly said: string }>;
}

/** Call in a `describe`: what it starts is gone after each test. */
export function useRecipes(): (name: string, sandbox: Sandbox) => Promise<Running> {
  let folder: string;
  let running: Running[] = [];
  before(() => {
    expect(existsSync(`${ROOT}dist/index.js`), 'dist/ is missing: run `npm run build` first').to.equal(true);
    folder = furnishedFolder();
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    for (const name of readdirSync(RECIPES).filter((each) => each.endsWith('.ts')))
      writeFileSync(
        join(folder, name.replace(/\.ts$/, '.js')),
        javaScriptOf(readFileSync(RECIPES + name, 'utf8')),
      );
  });
  afterEach(async () => {
    const ending = running;
    running = [];
    for (const each of ending) await each.end();
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  return async (name, sandbox) => {
    const port = await vacantPort();
    const origin = `http://127.0.0.1:${port}`;
    const child = spawn(process.execPath, [name], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        PORT: String(port),
        SHOP_ORIGIN: origin,
        AUTH_URL: sandbox.url,
        ORDERS_URL: `${sandbox.url}/orders`,
        CLIENT_ID: CREDENTIALS.clientId,
        CLIENT_SECRET: CREDENTIALS.clientSecret,
        SHOP_ID: String(DEMO.shopId),
      },
    });
    const over = closing(child);
    const started: Running = {
      origin,
      end() {
        child.kill('SIGTERM');
        const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
        return over.finally(() => clearTimeout(timer));
      },
    };
    running.push(started);
    await answers(origin, over);
    return started;
  };
}

async function closing(child: ChildProcess): Promise<{ code: number | null; said: string }> {
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said };
}

/** Waits until a server is there; fails at once where its process ended. */
async function answers(origin: string, over: Promise<{ said: string }>): Promise<void> {
  let ended: { said: string } | undefined;
  void over.then((end) => (ended = end));
  for (let tries = 0; tries < 400; tries += 1) {
    if (ended) throw new Error(`The recipe ended:\n${ended.said}`);
    const isThere = await fetch(`${origin}/bff/session`).then(
      () => true,
      () => false,
    );
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Nobody answers at ${origin}.`);
}
