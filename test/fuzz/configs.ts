// Options that are wrong in one place: each maker says so with a `TypeError` that names the place, or takes them and works.
import { strict as assert } from 'node:assert';
import { AxiosHeaders, type InternalAxiosRequestConfig } from 'axios';
import { createBff } from '../../lib/bff/index.js';
import { browserCoordinator, createBrowserClient } from '../../lib/browser/index.js';
import {
  createAuthClient,
  createGovernor,
  createHttpClient,
  isAuthError,
  memoryCoordinator,
} from '../../lib/index.js';
import { instrument } from '../../lib/otel/index.js';
import { redisCooldowns, redisCoordinator } from '../../lib/redis/index.js';
import { resolveOptions as resolveSandbox } from '../../lib/sandbox/options.js';
import { canariesIn, CANARIES } from '../secrets/canaries.js';

type Path = readonly (string | number)[];

interface Maker {
  readonly good: () => object;
  /** Where something may be wrong, the whole left aside. */
  readonly places: readonly Path[];
  /** Objects with a fixed set of names. */
  readonly closed: readonly Path[];
  /** Makes it, tries whether it works and closes it. */
  readonly make: (options: never) => unknown;
}

const SECRET = CANARIES.clientSecret.repeat(3);

/** Answers at once, without a network. */
const adapter = (config: InternalAxiosRequestConfig) =>
  Promise.resolve({
    data: '{"ok":true}',
    status: 200,
    statusText: '',
    headers: new AxiosHeaders(),
    config,
  });

/** A call settles as the contract says, however odd the options are that were taken. */
async function works(get: () => Promise<unknown>): Promise<void> {
  const failed: unknown = await get().then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(failed === undefined || isAuthError(failed), String(failed));
}

const shared = () => ({
  baseURL: 'https://api.example/v1',
  policies: {
    timeout: { attempt: 1_000, total: 2_000 },
    retry: { retries: 1, statuses: [500], backoff: { initial: 1, jitter: 'none' }, budget: { ratio: 0.5 } },
    cooldown: { maxWait: 10 },
    breaker: { enabled: true },
    refresh: { limit: { refreshes: 2 }, ahead: 0 },
  },
  bucket: () => 'b',
  governor: createGovernor(),
  failures: [{ id: 'a', when: [{ status: [409], key: ['K'] }], code: 'A', reaction: 'fail', processed: 'no', because: 'b' }],
  messages: { A: 'a' },
  axios: { adapter, headers: { 'x-a': 'b' } },
}); // prettier-ignore

const POLICY_PLACES: readonly Path[] = [
  ['timeout'], ['timeout', 'attempt'], ['timeout', 'total'], ['retry'], ['retry', 'retries'], ['retry', 'statuses'],
  ['retry', 'statuses', 0], ['retry', 'backoff'], ['retry', 'backoff', 'initial'], ['retry', 'backoff', 'factor'],
  ['retry', 'backoff', 'max'], ['retry', 'backoff', 'jitter'], ['retry', 'budget'], ['retry', 'budget', 'ratio'],
  ['retry', 'budget', 'floorPerSecond'], ['retry', 'budget', 'burst'], ['cooldown'], ['cooldown', 'maxWait'],
  ['cooldown', 'fallback'], ['cooldown', 'maxQueued'], ['cooldown', 'concurrency'], ['breaker'], ['breaker', 'enabled'],
  ['breaker', 'ratio'], ['breaker', 'minimum'], ['breaker', 'window'], ['breaker', 'openFor'], ['refresh'],
  ['refresh', 'timeout'], ['refresh', 'ahead'], ['refresh', 'limit'], ['refresh', 'limit', 'refreshes'],
  ['refresh', 'limit', 'per'], ['refresh', 'rotation'], ['refresh', 'grace'],
].map((path) => ['policies', ...path]); // prettier-ignore
const SHARED_PLACES: readonly Path[] = [
  ['baseURL'], ['policies'], ...POLICY_PLACES, ['bucket'], ['governor'], ['failures'], ['failures', 0],
  ...['id', 'when', 'code', 'kind', 'userMessage', 'reaction', 'processed', 'because', 'session', 'proof'].map((name) => ['failures', 0, name]),
  ['failures', 0, 'when', 0], ...['status', 'key', 'hint', 'auth', 'operation', 'cause'].map((name) => ['failures', 0, 'when', 0, name]),
  ['messages'], ['axios'], ['axios', 'adapter'], ['axios', 'headers'],
]; // prettier-ignore
const SHARED_CLOSED: readonly Path[] = [
  [], ['policies'], ['policies', 'retry'], ['policies', 'retry', 'backoff'], ['failures', 0], ['failures', 0, 'when', 0],
]; // prettier-ignore

