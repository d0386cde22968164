// What an operation answers when all goes well: new tokens, a list of logins, or nothing.
import { ENDPOINTS, type Endpoint, type EndpointName, type Operation } from '../contract/endpoints.js';
import { EXAMPLES } from '../contract/examples.js';
import { isRecord } from '../contract/error-body.js';
import { base64Of } from '../contract/redact.js';
import { readNothing, readSessions, readTokens } from '../contract/success-body.js';

/** A token response, as it is on the wire. */
export interface TokenBody {
  /** `Bearer`. */
  readonly token_type: string;
  /** Seconds. */
  readonly expires_in: number;
  /** A JWT, from which the client reads `sub`, `jti` and `customerId`. */
  readonly access_token: string;
  /** Taken by the next refresh. */
  readonly refresh_token: string;
}

/** One login in the list of a customer, as it is on the wire. */
export interface SessionBody {
  /** The `jti` of its access token, for `revoke()`. */
  readonly id: string;
  readonly [field: string]: unknown;
}

/** What `succeeds()` takes: for tokens the fields to change, otherwise the body. */
export type SuccessOf<Op extends Operation> = Op extends EndpointName
  ? ReturnType<(typeof ENDPOINTS)[Op]['read']> extends ReturnType<typeof readTokens>
    ? Partial<TokenBody>
    : ReturnType<(typeof ENDPOINTS)[Op]['read']> extends ReturnType<typeof readSessions>
      ? readonly SessionBody[]
      : unknown
  : unknown;

const { status, headers, body: SAMPLE } = EXAMPLES.success;

/** The status and body of a success; without a body there is none to send. */
export interface Success {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** @param given the argument of `succeeds()` */
export function successOf(operation: Operation, given: unknown): Success {
  const read: Endpoint['read'] = operation === 'request' ? readNothing : ENDPOINTS[operation].read;
  if (read === readTokens) return { status, headers, body: tokenBody(isRecord(given) ? given : {}) };
  if (given !== undefined) return { status, headers: {}, body: given };
  if (read === readSessions) return { status, headers: {}, body: [sessionBody()] };
  return operation === 'request' ? { status, headers: {}, body: {} } : { status: 204, headers: {} };
}

function tokenBody(given: Partial<TokenBody>): TokenBody {
  const { expires_in = SAMPLE.expires_in } = given;
  return {
    token_type: SAMPLE.token_type,
    expires_in,
    access_token: accessToken(expires_in),
    refresh_token: `def50200${hex(320)}`,
    ...given,
  };
}

/** A JWT with the claims of the reference API; nobody can check its signature. */
function accessToken(seconds: number): string {
  const now = Date.now() / 1_000;
  const times = { iat: now, nbf: now, exp: now + seconds };
  const claims = { aud: '1', jti: hex(40), ...times, sub: '1', scopes: [], customerId: 1 };
  return [encode({ typ: 'JWT', alg: 'RS256' }), encode(claims), hex(128)].join('.');
}

function sessionBody(): SessionBody {
  const now = new Date();
  const day = now.toISOString().slice(0, 19).replace('T', ' ');
  const expires = new Date(now.getTime() + SAMPLE.expires_in * 1_000).toISOString();
  return {
    id: hex(40),
    ip: '203.0.113.7',
    user_agent: 'Mozilla/5.0',
    created_at: day,
    updated_at: day,
    expires_at: expires,
  };
}

function encode(value: object): string {
  return base64Of(JSON.stringify(value)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** Random bytes in hexadecimal digits. */
function hex(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
