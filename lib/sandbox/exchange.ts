// One request and its answer on the socket: whole answers, and the ways in which an answer can go wrong.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Reply } from './replies.js';

export interface Exchange {
  send(reply: Reply): void;
  /** Headers and half the body; then the connection stays silent, or ends. */
  sendHalf(reply: Reply, then: 'silence' | 'end'): void;
  drop(): void;
  /** Resolves after `ms`, or as soon as the client has left; to whether it is still there. */
  wait(ms: number): Promise<boolean>;
}

const BODY_LIMIT = 1_048_576;
/** Statuses that HTTP gives no body. */
const BODILESS: ReadonlySet<number> = new Set([204, 304]);

export function createExchange(response: ServerResponse, now: () => number): Exchange {
  const gone = new AbortController();
  response.once('close', () => gone.abort());

  function head({ status, headers }: Reply, { type, text }: Payload): void {
    response.writeHead(status, {
      date: new Date(now()).toUTCString(), // by the sandbox's clock, which a test may have moved
      ...(type !== undefined && { 'content-type': type, 'content-length': Buffer.byteLength(text) }),
      ...headers,
    });
  }

  return {
    send(reply) {
      const payload = payloadOf(reply);
      head(reply, payload);
      response.end(payload.text);
    },

    sendHalf(reply, then) {
      // An answer without a body has no half; a longer one of the same meaning has.
      const whole = payloadOf(reply).text === '' ? { status: 200, body: {} } : reply;
      const payload = payloadOf(whole);
      head(whole, payload);
      response.write(payload.text.slice(0, Math.ceil(payload.text.length / 2)), () => {
        if (then === 'end') response.socket?.end();
      });
    },

    drop() {
      response.socket?.destroy();
    },

    async wait(ms) {
      await sleep(ms, undefined, { signal: gone.signal }).catch(() => undefined);
      return !gone.signal.aborted;
    },
  };
}

/** The body as text; `undefined` where it is longer than anything the API takes. */
export async function readText(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    // Read on, or the client would see a broken connection in place of the answer.
    if (length <= BODY_LIMIT) chunks.push(chunk);
  }
  return length <= BODY_LIMIT ? Buffer.concat(chunks).toString('utf8') : undefined;
}

interface Payload {
  readonly type?: string;
  readonly text: string;
}

function payloadOf({ status, body }: Reply): Payload {
  if (body === undefined || BODILESS.has(status)) return { text: '' };
  if (typeof body !== 'string') return { type: 'application/json', text: JSON.stringify(body) };
  return { type: `text/${body.startsWith('<') ? 'html' : 'plain'}; charset=utf-8`, text: body };
}
