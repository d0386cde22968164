// Stops an attempt in the adapters of axios. They accept anything that behaves like an AbortSignal; a real one costs
// more than the rest of our path, so only a transport of the user's own gets one.
import type { GenericAbortSignal } from 'axios';
import { follow } from './signals.js';

type Listener = (this: StopSignal, event: { readonly type: 'abort' }) => void;

export class StopSignal implements GenericAbortSignal {
  aborted = false;
  reason: unknown;
  readonly #listeners: Listener[] = [];
  readonly #source: AbortSignal | undefined;
  #unfollow: (() => void) | undefined;

  /** @param source aborts this one too, for as long as somebody listens: an adapter does until its stream has ended */
  constructor(source?: AbortSignal) {
    this.#source = source;
  }

  addEventListener(_type: 'abort', listener: Listener): void {
    this.#listeners.push(listener);
    if (this.#source) this.#unfollow ??= follow(this.#source, () => this.abort());
  }

  removeEventListener(_type: 'abort', listener: Listener): void {
    const index = this.#listeners.indexOf(listener);
    if (index >= 0) this.#listeners.splice(index, 1);
    if (this.#listeners.length > 0) return;
    this.#unfollow?.();
    this.#unfollow = undefined;
  }

  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = new DOMException('The attempt was stopped.', 'AbortError');
    for (const listener of [...this.#listeners]) listener.call(this, { type: 'abort' });
  }
}
