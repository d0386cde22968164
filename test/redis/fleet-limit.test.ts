// Eight processes in front of a server with a limit, next to one that makes all the calls itself: what is refused, and
// when they are done.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { build } from 'esbuild';
import { sendJson, startLocalServer } from '../support/local-server.js';
import { ROUNDS } from './fleet.js';
import type { Start } from './limit-worker.js';
import { NAME_SECRET, useRedis } from './server.js';

const SOURCE = fileURLToPath(new URL('./limit-worker.ts', import.meta.url));
/** Below node_modules/, where nothing is linted or published. */
const BUILT = fileURLToPath(new URL('../../node_modules/.fleet/limit-worker.mjs', import.meta.url));
/** Calls a second, and at once; what an answer takes, ms. */
const RATE = 100;
const BURST = 30;
const TAKES = 20;
const IS_LONG = ROUNDS >= 1_000;
const CALLS = IS_LONG ? 4_000 : 480;

interface Run {
  readonly refused: number;
  readonly failed: number;
  /** Until the last call was served, ms. */
  readonly took: number;
}

/** A bucket of tokens that says to come back in a second. */
async function startLimited() {
  let tokens = BURST;
  let at = performance.now();
  let refused = 0;
  let last = 0;
  const server = await startLocalServer((_, response) => {
    const now = performance.now();
    tokens = Math.min(BURST, tokens + ((now - at) / 1_000) * RATE);
    at = now;
    const served = tokens >= 1;
    if (served) [tokens, last] = [tokens - 1, now];
    else refused += 1;
    setTimeout(() => sendJson(response, served ? 200 : 429, {}, served ? {} : { 'retry-after': '1' }), TAKES);
  });
  return { server, refused: () => refused, last: () => last };
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** The long form looks three times. */
async function medianOf(play: () => Promise<Run>): Promise<Run> {
  const runs = [await play()];
  while (IS_LONG && runs.length < 3) runs.push(await play());
  return {
    refused: median(runs.map(({ refused }) => refused)),
    failed: Math.max(...runs.map(({ failed }) => failed)),
    took: median(runs.map(({ took }) => took)),
  };
}

describe('Processes in front of one limit', function () {
  this.timeout(600_000);
  const redis = useRedis();

  before(() =>
    build({
      entryPoints: [SOURCE],
      outfile: BUILT,
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      target: 'node20',
    }),
  );

  async function run(workers: number, shared: boolean): Promise<Run> {
    const api = await startLimited();
    const warm = await startLocalServer((_, response) => sendJson(response, 200, {}));
    const start: Start = {
      api: api.server.origin,
      warm: warm.origin,
      ...(shared && { redis: redis().url }),
      nameSecret: NAME_SECRET,
      calls: CALLS / workers,
    };
    const children = Array.from({ length: workers }, () =>
      fork(BUILT, [JSON.stringify(start)], { execArgv: ['--unhandled-rejections=strict'] }),
    );
    await Promise.all(children.map((child) => once(child, 'message')));
    const began = performance.now();
    const told = await Promise.all(
      children.map(async (child) => {
        child.send('go');
        const [{ failed }] = (await once(child, 'message')) as [{ failed: number }];
        return failed;
      }),
    );
    for (const child of children) child.kill('SIGKILL');
    await Promise.all([api.server.close(), warm.close()]);
    return {
      refused: api.refused(),
      failed: told.reduce((sum, failed) => sum + failed, 0),
      took: api.last() - began,
    };
  }

  it('are refused hardly more often than one process that does it all, and are done about as soon', async () => {
    const alone = await medianOf(() => run(1, false));
    const fleet = await medianOf(() => run(8, true));
    const told = `${JSON.stringify({ alone, fleet })}, ${CALLS} calls`;
    if (IS_LONG) console.log(`      ${told}`);
    expect([alone.failed, fleet.failed], told).to.deep.equal([0, 0]);
    // A short run on a busy machine says less; eight that share nothing are refused five times as often even so.
    const [refusals, time] = IS_LONG ? [1.5, (1.3 * (CALLS - BURST) * 1_000) / RATE] : [2, 1.6 * alone.took];
    expect(fleet.refused, told).to.be.at.most(refusals * alone.refused);
    expect(fleet.took, told).to.be.at.most(time);
  });
});
