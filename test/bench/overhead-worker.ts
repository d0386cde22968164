// One client in a process of its own: so many GETs, so many at once, and the CPU time that they took.
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

async function round(calls: number): Promise<Cost> {
  collectGarbage();
  let left = calls;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      await get!(PATH);
    }
  };
  const began = performance.now();
  const before = process.cpuUsage();
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / calls, wall: performance.now() - began };
}

serveTasks({
  async prepare({ name, url }: { name: ClientName; url?: string }) {
    get = await clientOf(
      name,
      url === undefined ? { url: 'http://127.0.0.1:9', adapter: inMemory } : { url },
    );
    const answer = JSON.stringify(await get(PATH));
    if (answer !== '{"id":1,"article":7}') throw new Error(`${name} got ${answer}`);
  },
  round,
});
