// Answers of a server that is broken or hostile, byte by byte over a real socket, and what a call makes of them.
import { strict as assert } from 'node:assert';
import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { CODES } from '../../lib/contract/codes.js';
import { createAuthClient, createGovernor, isAuthError, type AuthClient } from '../../lib/index.js';
import { LONGEST } from '../../lib/decide/retry-after.js';
import { HINTS, KEYS } from '../contract/answers.js';
import { CANARIES, canariesIn, expectNoCanary, STORIES } from '../secrets/canaries.js';
import { EVENT_NAMES } from '../../lib/events.js';

/** How the bytes of an answer leave. */
interface Plan {
  readonly story: string;
  readonly adapter: 'http' | 'fetch';
  readonly bytes: Uint8Array;
  /** Where the bytes are cut into pieces, as shares of their length. */
  readonly cuts: readonly number[];
  readonly ending: 'end' | 'reset' | 'hold';
  /** Whether the server also says what it was sent. */
  readonly echoes: boolean;
}

const latin = (text: string) => Buffer.from(text, 'latin1');
const some = (...values: readonly string[]) => fc.constantFrom(...values);
const numbers = fc.oneof(
  some('0', '1', '-1', '1.5', '1e3', '2147483648', '99999999999999999999', 'NaN', '', ' '),
  fc.integer({ min: 0, max: 5_000 }).map(String),
);
const dates = fc.oneof(
  fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
  some('Sun Nov  6 08:49:37 1994', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Thu, 01 Jan 1970 00:00:00 GMT'),
);
const anyText = fc.string({ unit: 'binary-ascii', maxLength: 40 });

const HEADERS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  'retry-after': fc.oneof(numbers, dates, anyText),
  'retry-after-ms': fc.oneof(numbers, anyText),
  date: fc.oneof(dates, anyText),
  ratelimit: fc.oneof(some('"default";r=0;t=1', '"a";r=0;t=99999999999', 'limit=1'), anyText),
  'x-ratelimit-remaining': numbers,
  'x-ratelimit-reset': fc.oneof(numbers, some('1999999999', '9999999999999')),
  'www-authenticate': fc.oneof(
    some('Bearer error="invalid_token"', 'Basic realm="proxy"', 'Negotiate'),
    anyText,
  ),
  'content-type': some(
    'application/json',
    'application/json; charset=utf-16',
    'text/html',
    'text/plain;;;',
    '\xff',
  ),
  location: some('http://127.0.0.1:1/', '//evil.example', '/orders'),
  'set-cookie': anyText,
  'x-request-id': fc.oneof(anyText, fc.constant('x'.repeat(9_000))),
  connection: some('close', 'keep-alive', 'upgrade'),
  'x-huge': fc.constant('h'.repeat(20_000)),
};
const headers = fc.array(
  fc.oneof(
    {
      arbitrary: some(...Object.keys(HEADERS)).chain((name) => HEADERS[name]!.map((value) => [name, value])),
      weight: 9,
    },
    { arbitrary: fc.tuple(anyText, anyText), weight: 1 },
  ),
  { maxLength: 5 },
);

const statuses = fc.oneof(
  {
    arbitrary: some(
      '200',
      '201',
      '204',
      '301',
      '304',
      '400',
      '401',
      '403',
      '404',
      '406',
      '409',
      '424',
      '429',
      '500',
      '503',
    ),
    weight: 8,
  },
  { arbitrary: fc.integer({ min: 100, max: 999 }).map(String), weight: 2 },
  { arbitrary: anyText, weight: 1 },
);
const statusLine = fc.oneof(
  { arbitrary: statuses.map((status) => `HTTP/1.1 ${status} Whatever`), weight: 12 },
  {
    arbitrary: some(
      'HTTP/1.1 200',
      'HTTP/1.0 500 x',
      'HTTP/9.9 200 OK',
      'HTP 200',
      '',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK',
      'HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 409 C',
    ),
    weight: 1,
  },
  { arbitrary: anyText, weight: 1 },
);

