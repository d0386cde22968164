// From a call to its answer: checks credentials and fields as the operation's row says, then asks its handler.
import type { ENDPOINTS } from '../contract/endpoints.js';
import { ACCOUNT_HANDLERS, ACCOUNT_SESSION_HANDLERS } from './account-handlers.js';
import type { Call } from './call.js';
import { problemsOf, shopHeaderProblems } from './fields.js';
import { keySet } from './jwt.js';
import { authOf, endpointOf, type SandboxOperation } from './operations.js';
import { ORDER_HANDLERS } from './order-handlers.js';
import type { SandboxClient } from './options.js';
import { ok, type Reply } from './replies.js';
import { refuseGrant, SESSION_HANDLERS, TOKEN_HANDLERS } from './token-handlers.js';
import type { Grant } from './tokens.js';
import type { World } from './world.js';

type Awaitable<T> = T | Promise<T>;

/** Answers a call of a client. */
export type ClientHandler = (world: World, call: Call, client: SandboxClient) => Awaitable<Reply>;
/** Answers a call of a customer. */
export type SessionHandler = (world: World, call: Call, grant: Grant) => Awaitable<Reply>;

type Rows = typeof ENDPOINTS;
type ClientOperation =
  { [Op in keyof Rows]: Rows[Op]['auth'] extends 'basic' ? Op : never }[keyof Rows] | 'token';
type SessionOperation = Exclude<SandboxOperation, ClientOperation | 'jwks' | 'unknown'>;

const FOR_CLIENTS: Readonly<Record<ClientOperation, ClientHandler>> = {
  ...ACCOUNT_HANDLERS,
  ...TOKEN_HANDLERS,
};
const FOR_SESSIONS: Readonly<Record<SessionOperation, SessionHandler>> = {
  ...ACCOUNT_SESSION_HANDLERS,
  ...SESSION_HANDLERS,
  ...ORDER_HANDLERS,
};

export async function handle(world: World, call: Call): Promise<Reply> {
  switch (authOf(call.operation)) {
    case 'basic':
      return handleClient(world, call);
    case 'bearer':
      return handleSession(world, call);
    case 'none':
      return call.operation === 'jwks'
        ? ok(await keySet(world.settings.kid), { 'cache-control': 'public, max-age=600' })
        : world.refuse('not-found');
  }
}

async function handleClient(world: World, call: Call): Promise<Reply> {
  const { refuse, settings } = world;
  const client =
    call.auth.mode === 'basic'
      ? settings.clients.find(({ id, secret }) => `${id}:${secret}` === call.auth.value)
      : undefined;
  if (!client) return refuse('invalid-client');
  const refusal = refuseBody(world, call);
  return refusal ?? FOR_CLIENTS[call.operation as ClientOperation](world, call, client);
}

async function handleSession(world: World, call: Call): Promise<Reply> {
  const { refuse, settings, tokens } = world;
  const grant = call.auth.mode === 'bearer' ? tokens.live(call.auth.value) : undefined;
  if (!grant) return refuse('invalid-token');
  if (grant.customer.deactivated) return refuse('user-deactivated');
  const errors = shopHeaderProblems(call, settings.shopId);
  if (errors) return refuse('validation-failed', { errors });
  const refusal = refuseBody(world, call);
  return refusal ?? FOR_SESSIONS[call.operation as SessionOperation](world, call, grant);
}

/** The refusal of a body that is no JSON object or lacks what the row asks for. */
function refuseBody(world: World, call: Call): Reply | undefined {
  const endpoint = endpointOf(call.operation);
  if (endpoint?.body && !call.body)
    return world.refuse('invalid-request', { hint: 'The body must be a JSON object' });
  const errors = problemsOf(call, world.settings.shopId);
  if (!errors) return undefined;
  // The token endpoint belongs to the OAuth library, which names one parameter and knows no map of errors.
  return endpoint?.fixed
    ? refuseGrant(world, 'invalid-request', {
        hint: `Check the \`${Object.keys(errors)[0] ?? ''}\` parameter`,
      })
    : world.refuse('validation-failed', { errors });
}
