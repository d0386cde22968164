// Whom one can listen to.
import { bad } from '../check-options.js';
import type { AuthClient } from '../index.js';

/** Whatever tells of its calls: a client, a session or an http client. */
export interface Observable {
  /** Adds a listener; the result removes it. */
  readonly on: AuthClient['on'];
}

/** @throws TypeError where it tells nothing */
export function checkClient(maker: string, client: unknown): void {
  const { on } = (client ?? {}) as Partial<Observable>;
  if (typeof on !== 'function') bad(maker, 'client', 'a client of holdfast', client);
}
