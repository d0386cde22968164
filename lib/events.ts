// Who listens, and telling them. A listener that throws changes nothing for the call or for the other listeners.
import type { Emit, EventName, Listener } from './ports.js';

/** Satisfied by every name there is: a new event cannot be forgotten by who listens to all. */
export const EVENT_NAMES = /* @__PURE__ */ Object.keys({
  attempt: 0,
  failure: 0,
  queued: 0,
  retry: 0,
  cooldown: 0,
  breaker: 0,
  refresh: 0,
  settled: 0,
  sessionStarted: 0,
  sessionEnded: 0,
} satisfies Record<EventName, 0>) as EventName[];

/** Adds a header to the attempt that an event tells of, unless the caller has set it. */
export type AddHeader = (name: string, value: string) => void;

/** Where an `attempt` event has that, for holdfast/otel alone: copies of the package share it, and no way of copying an event does. */
const ADD_HEADER = Symbol.for('holdfast.addHeader');

export function withHeaders<E extends object>(event: E, add: AddHeader): E {
  return Object.defineProperty(event, ADD_HEADER, { value: add });
}

/** `undefined` where the attempt goes to an origin that is not the client's own. */
export const addHeaderOf = (event: object) => (event as { readonly [ADD_HEADER]?: AddHeader })[ADD_HEADER];

/** Listeners of a client or a session. */
export interface Events {
  /** Adds a listener; the result removes it. */
  readonly on: <E extends EventName>(event: E, listener: Listener<E>) => () => void;
  readonly emit: Emit;
}

/** @param parent is told the same afterwards: a session's events are its client's events too */
export function createEvents(parent?: Emit): Events {
  const listeners = new Map<EventName, Set<(event: never) => void>>();
  return {
    on(event, listener) {
      if (typeof listener !== 'function')
        throw new TypeError(`on(${JSON.stringify(event)}): the listener must be a function.`);
      const set = listeners.get(event) ?? new Set();
      const own = (told: never) => listener(told); // the same listener may be added twice
      listeners.set(event, set.add(own));
      return () => void set.delete(own);
    },
    emit(name, make) {
      const set = listeners.get(name);
      if (!set?.size) return parent?.(name, make);
      const event = make();
      Object.freeze(event);
      for (const listener of [...set]) tell(listener as (event: unknown) => unknown, event);
      parent?.(name, () => event);
    },
  };
}

function tell(listener: (event: unknown) => unknown, event: unknown): void {
  try {
    const result = listener(event);
    // An async listener must not become an unhandled rejection.
    if (result instanceof Promise) result.catch(() => undefined);
  } catch {
    // isolated by design
  }
}
