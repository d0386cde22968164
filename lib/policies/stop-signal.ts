// Stops an attempt. The adapters of axios accept anything that behaves like an AbortSignal; a real one costs more than
// the rest of our path, so only a transport of the user's own gets one, and only if it looks.
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

const STOP = Symbol('holdfast.stop');

/** A real signal, made when it is first read from the config that it is attached to. */
export class LazyStop {
  readonly #source: AbortSignal | undefined;
  #controller: AbortController | undefined;
  #signal: AbortSignal | undefined;

  /** @param source aborts the signal too */
  constructor(source?: AbortSignal) {
    this.#source = source;
  }

  get signal(): AbortSignal {
    return (this.#signal ??= this.#make());
  }

  /** With the same getter for every config: one of its own would give each of them a hidden class of its own. */
  attachTo(config: object): void {
    (config as { [STOP]: LazyStop })[STOP] = this;
    Object.defineProperty(config, 'signal', SIGNAL);
  }

  abort(): void {
    this.#signal ??= this.#make(); // whoever reads it later finds it aborted
    this.#controller?.abort();
  }

  #make(): AbortSignal {
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    const source = this.#source;
    return source instanceof AbortSignal ? AbortSignal.any([signal, source]) : signal;
  }
}

const SIGNAL = {
  enumerable: true,
  configurable: true,
  get(this: { readonly [STOP]: LazyStop }) {
    return this[STOP].signal;
  },
};
