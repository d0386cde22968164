// `mockAuthApi()`: the authentication API in the network of a test, answer by answer, for people who mock with nock.
import { bad, check, known, optional } from '../check-options.js';
import { OPERATIONS, type AuthMode, type EndpointName, type Operation } from '../contract/endpoints.js';
import type { EndpointOptions } from '../index.js';
import { resolveEndpoints } from '../endpoint-options.js';
import { createAnswering } from './answering.js';
import { seenBy, type Call } from './calls.js';
import { notMocked, NotMocked, targetOf, unusedOf, type Target } from './messages.js';
import { findNock, intercept, type Nock, type Received, type Reply } from './nock.js';
import { fits, operationOf, operationsAt } from './routes.js';
import { next, outcomesFor, type OutcomesOf, type Script } from './script.js';

/** Options of `mockAuthApi()`. */
export interface MockOptions {
  /** The `baseURL` of the client under test. */
  readonly baseURL: string;
  /** The `endpoints` of the client under test, where it has some. */
  readonly endpoints?: EndpointOptions;
  /** The `nock` to mock with. Default: the one that is installed. */
  readonly nock?: Nock;
}

/** One operation or route: what it shall answer, and what it was sent. */
export type Mock<Op extends Operation> = OutcomesOf<Op> & {
  /** The calls that came, in order. Secrets in them can be compared but are never shown. */
  readonly calls: readonly Call<Op>[];
};

/** An API that answers as it is told, and nothing else. */
export type MockedApi = { readonly [Op in EndpointName]: Mock<Op> } & {
  /** Answers whatever has no answer of its own left. Its `calls` are all calls. */
  readonly anything: Mock<'request'>;
  /** Another route below the base URL, such as `api.route('GET', '/orders/{id}')`. */
  readonly route: (method: string, path: string) => Mock<'request'>;
  /** @throws Error that names each answer that was not asked for, and each call that had no answer */
  readonly done: () => void;
  /** Forgets scripts, calls and spent tokens, for the next test; calls under way get no answer any more. */
  readonly reset: () => void;
  /** Resets, and gives the network back. */
  readonly restore: () => void;
};

const MAKER = 'mockAuthApi';

/** The mocks in force, by origin, with the path that each is for. */
const IN_FORCE = new Map<string, Set<string>>();

/**
 * Mocks an authentication API, and whatever else is at its origin: no call to that origin leaves the process, and one
 * that no answer is scripted for fails at once with `NOT_MOCKED`. Other hosts stay as they are.
 * @throws TypeError naming the bad option; Error where nock is missing or switched off
 */
