// Runs one load of calls against one troubled server, each in a new process: what a client has learned, or a server
// still has to do, is of no use to the next.
import type { ClientName, Setting } from './clients.js';
import type { Arrived, Ended } from './figures.js';
import type { Instances, LoadOrder } from './load-worker.js';
import type { ServerTrouble } from './trouble-server-worker.js';
import { startWorker } from './workers.js';

export interface Load extends Omit<Instances, 'setting'>, Omit<LoadOrder, 'beginsAt'> {
  readonly policies?: Setting['policies'];
  readonly trouble: (beginsAt: number) => ServerTrouble;
}

export interface Outcome {
  /** By call. */
  readonly ended: readonly Ended[];
  /** What the server saw; `at` is ms since the load began, as in `ended`. */
  readonly log: readonly Arrived[];
}

/** Until both sides know what is to come, ms. */
const HEAD_START = 100;

export async function run({
  client,
  instances,
  policies,
  arrivals,
  patience,
  trouble,
}: Load): Promise<Outcome> {
  const [server, worker] = [startWorker('trouble-server'), startWorker('load')];
  try {
    const setting = { url: await server.ask<string>('listen'), ...(policies && { policies }) };
    await worker.ask('prepare', { client, setting, instances } satisfies Instances);
    const beginsAt = Date.now() + HEAD_START;
    await server.ask('trouble', trouble(beginsAt));
    const order: LoadOrder = { arrivals, patience, beginsAt };
    const ended = await worker.ask<Ended[]>('load', order);
    const log = await server.ask<Arrived[]>('log');
    return { ended, log: log.map((each) => ({ ...each, at: each.at - beginsAt })) };
  } finally {
    server.stop();
    worker.stop();
  }
}

/** Calls that come by chance, so many per second on average, from one moment (ms) to another; the same each time. */
export function byChance(perSecond: number, from: number, until: number, seed = 1): number[] {
  const arrivals: number[] = [];
  let state = seed;
  for (let at = from; ; arrivals.push(at)) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    at += (-Math.log((state + 1) / 2 ** 32) * 1_000) / perSecond;
    if (at >= until) return arrivals;
  }
}

/** Number of moments in each slot of `width` ms between two moments. */
export function slots(moments: readonly number[], from: number, until: number, width = 100): number[] {
  const counts = new Array<number>(Math.ceil((until - from) / width)).fill(0);
  for (const at of moments) if (at >= from && at < until) counts[Math.floor((at - from) / width)]! += 1;
  return counts;
}

/** These take long, so the others have one round; what is our own is looked at more closely. */
const OURS = 3;

/** The figures of each client, by round. */
export async function inRounds<T>(
  clients: readonly ClientName[],
  once: (client: ClientName) => Promise<T>,
  ours = OURS,
): Promise<Map<ClientName, T[]>> {
  const results = new Map<ClientName, T[]>(clients.map((client) => [client, []]));
  for (let round = 0; round < ours; round += 1)
    for (const client of clients)
      if (round === 0 || client === 'holdfast') results.get(client)!.push(await once(client));
  return results;
}
