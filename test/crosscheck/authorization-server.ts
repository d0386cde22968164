// oidc-provider as an authorization server, behind a socket that can be cut, and an API that asks it about each token.
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';
import { createMemoryAdapter } from 'oidc-provider/lib/adapters/memory_adapter.js';
import type { AuthClientOptions } from '../../lib/index.js';
import { sendJson, startLocalServer } from '../support/local-server.js';

/** Characters that a form escapes: RFC 6749 has both escaped before they become Basic. */
export const SHOP = { clientId: 'shop:web', clientSecret: 's3cret+with/odd%20=signs' };
const API = { clientId: 'orders-api', clientSecret: 'another-secret' };
const REDIRECT = 'https://shop.example.com/callback';

/** How credentials are told to holdfast, which sends them as they are. */
export const escaped = ({ clientId, clientSecret }: typeof SHOP) => ({
  clientId: encodeURIComponent(clientId),
  clientSecret: encodeURIComponent(clientSecret),
});

export const ENDPOINTS = {
  exchangeCode: { path: '/token', encoding: 'form' },
  refresh: { path: '/token', encoding: 'form' },
  logout: { path: '/token/revocation', encoding: 'form', auth: 'basic' },
} as const satisfies AuthClientOptions['endpoints'];

/** What becomes of the next request to the token endpoint. */
type Trouble = 'lost before' | 'lost after';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' };

export interface AuthorizationServer {
  readonly origin: string;
  /** The API that holds orders, and asks for a token. */
  readonly api: string;
  /** Refresh tokens as they were presented, in order. */
  readonly presented: readonly string[];
  /** A code as the browser brings it back, and what must go with it. */
  code(): Promise<{ code: string; redirectUri: string; codeVerifier: string }>;
  /** A form for the provider, past holdfast. */
  post(path: string, fields: Record<string, string>, who?: typeof SHOP): Promise<Record<string, unknown>>;
  isActive(token: string): Promise<boolean>;
  /** An access token ends before its time, and nothing else does. */
  expire(accessToken: string): Promise<void>;
  /** The connection of the next token request is cut, before or after the provider took it, and nobody listens then. */
  failNext(trouble: Trouble): void;
  /** Listens again, at the same place. */
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

/** @param firstLives lifetime of the first access token, s; those after it live for an hour */
export async function startAuthorizationServer(firstLives = 3_600): Promise<AuthorizationServer> {
  let lives = firstLives;
  let trouble: Trouble | undefined;
  const presented: string[] = [];
  let handle: (request: IncomingMessage, response: ServerResponse) => unknown = () => undefined;
  const listen = async (port: number) => {
    const server = createServer(
      { keepAliveTimeout: 60_000 },
      (request, response) => void handle(request, response),
    );
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return server;
  };
  let server = await listen(0);
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;

  const basic = { token_endpoint_auth_method: 'client_secret_basic' } as const;
  const provider = new Provider(origin, {
    adapter: createMemoryAdapter(),
    clients: [
      {
        ...basic,
        client_id: SHOP.clientId,
        client_secret: SHOP.clientSecret,
        redirect_uris: [REDIRECT],
        grant_types: ['authorization_code', 'refresh_token'],
      },
      {
        ...basic,
        client_id: API.clientId,
        client_secret: API.clientSecret,
        redirect_uris: [],
        response_types: [],
        grant_types: [],
      },
    ],
    jwks: { keys: [key] },
    features: {
      devInteractions: { enabled: false },
      introspection: { enabled: true, allowedPolicy: () => true },
      revocation: { enabled: true, allowedPolicy: () => true },
    },
    findAccount: (_: unknown, accountId: string) => ({ accountId, claims: () => ({ sub: accountId }) }),
    issueRefreshToken: () => true,
    rotateRefreshToken: true, // and one that comes twice ends the whole grant
    ttl: {
      AccessToken: () => lives,
      RefreshToken: 86_400,
      Grant: 86_400,
      IdToken: 3_600,
      AuthorizationCode: 60,
    },
  });
  provider.use(async (ctx, next) => {
    await next();
    const token: unknown = ctx.oidc?.params?.refresh_token;
    if (ctx.path === '/token' && typeof token === 'string') presented.push(token);
    if (ctx.path === '/token') lives = 3_600;
  });
  const callback = provider.callback();

  async function goAway(): Promise<void> {
    const gone = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await gone;
  }

  handle = (request, response) => {
    const what = request.url === '/token' ? trouble : undefined;
    if (what === undefined) return callback(request, response);
    trouble = undefined;
    if (what === 'lost before') return goAway();
    // The provider answers into a connection that is gone.
    response.end = (() => {
      void goAway();
      return response;
    }) as typeof response.end;
    return callback(request, response);
  };

  const post: AuthorizationServer['post'] = async (path, fields, who = SHOP) => {
    const { clientId, clientSecret } = escaped(who);
    const answer = await fetch(origin + path, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
      body: new URLSearchParams(fields),
    });
    const text = await answer.text();
    return { status: answer.status, ...(text && (JSON.parse(text) as object)) };
  };
  const isActive = async (token: string) =>
    (await post('/token/introspection', { token }, API)).active === true;

  const api = await startLocalServer(async ({ headers }, response) => {
    const [, token = ''] = /^Bearer (.+)$/.exec(headers.authorization ?? '') ?? [];
    const active = token !== '' && (await isActive(token).catch(() => undefined));
    if (active === undefined) sendJson(response, 503);
    else if (active) sendJson(response, 200, { orders: [] });
    else sendJson(response, 401, undefined, { 'www-authenticate': 'Bearer error="invalid_token"' }); // RFC 6750
  });

  return {
    origin,
    api: api.origin,
    presented,
    async code() {
      const client = (await provider.Client.find(SHOP.clientId))!;
      const scope = 'openid offline_access';
      const accountId = 'ada';
      const grant = new provider.Grant({ accountId, clientId: client.clientId });
      grant.addOIDCScope(scope);
      const grantId = await grant.save();
      const codeVerifier = randomBytes(32).toString('base64url');
      const code = new provider.AuthorizationCode({
        ...{ client, accountId, grantId, scope, redirectUri: REDIRECT, gty: 'authorization_code' },
        codeChallenge: createHash('sha256').update(codeVerifier).digest('base64url'),
        codeChallengeMethod: 'S256',
      });
      return { code: await code.save(), redirectUri: REDIRECT, codeVerifier };
    },
    post,
    isActive,
    async expire(accessToken) {
      await (await provider.AccessToken.find(accessToken))?.destroy();
    },
    failNext(next) {
      trouble = next;
    },
    async comeBack() {
      server = await listen(port);
    },
    async close() {
      await Promise.all([goAway(), api.close()]);
    },
  };
}
