// The token endpoint, and what a customer may do with tokens: refresh, exchange, validate, list, revoke.
import type { Call } from './call.js';
import type { ClientHandler, SessionHandler } from './handlers.js';
import { textIn } from './fields.js';
import { hintAbout, keyedWays, NOTHING, ok, type Refuse, type Reply } from './replies.js';
import type { Grant } from './tokens.js';
import type { World } from './world.js';

const NO_STORE = { 'cache-control': 'no-store', pragma: 'no-cache' };

/** The token response. */
export function tokenReply({ settings }: World, grant: Grant): Reply {
  const body = {
    token_type: 'Bearer',
    expires_in: Math.max(0, Math.floor((grant.accessExpiresAt - settings.now()) / 1_000)),
    access_token: grant.accessToken,
    refresh_token: grant.refreshToken,
  };
  return ok(body, NO_STORE);
}

/** Refusals of the OAuth library, whose version 9 no longer copies the description into `message`. */
export function refuseGrant(
  { settings, refuse }: World,
  row: Parameters<Refuse>[0],
  fields: Readonly<Record<string, unknown>> = {},
  status?: number,
): Reply {
  const dialect = settings.generation === 9 ? { message: undefined } : {};
  return refuse(row, { ...fields, ...dialect }, status === undefined ? {} : { status });
}

async function refresh(world: World, call: Call, { id }: { readonly id: string }): Promise<Reply> {
  const found = world.tokens.inspect(textIn(call.body, 'refresh_token'), id);
  if (typeof found !== 'string') return tokenReply(world, await world.tokens.rotate(found, call.device));
  // The table names the older library's status and key first, then the newer one's.
  const way = keyedWays('dead-refresh-token')[world.settings.generation === 9 ? 1 : 0];
  const status = typeof way?.status === 'object' ? way.status[0] : undefined;
  const fields = { error: way?.key?.[0], hint: hintAbout('dead-refresh-token', found) };
  return refuseGrant(world, 'dead-refresh-token', fields, status);
}

async function exchangeCode(world: World, call: Call, { id }: { readonly id: string }): Promise<Reply> {
  const redeemed = world.codes.redeem(textIn(call.body, 'code'), ({ clientId }) => clientId === id);
  // The older library has one key for all refusals, that of the refresh grant.
  const { key } =
    keyedWays(world.settings.generation === 9 ? 'invalid-grant' : 'dead-refresh-token')[0] ?? {};
  const refuseCode = (word: string) =>
    refuseGrant(world, 'invalid-grant', { error: key?.[0], hint: hintAbout('invalid-grant', word) });
  switch (redeemed.state) {
    case 'ok':
      return tokenReply(world, await world.tokens.issue(redeemed.value.customer, id, call.device));
    case 'used':
      return refuseCode('revoked');
    case 'expired':
      return refuseCode('expired');
    case 'foreign':
      return refuseGrant(world, 'invalid-request', {
        hint: 'Authorization code was not issued to this client',
      });
    case 'unknown':
      return refuseGrant(world, 'invalid-request', { hint: 'Cannot decrypt the authorization code' });
  }
}

export const TOKEN_HANDLERS = {
  refresh,
  exchangeCode,
  token: (world) => refuseGrant(world, 'unsupported-grant-type'),
} satisfies Record<string, ClientHandler>;

export const SESSION_HANDLERS = {
  validate: () => ok({}),

  listSessions: ({ tokens }, _call, { customer }) => ok(tokens.sessionsOf(customer).map(sessionOf)),

  revoke: ({ tokens, refuse }, { params }, { customer }) => {
    const grant = tokens.sessionsOf(customer).find(({ id }) => id === params.tokenId);
    if (!grant) return refuse('revoke-already-done');
    grant.revoked = true;
    return NOTHING;
  },
} satisfies Record<string, SessionHandler>;

/** One entry of the list of sessions, with the API's two formats of time. */
function sessionOf(grant: Grant) {
  const issued = new Date(grant.issuedAt).toISOString().slice(0, 19).replace('T', ' ');
  return {
    id: grant.id,
    ip: grant.ip,
    user_agent: grant.userAgent,
    created_at: issued,
    updated_at: issued,
    expires_at: new Date(grant.accessExpiresAt).toISOString().replace('Z', '000Z'),
  };
}
