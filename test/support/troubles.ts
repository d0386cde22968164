// The other side of the situations: a server that replies as each of them says, and addresses where no server is.
import type { ServerResponse } from 'node:http';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect } from 'chai';
import { sendJson, startLocalServer, vacantPort } from './local-server.js';
import type { Expected } from './expected.js';
import type { Situation } from './situations.js';
import type { Outcome, Plan } from './trial.js';

/** Makes a call by plan: here, or in a page. */
export type Attempt = (plan: Omit<Plan, 'adapter'>) => Promise<Outcome>;

export interface Troubles {
  /** Where there is an empty page, too. */
  readonly origin: string;
  /** Lets a call meet a situation, and checks what comes of it. */
  play(situation: Situation, expected: Expected, attempt: Attempt): Promise<void>;
  close(): Promise<void>;
}

interface Trial {
  readonly reply: Situation['reply'];
  readonly open: Set<ServerResponse>;
  seen: number;
}

/** Call in a `describe`: they are there while its tests run. */
export function useTroubles(): () => Troubles {
  let troubles: Troubles | undefined;
  before(async () => {
    troubles = await startTroubles();
  });
  after(() => troubles?.close());
  return () => troubles!;
}

async function startTroubles(): Promise<Troubles> {
  const trials = new Map<string, Trial>();
  const server = await startLocalServer(({ url }, response) => {
    const trial = trials.get(url);
    server.seen.length = 0; // nobody looks, and where memory is measured it would count
    // A connection is used again only after this path: on a used one, Chromium does what on a new one it does not.
    response.shouldKeepAlive = url === '/fine';
    if (url === '/page') sendPage(response);
    else if (trial) meet(trial, response);
    else sendJson(response, 200, { ok: true });
  });
  const resets = await startTcp((socket) => socket.resetAndDestroy());
  const leaves = await startTcp((socket) => socket.once('data', () => socket.end()));
  const addresses = {
    nobody: `http://127.0.0.1:${await vacantPort()}`,
    nowhere: 'http://no-such-host.invalid',
    resets: `http://127.0.0.1:${resets.port}`,
    leaves: `https://127.0.0.1:${leaves.port}`,
    'no-tls': `https://127.0.0.1:${server.port}`,
  };

  return {
    origin: server.origin,
    async play({ reply, to, plan }, { method, outcome, seen }, attempt) {
      const path = `/trials/${trials.size + 1}`;
      const trial: Trial = { reply, open: new Set(), seen: 0 };
      trials.set(path, trial);
      const baseURL = to ? addresses[to] : server.origin;
      expect(await attempt({ ...plan, baseURL, path, method })).to.deep.equal(outcome);
      expect(trial.seen, 'requests that reached the server').to.equal(seen);
      await Promise.all([...trial.open].map((response) => new Promise((end) => response.once('close', end))));
    },
    async close() {
      resets.close();
      leaves.close();
      await server.close();
    },
  };
}

function meet(trial: Trial, response: ServerResponse): void {
  trial.seen += 1;
  trial.open.add(response);
  response.once('close', () => trial.open.delete(response));
  trial.reply(response, trial.seen);
}

function sendPage(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/html' });
  response.end('<!doctype html><title>holdfast</title>');
}

async function startTcp(welcome: (socket: Socket) => unknown): Promise<{ port: number; close(): void }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined); // of the peer, which is told nothing
    welcome(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() };
}
