// Remembers for a while which unrepeatable operations ended without anyone knowing whether they were carried out:
// when a person tries again and reads "already exists", it may be their own first try that exists.
import type { Endpoint, Operation } from './contract/endpoints.js';

/** What is known about an operation with this input. */
export interface Doubt {
  /** An earlier try ended unclear. */
  readonly open: boolean;
  /** Says how this try ended. */
  settle(unclear: boolean, answered: boolean): void;
}

export interface DoubtBook {
  about(operation: Operation, endpoint: Endpoint, input: Readonly<Record<string, unknown>>): Doubt;
}

/** How long a doubt is remembered, ms: longer than a person keeps a form open after an error. */
const MEMORY = 10 * 60_000;
const MOST = 1_000;

const NO_DOUBT: Doubt = { open: false, settle: () => undefined };

export function createDoubtBook(): DoubtBook {
  const until = new Map<string, number>();
  return {
    about(operation, endpoint, { email, hash, code }) {
      const subject = email ?? hash ?? code;
      if (endpoint.repeats !== 'never' || subject === undefined) return NO_DOUBT;
      const key = JSON.stringify([operation, subject]);
      return {
        open: (until.get(key) ?? 0) > performance.now(),
        settle(unclear, answered) {
          if (!unclear && !answered) return;
          until.delete(key);
          if (unclear) until.set(key, performance.now() + MEMORY);
          // Insertion order is age: the oldest doubt makes room.
          const [oldest] = until.keys();
          if (until.size > MOST && oldest !== undefined) until.delete(oldest);
        },
      };
    },
  };
}
