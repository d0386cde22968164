// One signal for very many calls: no warning, no listener and no memory stays, whatever the adapter.
import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { AxiosAdapter } from 'axios';
import { expect } from 'chai';
import { quantile } from '../bench/figures.js';
import { share } from '../support/trial.js';
import { useTroubles } from '../support/troubles.js';

const ROUNDS = 5;
/** By how much the heap may grow from round to round where nothing stays, bytes; what stays of a call has thousands. */
const NOISE = 300_000;

const memory: AxiosAdapter = (config) =>
  Promise.resolve({ status: 200, statusText: 'OK', headers: {}, data: '', config });

const CROWDS = [
  ['in memory', memory, 'json', 10_000],
  ['over the http adapter', 'http', 'json', 500],
  ['over the http adapter', 'http', 'stream', 200],
  ['over the fetch adapter', 'fetch', 'json', 500],
  ['over the fetch adapter', 'fetch', 'stream', 200],
] as const;

describe('A signal that many calls share', function () {
  this.timeout(60_000);
  const troubles = useTroubles();
  const warnings: Error[] = [];
  const note = (warning: Error) => void warnings.push(warning);
  before(() => process.on('warning', note));
  afterEach(() => expect(warnings).to.deep.equal([]));
  after(() => process.off('warning', note));

  for (const [where, adapter, responseType, count] of CROWDS)
    it(`is as it was before, ${where}, after ${ROUNDS} times ${count} answers as ${responseType}`, async () => {
      const { signal } = new AbortController();
      const heaps: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const ends = share(signal, { adapter, baseURL: troubles().origin, responseType, count });
        await begun(signal);
        expect(await ends).to.deep.equal({ answered: count });
        expect(getEventListeners(signal, 'abort')).to.have.length(0);
        heaps.push(await heap());
      }
      // Caches fill and are emptied in one round or another; what stays of calls is there in each.
      const growths = heaps.slice(1).map((heap, round) => heap - heaps[round]!);
      expect(quantile(growths), 'bytes that a round left behind').to.be.below(NOISE);
    });

  for (const adapter of ['http', 'fetch'] as const)
    it(`ends 10 000 calls at once over the ${adapter} adapter, and nobody listens to it then`, async () => {
      const controller = new AbortController();
      const { signal } = controller;
      const crowd = { adapter, baseURL: troubles().origin, responseType: 'json', count: 10_000 } as const;
      const ends = share(signal, crowd);
      await begun(signal);
      controller.abort();
      expect(await ends).to.deep.equal({ ABORTED: 10_000 });
      expect(getEventListeners(signal, 'abort')).to.have.length(0);
    });
});

/** All calls listen, by one listener. */
async function begun(signal: AbortSignal): Promise<void> {
  await Promise.resolve();
  expect(getEventListeners(signal, 'abort')).to.have.length(1);
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes in use. Some of what is let go of must be seen by a turn of the event loop before it can be collected. */
async function heap(): Promise<number> {
  for (let turn = 0; turn < 5; turn += 1) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return process.memoryUsage().heapUsed;
}
