// One client in a process of its own: so many GETs, so many at once, and the CPU time and memory that they took.
import type { AxiosAdapter } from 'axios';
import { clientOf, type ClientName, type Get } from './clients.js';
import type { Cost } from './figures.js';
import { collectGarbage, serveTasks } from './tasks.js';

const IN_FLIGHT = 64;
const PATH = '/plain';

let get: Get | undefined;

/** Answers at once: what is left is what the client itself costs. */
const inMemory: AxiosAdapter = (config) =>
  Promise.resolve({
    data: '{"id":1,"article":7}',
    status: 200,
    statusText: 'OK',
    headers: { 'content-type': 'application/json' },
    config,
    request: {},
  });

async function run(calls: number): Promise<void> {
  let left = calls;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      await get!(PATH);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
}

serveTasks({
  async prepare({ name, url }: { name: ClientName; url?: string }) {
    get = await clientOf(
      name,
      url === undefined ? { url: 'http://127.0.0.1:9', adapter: inMemory } : { url },
    );
    const answer = (await get(PATH)) as { data?: unknown };
    const text = JSON.stringify(answer.data ?? answer);
    if (text !== '{"id":1,"article":7}') throw new Error(`${name} got ${text}`);
  },
  /**
   * No garbage is collected on purpose between two rounds: V8 throws optimised code away along with the last object of
   * a shape that it was made for, and each round would measure the compiler.
   */
  async round(calls: number): Promise<Cost> {
    const began = performance.now();
    const before = process.cpuUsage();
    await run(calls);
    const { user, system } = process.cpuUsage(before);
    return { cpu: (user + system) / calls, wall: performance.now() - began };
  },
  /** Bytes that a call allocates. The young generation must have room for all of them: nothing is collected meanwhile. */
  async allocate(calls: number): Promise<number> {
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    await run(calls);
    return (process.memoryUsage().heapUsed - before) / calls;
  },
  /** Bytes that are still held for each call when it is over. */
  async keep(calls: number): Promise<number> {
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    await run(calls);
    collectGarbage();
    return (process.memoryUsage().heapUsed - before) / calls;
  },
});
