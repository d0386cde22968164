// The stage of the tests of `holdfast/bff`: a sandbox as the API, the backend on a real socket, and browsers that keep
// cookies as real ones do.
import { createServer, request as requestOver, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import axios, { AxiosHeaders, type AxiosAdapter } from 'axios';
import { createBff, nodeHandler, type Bff, type BffOptions } from '../../lib/bff/index.js';
import {
  createBrowserClient,
  type BrowserClient,
  type BrowserClientOptions,
} from '../../lib/browser/index.js';
import { createGovernor, memoryCoordinator, type Coordinator, type Seat } from '../../lib/index.js';
import { DEMO, type Sandbox, type SandboxOptions } from '../../lib/sandbox/index.js';
import { CREDENTIALS, QUICK, useStage, type Stage } from '../integration/stage.js';

/** Origin of the shop's pages. The backend does not go by the host that it is reached under. */
export const SHOP = 'https://shop.example';
export const RESET_URL = `${SHOP}/reset?hash={hash}`;
export const COOKIE = `__Host-holdfast-${DEMO.shopId}`;
/** What a page of the shop sends with everything. */
export const OWN = { 'x-holdfast': '1', origin: SHOP, 'sec-fetch-site': 'same-origin' } as const;

export interface Raw {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
}

/** A browser: a jar, and a client whose requests carry what is in it. */
export interface Visitor {
  readonly client: BrowserClient;
  /** Name to value. */
  readonly jar: Map<string, string>;
  /** Every `Set-Cookie` that came. */
  readonly set: string[];
}

export interface Backend {
  readonly bff: Bff;
  readonly sandbox: Sandbox;
  readonly url: string;
  /** A request with exactly this target, as no parser of addresses would let it pass. */
  readonly ask: (target: string, ask?: Ask) => Promise<Raw>;
  /** A POST of JSON by a page of the shop. */
  readonly post: (path: string, body: unknown, headers?: Ask['headers']) => Promise<Raw>;
  readonly visitor: (
    options?: Partial<BrowserClientOptions>,
    from?: Readonly<Record<string, string>>,
  ) => Visitor;
}

type Changes = Partial<Omit<BffOptions, 'auth'>> & { readonly auth?: Partial<BffOptions['auth']> };
/** Puts a backend behind a server, and says where. */
export type Serve = (bff: Bff) => Promise<{ readonly origin: string; close(): unknown }>;

export interface BffStage extends Stage {
  readonly backend: (
    changes?: Changes | ((sandbox: Sandbox) => Changes),
    more?: { readonly sandbox?: Sandbox; readonly options?: SandboxOptions; readonly serve?: Serve },
  ) => Promise<Backend>;
}

export const overHttp: Serve = (bff) => listen(createServer(nodeHandler(bff)));

/** @param at a port; by default a free one */
export async function listen(server: Server, at = 0) {
  await new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Call in a `describe`: whatever its tests start is closed after each. */
export function useBff(): BffStage {
  const stage = useStage();
  return {
    ...stage,
    async backend(given = {}, { sandbox: shared, options, serve = overHttp } = {}) {
      const sandbox = shared ?? (await stage.sandbox(options));
      const { auth, ...changes } = typeof given === 'function' ? given(sandbox) : given;
      const bff = stage.keep(
        createBff({
          origins: [SHOP],
          resetUrl: RESET_URL,
          resources: { '/orders': { target: `${sandbox.url}/orders`, methods: ['GET', 'POST'] } },
          ...changes,
          auth: {
            baseURL: sandbox.url,
            credentials: CREDENTIALS,
            shopId: DEMO.shopId,
            coordinator: memoryCoordinator({ idle: 60_000 }),
            policies: QUICK,
            governor: createGovernor(),
            ...auth,
          },
        }),
      );
      const server = stage.keep(await serve(bff));
      const url = server.origin + bff.basePath;
      const ask = (target: string, what?: Ask) => raw(server.origin, target, what);
      return {
        bff,
        sandbox,
        url,
        ask,
        post: (path, body, headers = {}) =>
          ask(bff.basePath + path, {
            method: 'POST',
            headers: { ...OWN, 'content-type': 'application/json', ...headers },
            body: typeof body === 'string' ? body : JSON.stringify(body),
          }),
        visitor(own, from = { origin: SHOP, 'sec-fetch-site': 'same-origin' }) {
          const visitor = visitorAt(url, from, own);
          stage.keep(visitor.client);
          return visitor;
        },
      };
    },
  };
}

/** A browser with a page whose backend is there; its client is the caller's to close. */
export function visitorAt(
  baseURL: string,
  from: Readonly<Record<string, string>>,
  own: Partial<BrowserClientOptions> = {},
): Visitor {
  const jar = new Map<string, string>();
  const set: string[] = [];
  const client = createBrowserClient({
    baseURL,
    policies: QUICK,
    governor: createGovernor(),
    ...own,
    axios: { adapter: browsing(jar, set, from) },
  });
  return { client, jar, set };
}

/** The header by which a browser sends what it keeps. */
export function cookieOf({ jar }: Pick<Visitor, 'jar'>): string {
  return [...jar].map((pair) => pair.join('=')).join('; ');
}

/** Sends what a browser sends of itself, and keeps the cookies that come. */
function browsing(
  jar: Map<string, string>,
  set: string[],
  from: Readonly<Record<string, string>>,
): AxiosAdapter {
  const send = axios.getAdapter('http');
  return async (config) => {
    const headers = AxiosHeaders.from(config.headers).set(from);
    if (jar.size > 0) headers.set('cookie', cookieOf({ jar }));
    const learn = (answered: { headers?: unknown } | undefined) => {
      const came = (answered?.headers as { 'set-cookie'?: string[] } | undefined)?.['set-cookie'] ?? [];
      for (const cookie of came) {
        set.push(cookie);
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
        if (/;\s*max-age=0/i.test(cookie)) jar.delete(name);
        else jar.set(name, value);
      }
    };
    try {
      const response = await send({ ...config, headers });
      learn(response);
      return response;
    } catch (error) {
      learn((error as { response?: { headers?: unknown } }).response);
      throw error;
    }
  };
}

function raw(origin: string, path: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    const request = requestOver({ hostname, port, path, method, headers: headers as never }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const isJson = (response.headers['content-type'] ?? '').includes('json') && text !== '';
        const body: unknown = isJson ? JSON.parse(text) : {};
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          body: body as Record<string, unknown>,
        });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** A store of sessions that can be away: whatever is asked of it fails then. */
function storeThatGoes(): { readonly coordinator: Coordinator; isAway: boolean } {
  const there = memoryCoordinator({ idle: 60_000 });
  const store = {
    isAway: false,
    coordinator: {
      open(key: string): Seat {
        const seat = there.open(key);
        const asked = Object.entries(seat).map(([name, step]: [string, (...given: unknown[]) => unknown]) => [
          name,
          (...given: unknown[]) => {
            if (store.isAway && name !== 'subscribe') throw new Error('away');
            return step(...given);
          },
        ]);
        return Object.fromEntries(asked) as Seat;
      },
    },
  };
  return store;
}

/** Two backends, as two processes of a shop, on one such store. */
export async function onOneStore(stage: BffStage) {
  const store = storeThatGoes();
  const auth = { coordinator: store.coordinator, policies: { ...QUICK, refresh: { timeout: 200 } } };
  const one = await stage.backend({ auth });
  return { store, one, two: await stage.backend({ auth }, { sandbox: one.sandbox }) };
}
