// The backend as a plugin of Fastify, told by its shape: holdfast does not depend on it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Bff } from './bff.js';
import { nodeHandler } from './node.js';

/** The part of a Fastify instance that is used. */
interface Instance {
  removeAllContentTypeParsers(): void;
  addContentTypeParser(
    type: string,
    parser: (request: unknown, payload: unknown, done: (error: null) => void) => void,
  ): unknown;
  all(
    path: string,
    handler: (
      request: { readonly raw: IncomingMessage },
      reply: { readonly raw: ServerResponse; hijack(): unknown },
    ) => void,
  ): unknown;
}

/** A plugin for `app.register()`: everything below `basePath` is answered by the backend. */
export function fastifyPlugin(bff: Bff): (app: Instance) => Promise<void> {
  const handle = nodeHandler(bff);
  return (app) => {
    // In this plugin alone: bodies are read by the backend, which knows how much it takes.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, _payload, done) => done(null));
    app.all(`${bff.basePath}/*`, (request, reply) => {
      reply.hijack();
      handle(request.raw, reply.raw);
    });
    return Promise.resolve();
  };
}
