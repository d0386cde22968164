// Calls that wait for a rate limit to end: the heap that they hold, and how fast they leave afterwards.
import axios, { type AxiosInstance } from 'axios';
import axiosRetry from 'axios-retry';
import { httpAgent, loadHoldfast } from './clients.js';
import { collectGarbage, serveTasks } from './tasks.js';

export interface WaitingOrder {
  readonly client: string;
  readonly url: string;
  readonly calls: number;
  /** When the limit ends, as `Date.now()` has it. */
  readonly opensAt: number;
  /** When to look at the heap. */
  readonly lookAt: number;
}

export interface WaitingResult {
  /** Heap held for each call, bytes. */
  readonly bytes: number;
  readonly failed: number;
  /** From the end of the limit to the last answer, ms. */
  readonly drain: number;
}

const clients: Readonly<Record<string, (url: string, calls: number) => Promise<AxiosInstance>>> = {
  async holdfast(baseURL, calls) {
    const { createHttpClient } = await loadHoldfast();
    return createHttpClient({
      baseURL,
      axios: { httpAgent },
      policies: { cooldown: { maxQueued: calls }, timeout: { total: 120_000 } },
    });
  },
  'axios + axios-retry': (baseURL) => {
    const http = axios.create({ baseURL, httpAgent });
    axiosRetry(http, {
      retries: 3,
      retryDelay: (count, error) => axiosRetry.exponentialDelay(count, error), // it waits as long as Retry-After says
      retryCondition: (error) =>
        error.response?.status === 429 || axiosRetry.isNetworkOrIdempotentRequestError(error),
    });
    return Promise.resolve(http);
  },
};

const until = (moment: number) => new Promise((resolve) => setTimeout(resolve, moment - Date.now()));

async function ends(calls: readonly Promise<unknown>[]): Promise<number> {
  return (await Promise.allSettled(calls)).filter(({ status }) => status === 'rejected').length;
}

serveTasks({
  /** As many plain calls at once: what the drain is compared with. */
  async plain({ url, calls }: WaitingOrder) {
    const http = axios.create({ baseURL: url, httpAgent });
    collectGarbage();
    const began = performance.now();
    await ends(Array.from({ length: calls }, () => http.get('/plain')));
    return performance.now() - began;
  },
  async wait({ client, url, calls, opensAt, lookAt }: WaitingOrder): Promise<WaitingResult> {
    const http = await clients[client]!(url, calls);
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    const waiting = Array.from({ length: calls }, () => http.get('/plain'));
    const end = ends(waiting);
    await until(lookAt);
    collectGarbage();
    const bytes = (process.memoryUsage().heapUsed - before) / calls;
    const failed = await end;
    return { bytes, failed, drain: Date.now() - opensAt };
  },
});
