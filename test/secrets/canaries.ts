// The canaries: values that must not be found anywhere, in none of the forms in which text travels, and the search.
import { inspect } from 'node:util';
import { expect } from 'chai';
import { createAuthClient, type AuthClient, type AuthClientOptions } from '../../lib/index.js';
import { EVENT_NAMES } from '../../lib/events.js';

/** None of them looks like a credential, so that no pattern can find it: it has to be known. Some need escaping. */
export const CANARIES = {
  accessToken: 'canary+access/9f3k==',
  refreshToken: 'canary&refresh=7d2m',
  newAccessToken: 'canary+renewed/4b8q',
  newRefreshToken: 'canary&rotated=1x5w',
  password: 'canary "pass\\word" ünder 5 flags',
  newPassword: 'canary % new password',
  clientSecret: 'canary:client:sécret',
  hash: 'canary?hash=6h1z',
  code: 'canary#code-2v8n',
  cookie: 'canary-cookie-3c7r',
  apiKey: 'canary-api-key-5t9y',
  query: 'canary-query-8j4l',
} as const;

/** A value as it is, and as JSON, URLs and headers write it. */
function formsOf(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8');
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    new URLSearchParams({ value }).toString().slice('value='.length),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    bytes.toString('latin1'),
    Buffer.from(JSON.stringify(value).slice(1, -1)).toString('latin1'),
  ];
}

const CLIENT_ID = 'client-5';
const PAIR = Buffer.from(`${CLIENT_ID}:${CANARIES.clientSecret}`, 'utf8').toString('base64');

/** The same once more as `inspect` and JSON quote them. */
const SOUGHT = Object.entries({ ...CANARIES, basicHeader: PAIR }).map(([name, value]) => ({
  name,
  forms: [
    ...new Set(
      formsOf(value).flatMap((form) => [form, inspect(form).slice(1, -1), JSON.stringify(form).slice(1, -1)]),
    ),
  ],
}));

/** Names of the canaries that stand in a text in any form. */
export function canariesIn(text: string): string[] {
  return SOUGHT.filter(({ forms }) => forms.some((form) => text.includes(form))).map(({ name }) => name);
}

/** Every way of printing or copying a value that we know of. */
function shownForms(value: unknown): Record<string, string> {
  const deep = (each: unknown) =>
    inspect(each, { depth: null, showHidden: true, getters: true, maxStringLength: null });
  const forms: Record<string, string> = {
    inspect: deep(value),
    string: String(value),
    json: [JSON.stringify(value)].join(), // a function has none
    spread: deep({ ...(value as object) }),
  };
  if (!(value instanceof Error)) return forms;
  return {
    ...forms,
    stack: value.stack ?? '',
    message: value.message,
    toJSON: deep((value as { toJSON?: () => unknown }).toJSON?.()),
    clone: deep(structuredClone(value)),
    cause: deep(value.cause),
    own: Reflect.ownKeys(value)
      .map((key) => deep((value as unknown as Record<PropertyKey, unknown>)[key]))
      .join('\n'),
  };
}

/** Fails with the names of the canaries that can be seen, and where. */
export function expectNoCanary(about: string, value: unknown): void {
  const seen = Object.entries(shownForms(value)).flatMap(([form, text]) =>
    canariesIn(text).map((name) => `${name} in ${form}`),
  );
  expect(seen, about).to.deep.equal([]);
}

export interface Watch {
  /** A client whose events are kept. */
  client(baseURL: string, changes?: Partial<AuthClientOptions>): AuthClient;
  /** Checks every event so far, what was printed, and the client itself. */
  expectQuiet(auth: AuthClient): void;
  readonly events: readonly unknown[];
}