const token = fc
  .record(
    {
      exp: fc.oneof(fc.double(), fc.constantFrom('soon', null, 1e300, -1, {}, 1.5)),
      iat: fc.oneof(fc.double(), fc.constantFrom([], true)),
      jti: fc.oneof(fc.string(), fc.constantFrom(7, { a: 1 })),
      sub: fc.oneof(fc.string(), fc.constant(-0)),
    },
    { requiredKeys: [] },
  )
  .map((claims) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`);
const json = fc
  .oneof(
    fc.record(
      {
        error: fc.oneof(some(...KEYS), fc.jsonValue()),
        hint: fc.oneof(some(...HINTS), fc.jsonValue()),
        message: fc.jsonValue(),
        error_description: fc.jsonValue(),
        context: fc.jsonValue(),
        errors: fc.jsonValue(),
      },
      { requiredKeys: [] },
    ),
    fc.record(
      {
        access_token: fc.oneof(token, some(CANARIES.newAccessToken), fc.jsonValue()),
        refresh_token: fc.oneof(some(CANARIES.newRefreshToken), fc.jsonValue()),
        token_type: fc.oneof(some('Bearer', 'bearer', 'mac'), fc.jsonValue()),
        expires_in: fc.oneof(fc.double(), some('3600', '1e309', '-1'), fc.jsonValue()),
      },
      { requiredKeys: ['access_token'] },
    ),
    fc.array(fc.record({ id: fc.jsonValue(), created_at: fc.oneof(anyText, fc.jsonValue()) })),
    fc.jsonValue(),
  )
  .map((value) => Buffer.from(JSON.stringify(value)));
const body = fc.oneof(
  { arbitrary: json, weight: 8 },
  { arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)), weight: 2 },
  {
    arbitrary: some(
      '',
      '<html>busy',
      '{"half":',
      '\ufeff{}',
      '{"__proto__":{"x":1},"error":"__proto__"}',
      '"a"',
      '-',
      'null',
    ).map((text) => Buffer.from(text)),
    weight: 2,
  },
  {
    arbitrary: fc
      .constantFrom('['.repeat(60_000), '{"a":'.repeat(9_000), `{"message":"${'m'.repeat(300_000)}"}`)
      .map(latin),
    weight: 1,
  },
);

type Framing = (body: Buffer) => readonly [head: string, bytes: Buffer];
const chunk = (bytes: Buffer) =>
  Buffer.concat([latin(`${bytes.length.toString(16)}\r\n`), bytes, latin('\r\n')]);
/** How long a body is, and what it is packed in: rightly, wrongly and in two ways at once. */
const FRAMINGS: Readonly<Record<string, Framing>> = {
  length: (bytes) => [`content-length: ${bytes.length}\r\n`, bytes],
  none: (bytes) => ['', bytes],
  'too long': (bytes) => [`content-length: ${bytes.length + 7}\r\n`, bytes],
  'too short': (bytes) => [`content-length: ${Math.max(0, bytes.length - 3)}\r\n`, bytes],
  'no number': (bytes) => ['content-length: many\r\n', bytes],
  chunked: (bytes) => [
    'transfer-encoding: chunked\r\n',
    Buffer.concat([bytes.length > 0 ? chunk(bytes) : latin(''), latin('0\r\n\r\n')]),
  ],
  'chunked without end': (bytes) => ['transfer-encoding: chunked\r\n', chunk(bytes)],
  'chunked badly': (bytes) => ['transfer-encoding: chunked\r\n', Buffer.concat([latin('zz\r\n'), bytes])],
  both: (bytes) => [`content-length: ${bytes.length}\r\ntransfer-encoding: chunked\r\n`, chunk(bytes)],
  gzip: (bytes) => packed('gzip', gzipSync(bytes)),
  brotli: (bytes) => packed('br', brotliCompressSync(bytes)),
  'gzip that is none': (bytes) => packed('gzip', bytes),
  'gzip that breaks off': (bytes) => packed('gzip', gzipSync(bytes).subarray(0, -9)),
  'deflate that is none': (bytes) => packed('deflate', bytes),
  'unknown packing': (bytes) => packed('x-lzma', bytes),
};
function packed(encoding: string, bytes: Buffer): readonly [string, Buffer] {
  return [`content-encoding: ${encoding}\r\ncontent-length: ${bytes.length}\r\n`, bytes];
}

const bytes = fc
  .tuple(statusLine, headers, some(...Object.keys(FRAMINGS)), body, fc.boolean())
  .map(([line, fields, framing, content, broken]) => {
    const [head, tail] = FRAMINGS[framing]!(content);
    const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    // What stands in a header cannot begin a new one, save where that is the trouble.
    const clean = broken ? lines : lines.replace(/(?<!\r)\n|\r(?!\n)|[\0\x7f]/g, '');
    return Buffer.concat([latin(`${line}\r\n${clean}${head}\r\n`), tail]);
  });

const plans: fc.Arbitrary<Plan> = fc.record({
  story: some(...Object.keys(STORIES)),
  adapter: fc.constantFrom('http', 'fetch'),
  bytes,
  cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 }),
  ending: fc.oneof(
    { arbitrary: fc.constantFrom('end', 'reset'), weight: 30 },
    { arbitrary: fc.constant('hold'), weight: 1 },
  ),
  echoes: fc.boolean(),
});

/** Long enough for any machine: whoever is not done by then hangs. */
const HANGS = 30_000;

/** A server that sends what the plan says to whatever comes. */
async function serve() {
  const sockets = new Set<Socket>();
  let plan: Plan | undefined;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    let text = '';
    socket.on('data', (data) => {
      text += data.toString('latin1');
      if (!plan || !text.includes('\r\n\r\n')) return;
      const asked = text;
      text = '';
      void send(socket, plan, asked);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    play: (next: Plan) => (plan = next),
    hangUp: () => {
      for (const socket of sockets) socket.destroy();
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

async function send(
  socket: Socket,
  { bytes: all, cuts, ending, echoes }: Plan,
  asked: string,
): Promise<void> {
  const said = echoes ? echoOf(asked, all.length) : all;
  const places = [...cuts].sort((a, b) => a - b).map((share) => Math.floor(share * said.length));
  const ends = [...places, said.length];
  let from = 0;
  for (const to of ends) {
    if (socket.destroyed) return;
    socket.write(said.subarray(from, to));
    from = to;
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (ending === 'end') socket.end();
  if (ending === 'reset') socket.resetAndDestroy();
}

/** A refusal that says in each field what it was sent. */
function echoOf(asked: string, chance: number): Buffer {
  const all = asked.replaceAll('\r\n', ' | ');
  const content = Buffer.from(
    JSON.stringify({ error: 'X', message: all, hint: all, context: { all }, errors: { all } }),
  );
  const status = [400, 401, 403, 409, 422, 500][chance % 6]!;
  return Buffer.concat([
    latin(`HTTP/1.1 ${status} No\r\ncontent-length: ${content.length}\r\n\r\n`),
    content,
  ]);
}

/** What comes of a promise; rejects where nothing does. */
export async function awaited<T>(promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came of it within ${HANGS} ms`)), HANGS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What must hold of the end of a call: a success, or an error of the contract that gives nothing away. */
function judgeOutcome(outcome: { readonly value: unknown } | { readonly error: unknown }): void {
  const failed =
    'error' in outcome ? outcome.error : (outcome.value as { error?: unknown } | undefined)?.error;
  if (failed === undefined) return;
  assert.ok(isAuthError(failed), `no AuthError: ${(failed as Error).stack}`);
  assert.ok(Object.hasOwn(CODES, failed.code), failed.code);
  const { retryAfter, attempts, status } = failed;
  if (retryAfter !== undefined) assert.ok(retryAfter >= 0 && retryAfter <= LONGEST, String(retryAfter));
  assert.ok(attempts >= 0 && attempts <= 6, String(attempts));
  assert.ok(status === undefined || Number.isInteger(status));
  expectNoCanary('error', failed);
}

