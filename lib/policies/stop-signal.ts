// Stops an attempt in the adapters of axios. They accept anything that behaves like an AbortSignal; a real one costs
// more than the rest of our path, so only a transport of the user's own gets one.
import type { GenericAbortSignal } from 'axios';

type Listener = (this: StopSignal, event: { readonly type: 'abort' }) => void;

export class StopSignal implements GenericAbortSignal {
  aborted = false;
  reason: unknown;
  readonly #listeners: Listener[] = [];

  addEventListener(_type: 'abort', listener: Listener): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: Listener): void {
    const index = this.#listeners.indexOf(listener);
    if (index >= 0) this.#listeners.splice(index, 1);
  }

  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = new DOMException('The attempt was stopped.', 'AbortError');
    for (const listener of [...this.#listeners]) listener.call(this, { type: 'abort' });
  }
}
