// What the tests of the kit stand on: an API mocked by it, and clients of that API which end with their test.
import nock from 'nock';
import { createAuthClient, createGovernor, createHttpClient } from '../../lib/index.js';
import type { AuthClient, AuthClientOptions, HttpClient, HttpClientOptions } from '../../lib/index.js';
import { mockAuthApi, type MockedApi, type MockOptions } from '../../lib/testing/index.js';

export const BASE = 'https://acme-live.auth.example.com/v1';
export const CREDENTIALS = { clientId: 'client-5', clientSecret: 'a client secret: with ümlaut' };
export const ADA = { email: 'ada@example.com', password: 'correct horse' };
export const TOKENS = { accessToken: 'access-1', refreshToken: 'refresh-1' };

/** One attempt, and no wait that a test would have to sit out. */
export const ONCE = {
  timeout: { total: 2_000 },
  retry: { retries: 0 },
  cooldown: { fallback: 20_000 },
} as const satisfies AuthClientOptions['policies'];

/** Which nock it is: the suites run with each version that is supported. */
export const mockHere = (more: Partial<MockOptions> = {}) => mockAuthApi({ baseURL: BASE, nock, ...more });

export interface Kit {
  readonly api: MockedApi;
  readonly client: (changes?: Partial<AuthClientOptions>) => AuthClient;
  readonly http: (changes?: Partial<HttpClientOptions>) => HttpClient;
}

/** Call in a `describe`. */
export function useKit(): Kit {
  let api: MockedApi;
  let clients: { close(): void }[] = [];
  before(() => {
    api = mockHere();
  });
  afterEach(() => {
    for (const client of clients) client.close();
    clients = [];
    api.reset();
  });
  after(() => api.restore());

  const keep = <T extends { close(): void }>(client: T): T => {
    clients.push(client);
    return client;
  };
  return {
    get api() {
      return api;
    },
    client: (changes = {}) =>
      keep(
        createAuthClient({
          baseURL: BASE,
          credentials: CREDENTIALS,
          shopId: 1001,
          policies: ONCE,
          governor: createGovernor(),
          ...changes,
        }),
      ),
    http: (changes = {}) =>
      keep(createHttpClient({ baseURL: BASE, policies: ONCE, governor: createGovernor(), ...changes })),
  };
}
