// What can happen to a call on its way, and what must come of it, whoever carries the bytes.
import type { ServerResponse } from 'node:http';
import { drip, reset, sendJson } from './local-server.js';
import { answered, both, each, final, seen, unclear, type Expected } from './expected.js';
import { REASON, type Plan } from './trial.js';

/** @param nth counts the requests of a trial from 1 */
export type Reply = (response: ServerResponse, nth: number) => unknown;

export interface Situation {
  readonly about: string;
  readonly reply: Reply;
  /** Where the call goes, if it does not go to the server that replies. */
  readonly to?: 'nobody' | 'nowhere' | 'resets' | 'leaves' | 'no-tls';
  readonly plan?: Partial<Plan>;
  readonly expected: readonly Expected[];
  /** What comes of it in a page, where that differs, and why it has to. */
  readonly inPage?: { readonly expected: readonly Expected[]; readonly because: string };
}

/** Time of what is meant to run out, ms. */
const SHORT = 300;

const silence: Reply = () => undefined;
const ok: Reply = (response) => sendJson(response, 200, { ok: true });
const dripping: Reply = (response) => drip(response, 20);
const resets: Reply = (response) => reset(response);

/** The beginning of a body of 100 bytes. */
const half = (response: ServerResponse, status = 200) => {
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': '100' });
  response.write('{"half":');
};

/** Lets what was written leave first. */
const later = (what: () => unknown) => void setTimeout(what, 20);

const TIMEOUT = { code: 'TIMEOUT', kind: 'timeout' };
const DEADLINE = { code: 'DEADLINE_EXCEEDED', kind: 'deadline', retryable: true };
const ABORTED = { code: 'ABORTED', kind: 'aborted', reason: REASON };
const LOST = { code: 'CONNECTION_LOST', kind: 'interrupted' };
const FAILED = { code: 'CONNECTION_FAILED', kind: 'unreachable', retryable: true, ambiguous: false };
const REDIRECT = { code: 'UNEXPECTED_REDIRECT', kind: 'configuration' };

/** No byte was sent: both are repeated, and nothing is open. */
const unsent = {
  expected: seen({ get: 0, post: 0 }, both({ ...FAILED, attempts: 2 })),
  inPage: {
    expected: seen({ get: 0, post: 0 }, unclear(LOST)),
    because: 'A page hears of a "network error", and never whether there was a connection.',
  },
};

