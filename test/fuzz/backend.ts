// Requests that no browser of a customer would send, byte by byte, to a backend of `holdfast/bff`; and what a Redis that
// is damaged or hostile may answer to a client that keeps its sessions there.
import { strict as assert } from 'node:assert';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import fc from 'fast-check';
import { createBff, nodeHandler } from '../../lib/bff/index.js';
import { createAuthClient, createGovernor, isAuthError, memoryCoordinator } from '../../lib/index.js';
import { redisCooldowns, redisCoordinator } from '../../lib/redis/index.js';
import { CANARIES, canariesIn, expectNoCanary } from '../secrets/canaries.js';
import { awaited, watchProcess } from './answers.js';

const SHOP = 'https://shop.example';
const some = (...values: readonly string[]) => fc.constantFrom(...values);
const anyText = fc.string({ unit: 'binary-ascii', maxLength: 30 });

const target = fc.oneof(
  { arbitrary: some('/bff/auth/login', '/bff/auth/register', '/bff/auth/guest', '/bff/oauth/token', '/bff/orders', '/bff/orders/7', '/bff/auth/session', '/bff/auth/logout'), weight: 6 },
  { arbitrary: fc.array(some('/bff', '/orders', '/..', '/%2e%2e', '//', '/%00', '?a=b', '#', '\\', '%', '@evil.example', 'http://evil.example', ' '), { maxLength: 5 }).map((parts) => parts.join('')), weight: 3 },
  { arbitrary: anyText, weight: 1 },
); // prettier-ignore
const headers = fc.array(
  fc.oneof(
    fc.tuple(some('x-holdfast'), some('1', '2', '')),
    fc.tuple(some('origin'), fc.oneof(some(SHOP, 'null', 'https://evil.example'), anyText)),
    fc.tuple(some('sec-fetch-site'), some('same-origin', 'cross-site', 'none')),
    fc.tuple(some('content-type'), some('application/json', 'application/json;x', 'text/plain', '')),
    fc.tuple(some('cookie'), fc.oneof(some(`__Host-holdfast-7=${'a'.repeat(43)}`, '__Host-holdfast-7=', ';;;='), anyText)),
    fc.tuple(some('authorization'), some('Bearer x', 'Basic ?', 'Bearer')),
    fc.tuple(some('content-length'), some('0', '5', '999999', '-1', 'x')),
    fc.tuple(some('transfer-encoding'), some('chunked', 'gzip')),
    fc.tuple(some('expect', 'connection', 'upgrade', 'range', 'x-forwarded-for'), anyText),
  ),
  { maxLength: 7 },
); // prettier-ignore
const requests = fc.record({
  method: fc.oneof(some('GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'CONNECT', 'TRACE', 'get'), anyText),
  target,
  headers,
  body: fc.oneof(
    fc.jsonValue().map((value) => JSON.stringify(value)),
    some('', '{', '{"email":"a","password":"b"}', '{"email":{"__proto__":1}}', '{"__proto__":{"email":"a"}}', '5\r\nhello\r\n0\r\n\r\n'),
  ),
}); // prettier-ignore

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Everything that comes back before the connection ends. */
function send(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.setTimeout(100, () => socket.end()); // it waits for more
    socket.on('data', (data) => (text += data.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
    socket.write(bytes);
    socket.end();
  });
}

/** Sends requests from a seed to a backend whose API answers with tokens whatever it is asked. */
export async function fuzzBackend(seed: number, runs: number): Promise<number> {
  const asked: string[] = [];
  const api = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({ access_token: CANARIES.accessToken, refresh_token: CANARIES.refreshToken }),
    );
  });
  const apiUrl = `http://127.0.0.1:${await listen(api)}`;
  const bff = createBff({
    auth: {
      baseURL: `${apiUrl}/v1`,
      credentials: { clientId: 'c', clientSecret: CANARIES.clientSecret },
      shopId: 7,
      coordinator: memoryCoordinator(),
      governor: createGovernor(),
    },
    origins: [SHOP],
    resources: { '/orders': `${apiUrl}/api/orders` },
    deadline: 1_000,
    maxBody: 1_000,
  });
  const backend = createServer(nodeHandler(bff));
  const port = await listen(backend);
  const strays = watchProcess();
  try {
    const property = fc.asyncProperty(requests, async ({ method, target: path, headers: fields, body }) => {
      asked.length = 0;
      const lines = [['host', 'shop.example'], ...fields].map(([name, value]) => `${name}: ${value}\r\n`);
      const isSized = fields.some(([name]) => name === 'content-length' || name === 'transfer-encoding');
      const size = isSized ? '' : `content-length: ${Buffer.byteLength(body)}\r\n`;
      const text = `${method} ${path} HTTP/1.1\r\n${lines.join('')}${size}\r\n${body}`;
      const answer = await awaited(send(port, Buffer.from(text, 'utf8')));
      assert.ok(answer === '' || /^HTTP\/1\.1 [1-5]\d\d /.test(answer), answer.slice(0, 80));
      assert.doesNotMatch(answer, /^HTTP\/1\.1 500 /); // nothing of it was our mistake
      assert.deepEqual(canariesIn(answer), []);
      for (const url of asked) assert.match(url, /^\/(?:v1|api\/orders)(?:[/?]|$)/);
      strays.expectNone();
    });
    await fc.assert(property, { seed, numRuns: runs });
  } finally {
    strays.stop();
    bff.close();
    for (const server of [backend, api]) {
      server.closeAllConnections();
      server.close();
    }
  }
  return runs;
}

