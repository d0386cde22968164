// Clients for the tests of policies: the real public surface over a transport in memory.
import {
  createAuthClient,
  createHttpClient,
  isAuthError,
  type AuthClient,
  type AuthClientOptions,
  type AuthError,
  type EventName,
  type HttpClient,
  type HttpClientOptions,
  type PolicyOptions,
  type Session,
  type Tokens,
} from '../../lib/index.js';
import { EVENT_NAMES } from '../../lib/events.js';
import { transport, type Answer, type Script, type Sent, type Transport } from '../support/transport.js';

export const BASE = 'https://api.example.com/v1';
export const MINUTE = 60_000;

/** An event with its name, as it was told. */
export type Told = { readonly name: EventName } & Readonly<Record<string, unknown>>;

interface Listening {
  readonly wire: Transport;
  readonly told: readonly Told[];
  /** What was told under these names. */
  readonly heard: (...names: EventName[]) => Told[];
}

function listen(on: HttpClient['on'], wire: Transport): Listening {
  const told: Told[] = [];
  for (const name of EVENT_NAMES) on(name, (event) => void told.push({ name, ...event }));
  return { wire, told, heard: (...names) => told.filter(({ name }) => names.includes(name)) };
}

export interface HttpBench extends Listening {
  readonly http: HttpClient;
}

/** A client without auth. */
export function httpBench(
  script: Script = [],
  policies: PolicyOptions = {},
  more: Partial<HttpClientOptions> = {},
): HttpBench {
  const wire = transport(script);
  const http = createHttpClient({ baseURL: BASE, policies, axios: { adapter: wire.adapter }, ...more });
  return { http, ...listen(http.on, wire) };
}

export interface AuthBench extends Listening {
  readonly auth: AuthClient;
  /** A session from tokens in hand: at-1 with an hour to live, unless said otherwise. */
  readonly resume: (tokens?: Partial<Tokens>) => Session;
}

/** A client with client credentials. */
export function authBench(
  script: Script = [],
  policies: PolicyOptions = {},
  more: Partial<AuthClientOptions> = {},
): AuthBench {
  const wire = transport(script);
  const auth = createAuthClient({
    baseURL: BASE,
    credentials: { clientId: 'app', clientSecret: 'app-secret' },
    shopId: 1,
    policies,
    axios: { adapter: wire.adapter },
    ...more,
  });
  return {
    auth,
    resume: (tokens = {}) =>
      auth.resume({ accessToken: 'at-1', refreshToken: 'rt-1', expiresIn: 60 * MINUTE, ...tokens }),
    ...listen(auth.on, wire),
  };
}

/** A server that knows one access token at a time: at-1, and after each refresh the next. */
export interface TokenServer {
  readonly script: (sent: Sent) => Answer;
  /** Number of the token that is good just now. */
  current: number;
  readonly refreshes: number;
}

export interface TokenServerOptions {
  /** Time that a refresh takes, ms. */
  readonly refreshAfter?: number;
  /** What an accepted call is answered with. */
  readonly answer?: (sent: Sent) => Answer;
}

export function tokenServer({ refreshAfter, answer = () => 200 }: TokenServerOptions = {}): TokenServer {
  let refreshes = 0;
  const server: TokenServer = {
    current: 1,
    get refreshes() {
      return refreshes;
    },
    script(sent) {
      if (isRefresh(sent)) {
        refreshes += 1;
        server.current += 1;
        return { data: tokensOf(server.current), ...(refreshAfter && { after: refreshAfter }) };
      }
      return sent.headers.authorization === `Bearer at-${server.current}` ? answer(sent) : 401;
    },
  };
  return server;
}

/** A token response of the server. */
export const tokensOf = (number: number) => ({
  access_token: `at-${number}`,
  refresh_token: `rt-${number}`,
  expires_in: 3_600,
  token_type: 'Bearer',
});

export const isRefresh = ({ url }: Sent): boolean => url.endsWith('/oauth/token');

/** The paths that were sent, without the base. */
export const paths = ({ sent }: Transport): string[] => sent.map(({ url }) => url.replace(BASE, ''));

/** A limit that says how long. */
export const limit = (seconds: number, more: object = {}): Answer => ({
  status: 429,
  headers: { 'retry-after': String(seconds) },
  ...more,
});

/** The error that a call fails with. */
export async function errorOf(promise: PromiseLike<unknown>): Promise<AuthError> {
  try {
    await promise;
  } catch (error) {
    if (isAuthError(error)) return error;
    throw error;
  }
  throw new Error('The call was expected to fail.');
}

/** Repeats without a wait, for tests that are not about the wait. */
export const AT_ONCE: PolicyOptions = { retry: { backoff: { initial: 0 } } };
