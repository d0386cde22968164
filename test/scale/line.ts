// Calls of a process that wait, in the order of policies/line.ts.
import { PriorityQueue } from 'p-queue';
import { rankOf } from '../../lib/policies/line.js';
import type { Call } from './call.js';

/** As far as its rank goes. */
type Ranked = Parameters<typeof rankOf>[0];

interface Queue {
  enqueue(call: Call, options: { readonly priority: number }): void;
  dequeue(): Call | undefined;
}

export class Line {
  readonly #waiting = new Set<Call>();
  readonly #queue = new PriorityQueue() as unknown as Queue;

  get size(): number {
    return this.#waiting.size;
  }

  join(call: Call, bonus: number, newestFirst: boolean): void {
    this.#waiting.add(call);
    this.#queue.enqueue(call, { priority: rankOf(call as unknown as Ranked, bonus, newestFirst) });
  }

  /** Those who have left stay in the queue until it is their turn. */
  remove(call: Call): boolean {
    return this.#waiting.delete(call);
  }

  next(): Call | undefined {
    for (;;) {
      const call = this.#queue.dequeue();
      if (!call || this.#waiting.delete(call)) return call;
    }
  }

  all(): Call[] {
    return [...this.#waiting];
  }
}