const authOptions = () => ({
  ...shared(),
  credentials: { clientId: 'c', clientSecret: SECRET },
  shopId: 7,
  origins: ['https://other.example'],
  endpoints: { login: { path: '/x', method: 'post', repeats: 'any' } },
  onTokens: () => undefined,
  coordinator: memoryCoordinator(),
});
const AUTH_PLACES: readonly Path[] = [
  ...SHARED_PLACES.filter((path) => !POLICY_PLACES.includes(path)), ['credentials'], ['credentials', 'clientId'], ['credentials', 'clientSecret'], ['shopId'], ['origins'],
  ['origins', 0], ['endpoints'], ['endpoints', 'login'], ['endpoints', 'login', 'path'], ['endpoints', 'login', 'method'],
  ['endpoints', 'login', 'repeats'], ['onTokens'], ['coordinator'],
]; // prettier-ignore
const AUTH_CLOSED: readonly Path[] = [
  ...SHARED_CLOSED,
  ['credentials'],
  ['endpoints'],
  ['endpoints', 'login'],
];

/** As much of a client of ioredis as is looked at when options are read. */
const redis = () => ({ duplicate: () => redis(), evalsha: () => Promise.reject(new Error('away')) });

const closing = (made: { close: () => unknown }) => made.close();

const MAKERS: Readonly<Record<string, Maker>> = {
  createHttpClient: {
    good: shared,
    places: SHARED_PLACES,
    closed: SHARED_CLOSED,
    async make(options) {
      const http = createHttpClient(options);
      await works(() => http.get('/a'));
      http.close();
    },
  },
  createAuthClient: {
    good: authOptions,
    places: AUTH_PLACES,
    closed: AUTH_CLOSED,
    async make(options) {
      const auth = createAuthClient(options);
      await works(() => auth.http.get('/a'));
      await works(() => auth.resume({ accessToken: 'a' }).http.get('/a'));
      auth.close();
    },
  },
  createBrowserClient: {
    good() {
      const { baseURL, policies, messages, axios } = shared();
      return { baseURL, policies, messages, axios };
    },
    places: [['baseURL'], ['policies'], ...POLICY_PLACES, ['messages'], ['axios'], ['axios', 'adapter']],
    closed: [[], ['policies'], ['policies', 'retry']],
    async make(options) {
      const client = createBrowserClient(options);
      await works(() => client.http.get('/a'));
      client.close();
    },
  },
  createBff: {
    good: () => ({
      auth: authOptions(),
      origins: ['https://shop.example'],
      basePath: '/bff',
      resetUrl: 'https://shop.example/{hash}',
      resources: { '/orders': { target: 'https://api.example/orders', methods: ['GET'] } },
      cookie: { sameSite: 'Lax', maxAge: 60_000, secure: true },
      maskAccounts: true,
      deadline: 1_000,
      maxBody: 100,
      maxAnswer: 100,
      clientAddress: () => 'a',
    }),
    places: [
      ['auth'], ['auth', 'credentials'], ['auth', 'shopId'], ['auth', 'coordinator'], ['auth', 'baseURL'], ['origins'],
      ['origins', 0], ['basePath'], ['resetUrl'], ['resources'], ['resources', '/orders'], ['resources', '/orders', 'target'],
      ['resources', '/orders', 'methods'], ['resources', '/orders', 'methods', 0], ['cookie'], ['cookie', 'sameSite'],
      ['cookie', 'maxAge'], ['cookie', 'secure'], ['maskAccounts'], ['deadline'], ['maxBody'], ['maxAnswer'], ['clientAddress'],
    ], // prettier-ignore
    closed: [[], ['auth'], ['cookie'], ['resources', '/orders']],
    make: (options) => closing(createBff(options)),
  },
  startSandbox: {
    good: () => ({
      port: 0,
      host: '127.0.0.1',
      customers: [{ email: 'a', password: 'b', firstName: 'c', lastName: 'd', gender: 'e', deactivated: true }],
      clients: [{ id: 'a', secret: 'b' }],
      shopId: 7,
      lifetimes: { access: 1 },
      generation: 8,
      keyCase: 'upper',
      kid: 'one',
      lockout: { failures: 1 },
      faults: [{ status: 500, headers: { a: 'b' } }],
      scenario: { title: 't', steps: [{ at: 1, revoke: 'a', faults: { stall: true } }], play: { calls: 1 }, expect: { sent: 1 } },
      now: () => 5,
    }), // prettier-ignore
    places: [
      ...['port', 'host', 'customers', 'clients', 'shopId', 'lifetimes', 'generation', 'keyCase', 'kid', 'lockout', 'scenario', 'now'].map((name) => [name]),
      ['customers', 0], ['customers', 0, 'email'], ['customers', 0, 'deactivated'], ['clients', 0], ['clients', 0, 'secret'],
      ['lifetimes', 'access'], ['lockout', 'failures'], ['scenario', 'title'], ['scenario', 'steps'], ['scenario', 'steps', 0],
      ['scenario', 'steps', 0, 'at'], ['scenario', 'steps', 0, 'revoke'], ['scenario', 'steps', 0, 'faults'],
      ['scenario', 'play'], ['scenario', 'play', 'calls'], ['scenario', 'expect'], ['scenario', 'expect', 'sent'],
    ], // prettier-ignore
    closed: [
      [], ['customers', 0], ['clients', 0], ['lifetimes'], ['lockout'], ['faults', 0], ['scenario'], ['scenario', 'steps', 0],
      ['scenario', 'steps', 0, 'faults'], ['scenario', 'play'], ['scenario', 'expect'],
    ], // prettier-ignore
    make: resolveSandbox,
  },
  redisCoordinator: {
    good: () => ({ keys: [{ id: 'k', secret: SECRET }], nameSecret: SECRET, prefix: 'p', idle: 60_000, tombstone: 60_000, timeout: 5 }),
    places: [['keys'], ['keys', 0], ['keys', 0, 'id'], ['keys', 0, 'secret'], ['nameSecret'], ['prefix'], ['idle'], ['tombstone'], ['timeout']],
    closed: [[], ['keys', 0]],
    make: (options) => closing(redisCoordinator(redis() as never, options)),
  }, // prettier-ignore
  redisCooldowns: {
    good: () => ({ nameSecret: SECRET, prefix: 'p', timeout: 5 }),
    places: [['nameSecret'], ['prefix'], ['timeout']],
    closed: [[]],
    make: (options) => closing(redisCooldowns(redis() as never, options)),
  },
  memoryCoordinator: {
    good: () => ({ idle: 5, most: 5 }),
    places: [['idle'], ['most']],
    closed: [[]],
    make: memoryCoordinator,
  },
  browserCoordinator: {
    good: () => ({ storage: 'memory', name: 'n', onEnded: () => undefined }),
    places: [['storage'], ['name'], ['onEnded']],
    closed: [[]],
    make: (options) => closing(browserCoordinator(options)),
  },
  createGovernor: {
    good: () => ({ cooldowns: redisCooldowns(redis() as never, { nameSecret: SECRET }) }),
    places: [['cooldowns']],
    closed: [[]],
    make: createGovernor,
  },
  instrument: {
    good: () => ({}),
    places: [['tracerProvider'], ['meterProvider']],
    closed: [[]],
    make(options) {
      const http = createHttpClient(shared() as never);
      instrument(http, options)();
      http.close();
    },
  },
};

