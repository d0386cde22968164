// The backend as a listener of Node's http server, and as middleware of Express. Imports nothing of Node but types.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerRefusal } from './answers.js';
import type { Bff } from './bff.js';
import { below, isTricky } from './paths.js';
import { methodRefused, REFUSALS } from './refusals.js';

/** What a framework adds to a request. */
interface Incoming extends IncomingMessage {
  /** The whole path, where a framework cut `url`. */
  readonly originalUrl?: string;
  /** What a body parser made of the body. */
  readonly body?: unknown;
}

/** How long a sender may go on with a body that nobody reads, ms. */
const LINGER = 1_000;
/** Methods that a `Request` cannot have. */
const IMPOSSIBLE = /^(?:connect|trace|track)$/i;

/**
 * A listener for `http.createServer()`, `https`, and `app.use()` of Express.
 * @returns with a `next`, as Express gives it, what is not below `basePath` goes there; without, it is answered 404
 */
export function nodeHandler(
  bff: Bff,
): (request: IncomingMessage, response: ServerResponse, next?: () => void) => void {
  return (request, response, next) => {
    const target = (request as Incoming).originalUrl ?? request.url ?? '/';
    const path = target.replace(/[?#].*$/s, '');
    if (next && below(bff.basePath, path) === undefined) next();
    else void respond(bff, request, response, target, path);
  };
}

async function respond(
  bff: Bff,
  request: Incoming,
  response: ServerResponse,
  target: string,
  path: string,
): Promise<void> {
  const left = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) left.abort();
  });
  const { method = 'GET' } = request;
  // Before any parser of addresses makes it look plain.
  const answered =
    isTricky(path) || target.includes('#')
      ? answerRefusal(REFUSALS.path)
      : IMPOSSIBLE.test(method)
        ? answerRefusal(methodRefused([]))
        : await bff.fetch(requestOf(request, method, target, left.signal), {
            address: request.socket.remoteAddress,
          });
  const bytes = new Uint8Array(await answered.arrayBuffer());
  if (response.destroyed) return;
  response.statusCode = answered.status;
  for (const [name, value] of answered.headers) response.appendHeader(name, value);
  if (answered.status !== 204 && answered.status !== 304) response.setHeader('content-length', bytes.length);
  if (!request.complete) hangUp(request, response);
  response.end(method === 'HEAD' ? undefined : bytes);
}

/** The rest of a body is not read for long: whoever sends it is told, and then cut off. */
function hangUp(request: Incoming, response: ServerResponse): void {
  if (request.httpVersionMajor === 1) response.setHeader('connection', 'close');
  request.resume();
  const timer = setTimeout(() => request.destroy(), LINGER);
  request.once('close', () => clearTimeout(timer));
}

function requestOf(request: Incoming, method: string, target: string, signal: AbortSignal): Request {
  const headers = new Headers();
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const name = request.rawHeaders[at] ?? '';
    if (!name.startsWith(':')) headers.append(name, request.rawHeaders[at + 1] ?? '');
  }
  const body = method === 'GET' || method === 'HEAD' ? undefined : bodyOf(request);
  // Which host was asked does not matter: pages are told by `origins`.
  return new Request(`http://localhost${target}`, {
    method,
    headers,
    signal,
    ...(body !== undefined && { body, duplex: 'half' }),
  });
}

/** The body as it comes; where a parser of the framework has read it, what that made of it. */
function bodyOf(request: Incoming): BodyInit | undefined {
  if (request.readableEnded || request.readableDidRead) {
    const { body } = request;
    if (body instanceof Uint8Array) return new Uint8Array(body);
    return typeof body === 'string' ? body : JSON.stringify(body);
  }
  const chunks = request.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array>;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await chunks.next();
      if (next.done) controller.close();
      else controller.enqueue(next.value);
    },
    cancel: () => undefined, // the socket is needed for the answer
  });
}