export const SITUATIONS: readonly Situation[] = [
  // Time.
  { about: 'no answer', reply: silence, plan: { timeout: SHORT }, expected: unclear(TIMEOUT) },
  {
    about: 'a body that comes to a halt',
    reply: (response) => half(response),
    plan: { timeout: SHORT },
    expected: unclear(TIMEOUT),
  },
  { about: 'a body that drips', reply: dripping, plan: { timeout: SHORT }, expected: unclear(TIMEOUT) },
  {
    about: 'a refusal whose body comes to a halt',
    reply: (response) => half(response, 500),
    plan: { timeout: SHORT },
    expected: unclear(TIMEOUT),
  },
  {
    about: 'a deadline before an answer',
    reply: silence,
    plan: { deadline: SHORT },
    expected: final(DEADLINE, 'post-open'),
  },
  {
    about: 'a deadline within a body',
    reply: dripping,
    plan: { deadline: SHORT },
    expected: final(DEADLINE, 'post-open'),
  },
  {
    about: 'an abort by the caller before an answer',
    reply: silence,
    plan: { abortAfter: SHORT },
    expected: final(ABORTED, 'post-open'),
  },
  {
    about: 'an abort by the caller within a body',
    reply: dripping,
    plan: { abortAfter: SHORT },
    expected: final(ABORTED, 'post-open'),
  },

  // No connection.
  { about: 'nobody who listens', reply: ok, to: 'nobody', ...unsent },
  { about: 'a host that does not exist', reply: ok, to: 'nowhere', ...unsent },
  { about: 'a reset before a byte is sent', reply: ok, to: 'resets', ...unsent },
  { about: 'a peer that leaves before TLS is agreed on', reply: ok, to: 'leaves', ...unsent },
  {
    ...unsent,
    about: 'a peer that speaks no TLS',
    reply: ok,
    to: 'no-tls',
    expected: seen({ get: 0, post: 0 }, both({ ...FAILED, attempts: 1 })), // and will not learn it
  },

  // A connection that breaks.
  { about: 'a reset in place of an answer', reply: resets, expected: unclear(LOST) },
  {
    about: 'a reset within the headers',
    reply(response) {
      response.socket?.write('HTTP/1.1 200 OK\r\ncontent-type: appl');
      later(() => reset(response));
    },
    expected: unclear(LOST),
  },
  {
    about: 'a reset within the body',
    reply(response) {
      half(response);
      later(() => reset(response));
    },
    expected: unclear(LOST),
  },
  {
    about: 'a connection that is closed without an answer',
    reply: (response) => response.socket?.end(),
    expected: unclear(LOST),
  },
  {
    about: 'a body that is shorter than it says',
    reply(response) {
      half(response);
      later(() => response.socket?.end());
    },
    expected: unclear(LOST),
  },
  {
    about: 'a body without its last chunk',
    reply(response) {
      response.shouldKeepAlive = true; // of a connection that is to be closed, fetch of Node 20 takes it for whole
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"half":');
      later(() => response.socket?.end());
    },
    expected: unclear(LOST),
  },
  {
    about: 'a body that is not compressed as it says',
    reply(response) {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.end('{"ok":true}');
    },
    expected: unclear(LOST),
  },
  {
    about: 'bytes that are no HTTP',
    reply: (response) => response.socket?.end('this is not the protocol you are looking for\r\n\r\n'),
    expected: unclear(LOST),
  },
  {
    about: 'a reset of a connection that was used before',
    reply: resets,
    plan: { after: '/fine' },
    expected: unclear(LOST),
    inPage: {
      expected: seen({ get: 3, post: 2 }, unclear(LOST)),
      because:
        'Chromium sends again, a POST too, what is lost on a used connection; no page can see or stop it.',
    },
  },

  // Answers.
  {
    about: 'an answer without a body',
    reply: (response) => sendJson(response, 204),
    expected: both(answered(1, '', 204)),
  },
  {
    about: '500 and then 200',
    reply: (response, nth) =>
      nth === 1 ? sendJson(response, 500, { error: 'API_EXCEPTION' }) : ok(response, nth),
    expected: each(answered(2), {
      code: 'API_EXCEPTION',
      kind: 'unavailable',
      status: 500,
      attempts: 1,
      ambiguous: true,
      retryable: true,
    }),
  },
  {
    about: 'a page of HTML behind a 502',
    reply(response) {
      response.writeHead(502, { 'content-type': 'text/html' });
      response.end('<html><h1>Bad gateway</h1></html>');
    },
    expected: unclear({ code: 'API_EXCEPTION', kind: 'unavailable', status: 502 }),
  },
  {
    about: 'a page of HTML in place of tokens',
    reply(response) {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<html><h1>Welcome to our network</h1></html>');
    },
    expected: [
      {
        method: 'login',
        outcome: {
          code: 'INVALID_RESPONSE',
          kind: 'protocol',
          status: 200,
          attempts: 1,
          ambiguous: false,
          retryable: false,
        },
        seen: 1,
      },
    ],
  },
  {
    about: '429 and then 200',
    reply: (response, nth) =>
      nth === 1 ? sendJson(response, 429, undefined, { 'retry-after-ms': '20' }) : ok(response, nth),
    expected: both(answered(2)),
  },
  {
    about: '429 for longer than a call may wait',
    reply: (response) => sendJson(response, 429, undefined, { 'retry-after': '3600' }),
    expected: both({
      code: 'TOO_MANY_ATTEMPTS',
      kind: 'rate-limit',
      status: 429,
      attempts: 1,
      ambiguous: false,
      retryable: true,
      retryAfter: 3_600_000,
    }),
  },
  {
    about: 'a conflict',
    reply: (response) => sendJson(response, 409, { error: 'CONFLICT' }),
    expected: final({ code: 'CONFLICT', kind: 'conflict', status: 409 }, 'post-settled'),
  },
  {
    about: 'a redirect',
    reply: (response) => sendJson(response, 307, undefined, { location: '/elsewhere' }),
    expected: final({ ...REDIRECT, status: 307 }, 'post-open'),
    inPage: {
      expected: final(REDIRECT, 'post-open'),
      because: 'fetch hides the status; XMLHttpRequest follows, and only where the answer came from tells.',
    },
  },

  // A request that cannot be made.
  {
    about: 'a header that no request can have',
    reply: ok,
    plan: { headers: { 'not a name': '1' } },
    expected: seen(
      { get: 0, post: 0 },
      final({ code: 'INVALID_REQUEST', kind: 'configuration' }, 'post-settled'),
    ),
  },
];
