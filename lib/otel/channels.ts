// `publishEvents()`: the events of a client on Node's diagnostics channels, for whoever watches a process from within.
import { EVENT_NAMES } from '../events.js';
import { checkClient, type Observable } from './client.js';

interface Channels {
  channel(name: string): { readonly hasSubscribers: boolean; publish(message: unknown): void };
}

/**
 * Publishes each event of a client on the channel `holdfast:` and its name, such as `holdfast:settled`. Does nothing
 * outside Node.
 * @returns ends it
 * @throws TypeError where the client is none
 */
export function publishEvents(client: Observable): () => void {
  checkClient('publishEvents', client);
  const node = globalThis.process as Partial<NodeJS.Process> | undefined;
  const channels = node?.getBuiltinModule?.('node:diagnostics_channel') as Channels | undefined;
  if (!channels) return () => undefined;
  const offs = EVENT_NAMES.map((name) => {
    const channel = channels.channel(`holdfast:${name}`);
    return client.on(name, (event) => {
      if (channel.hasSubscribers) channel.publish(event);
    });
  });
  return () => {
    for (const off of offs) off();
  };
}
