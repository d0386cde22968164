// A process of its own for exit.test.ts: every kind of wait there is, then close(). Nothing here ends the process; it
// is over when nothing is left open.
import { createAuthClient, createHttpClient, unwrap } from '../../lib/index.js';
import { DEMO, startSandbox } from '../../lib/sandbox/index.js';

process.on('unhandledRejection', (reason) => {
  console.error('unhandled rejection', reason);
  process.exitCode = 3;
});

const sandbox = await startSandbox({ lifetimes: { access: 60_000 } });
const auth = createAuthClient({
  baseURL: sandbox.url,
  credentials: { clientId: DEMO.client.id, clientSecret: DEMO.client.secret },
  shopId: DEMO.shopId,
  policies: { retry: { backoff: { initial: 20_000, max: 20_000, jitter: 'none' } } },
});
const plain = createHttpClient({ baseURL: sandbox.url, axios: { adapter: 'fetch' } });
const session = unwrap(await auth.login(DEMO.customer));
const other = unwrap(await auth.login(DEMO.customer));

const reached = (count: number) =>
  new Promise<void>((resolve) => {
    const poll = setInterval(() => {
      if (sandbox.counts().received < count) return;
      clearInterval(poll);
      resolve();
    }, 5);
  });

const before = sandbox.counts().received;
sandbox.fault([
  { on: '/orders/1', status: 503, times: 'always' }, // waits for its repeat
  { on: '/orders/2', stall: true, times: 'always' }, // waits for a body
  { on: '/orders/3', delay: 30_000, times: 'always' }, // waits for an answer
  { on: 'validate', status: 429, headers: { 'retry-after': '20' } }, // waits for a cooldown
  { on: 'listSessions', status: 401, times: 'always' }, // waits for the refresh
  { on: 'refresh', delay: 30_000, times: 'always' },
]);
const calls = [
  session.http.get('/orders/1'),
  session.http.get('/orders/2'),
  session.http.get('/orders/3'),
  session.validate(),
  other.listSessions(),
  plain.get('/orders/2'),
  plain.get('/orders/3'),
];
const outcomes = Promise.allSettled(calls);
await reached(before + 8);
await new Promise((resolve) => setTimeout(resolve, 50));

auth.close();
plain.close();
const codes = (await outcomes).map((outcome) => {
  const value: unknown = outcome.status === 'rejected' ? outcome.reason : outcome.value;
  const { code, error } = value as { code?: string; error?: { code: string } };
  return code ?? error?.code ?? 'no error';
});
await sandbox.close();
console.log(JSON.stringify(codes));
