// The feed: what the backend's client tells, and what the sandbox has seen, to every page that listens.
import type { ServerResponse } from 'node:http';
import { EVENT_NAMES } from '../events.js';
import type { AuthClient } from '../index.js';
import type { Message, Seen, Told } from './protocol.js';

/** How long changes are gathered until pages are told of them, ms. */
const GATHERING = 80;

export function createFeed(seen: () => Seen) {
  const listeners = new Set<ServerResponse>();
  let timer: NodeJS.Timeout | undefined;

  function send(message: Message, to: Iterable<ServerResponse> = listeners): void {
    const line = `${JSON.stringify(message)}\n`;
    for (const response of to) response.write(line);
  }

  function changed(): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      send({ is: 'seen', ...seen() });
    }, GATHERING);
  }

  return {
    changed,
    act: (title: string) => send({ is: 'act', title }),
    follow(auth: AuthClient<string>): void {
      for (const name of EVENT_NAMES)
        auth.on(name, (event) => {
          send({ is: 'told', ...({ name, event } as Told) });
          changed();
        });
    },
    /** Keeps an answer open, and writes to it until it is closed. */
    join(response: ServerResponse): void {
      listeners.add(response);
      response.once('close', () => listeners.delete(response));
      send({ is: 'seen', ...seen() }, [response]);
    },
    close: () => clearTimeout(timer),
  };
}