/** Call in a `describe`: keeps what is printed and told while a test runs, and closes its clients. */
export function useWatch(): Watch {
  const methods = ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const;
  const originals = methods.map((name) => console[name].bind(console));
  let printed: unknown[] = [];
  let events: unknown[] = [];
  let clients: AuthClient[] = [];
  const onWarning = (warning: Error) => void printed.push(warning);

  beforeEach(() => {
    [printed, events, clients] = [[], [], []];
    for (const name of methods) console[name] = (...args: unknown[]) => void printed.push(...args);
    process.on('warning', onWarning);
  });
  afterEach(() => {
    for (const [index, name] of methods.entries()) console[name] = originals[index]!;
    process.off('warning', onWarning);
    for (const client of clients) client.close();
  });

  return {
    client(baseURL, changes = {}) {
      const auth = createAuthClient({
        baseURL,
        credentials: { clientId: CLIENT_ID, clientSecret: CANARIES.clientSecret },
        shopId: 1001,
        policies: { retry: { retries: 1, backoff: { initial: 1, max: 1 } }, timeout: { attempt: 300 } },
        ...changes,
      });
      clients.push(auth);
      for (const name of EVENT_NAMES) auth.on(name, (event) => events.push(event));
      return auth;
    },
    expectQuiet(auth) {
      expect(events.length, 'events').to.be.greaterThan(0);
      expectNoCanary('events', events);
      expectNoCanary('console', printed);
      expectNoCanary('client', auth);
    },
    get events() {
      return events;
    },
  };
}

/** The error of a failed result, or what a promise was rejected with; fails where there is none. */
export async function failureOf(outcome: Promise<unknown>): Promise<Error> {
  const settled = await outcome.then(
    (value) => value as { ok?: boolean; error?: unknown },
    (error: unknown) => ({ ok: false, error }),
  );
  if (settled.ok !== false) throw new Error('expected a failure');
  return settled.error as Error;
}

/** Calls of every kind, each with all the secrets that it may carry. */
export const STORIES: Readonly<Record<string, (auth: AuthClient) => Promise<unknown>>> = {
  register: (auth) =>
    auth.register({
      firstName: 'A',
      lastName: 'B',
      email: 'a@example.com',
      gender: 'd',
      password: CANARIES.password,
    }),
  login: (auth) => auth.login({ email: 'a@example.com', password: CANARIES.password }),
  updatePasswordByHash: (auth) =>
    auth.updatePasswordByHash({ password: CANARIES.newPassword, hash: CANARIES.hash }),
  exchangeCode: (auth) => auth.exchangeCode({ code: CANARIES.code }),
  refresh: (auth) => sessionOf(auth).refresh(),
  updatePassword: (auth) =>
    sessionOf(auth).updatePassword({ password: CANARIES.password, newPassword: CANARIES.newPassword }),
  validate: (auth) => sessionOf(auth).validate(),
  listSessions: (auth) => sessionOf(auth).listSessions(),
  revoke: (auth) => sessionOf(auth).revoke('another-id'),
  logout: (auth) => sessionOf(auth).logout(),
  'a GET with headers and a query': (auth) =>
    sessionOf(auth).http.get(`/orders?api_key=${CANARIES.query}`, { headers: HEADERS }),
  'a GET with params': (auth) => sessionOf(auth).http.get('/orders', { params: { token: CANARIES.query } }),
  'a POST of JSON': (auth) =>
    sessionOf(auth).http.post('/cards', { nested: { password: CANARIES.password } }),
  'a POST of a form': (auth) =>
    sessionOf(auth).http.post('/cards', new URLSearchParams({ password: CANARIES.password }), {
      headers: HEADERS,
    }),
  'a POST of a form with two fields of one name': (auth) =>
    sessionOf(auth).http.post(
      '/cards',
      new URLSearchParams([CANARIES.password, CANARIES.newPassword].map((value) => ['password', value])),
    ),
  'a POST of bytes': (auth) =>
    sessionOf(auth).http.post(
      '/cards',
      new TextEncoder().encode(JSON.stringify({ password: CANARIES.password })),
    ),
  'a POST of what a function makes': (auth) =>
    sessionOf(auth).http.post('/cards', () => Promise.resolve({ password: CANARIES.password })),
  'a POST of the application': (auth) => auth.http.post('/jobs', { api_key: CANARIES.apiKey }),
  'a request with a schema': (auth) =>
    sessionOf(auth).request({
      url: '/orders',
      method: 'post',
      data: { password: CANARIES.password },
      headers: HEADERS,
      schema: {
        '~standard': {
          version: 1,
          vendor: 'test',
          validate: (value) => ({ issues: [{ message: `Expected an order, got ${JSON.stringify(value)}` }] }),
        },
      },
    }),
};

const HEADERS = { Cookie: `sid=${CANARIES.cookie}`, 'X-Api-Key': CANARIES.apiKey };

export function sessionOf(auth: AuthClient) {
  return auth.resume({ accessToken: CANARIES.accessToken, refreshToken: CANARIES.refreshToken });
}
