// What the playground's server and its page say to each other.
import type { EventMap, EventName } from '../index.js';

/** An event of the backend's client, with its name. */
export type Told = { [E in EventName]: { readonly name: E; readonly event: EventMap[E] } }[EventName];

/** Trouble that was ordered, and is not used up. */
export interface Ordered {
  readonly id: number;
  readonly label: string;
  readonly left: number | 'always';
}

/** What the sandbox has seen, and what will go wrong with it. */
export interface Seen {
  readonly received: number;
  /** Calls for orders, by status; `none`: no whole answer. */
  readonly orders: Readonly<Record<string, number>>;
  /** Refreshes that were granted. */
  readonly refreshes: number;
  readonly trouble: readonly Ordered[];
}

/** Somebody pressed a button: the calls that come now belong together. */
export interface Act {
  readonly title: string;
}

export type Message =
  ({ readonly is: 'told' } & Told) | ({ readonly is: 'seen' } & Seen) | ({ readonly is: 'act' } & Act);

/** Whose session the cookie has. */
export interface WhoAmI {
  readonly session: { readonly key: string; readonly version: number } | null;
}

/** Below this path is what steers the sandbox, and the stream of messages: a JSON text a line. */
export const API_PATH = '/playground';
