// Calls that wait for a rate limit to end: the heap that they hold, and how fast they leave afterwards.
import { clientOf, type ClientName, type Setting } from './clients.js';
import { collectGarbage, pause, serveTasks } from './tasks.js';

export interface WaitingOrder {
  readonly client: ClientName;
  readonly setting: Setting;
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

// They are looked at in the end: whatever is attached to the calls before would be weighed with them.
process.on('unhandledRejection', () => undefined);

serveTasks({
  /** As many plain calls at once: what the drain is compared with. */
  async plain({ setting, calls }: WaitingOrder) {
    const get = await clientOf('axios', setting);
    collectGarbage();
    const began = performance.now();
    await Promise.all(Array.from({ length: calls }, () => get('/plain')));
    return performance.now() - began;
  },
  async wait({ client, setting, calls, opensAt, lookAt }: WaitingOrder): Promise<WaitingResult> {
    const get = await clientOf(client, setting);
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    const waiting = Array.from({ length: calls }, () => get('/plain'));
    await pause(lookAt - Date.now());
    collectGarbage();
    const bytes = (process.memoryUsage().heapUsed - before) / calls;
    const ends = await Promise.allSettled(waiting);
    const failed = ends.filter(({ status }) => status === 'rejected').length;
    return { bytes, failed, drain: Date.now() - opensAt };
  },
});
