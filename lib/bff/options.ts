// The options of `createBff()`, checked at construction.
import { aFunction, bad, check, checkFields, known, number, oneOf, optional, whole, type Rule } from '../check-options.js'; // prettier-ignore
import { isRecord } from '../contract/error-body.js';
import type { AuthClientOptions } from '../index.js';
import type { CookieSettings } from './cookies.js';
import { isTricky } from './paths.js';

/** Options of the client that speaks to the API; `credentials`, `shopId` and `coordinator` are needed here. */
export type BackendAuthOptions = AuthClientOptions<string> &
  Required<Pick<AuthClientOptions<string>, 'credentials' | 'shopId' | 'coordinator'>>;

/** What is known of the connection that a request came over. */
export interface Connection {
  /** Address of the peer, as the socket has it. */
  readonly address?: string | undefined;
}

/** An address that the browser may call through the backend, for its session. */
export interface Resource {
  /** Where calls go, e.g. `https://api.shop.example/v1/orders`; what follows the resource's path is added. */
  readonly target: string;
  /** Methods that are passed on. Default `['GET']`. */
  readonly methods?: readonly string[];
}

/** Options of `createBff()`. */
export interface BffOptions {
  /** The client of the API, as `createAuthClient()` takes its options; its credentials never leave the backend. */
  readonly auth: BackendAuthOptions;
  /** Origins of the shop's pages, e.g. `['https://shop.example']`: those under which the backend is reached. */
  readonly origins: readonly string[];
  /** Path that everything is below. Default `'/bff'`. */
  readonly basePath?: string;
  /** Link of the mail that resets a password; contains `{hash}`. Left out, no such mail is sent. */
  readonly resetUrl?: string;
  /** By path below `basePath`: what the browser may call with its session. A text is a `target` for GET. */
  readonly resources?: Readonly<Record<string, string | Resource>>;
  /** How the cookie with the id of the session is set; it is `HttpOnly` always. */
  readonly cookie?: {
    /** Default `'Strict'`. `'Lax'`: also sent where a link of another site leads to a page of the shop. */
    readonly sameSite?: 'Strict' | 'Lax';
    /** How long the browser keeps it, ms. Default: until it is closed. */
    readonly maxAge?: number;
    /** `false` for browsers that take no `Secure` cookie from http://localhost; refused unless all `origins` are on loopback. */
    readonly secure?: boolean;
  };
  /** Whether answers hide which e-mail addresses have an account. Default false. */
  readonly maskAccounts?: boolean;
  /**
   * Total time of a call to the API or a resource, ms. Default 9 000: less than `policies.timeout.attempt` of the
   * browser's client, which would not hear the answer otherwise.
   */
  readonly deadline?: number;
  /** Largest body of a request, bytes. Default 65 536. */
  readonly maxBody?: number;
  /** Largest body of a resource's answer, bytes. Default 10 485 760. */
  readonly maxAnswer?: number;
  /**
   * The customer's address, which keeps the limits of one customer from those of another. Default: the peer's. Behind a
   * balancer of yours, what that says: everybody else can write anything into a header.
   */
  readonly clientAddress?: (request: Request, connection: Connection) => string | undefined;
}

export interface Settings extends Omit<BffOptions, 'origins' | 'resources' | 'cookie' | 'basePath'> {
  readonly basePath: string;
  readonly origins: ReadonlySet<string>;
  /** Longest path first. */
  readonly resources: readonly (Required<Resource> & { readonly path: string })[];
  readonly cookie: CookieSettings;
  readonly deadline: number;
  readonly maxBody: number;
  readonly maxAnswer: number;
}

const MAKER = 'createBff';

const NAMES = ['auth', 'origins', 'basePath', 'resetUrl', 'resources', 'cookie', 'maskAccounts', 'deadline', 'maxBody', 'maxAnswer', 'clientAddress'] as const; // prettier-ignore

