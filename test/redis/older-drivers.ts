// Versions of the clients of Redis that are in use still.
import { createClient as createClient4 } from 'redis-4';
import { createClient as createClient5 } from 'redis-5';
import { ignore, type Drivers } from './drivers.js';

export const OLDER_DRIVERS: Drivers<'redis 5' | 'redis 4'> = {
  async 'redis 5'(url) {
    const client = createClient5({ url });
    client.on('error', ignore);
    await client.connect();
    return { client, close: () => client.destroy() };
  },
  async 'redis 4'(url) {
    const client = createClient4({ url });
    client.on('error', ignore);
    await client.connect();
    return { client, close: () => void client.disconnect() };
  },
};
