// The admin routes: the handles of a sandbox over HTTP, for tests in other processes and other languages.
import type { Arrival } from './call.js';
import type { FaultRule } from './fault-rules.js';
import { NOTHING, ok, type Reply } from './replies.js';
import type { Handles } from './sandbox.js';

const ADMIN_PATH = '/__sandbox';

type Body = Readonly<Record<string, unknown>>;

/** What a route does with the body; nothing to return is an empty answer. */
type Route = (sandbox: Handles, body: unknown) => unknown;

const ROUTES: Readonly<Record<string, Route>> = {
  'GET /counts': (sandbox) => sandbox.counts(),
  'GET /requests': (sandbox) => sandbox.requests(),
  'GET /faults': (sandbox) => sandbox.faults(),
  'POST /faults': (sandbox, body) => sandbox.fault(body as FaultRule), // checked there
  'DELETE /faults': (sandbox) => sandbox.heal(),
  'POST /reset': (sandbox) => sandbox.reset(),
  'POST /expire': (sandbox) => sandbox.expireAccessTokens(),
  'POST /revoke': (sandbox, body) => sandbox.revokeCustomer(text(body, 'email')),
  'POST /deactivate': (sandbox, body) => sandbox.deactivate(text(body, 'email')),
  'POST /reset-hash': (sandbox, body) => ({ hash: sandbox.resetHash(text(body, 'email')) }),
  'POST /authorization-code': (sandbox, body) => {
    const email = text(body, 'email');
    const clientId = (body as Body).clientId === undefined ? undefined : text(body, 'clientId');
    return { code: sandbox.authorizationCode(email, clientId) };
  },
};

/** Answers requests to the admin routes; `undefined` for all others. */
export function createAdmin(sandbox: Handles): (arrival: Arrival) => Reply | undefined {
  return ({ method, path, text: sent }) => {
    if (path !== ADMIN_PATH && !path.startsWith(`${ADMIN_PATH}/`)) return undefined;
    const name = `${method} ${path.slice(ADMIN_PATH.length)}`;
    if (name === 'GET ' || name === 'GET /') return ok({ routes: Object.keys(ROUTES) });
    const route = Object.hasOwn(ROUTES, name) ? ROUTES[name] : undefined;
    if (!route) return problem(404, `there is no ${name} here; there is ${Object.keys(ROUTES).join(', ')}`);
    try {
      const result = route(sandbox, sent === '' ? {} : JSON.parse(sent));
      return result === undefined ? NOTHING : ok(result);
    } catch (error) {
      if (error instanceof SyntaxError) return problem(400, `the body is not JSON: ${error.message}`);
      if (error instanceof TypeError) return problem(400, error.message);
      throw error;
    }
  };
}

function text(body: unknown, field: string): string {
  const value = typeof body === 'object' && body !== null ? (body as Body)[field] : undefined;
  if (typeof value === 'string' && value !== '') return value;
  throw new TypeError(`sandbox: the body must be an object with a text "${field}"`);
}

function problem(status: number, message: string): Reply {
  return { status, body: { error: 'sandbox', message } };
}
