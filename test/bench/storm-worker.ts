// Many calls at once with an expired token; next to it as many calls of raw axios that nothing is wrong with.
import axios from 'axios';
import { httpAgent } from './clients.js';
import type { Pair, Trouble } from './figures.js';
import { STORM_CLIENTS } from './storm-clients.js';
import { collectGarbage, pause, serveTasks } from './tasks.js';

/** Time between two groups of calls that trickle in, and their number. */
const TRICKLE = { groups: 40, every: 10 };

export interface StormOrder {
  readonly client: string;
  readonly url: string;
  readonly pair: Pair;
  readonly trouble: Trouble;
  readonly calls: number;
}

export interface StormResult {
  readonly wall: number;
  readonly failed: number;
}

async function all(get: () => Promise<unknown>, calls: number, trickle = false): Promise<StormResult> {
  collectGarbage();
  const began = performance.now();
  const under: Promise<unknown>[] = [];
  for (let call = 0; call < calls; call += 1) {
    under.push(get());
    under.at(-1)!.catch(() => undefined); // counted below
    if (trickle && call % Math.ceil(calls / TRICKLE.groups) === 0) await pause(TRICKLE.every);
  }
  const ends = await Promise.allSettled(under);
  return {
    wall: performance.now() - began,
    failed: ends.filter(({ status }) => status === 'rejected').length,
  };
}

serveTasks({
  ideal: ({ url, calls }: { url: string; calls: number }) => {
    const http = axios.create({ baseURL: url, httpAgent });
    return all(() => http.get('/plain', { headers: { Authorization: 'Bearer access' } }), calls);
  },
  async storm({ client, url, pair, trouble, calls }: StormOrder) {
    const get = await STORM_CLIENTS[client]!(url, pair, trouble);
    await pause(20); // a known lifetime is over now
    return all(get, calls, trouble.trickle);
  },
});
