// `startPlayground()`: the sandbox, a backend before it, and the page that shows what its client does, on one port.
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { createBff, nodeHandler, type Bff } from '../bff/index.js';
import { createGovernor, memoryCoordinator } from '../index.js';
import { DEMO, startSandbox, type Sandbox } from '../sandbox/index.js';
import { startServer } from '../sandbox/server.js';
import { createApi } from './api.js';
import { createFeed } from './feed.js';
import { HEADERS, isOwnHost, originsOf } from './guard.js';
import { API_PATH } from './protocol.js';
import { createStage } from './stage.js';

export interface PlaygroundOptions {
  /** 0: any free one. */
  readonly port: number;
  /** Folder with the built page. */
  readonly page: string;
}

export interface Playground {
  readonly url: string;
  /** What the backend speaks to. */
  readonly sandbox: Sandbox;
  /** Leaves no socket, timer or handle. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';

const FILES: Readonly<Record<string, readonly [name: string, type: string]>> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/main.js': ['main.js', 'text/javascript; charset=utf-8'],
  '/page.css': ['page.css', 'text/css; charset=utf-8'],
};

/** Starts the playground; rejects if the port is taken or the page was not built. */
export async function startPlayground({ port: wanted, page }: PlaygroundOptions): Promise<Playground> {
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > 65_535)
    throw new TypeError(`port must be a whole number of 0 to 65535, got ${String(wanted)}`);
  const files = await readFiles(page);
  const sandbox = await startSandbox();
  const feed = createFeed(() => stage.seen());
  const stage = createStage(sandbox, feed);
  let answer: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;
  const server = await startServer({
    port: wanted,
    host: HOST,
    onRequest: (request, response) => answer(request, response),
  }).catch(async (error: unknown) => {
    await sandbox.close();
    throw error;
  });
  const port = Number(new URL(server.origin).port);
  const bff = createBackend(sandbox, port);
  feed.follow(bff.auth);
  const backend = nodeHandler(bff);
  const api = createApi({ bff, stage, feed, origins: new Set(originsOf(port)) });

  answer = (request, response) => {
    response.setHeaders(new Map(Object.entries(HEADERS)));
    if (!isOwnHost(request.headers, port)) response.writeHead(421).end();
    else
      backend(request, response, () => {
        const path = request.url?.split('?', 1)[0] ?? '/';
        if (path.startsWith(`${API_PATH}/`)) api(request, response, path.slice(API_PATH.length));
        else sendFile(files.get(path), request, response);
      });
  };

  return {
    url: `${server.origin}/`,
    sandbox,
    async close() {
      await server.close();
      feed.close();
      stage.close();
      bff.close();
      await sandbox.close();
    },
  };
}

interface File {
  readonly type: string;
  readonly content: Buffer;
}

/** Kept from the start: a page that is not there is heard of at once, and no path of a request becomes one of a file. */
async function readFiles(page: string): Promise<Map<string, File>> {
  try {
    const read = Object.entries(FILES).map(
      async ([path, [name, type]]) => [path, { type, content: await readFile(join(page, name)) }] as const,
    );
    return new Map(await Promise.all(read));
  } catch {
    throw new Error('the page is not built; npm run bundle:page does it');
  }
}

function sendFile(file: File | undefined, { method }: IncomingMessage, response: ServerResponse): void {
  if (!file) response.writeHead(404).end();
  else if (method !== 'GET' && method !== 'HEAD') response.writeHead(405, { allow: 'GET, HEAD' }).end();
  else
    response.writeHead(200, { 'content-type': file.type }).end(method === 'HEAD' ? undefined : file.content);
}

function createBackend(sandbox: Sandbox, port: number): Bff {
  return createBff({
    auth: {
      baseURL: sandbox.url,
      credentials: { clientId: DEMO.client.id, clientSecret: DEMO.client.secret },
      shopId: DEMO.shopId,
      coordinator: memoryCoordinator(),
      governor: createGovernor(),
      policies: { timeout: { attempt: 2_000 } }, // silence is to be seen before anybody loses patience
    },
    origins: originsOf(port),
    resetUrl: `http://${HOST}:${port}/?hash={hash}`,
    resources: { '/orders': `${sandbox.url}/orders` },
    cookie: { secure: false }, // not every browser takes a Secure cookie from http on this machine
  });
}