const LOOPBACK = /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;
/** What `fetch()` sends, and no method that a proxy may take for its own. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

const yesNo: Rule = { says: 'true or false', accepts: (value) => typeof value === 'boolean' };
const path: Rule = {
  says: "a path without a slash at its end, such as '/bff'",
  accepts: (value) =>
    typeof value === 'string' && value.length > 1 && !value.endsWith('/') && !isTricky(value),
};
const origin: Rule = {
  says: "scheme, host and port of pages, such as 'https://shop.example'; http only on loopback",
  accepts: (value) =>
    typeof value === 'string' &&
    urlOf(value)?.origin === value &&
    (value.startsWith('https:') || LOOPBACK.test(value)),
};
const resetLink: Rule = {
  says: 'an http(s) address that contains {hash}',
  accepts: (value) =>
    typeof value === 'string' && value.includes('{hash}') && /^https?:$/.test(urlOf(value)?.protocol ?? ''),
};
const target: Rule = {
  says: 'an http(s) address without user, query, fragment or a slash at its end',
  accepts: (value) => {
    if (typeof value !== 'string' || value.endsWith('/')) return false;
    const url = urlOf(value);
    return /^https?:$/.test(url?.protocol ?? '') && (url?.href === value || `${url?.origin}` === value) && !/[@?#]/.test(value); // prettier-ignore
  },
};

const RULES: Readonly<Record<string, Rule>> = {
  basePath: path,
  resetUrl: optional(resetLink),
  maskAccounts: yesNo,
  deadline: number(100, 3_600_000, ' of ms'),
  maxBody: whole(1, 64 * 1024 * 1024),
  maxAnswer: whole(1, 1024 * 1024 * 1024),
  clientAddress: optional(aFunction),
};

/** @throws TypeError naming the first bad option */
export function resolveOptions(options: BffOptions): Settings {
  known(MAKER, options, NAMES);
  const { auth, cookie = {}, resources = {} } = options;
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const defaults = {
    basePath: '/bff',
    maskAccounts: false,
    deadline: 9_000,
    maxBody: 65_536,
    maxAnswer: 10 * 1024 * 1024,
  };
  const settings = { ...defaults, ...(given as unknown as BffOptions) };
  checkFields(MAKER, '', settings, RULES);
  if (!isRecord(auth)) bad(MAKER, 'auth', 'an object of options, as createAuthClient() takes them', auth);
  for (const name of ['credentials', 'shopId', 'coordinator'] as const)
    if ((auth as Partial<BackendAuthOptions>)[name] === undefined)
      throw new TypeError(`${MAKER}: auth.${name} is needed; got undefined.`);
  check(MAKER, 'auth.shopId', auth.shopId, whole(0)); // it is part of names here before the client sees it
  const origins = readOrigins(options.origins);
  return Object.freeze({
    ...settings,
    origins: new Set(origins),
    cookie: readCookie(cookie, origins),
    resources: readResources(resources),
  });
}

function readOrigins(origins: unknown): readonly string[] {
  if (!Array.isArray(origins) || origins.length === 0)
    bad(MAKER, 'origins', "a list of origins, such as ['https://shop.example']", origins);
  origins.forEach((each, index) => check(MAKER, `origins[${index}]`, each, origin));
  return origins as string[];
}

function readCookie(cookie: NonNullable<BffOptions['cookie']>, origins: readonly string[]): CookieSettings {
  known(MAKER, cookie, ['sameSite', 'maxAge', 'secure'], 'cookie.');
  const { sameSite = 'Strict', maxAge, secure = true } = cookie;
  check(MAKER, 'cookie.sameSite', sameSite, oneOf('Strict', 'Lax'));
  check(MAKER, 'cookie.maxAge', maxAge, optional(number(1_000, 400 * 86_400_000, ' of ms')));
  check(MAKER, 'cookie.secure', secure, yesNo);
  if (!secure && !origins.every((each) => LOOPBACK.test(each)))
    bad(
      MAKER,
      'cookie.secure',
      'true unless all origins are on loopback, such as http://localhost:3000',
      secure,
    );
  return { sameSite, maxAge, secure };
}

function readResources(resources: object): Settings['resources'] {
  if (!isRecord(resources)) bad(MAKER, 'resources', 'a map of paths to targets', resources);
  const read = Object.entries(resources).map(([name, given]) => {
    const where = `resources[${JSON.stringify(name)}]`;
    check(MAKER, `the path of ${where}`, name, path);
    const resource = (typeof given === 'string' ? { target: given } : given) as Resource;
    known(MAKER, resource, ['target', 'methods'], `${where}.`);
    check(MAKER, `${where}.target`, resource.target, target);
    const { methods = ['GET'] } = resource;
    if (!Array.isArray(methods) || methods.length === 0)
      bad(MAKER, `${where}.methods`, 'a list of methods', methods);
    for (const method of methods as string[]) check(MAKER, `${where}.methods`, method, oneOf(...METHODS));
    return { path: name, target: resource.target, methods: [...(methods as string[])] };
  });
  return read.sort((a, b) => b.path.length - a.path.length);
}

function urlOf(value: string): URL | undefined {
  return URL.canParse(value) ? new URL(value) : undefined;
}
