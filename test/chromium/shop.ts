// A shop as browsers meet it: pages, and on the same origin a backend that adds the client credentials, which no page has.
import { DEMO, startSandbox, type Sandbox } from '../../lib/sandbox/index.js';
import { startLocalServer, type SeenRequest } from '../support/local-server.js';

export interface Shop {
  readonly sandbox: Sandbox;
  /** Where there is an empty page, and another one. */
  readonly page: string;
  readonly otherPage: string;
}

const { id, secret } = DEMO.client;
const BASIC = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

/** Call in a `describe`: it is there while its tests run, and each of them finds it as new. */
export function useShop(): () => Shop {
  let shop: (Shop & { close(): Promise<void> }) | undefined;
  before(async () => {
    shop = await startShop();
  });
  beforeEach(() => shop?.sandbox.reset());
  after(() => shop?.close());
  return () => shop!;
}

async function startShop(): Promise<Shop & { close(): Promise<void> }> {
  const sandbox = await startSandbox();
  const server = await startLocalServer(async (request, response) => {
    if (request.url.endsWith('page')) {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<!doctype html><title>holdfast</title>');
      return;
    }
    try {
      const answer = await ask(sandbox.origin, request);
      const body = Buffer.from(await answer.arrayBuffer());
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(body);
    } catch {
      response.destroy(); // as the sandbox did
    }
  });
  return {
    sandbox,
    page: `${server.origin}/page`,
    otherPage: `${server.origin}/other-page`,
    async close() {
      await server.close();
      await sandbox.close();
    },
  };
}

const PASSED_ON = ['authorization', 'content-type', 'x-shop-id'] as const;

function ask(origin: string, { method, url, headers, bytes }: SeenRequest): Promise<Response> {
  const passed = PASSED_ON.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]]));
  return fetch(origin + url, {
    method,
    headers: { authorization: BASIC, ...(Object.fromEntries(passed) as Record<string, string>) },
    ...(bytes.length > 0 && { body: new Uint8Array(bytes) }),
  });
}
