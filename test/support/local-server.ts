// A small server on the loopback for what the sandbox cannot do: answers that drip, redirects, opaque tokens, a
// connection that is reset, an address that is gone for a while. It remembers every request.
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTcpServer } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  /** The bytes as UTF-8. */
  readonly text: string;
}

export interface LocalServer {
  readonly origin: string;
  readonly port: number;
  /** Everything that arrived, oldest first. */
  readonly seen: SeenRequest[];
  close(): Promise<void>;
}

export type Answer = (request: SeenRequest, response: ServerResponse) => unknown;

/** @param port 0 takes any free one */
export async function startLocalServer(answer: Answer, port = 0): Promise<LocalServer> {
  const seen: SeenRequest[] = [];
  // A machine that is busy must not meet connections that were kept for too long and are just being closed.
  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { method = '', url = '', headers } = incoming;
      const bytes = Buffer.concat(chunks);
      const request = { method, url, headers, bytes, text: bytes.toString('utf8') };
      seen.push(request);
      void answer(request, response);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${address.port}`,
    port: address.port,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers with a JSON value, or with nothing where there is none. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body?: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, {
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...headers,
  });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

/** Sends a byte every `everyMs` and never ends. */
export function drip(response: ServerResponse, everyMs: number): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => response.write(' '), everyMs);
  response.once('close', () => clearInterval(timer));
}

/** Resets the connection (RST), as a crashed or overloaded peer does. */
export function reset(response: ServerResponse): void {
  (response.socket as Socket).resetAndDestroy();
}

/** An address of this machine at which nobody listens. */
export async function vacantPort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export interface RotatingServer extends LocalServer {
  /** Refreshes that were answered with tokens. */
  readonly rotations: () => number;
  /** Refresh tokens in the order in which they were presented. */
  readonly presented: readonly string[];
  /** A refresh token came twice, and with that everything was revoked. */
  readonly reused: () => boolean;
  /** The access token of this moment is good no longer. */
  expire(): void;
  /** The session is over here, and clients do not know yet. */
  revoke(): void;
  /** Another session, in place of this one. */
  login(): RotatingServer['tokens'];
  /** The pair that it began with. */
  readonly tokens: { readonly accessToken: string; readonly refreshToken: string };
}

/** A server whose tokens say nothing about themselves, and which revokes everything where a refresh token comes twice. */
export async function startRotatingServer(refreshTakes = 0): Promise<RotatingServer> {
  let generation = 1;
  let isExpired = false;
  let isReused = false;
  let isRevoked = false;
  const pair = () => ({
    access_token: `opaque-access-${generation}`,
    refresh_token: `opaque-refresh-${generation}`,
  });
  const presented: string[] = [];
  const tokens = () => ({ accessToken: pair().access_token, refreshToken: pair().refresh_token });

  function rotate(request: SeenRequest, response: ServerResponse): void {
    const { refresh_token: token } = JSON.parse(request.text) as { refresh_token: string };
    presented.push(token);
    if (token !== pair().refresh_token) isReused = isRevoked = true;
    if (isRevoked) {
      sendJson(response, 400, { error: 'invalid_grant', hint: 'Token has been revoked' });
      return;
    }
    generation += 1;
    isExpired = false;
    const answer = { token_type: 'Bearer', ...pair() };
    setTimeout(() => sendJson(response, 200, answer), refreshTakes);
  }

  const server = await startLocalServer((request, response) => {
    const good =
      request.headers.authorization === `Bearer ${pair().access_token}` && !isExpired && !isRevoked;
    if (request.url === '/oauth/token' && request.method === 'POST') rotate(request, response);
    else if (good) sendJson(response, 200, { ok: true });
    else sendJson(response, 401, { error: 'INVALID_TOKEN' });
  });
  return {
    ...server,
    rotations: () => generation - 1,
    presented,
    reused: () => isReused,
    expire() {
      isExpired = true;
    },
    revoke() {
      isRevoked = true;
    },
    login() {
      generation += 1;
      isExpired = isReused = isRevoked = false;
      return tokens();
    },
    tokens: tokens(),
  };
}
