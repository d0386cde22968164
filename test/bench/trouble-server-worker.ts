// A server in trouble, in a process of its own: it limits, fails for a while, or has more to do than it can.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Arrived } from './figures.js';
import { serveTasks } from './tasks.js';

/** Takes as many as there are tokens; they come back at `rate` per second up to `burst`. */
export interface BucketTrouble {
  readonly kind: 'bucket';
  readonly rate: number;
  readonly burst: number;
  /** What each 429 says, s. */
  readonly retryAfter?: number;
}

/** Answers `status` between two moments, to everything or to each call once. */
export interface OutageTrouble {
  readonly kind: 'outage';
  readonly from: number;
  readonly until: number;
  readonly status: number;
  readonly once?: boolean;
}

/** Serves one after the other. Who finds too many waiting is turned away, which takes time as well. */
export interface OverloadTrouble {
  readonly kind: 'overload';
  readonly perSecond: number;
  readonly queue: number;
  /** Time of a rejection; a service is 1. */
  readonly rejection: number;
}

export type ServerTrouble = BucketTrouble | OutageTrouble | OverloadTrouble;

type Headers = Readonly<Record<string, string>>;
type Answer = (status: number, headers?: Headers) => void;

const BODY = '{"id":1,"article":7}';

let log: Arrived[] = [];
let take: (answer: Answer, call: number) => void = (answer) => answer(200);

function bucket({ rate, burst, retryAfter }: BucketTrouble): typeof take {
  let tokens = burst;
  let at = performance.now();
  const hint: Headers = retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) };
  return (answer) => {
    const now = performance.now();
    tokens = Math.min(burst, tokens + ((now - at) / 1_000) * rate);
    at = now;
    if (tokens < 1) {
      answer(429, hint);
      return;
    }
    tokens -= 1;
    answer(200);
  };
}

function outage({ from, until, status, once = false }: OutageTrouble): typeof take {
  const refused = new Set<number>();
  return (answer, call) => {
    const now = Date.now();
    const refuse = now >= from && now < until && !(once && refused.has(call));
    refused.add(call);
    answer(refuse ? status : 200);
  };
}

function overload({ perSecond, queue, rejection }: OverloadTrouble): typeof take {
  const service = 1_000 / perSecond;
  const waiting: Answer[] = []; // the first is being served
  let readyAt = 0;

  function work(): void {
    const now = performance.now();
    for (; waiting.length > 0 && readyAt <= now; readyAt += service) waiting.shift()!(200);
    if (waiting.length > 0) setTimeout(work, readyAt - now);
  }

  return (answer) => {
    if (waiting.length > queue) {
      readyAt += rejection * service; // it comes first
      answer(503);
      return;
    }
    if (waiting.push(answer) > 1) return;
    readyAt = performance.now() + service;
    setTimeout(work, service);
  };
}

function troubled(trouble: ServerTrouble): typeof take {
  switch (trouble.kind) {
    case 'bucket':
      return bucket(trouble);
    case 'outage':
      return outage(trouble);
    case 'overload':
      return overload(trouble);
  }
}

function reply(res: ServerResponse, status: number, headers: Headers = {}): void {
  res.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': BODY.length,
    ...headers,
  });
  res.end(BODY);
}

const server = createServer((req, res) => {
  const call = Number(req.url?.slice('/calls/'.length));
  const arrived = { at: Date.now(), call, status: 0 };
  log.push(arrived);
  take((status, headers) => {
    arrived.status = status;
    reply(res, status, headers);
  }, call);
});
server.keepAliveTimeout = 120_000; // a socket that closes between two rounds would look like a failure

serveTasks({
  listen: () =>
    new Promise<string>((resolve) =>
      server.listen(0, '127.0.0.1', () =>
        resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
      ),
    ),
  trouble(trouble: ServerTrouble) {
    log = [];
    take = troubled(trouble);
  },
  log: () => log,
});
