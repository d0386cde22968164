// The sessions that somebody holds, by key: a backend meets the same one with each request of a customer.

/** `S` is a session. None is kept alive here. */
export interface Registry<S extends object> {
  /** The session of that name, if somebody holds it. */
  named(key: string): S | undefined;
  /** In place of an earlier one of that name. */
  add(key: string, session: S): void;
}

export function createRegistry<S extends object>(): Registry<S> {
  const sessions = new Map<string, WeakRef<S>>();
  const gone = new FinalizationRegistry<string>((key) => {
    if (!sessions.get(key)?.deref()) sessions.delete(key);
  });
  return {
    named: (key) => sessions.get(key)?.deref(),
    add(key, session) {
      sessions.set(key, new WeakRef(session));
      gone.register(session, key);
    },
  };
}
