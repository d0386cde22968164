// The server of the benchmarks, in a process of its own. Its refresh tokens are good for one refresh: who sends one
// twice loses the session, as strict servers have it.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Counts, Pair, Trouble } from './figures.js';
import { serveTasks } from './tasks.js';

const REFRESH_TAKES = 100;
const LATE_BY = 250;

let serial = 0;
let pair: Pair = { access: '', refresh: '' };
let trouble: Trouble = {};
let expired = false;
let revoked = false;
let opensAt = 0;
let counts: Counts = { sends: 0, refreshes: 0, lost: 0, limited: 0 };

function mint(): Pair {
  serial += 1;
  return { access: `access-${serial}`, refresh: `refresh-${serial}` };
}

function reply(
  res: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  const text = JSON.stringify(body);
  res.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    ...headers,
  });
  res.end(text);
}

function order(req: IncomingMessage, res: ServerResponse): void {
  counts.sends += 1;
  const good = !expired && !revoked && req.headers.authorization === `Bearer ${pair.access}`;
  const refuse = () => reply(res, 401, { error: 'invalid_token', message: 'The access token has expired.' });
  if (good) reply(res, 200, { id: 1, article: 7 });
  else if (trouble.late && counts.sends % 2 === 0) setTimeout(refuse, LATE_BY);
  else refuse();
}

async function renew(req: IncomingMessage, res: ServerResponse): Promise<void> {
  let text = '';
  for await (const chunk of req) text += String(chunk);
  counts.refreshes += 1;
  const nth = counts.refreshes;
  await new Promise((resolve) => setTimeout(resolve, REFRESH_TAKES));
  if (trouble.unavailable && nth === 1) {
    reply(res, 503, { error: 'unavailable' });
    return;
  }
  const given = (JSON.parse(text) as { refresh_token?: string }).refresh_token;
  if (trouble.dead || revoked || given !== pair.refresh) {
    if (!trouble.dead) counts.lost = 1;
    revoked = true;
    reply(res, 401, { error: 'invalid_grant', message: 'The refresh token is dead.' });
    return;
  }
  pair = mint();
  expired = false;
  const tokens = { token_type: 'Bearer', access_token: pair.access, refresh_token: pair.refresh };
  reply(res, 200, trouble.known ? { ...tokens, expires_in: 3_600 } : tokens);
}

function plain(res: ServerResponse): void {
  const left = opensAt - Date.now();
  if (left <= 0) {
    reply(res, 200, { id: 1, article: 7 });
    return;
  }
  counts.limited += 1;
  reply(res, 429, { error: 'too_many' }, { 'Retry-After': String(Math.ceil(left / 1_000)) });
}

const server = createServer((req, res) => {
  if (req.url === '/plain') plain(res);
  else if (req.url === '/orders') order(req, res);
  else void renew(req, res);
});
server.keepAliveTimeout = 120_000; // a socket that closes between two rounds would look like a failure

serveTasks({
  listen: () =>
    new Promise<string>((resolve) =>
      server.listen(0, '127.0.0.1', () =>
        resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
      ),
    ),
  /** A new session whose access token has expired already. */
  session(wanted: Trouble) {
    pair = mint();
    trouble = wanted;
    expired = true;
    revoked = false;
    counts = { sends: 0, refreshes: 0, lost: 0, limited: 0 };
    return pair;
  },
  /** Everything is limited for that long. */
  limit(forMs: number) {
    counts = { sends: 0, refreshes: 0, lost: 0, limited: 0 };
    opensAt = Date.now() + forMs;
    return opensAt;
  },
  counts: () => counts,
});
