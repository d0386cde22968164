// nock, 14 or 15: one interceptor for each method of an origin, and requests in one shape whichever version it is.
import { isRecord, parseJson } from '../contract/error-body.js';

/** The function that `nock` exports, as far as it is used here. */
export interface Nock {
  (origin: string): object;
  /** Whether it intercepts requests just now. */
  readonly isActive: () => boolean;
  /** Called where it does not. */
  readonly activate: () => void;
  /** Called by `restore()` of the kit, if it had to be activated. */
  readonly restore: () => void;
  /** Tells whether mocks of yours are left, which must stay. */
  readonly activeMocks: () => readonly string[];
  /** Called by `restore()` of the kit, where none are. */
  readonly cleanAll: () => void;
}

/** A request that reached a mocked origin. */
export interface Received {
  readonly method: string;
  /** Path and query, as sent. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON and forms parsed, anything else as text; `undefined` where there is none. */
  readonly body: unknown;
}

export type Reply = readonly [
  status: number,
  body: string | undefined,
  headers: Readonly<Record<string, string>>,
];

/** What is used of nock beyond its own types, which differ from version to version. */
interface Interceptor {
  optionally(): Interceptor;
  reply(answer: (this: { readonly req?: OlderRequest }, ...args: unknown[]) => Promise<Reply>): unknown;
}
interface Scope {
  persist(): Scope;
  intercept(accepts: (path: string) => boolean, method: string): Interceptor;
}
interface OlderRequest {
  readonly headers: Readonly<Record<string, string | number | readonly string[]>>;
}
type Remover = (interceptor: Interceptor) => boolean;

const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'PURGE',
  'LINK',
  'UNLINK',
  'QUERY',
];

/**
 * Puts `answer` in the way of every request to an origin that `accepts` its path. What it rejects with is what the
 * client's connection ends with. The result takes it out again.
 */
export function intercept(
  nock: Nock,
  origin: string,
  accepts: (path: string) => boolean,
  answer: (request: Received) => Promise<Reply>,
): () => void {
  const wasActive = nock.isActive();
  if (!wasActive) nock.activate();
  const interceptors = METHODS.map((method) => {
    const scope = (nock(origin) as Scope).persist();
    const interceptor = scope.intercept((path) => accepts(path.replace(/\?.*$/s, '')), method).optionally();
    interceptor.reply(async function (...given) {
      arrived += 1;
      return answer(await received(method, given, this.req));
    });
    return interceptor;
  });
  return () => {
    const { removeInterceptor } = nock as unknown as { readonly removeInterceptor: Remover };
    for (const interceptor of interceptors) removeInterceptor(interceptor);
    // An origin stays closed after its last interceptor has gone, until all are forgotten.
    if (nock.activeMocks().length === 0) nock.cleanAll();
    if (!wasActive) nock.restore();
  };
}

let arrived = 0;

/** How many calls have reached a mock so far. */
export const arrivals = () => arrived;

/** nock 15 hands over a `Request`, nock 14 the path and a body that it may have parsed. */
async function received(method: string, given: readonly unknown[], older?: OlderRequest): Promise<Received> {
  const [first, second] = given;
  if (first instanceof Request) {
    const { pathname, search } = new URL(first.url);
    const headers = Object.fromEntries(first.headers);
    return { method, url: pathname + search, headers, body: bodyOf(await first.text(), headers) };
  }
  const headers = Object.fromEntries(
    Object.entries(older?.headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
  return { method, url: String(first), headers, body: bodyOf(second, headers) };
}

function bodyOf(content: unknown, headers: Received['headers']): unknown {
  if (content === '' || content === undefined) return undefined;
  if (typeof content !== 'string') return content;
  if (/\bx-www-form-urlencoded\b/.test(headers['content-type'] ?? ''))
    return Object.fromEntries(new URLSearchParams(content));
  const parsed = parseJson(content);
  return isRecord(parsed) || Array.isArray(parsed) ? parsed : content;
}

/** Where Node finds it from here, as an optional peer. @throws Error that says what to install */
export function findNock(): Nock {
  let cause: unknown;
  try {
    const { createRequire } = process.getBuiltinModule('node:module');
    const loaded = createRequire(import.meta.url)('nock') as Nock & { readonly default?: Nock };
    return loaded.default ?? loaded;
  } catch (error) {
    cause = error;
  }
  throw new Error(
    'mockAuthApi: nock could not be loaded. Install it (npm i -D nock), or hand yours in: mockAuthApi({ baseURL, nock }).',
    { cause },
  );
}