async function playOn(origin: string, { story, adapter }: Plan): Promise<void> {
  const events: unknown[] = [];
  const auth: AuthClient = createAuthClient({
    baseURL: origin,
    credentials: { clientId: 'client-5', clientSecret: CANARIES.clientSecret },
    shopId: 1001,
    governor: createGovernor(),
    policies: {
      timeout: { attempt: 150, total: 400 },
      retry: { retries: 1, backoff: { initial: 1, max: 1 } },
      cooldown: { maxWait: 20 },
      refresh: { timeout: 200 },
    },
    axios: { adapter },
  });
  for (const name of EVENT_NAMES) auth.on(name, (event) => events.push(event));
  try {
    const outcome = STORIES[story]!(auth).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    judgeOutcome(await awaited(outcome));
    assert.deepEqual(canariesIn(JSON.stringify(events)), []);
  } finally {
    auth.close();
  }
}

/** Plays plans from a seed; throws with the shortest that shows something. */
export async function fuzzAnswers(seed: number, runs: number): Promise<number> {
  const server = await serve();
  const strays = watchProcess();
  try {
    const property = fc.asyncProperty(plans, async (plan) => {
      server.play(plan);
      await playOn(server.origin, plan);
      server.hangUp();
      await new Promise((resolve) => setImmediate(resolve));
      strays.expectNone();
    });
    await fc.assert(property, { seed, numRuns: runs });
  } finally {
    strays.stop();
    server.close();
  }
  return runs;
}

/** What nobody caught, and what Node warns of: a timer that is too long is one. */
export function watchProcess() {
  const strays: unknown[] = [];
  const add = (stray: unknown) => void strays.push(stray);
  process.on('unhandledRejection', add);
  process.on('warning', add);
  return {
    expectNone: () => assert.deepEqual(strays, []),
    stop() {
      process.off('unhandledRejection', add);
      process.off('warning', add);
    },
  };
}