/** Values that are no option anywhere, or nearly nowhere; made anew, for some are changed on the way. */
const ODD: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  true: () => true,
  NaN: () => NaN,
  'minus one': () => -1,
  zero: () => 0,
  half: () => 0.5,
  huge: () => 1e300,
  infinite: () => Infinity,
  'a bigint': () => 10n,
  'a symbol': () => Symbol('odd'),
  'an empty text': () => '',
  'a text': () => 'constructor',
  'a long text': () => 'x'.repeat(5_000),
  'a NUL': () => '\0',
  'an empty list': () => [],
  'a list of odd things': () => [null, {}, 1n],
  'a list in a list': () => [[[]]],
  'an empty object': () => ({}),
  'an object without prototype': () => Object.assign(Object.create(null) as object, { a: 1 }),
  'an object that is no JSON': () => ({ toJSON: () => undefined }),
  'an object whose JSON throws': () => ({
    toJSON() {
      throw new RangeError('no');
    },
  }),
  'an object in itself': () => {
    const own: Record<string, unknown> = {};
    own['own'] = own;
    return own;
  },
  'a function': () => () => undefined,
  'a date that is none': () => new Date(NaN),
  'a map': () => new Map([['a', 1]]),
};

const STRANGERS = ['stranger', 'constructor', 'toString', '__proto__', 'hasOwnProperty', ''];

