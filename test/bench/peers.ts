// Clients that do not stand on axios. They are installed only here, so the compiler does not know them.
import type { Agent } from 'node:http';

export const peer = <T>(name: string): Promise<T> => import(name) as Promise<T>;

interface Undici {
  readonly Agent: new (options: { connections: number }) => object;
  readonly RetryAgent: new (agent: object, options: { maxRetries: number }) => UndiciAgent;
  readonly setGlobalDispatcher: (agent: object) => void;
}
interface UndiciAgent {
  request(options: { origin: string; path: string; method: string }): Promise<{
    readonly statusCode: number;
    readonly body: { json(): Promise<unknown>; dump(): Promise<unknown> };
  }>;
}
interface Json {
  json(): Promise<unknown>;
}
interface Ky {
  readonly default: { create(options: object): { get(url: string): Json } };
}
interface Got {
  readonly default: { extend(options: object): { get(url: string): Json } };
}
interface Ofetch {
  readonly ofetch: { create(options: object): (url: string) => Promise<unknown> };
}
interface Wretch {
  readonly default: (url: string) => {
    middlewares(middlewares: readonly unknown[]): { get(url: string): Json };
  };
}
interface WretchMiddlewares {
  readonly retry: (options: object) => unknown;
}

/** What they are made with; the same for all of them. */
export interface PeerTerms {
  readonly url: string;
  readonly retries: number;
  readonly sockets: number;
  readonly httpAgent: Agent;
}

type Build = (terms: PeerTerms) => Promise<(path: string) => Promise<unknown>>;

let pool: object | undefined;

/** By itself `fetch` takes as many sockets as there are calls. */
async function boundPool(sockets: number): Promise<object> {
  const { Agent, setGlobalDispatcher } = await peer<Undici>('undici');
  pool ??= new Agent({ connections: sockets });
  setGlobalDispatcher(pool);
  return pool;
}

export const PEERS = {
  ky: async ({ url, retries, sockets }) => {
    await boundPool(sockets);
    const { default: ky } = await peer<Ky>('ky');
    const http = ky.create({ prefix: url, retry: retries });
    return (path) => http.get(path.slice(1)).json();
  },
  got: async ({ url, retries, httpAgent }) => {
    const { default: got } = await peer<Got>('got');
    const http = got.extend({ prefixUrl: url, agent: { http: httpAgent }, retry: { limit: retries } });
    return (path) => http.get(path.slice(1)).json();
  },
  ofetch: async ({ url, retries, sockets }) => {
    await boundPool(sockets);
    const { ofetch } = await peer<Ofetch>('ofetch');
    const http = ofetch.create({ baseURL: url, retry: retries });
    return (path) => http(path);
  },
  wretch: async ({ url, retries, sockets }) => {
    await boundPool(sockets);
    const { default: wretch } = await peer<Wretch>('wretch');
    const { retry } = await peer<WretchMiddlewares>('wretch/middlewares');
    const until = (response?: Response) => response?.ok; // its documented way to have 4xx repeated as well
    const http = wretch(url).middlewares([retry({ maxAttempts: retries, until })]);
    return (path) => http.get(path).json();
  },
  'undici RetryAgent': async ({ url, retries, sockets }) => {
    const { RetryAgent } = await peer<Undici>('undici');
    const agent = new RetryAgent(await boundPool(sockets), { maxRetries: retries });
    return async (path) => {
      const { statusCode, body } = await agent.request({ origin: url, path, method: 'GET' });
      if (statusCode < 400) return body.json();
      await body.dump();
      throw new Error(`Status ${statusCode}`);
    };
  },
} satisfies Readonly<Record<string, Build>>;
