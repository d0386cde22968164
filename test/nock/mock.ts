// How the tests of this folder mock the API: with nock alone, the way a user of holdfast does.
import { expect } from 'chai';
import nock from 'nock';
import {
  createAuthClient,
  createGovernor,
  createHttpClient,
  type AuthClient,
  type AuthClientOptions,
  type HttpClient,
  type HttpClientOptions,
  type Result,
  type Session,
} from '../../lib/index.js';
import type { EndpointName } from '../../lib/contract/endpoints.js';

// Importing it puts it in the way of every connection of the process, also in suites over real sockets.
nock.restore();

const HOST = 'https://acme-live.auth.example.com';
export const BASE = `${HOST}/v1`;
export const CREDENTIALS = { clientId: 'client-5', clientSecret: 'a client secret: with ümlaut' };
export const BASIC = `Basic ${Buffer.from(`${CREDENTIALS.clientId}:${CREDENTIALS.clientSecret}`).toString('base64')}`;
export const TOKENS = { accessToken: 'access-1', refreshToken: 'refresh-1' };
/** A token response. */
export const RENEWED = {
  token_type: 'Bearer',
  expires_in: 2_678_400,
  access_token: 'access-2',
  refresh_token: 'refresh-2',
};

/** One attempt, and no wait that a test would have to sit out: a cooldown is longer than any call may take. */
const ONCE = {
  timeout: { total: 2_000 },
  retry: { retries: 0 },
  cooldown: { fallback: 20_000 },
} as const satisfies AuthClientOptions['policies'];

export const GRACE = {
  firstName: 'Grace',
  lastName: 'Hopper',
  email: 'grace@example.com',
  gender: 'f',
} as const;

/** One call of each operation. */
export const CALLS = {
  register: (auth) => auth.register({ ...GRACE, password: 'long enough' }),
  login: (auth) => auth.login({ email: 'ada@example.com', password: 'correct horse' }),
  guestLogin: (auth) => auth.guestLogin(GRACE),
  sendPasswordResetEmail: (auth) =>
    auth.sendPasswordResetEmail({
      email: 'ada@example.com',
      resetUrl: 'https://shop.example.com/reset?hash={hash}',
    }),
  updatePasswordByHash: (auth) => auth.updatePasswordByHash({ password: 'a new password', hash: 'hash-1' }),
  exchangeCode: (auth) => auth.exchangeCode({ code: 'code-1' }),
  refresh: (_, session) => session.refresh(),
  updatePassword: (_, session) =>
    session.updatePassword({ password: 'correct horse', newPassword: 'a new password' }),
  validate: (_, session) => session.validate(),
  listSessions: (_, session) => session.listSessions(),
  revoke: (_, session) => session.revoke('another-token-id'),
  logout: (_, session) => session.logout(),
} satisfies Record<EndpointName, (auth: AuthClient, session: Session) => Promise<Result<unknown, unknown>>>;

/** The requests of section 2 of the contract, by operation: method and path. */
export const ROUTES = {
  register: ['POST', '/auth/register'],
  login: ['POST', '/auth/login'],
  guestLogin: ['POST', '/auth/login/guest'],
  sendPasswordResetEmail: ['POST', '/auth/password/send-reset-email'],
  updatePasswordByHash: ['PUT', '/auth/password/update-by-hash'],
  exchangeCode: ['POST', '/oauth/token'],
  refresh: ['POST', '/oauth/token'],
  updatePassword: ['PUT', '/auth/password'],
  validate: ['GET', '/oauth/token/validate'],
  listSessions: ['GET', '/oauth/tokens'],
  revoke: ['DELETE', '/oauth/tokens/another-token-id'],
  logout: ['POST', '/auth/logout'],
} as const satisfies Record<EndpointName, readonly [method: string, path: string]>;

/** An interceptor for the request of an operation. */
export function mock(operation: EndpointName): nock.Interceptor {
  const [method, path] = ROUTES[operation];
  return nock(BASE).intercept(path, method);
}

export interface MockStage {
  readonly client: <const C extends string = never>(changes?: Partial<AuthClientOptions<C>>) => AuthClient<C>;
  readonly http: (changes?: Partial<HttpClientOptions>) => HttpClient;
}

/** Call in a `describe`: the network is closed, clients end with their test, and every mock must have been used. */
export function useNock(): MockStage {
  let clients: { close(): void }[] = [];
  before(() => {
    nock.activate();
    nock.disableNetConnect();
  });
  afterEach(function () {
    for (const client of clients) client.close();
    clients = [];
    const unused = nock.pendingMocks();
    const isDone = nock.isDone();
    nock.cleanAll();
    if (this.currentTest?.state === 'passed')
      expect({ isDone, unused }).to.deep.equal({ isDone: true, unused: [] });
  });
  after(() => {
    nock.enableNetConnect();
    nock.restore();
  });

  const keep = <T extends { close(): void }>(client: T): T => {
    clients.push(client);
    return client;
  };
  return {
    client: (changes = {}) =>
      keep(
        createAuthClient({
          baseURL: BASE,
          credentials: CREDENTIALS,
          shopId: 1001,
          policies: ONCE,
          governor: createGovernor(), // a limit of one client is not one of the next
          ...changes,
        }),
      ),
    http: (changes = {}) =>
      keep(createHttpClient({ baseURL: BASE, policies: ONCE, governor: createGovernor(), ...changes })),
  };
}

/** The error of a failed result, or what a promise was rejected with; fails where there is none. */
export async function errorOf(outcome: Promise<unknown>): Promise<Record<string, unknown>> {
  const settled = await outcome.then(
    (value) => value as { ok?: boolean; error?: unknown },
    (error: unknown) => ({ ok: false, error }),
  );
  if (settled.ok !== false) throw new Error('expected a failure');
  return settled.error as Record<string, unknown>;
}
