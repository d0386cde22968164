// Versions of the clients of Redis that are in use still: tried by `npm run test:versions`.
import { createClient as createClient4 } from 'redis-4';
import { createClient as createClient5 } from 'redis-5';
import { DRIVERS, ignore, type Connected, type Drivers } from './drivers.js';

const OLDER_DRIVERS: Drivers<'redis 5' | 'redis 4'> = {
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

/** Whether the older ones are tried too. */
export const EVERY_VERSION = Boolean(process.env.EVERY_VERSION);

export const ALL_DRIVERS: Readonly<Record<string, (url: string) => Promise<Connected>>> = EVERY_VERSION
  ? { ...DRIVERS, ...OLDER_DRIVERS }
  : DRIVERS;