export function mockAuthApi(options: MockOptions): MockedApi {
  known(MAKER, options, ['baseURL', 'endpoints', 'nock']);
  const { origin, base } = addressOf(options.baseURL);
  check(MAKER, 'nock', options.nock, optional({ says: 'what nock exports', accepts: isNock }));
  const endpoints = resolveEndpoints(MAKER, options.endpoints);
  if (globalThis.process.env.NOCK_OFF === 'true')
    throw new Error(`${MAKER}: NOCK_OFF is true in the environment, so calls would reach the network.`);
  const nock = options.nock ?? findNock();
  const bases = IN_FORCE.get(origin) ?? new Set<string>();
  if (bases.has(base))
    throw new TypeError(`${MAKER}: ${origin}${base} is mocked already; call restore() of that mock first.`);

  const scripts = new Map<string, Script>();
  const calls: Call[] = [];
  const unmocked: string[] = [];
  const routes = new Map<
    string,
    { readonly method: string; readonly path: string; readonly mock: Mock<'request'> }
  >();
  const answering = createAnswering();

  function scriptOf(name: string): Script {
    const script = scripts.get(name) ?? [];
    scripts.set(name, script);
    return script;
  }

  function mockOf<Op extends Operation>(
    operation: Op,
    name: string,
    isFor: (call: Call) => boolean,
  ): Mock<Op> {
    const outcomes = outcomesFor(operation, name, scriptOf(name));
    return Object.defineProperty(outcomes, 'calls', {
      get: () => calls.filter(isFor),
      enumerable: true,
    }) as Mock<Op>;
  }

  /** Of several mocks at one origin the one whose path is the longest; what is below none of them goes to the first. */
  function accepts(path: string): boolean {
    const below = [...bases].filter((each) => isBelow(each, path)).sort((a, b) => b.length - a.length);
    return (below[0] ?? [...bases][0]) === base;
  }

  function answer(request: Received): Promise<Reply> {
    const { method, body, headers } = request;
    const url = new URL(request.url, origin);
    const path = isBelow(base, url.pathname) ? url.pathname.slice(base.length) : undefined;
    const operation = path === undefined ? undefined : operationOf(endpoints, { method, path, body });
    const route = [...routes.values()].find((each) => each.method === method && fits(each.path, path ?? ''));
    calls.push(seenBy(operation ?? 'request', request, url, path));
    const target =
      route && operation === undefined
        ? targetOf(method, route.path)
        : targetOf(method, path ?? url.pathname, operation);
    const auth = authOf(headers.authorization);
    const own = scripts.get(target.name);
    const refused = operation === 'refresh' ? answering.spent(body, own, auth) : undefined;
    if (refused) return refused;
    const entry = (own && next(own)) ?? next(scriptOf('api.anything'));
    if (!entry)
      return refuse(
        path === undefined ? outside(target) : notMocked(target, own) + unclear(method, path, operation),
      );
    return answering.play(entry, { operation: operation ?? 'request', auth, body }, refuse);
  }

  function refuse(text: string): Promise<never> {
    unmocked.push(text);
    return Promise.reject(new NotMocked(text));
  }

  const outside = ({ line }: Target) => `${line} is not below ${origin}${base}, the baseURL of this mock.`;

  /** A call that has the address of an operation, but not what it sends. */
  function unclear(method: string, path: string, operation: EndpointName | undefined): string {
    const [first, ...more] = operation === undefined ? operationsAt(endpoints, method, path) : [];
    if (first === undefined) return '';
    return ` (It is not ${[first, ...more].join(' or ')}: its body lacks ${Object.keys(endpoints[first].fixed ?? {}).join(', ')} as they send it.)`;
  }

  const release = intercept(nock, origin, accepts, answer);
  bases.add(base);
  IN_FORCE.set(origin, bases);

  function reset(): void {
    // Mocks that a test holds on to go on with the same scripts.
    for (const script of scripts.values()) script.length = 0;
    calls.length = 0;
    unmocked.length = 0;
    answering.reset();
  }

  const operations = Object.fromEntries(
    OPERATIONS.map((name) => [name, mockOf(name, `api.${name}`, (call) => call.operation === name)]),
  ) as unknown as { readonly [Op in EndpointName]: Mock<Op> };

  return {
    ...operations,
    anything: mockOf('request', 'api.anything', () => true),
    route(given, path) {
      const method = given.toUpperCase();
      check('route', 'the path', path, { says: "one that begins with '/', without query", accepts: isPath });
      const [taken] = operationsAt(endpoints, method, path);
      if (taken !== undefined)
        throw new TypeError(`route: ${method} ${path} is the operation ${taken}; use api.${taken}.`);
      const { name } = targetOf(method, path);
      const known = routes.get(name);
      if (known) return known.mock;
      const isFor = (call: Call) =>
        call.operation === 'request' && call.method === method && fits(path, call.path);
      const mock = mockOf('request', name, isFor);
      routes.set(name, { method, path, mock });
      return mock;
    },
    done() {
      const unused = [...scripts].flatMap(([name, script]) => unusedOf(name, script));
      const problems = [...unmocked, ...unused];
      if (problems.length > 0)
        throw new Error(`The mocked API was not used as scripted.\n- ${problems.join('\n- ')}`);
    },
    reset,
    restore() {
      reset();
      if (!bases.delete(base)) return;
      release();
    },
  };
}

function addressOf(baseURL: unknown): { readonly origin: string; readonly base: string } {
  try {
    const { origin, pathname, protocol } = new URL(baseURL as string);
    if (/^https?:$/.test(protocol)) return { origin, base: pathname.replace(/\/+$/, '') };
  } catch {
    // said below
  }
  return bad(MAKER, 'baseURL', 'an http(s) address', baseURL);
}

const isBelow = (base: string, path: string) => path === base || path.startsWith(`${base}/`);
const isPath = (path: unknown) => typeof path === 'string' && /^\/[^?#]*$/.test(path);
const isNock = (given: unknown) => typeof given === 'function' && 'activeMocks' in given;

function authOf(header = ''): AuthMode {
  const [scheme = ''] = header.toLowerCase().split(' ');
  return scheme === 'bearer' || scheme === 'basic' ? scheme : 'none';
}