/** The beginnings of replies that some step knows, so that what is made up comes near them. */
const replies = fc.oneof(
  fc
    .tuple(
      some('tokens', 'claimed', 'newer', 'busy', 'cooling', 'lost', 'ended', 'none', 'last', '1', '0', 'open', 'closed', 'going'),
      fc.array(fc.oneof(some('0', '1', '-1', '1e309', '9007199254740993', 'NaN', '', 'k.AAAA', 'logout', 'constructor'), anyText), { maxLength: 9 }),
    )
    .map(([is, rest]): unknown => [is, ...rest]),
  fc.array(fc.anything(), { maxLength: 4 }),
  fc.anything(),
); // prettier-ignore

/** Has a client ask a Redis that answers with anything. */
export async function fuzzRedis(seed: number, runs: number): Promise<number> {
  const strays = watchProcess();
  const secret = CANARIES.clientSecret.repeat(3);
  try {
    const property = fc.asyncProperty(
      fc.array(replies, { minLength: 1, maxLength: 4 }),
      fc.array(anyText),
      async (all, messages) => {
        let steps = 0;
        const listeners: ((channel: string, message: string) => void)[] = [];
        const step = () => Promise.resolve(all[steps++ % all.length]);
        const redis: Record<string, unknown> = {
          status: 'ready',
          evalsha: step,
          eval: step,
          subscribe: () => Promise.resolve(),
          unsubscribe: () => Promise.resolve(),
          disconnect: () => undefined,
          on: (name: string, hear: (typeof listeners)[number]) => name === 'message' && listeners.push(hear),
          duplicate: () => redis,
        };
        const coordinator = redisCoordinator(redis as never, { keys: [{ id: 'k', secret }], nameSecret: secret, timeout: 50 });
        const cooldowns = redisCooldowns(redis as never, { nameSecret: secret, timeout: 50 });
        const auth = createAuthClient({
          baseURL: 'https://api.example',
          coordinator,
          governor: createGovernor({ cooldowns }),
          policies: { timeout: { total: 60 }, refresh: { timeout: 30 } },
          axios: {
            adapter: (config) =>
              Promise.resolve({ data: '{}', status: config.url?.includes('token') ? 400 : 401, statusText: '', headers: {}, config }),
          },
        });
        try {
          const found = await awaited(auth.resume('a-name'));
          const failures: unknown[] = [found.ok ? undefined : found.error];
          const session = (found.ok && found.value) || auth.resume({ accessToken: 'at', refreshToken: 'rt' });
          const call = session.http.get('/a').then(() => undefined, (error: unknown) => error);
          for (const hear of listeners)
            for (const message of [...messages, `x y closed NaN NaN`, `x y going 1e309`]) hear('holdfast:limits', message);
          failures.push(await awaited(call));
          for (const failure of failures) {
            assert.ok(failure === undefined || isAuthError(failure), (failure as Error | undefined)?.stack);
            if (failure !== undefined) expectNoCanary('error', failure);
          }
          strays.expectNone();
        } finally {
          auth.close();
          coordinator.close();
          cooldowns.close();
        }
      },
    ); // prettier-ignore
    await fc.assert(property, { seed, numRuns: runs });
  } finally {
    strays.stop();
  }
  return runs;
}
