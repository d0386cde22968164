// The playground's own routes: they steer the sandbox, and are for its page alone.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Bff } from '../bff/index.js';
import { evidenceAgainst } from '../bff/evidence.js';
import { readText } from '../sandbox/exchange.js';
import type { createFeed } from './feed.js';
import type { WhoAmI } from './protocol.js';
import { Mistake, type Customer, type Stage } from './stage.js';

interface Parts {
  readonly bff: Bff;
  readonly stage: Stage;
  readonly feed: ReturnType<typeof createFeed>;
  readonly origins: ReadonlySet<string>;
}

type Body = Readonly<Record<string, unknown>>;
type Route = (stage: Stage, body: Body, customer: Customer) => unknown;

const ROUTES: Readonly<Record<string, Route>> = {
  'POST /calls': (stage, { count }, customer) => stage.call(customer, count),
  'POST /expire': (stage) => stage.expire(),
  'POST /revoke': (stage, _body, customer) => stage.revoke(customer),
  'POST /scene': (stage, { id }, customer) => stage.scene(id, customer),
  'POST /mail': (stage, { email }) => ({ hash: stage.mail(String(email)) }),
  'POST /trouble': (stage, { id, times, seconds }) => void stage.order(id, times, seconds),
  'POST /trouble/back': (stage, { id }) => stage.takeBack(Number(id)),
  'POST /heal': (stage) => stage.heal(),
};

/** @returns a listener for requests below the API's path */
export function createApi({ bff, stage, feed, origins }: Parts) {
  const sessionOf = async (headers: Headers) => {
    const cookie = headers.get('cookie') ?? '';
    const found = await bff.session(new Request('http://localhost/', { headers: { cookie } }));
    return found.ok ? found.value : undefined;
  };

  async function answerTo(
    method: string,
    path: string,
    headers: Headers,
    read: () => Promise<string | undefined>,
  ) {
    const session = await sessionOf(headers);
    const name = `${method} ${path}`;
    if (name === 'GET /me') {
      const isOpen = session && session.state.status !== 'ended';
      const me: WhoAmI = { session: isOpen ? { key: session.key, version: session.state.version } : null };
      return me;
    }
    const route = Object.hasOwn(ROUTES, name) ? ROUTES[name] : undefined;
    if (!route) throw new Mistake('There is nothing here.');
    const body = parse(await read());
    const email = typeof body.email === 'string' ? body.email : '';
    return route(stage, body, { session, email });
  }

  async function respond(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const method = request.method ?? 'GET';
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers)) headers.set(name, String(value));
    const against = evidenceAgainst({ method, headers }, origins);
    if (against) send(response, against.status, { message: against.message });
    else if (method === 'GET' && path === '/feed') {
      response.writeHead(200, { 'content-type': 'application/x-ndjson; charset=utf-8' });
      feed.join(response);
    } else {
      const result = await answerTo(method, path, headers, () => readText(request));
      send(response, result === undefined ? 204 : 200, result);
    }
  }

  return (request: IncomingMessage, response: ServerResponse, path: string): void => {
    respond(request, response, path).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else if (error instanceof Mistake) send(response, 400, { message: error.message });
      else send(response, 500, { message: 'The playground failed.' });
    });
  };
}

function parse(text: string | undefined): Body {
  try {
    const body: unknown = JSON.parse(text ?? '');
    if (typeof body === 'object' && body !== null) return body as Body;
  } catch {
    // told below
  }
  throw new Mistake('The body must be a JSON object.');
}

function send(response: ServerResponse, status: number, body?: unknown): void {
  if (body === undefined) response.writeHead(status).end();
  else response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
