// The public surface of `holdfast/bff`: a backend for browsers, which keeps the tokens.
export { createBff, type Bff } from './bff.js';
export type { BackendAuthOptions, BffOptions, Connection, Resource } from './options.js';
export { nodeHandler } from './node.js';
export { fastifyPlugin } from './fastify.js';