/** One change to options that are good. */
type Change =
  | { readonly maker: string; readonly at: Path; readonly odd: string }
  | { readonly maker: string; readonly at: Path; readonly stranger: string };

/** Every change there is. */
export const CHANGES: readonly Change[] = Object.entries(MAKERS).flatMap(([maker, { places, closed }]) => [
  ...[[], ...places].flatMap((at) => Object.keys(ODD).map((odd) => ({ maker, at, odd }))),
  ...closed.flatMap((at) => STRANGERS.map((stranger) => ({ maker, at, stranger }))),
]);

function changed(options: object, change: Change): unknown {
  const { at } = change;
  const value = 'odd' in change ? ODD[change.odd]!() : 1;
  const path = 'odd' in change ? at : [...at, change.stranger];
  if (path.length === 0) return value;
  let here = options as Record<PropertyKey, unknown>;
  for (const name of path.slice(0, -1)) here = (here[name] ??= {}) as typeof here;
  Object.defineProperty(here, path.at(-1)!, { value, enumerable: true, configurable: true, writable: true });
  return options;
}

/** What a message has to name: the last name on the way, if not the whole; faults are counted. */
function nameIn(change: Change): string {
  if ('stranger' in change) return change.stranger;
  const name = change.at.filter((each) => typeof each === 'string').at(-1) ?? '';
  return name === 'faults' ? 'fault' : name;
}

/** Throws where options with one change are neither taken, and work, nor refused by name. */
export async function tryChange(change: Change): Promise<void> {
  const { good, make } = MAKERS[change.maker]!;
  try {
    await make(changed(good(), change) as never);
  } catch (error) {
    assert.ok(error instanceof Error);
    assert.equal(error.constructor, TypeError, error.stack);
    const { message } = error;
    assert.match(message, /^(?:\w+: |fault)/, error.stack);
    const isOfAnother = message.includes('who is no customer'); // two options that do not fit each other
    assert.ok(isOfAnother || message.includes(nameIn(change)), message);
    assert.deepEqual(canariesIn(message), []);
    assert.ok(message.length < 1_500, 'a message is bearable');
    return;
  }
  assert.ok('odd' in change, 'a name that there is not is refused');
}
