// One signal for very many calls, in a real browser.
import { expect } from 'chai';
import type { CDPSession } from 'playwright-core';
import type { Plan } from '../support/trial.js';
import { useTroubles } from '../support/troubles.js';
import { useChromium } from './chromium.js';

const ROUNDS = 6;
const CALLS = 150; // of a round
/** What a round in which nothing stays may leave in the heap, bytes; what stays of a call has a thousand or more. */
const NOISE = 75_000;

describe('In Chromium, a signal that many calls share', function () {
  this.timeout(60_000);
  const { open } = useChromium();
  const troubles = useTroubles();

  async function use(adapter: Plan['adapter']) {
    const page = await open(`${troubles().origin}/page`);
    const tools = await page.context().newCDPSession(page);
    const crowd = { adapter, baseURL: troubles().origin, responseType: 'json' } as const;
    return {
      tools,
      share: (count: number) => page.evaluate((one) => globalThis.inPage.share(one), { ...crowd, count }),
      abort: () => page.evaluate(() => globalThis.inPage.controller.abort()),
    };
  }

  for (const adapter of ['xhr', 'fetch'] as const) {
    it(`is as it was before when they are answered over the ${adapter} adapter`, async () => {
      const { tools, share } = await use(adapter);
      const kept: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const before = await heap(tools);
        const ends = share(CALLS);
        expect(await listeners(tools)).to.equal(1);
        expect(await ends).to.deep.equal({ answered: CALLS });
        expect(await listeners(tools)).to.equal(0);
        kept.push((await heap(tools)) - before);
      }
      expect(Math.min(...kept), 'bytes that each round left behind').to.be.below(NOISE);
    });

    it(`ends 10 000 of them at once over the ${adapter} adapter, and nobody listens to it then`, async () => {
      const { tools, share, abort } = await use(adapter);
      const ends = share(10_000);
      expect(await listeners(tools)).to.equal(1);
      await abort();
      const { answered = 0, ...others } = await ends;
      expect(others).to.deep.equal({ ABORTED: 10_000 - answered });
      expect(await listeners(tools)).to.equal(0);
    });
  }
});

async function listeners(tools: CDPSession): Promise<number> {
  const { result } = await tools.send('Runtime.evaluate', { expression: 'inPage.controller.signal' });
  const found = await tools.send('DOMDebugger.getEventListeners', { objectId: result.objectId! });
  return found.listeners.length;
}

async function heap(tools: CDPSession): Promise<number> {
  await tools.send('HeapProfiler.collectGarbage');
  return (await tools.send('Runtime.getHeapUsage')).usedSize;
}
