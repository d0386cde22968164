// Hints between tabs that a session changed. They may be lost: a tab that comes back looks for itself.

export interface Hints {
  /** @returns stops listening */
  listen(key: string, onChange: () => void): () => void;
  tell(key: string): void;
  close(): void;
}

/** After these a tab may have missed anything: it was hidden, frozen, offline, or in the cache of pages gone back to. */
const WAKES = [
  ['visibilitychange', () => document],
  ['pageshow', () => window],
  ['online', () => window],
] as const;

export function createHints(name: string): Hints {
  // Sessions that nobody holds must not live on here.
  const listeners = new Map<string, Set<WeakRef<() => void>>>();
  let channel: BroadcastChannel | undefined;

  function open(): void {
    channel ??= new BroadcastChannel(name);
    channel.onmessage = ({ data }) => {
      if (typeof data === 'string') tellHere(data);
    };
  }

  /** A page with an open channel may not be kept for going back to. */
  function shut(): void {
    channel?.close();
    channel = undefined;
  }

  function tellHere(key: string): void {
    const set = listeners.get(key);
    if (!set) return;
    for (const each of set) {
      const listener = each.deref();
      if (listener) listener();
      else set.delete(each);
    }
    if (set.size === 0) listeners.delete(key);
  }

  function woke(): void {
    if (document.visibilityState === 'hidden') return; // also told after `pagehide`
    open();
    for (const key of [...listeners.keys()]) tellHere(key);
  }

  open();
  for (const [event, target] of WAKES) target().addEventListener(event, woke);
  window.addEventListener('pagehide', shut);

  return {
    listen(key, onChange) {
      const set = listeners.get(key) ?? new Set();
      const mine = new WeakRef(onChange);
      listeners.set(key, set.add(mine));
      return () => {
        set.delete(mine);
        if (set.size === 0 && listeners.get(key) === set) listeners.delete(key);
      };
    },
    tell: (key) => channel?.postMessage(key),
    close() {
      shut();
      listeners.clear();
      for (const [event, target] of WAKES) target().removeEventListener(event, woke);
      window.removeEventListener('pagehide', shut);
    },
  };
}
