// One kind of client in a process of its own, in as many instances as asked, and the calls that arrive there whether or
// not the earlier ones have ended.
import { clientOf, type ClientName, type Get, type Setting } from './clients.js';
import type { Ended } from './figures.js';
import { pause, serveTasks } from './tasks.js';

export interface Instances {
  readonly client: ClientName;
  readonly setting: Setting;
  readonly instances: number;
}

export interface LoadOrder {
  readonly beginsAt: number;
  /** When each call begins, ms after `beginsAt`. */
  readonly arrivals: readonly number[];
  /** What has not ended by then counts as undecided, ms after the last arrival. */
  readonly patience: number;
}

const WARM_UP = 256;

let gets: readonly Get[] = [];

serveTasks({
  async prepare({ client, setting, instances }: Instances) {
    // Opens the sockets and lets the code get fast, with a client that shares nothing with those that are measured.
    const get = await clientOf(client, { url: setting.url, apart: true });
    for (let round = 0; round < 3; round += 1)
      await Promise.all(Array.from({ length: WARM_UP }, () => get('/calls/0')));
    gets = await Promise.all(Array.from({ length: instances }, () => clientOf(client, setting)));
  },
  async load({ arrivals, beginsAt, patience }: LoadOrder): Promise<Ended[]> {
    const ended: Ended[] = [];
    const calls: Promise<void>[] = [];
    for (const [call, arrival] of arrivals.entries()) {
      const wait = beginsAt + arrival - Date.now();
      if (wait > 0) await pause(wait);
      const began = Date.now();
      const from = began - beginsAt;
      ended[call] = { from, took: Infinity, ok: false };
      const end = (ok: boolean) => void (ended[call] = { from, took: Date.now() - began, ok });
      calls.push(
        gets[call % gets.length]!(`/calls/${call}`).then(
          () => end(true),
          () => end(false),
        ),
      );
    }
    await Promise.race([Promise.all(calls), pause(patience)]);
    return ended;
  },
});
