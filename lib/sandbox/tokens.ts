// The tokens: pairs of an access token (a JWT) and a refresh token (opaque), their rotation and their end.
import { randomBytes, randomInt } from 'node:crypto';
import type { Customer } from './accounts.js';
import { signToken } from './jwt.js';
import type { Settings } from './options.js';

/** Where a session was opened from. */
export interface Device {
  readonly ip: string;
  readonly userAgent: string;
}

/** One pair of tokens: one entry in the customer's list of sessions. */
export interface Grant extends Device {
  /** The `jti` of the access token. */
  readonly id: string;
  readonly customer: Customer;
  readonly clientId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly issuedAt: number;
  readonly refreshExpiresAt: number;
  accessExpiresAt: number;
  /** Both tokens at once: the server knows no half-dead pair. */
  revoked: boolean;
}

/** Why a refresh token is refused, by the word that its hint carries. */
export type RefreshFlaw = 'decrypt' | 'linked' | 'expired' | 'revoked';

export type Tokens = ReturnType<typeof createTokens>;

export function createTokens({ lifetimes, kid, now }: Pick<Settings, 'lifetimes' | 'kid' | 'now'>) {
  const byAccessToken = new Map<string, Grant>();
  const byRefreshToken = new Map<string, Grant>();

  async function issue(
    customer: Customer,
    clientId: string,
    device: Device,
    refreshExpiresAt = now() + lifetimes.refresh,
  ): Promise<Grant> {
    const id = randomBytes(40).toString('hex');
    const issuedAt = now();
    const accessExpiresAt = issuedAt + lifetimes.access;
    const accessToken = await signToken(claimsOf(customer, clientId, id, issuedAt, accessExpiresAt), kid);
    const refreshToken = `def50200${randomBytes(320).toString('hex')}`;
    const { ip, userAgent } = device;
    const grant: Grant = {
      ...{ id, customer, clientId, accessToken, refreshToken, issuedAt, accessExpiresAt, refreshExpiresAt },
      ...{ ip, userAgent, revoked: false },
    };
    byAccessToken.set(accessToken, grant);
    byRefreshToken.set(refreshToken, grant);
    return grant;
  }

  const isLive = (grant: Grant) => !grant.revoked && grant.accessExpiresAt > now();
  const all = () => [...byAccessToken.values()];

  return {
    issue,

    /** The pair of an access token that is still good. */
    live(accessToken: string): Grant | undefined {
      const grant = byAccessToken.get(accessToken);
      return grant && isLive(grant) ? grant : undefined;
    },

    /** Checks in the OAuth library's order: an expired and revoked token is reported as expired. */
    inspect(refreshToken: string, clientId: string): Grant | RefreshFlaw {
      const grant = byRefreshToken.get(refreshToken);
      if (!grant) return 'decrypt';
      if (grant.clientId !== clientId) return 'linked';
      if (grant.refreshExpiresAt <= now()) return 'expired';
      return grant.revoked ? 'revoked' : grant;
    },

    /** A new pair for an old one, which dies at once; the session still ends when it was going to. */
    rotate(grant: Grant, device: Device): Promise<Grant> {
      grant.revoked = true; // before anything is awaited: of two callers only one may win
      return issue(grant.customer, grant.clientId, device, grant.refreshExpiresAt);
    },

    sessionsOf: (customer: Customer): Grant[] =>
      all().filter((grant) => grant.customer === customer && isLive(grant)),

    revokeCustomer(customer: Customer): void {
      for (const grant of all()) if (grant.customer === customer) grant.revoked = true;
    },

    /** Access tokens only: refresh tokens stay good. */
    expireAccessTokens(): void {
      for (const grant of all()) grant.accessExpiresAt = Math.min(grant.accessExpiresAt, now());
    },
  };
}

/** Claims as the reference API writes them: fractions of seconds, a numeric customer, no issuer. */
function claimsOf(customer: Customer, clientId: string, id: string, issuedAt: number, expiresAt: number) {
  const micros = issuedAt * 1_000 + randomInt(1, 900);
  return {
    aud: clientId,
    jti: id,
    iat: micros / 1e6,
    nbf: (micros + 11) / 1e6,
    exp: (expiresAt * 1_000 + randomInt(1, 900)) / 1e6,
    sub: String(customer.userId),
    scopes: [],
    customerId: customer.id,
  };
}
