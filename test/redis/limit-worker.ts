// One process of fleet-limit.test.ts: makes its calls when told to, and tells how many failed.
import { Redis } from 'ioredis';
import { createGovernor, createHttpClient } from '../../lib/index.js';
import { redisCooldowns } from '../../lib/redis/index.js';

export interface Start {
  readonly api: string;
  /** A server without a limit, to get warm at. */
  readonly warm: string;
  /** Where limits are shared; by default they are not. */
  readonly redis?: string;
  readonly nameSecret: string;
  readonly calls: number;
}

const { api, warm, redis, nameSecret, calls } = JSON.parse(process.argv[2]!) as Start;
const policies = { cooldown: { maxWait: 120_000 }, timeout: { total: 120_000 } };

function clientAt(baseURL: string, cooldowns = {}) {
  return createHttpClient({ baseURL, policies, governor: createGovernor(cooldowns) });
}

const connection = redis === undefined ? undefined : new Redis(redis);
await connection?.ping();
const http = clientAt(api, connection && { cooldowns: redisCooldowns(connection, { nameSecret }) });
const stove = clientAt(warm);
for (let rounds = 0; rounds < 10; rounds += 1)
  await Promise.all(Array.from({ length: 30 }, () => stove.get('/orders')));

process.on('message', () => {
  const all = Array.from({ length: calls }, (_, n) => http.get(`/orders/${n}`));
  void Promise.allSettled(all).then((settled) =>
    process.send!({ failed: settled.filter(({ status }) => status === 'rejected').length }),
  );
});
process.send!({ ready: true });
