// Hints that somebody changed a record: one connection for all sessions of a coordinator, opened for the first of them.
import type { Driver, Subscriber } from './client.js';

/** Hears the hints of one session. */
export interface Listener {
  hint(message: string): void;
}

export interface Hints {
  /** @returns stops listening */
  listen(channel: string, listener: Listener): () => void;
  close(): void;
}

export function createHints(driver: Driver): Hints {
  let line: Subscriber | undefined;
  let isClosed = false;
  // A session that nobody holds any more must not live on because its hints are listened to.
  const channels = new Map<string, Set<WeakRef<Listener>>>();
  const gone = new FinalizationRegistry<() => void>((stop) => stop());

  function onMessage(channel: string, message: string): void {
    for (const listener of channels.get(channel) ?? []) listener.deref()?.hint(message);
  }

  return {
    listen(channel, listener) {
      if (isClosed) return () => undefined;
      line ??= driver.subscriber(onMessage);
      const listeners = channels.get(channel) ?? new Set();
      if (listeners.size === 0) {
        channels.set(channel, listeners);
        line.subscribe(channel);
      }
      const ref = new WeakRef(listener);
      listeners.add(ref);
      const stop = () => {
        if (!listeners.delete(ref) || listeners.size > 0 || isClosed) return;
        channels.delete(channel);
        line?.unsubscribe(channel);
      };
      gone.register(listener, stop);
      return stop;
    },
    close() {
      isClosed = true;
      channels.clear();
      line?.close();
    },
  };
}
