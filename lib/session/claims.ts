// session/: the life of one customer's tokens. This file: what an access token says about itself. Advisory only: claims
// may be fractional, missing or wrong, a token may be opaque, and nothing here authorises anything.
import { jwtDecode } from 'jwt-decode';
import { isRecord } from '../contract/error-body.js';

/** The claims we look at, each only if it has the type it should have. */
export interface Claims {
  /** Seconds since 1970, possibly fractional (RFC 7519 section 2). */
  readonly exp?: number;
  readonly iat?: number;
  /** Id of the token; the id for `revoke()`. */
  readonly jti?: string;
  readonly sub?: string;
  /** The customer of the reference API; `sub` is the user of its auth service. */
  readonly customerId?: number;
}

/** Reads a token; an opaque or broken one has no claims. */
export function readClaims(token: string): Claims {
  const claims = decode(token);
  return {
    ...number('exp', claims.exp),
    ...number('iat', claims.iat),
    ...number('customerId', claims.customerId),
    ...(typeof claims.jti === 'string' && { jti: claims.jti }),
    ...(typeof claims.sub === 'string' && { sub: claims.sub }),
  };
}

/** Longer than any token lives; keeps an absurd claim from becoming a date that is none, ms. */
const LONGEST_LIFE = 100 * 365 * 86_400_000;

/** How long a token lives from now on, ms, as far as it can be known. */
export function lifetimeOf(
  { exp, iat }: Claims,
  expiresIn: number | undefined,
  minted: boolean,
  now: number,
): number | undefined {
  const claimed = claimedLife(exp, minted ? iat : undefined, now);
  // What a store says may be old; what an answer just said is not.
  const lifetime =
    minted || claimed === undefined ? (expiresIn ?? claimed) : Math.min(expiresIn ?? claimed, claimed);
  return lifetime === undefined ? undefined : Math.max(-LONGEST_LIFE, Math.min(LONGEST_LIFE, lifetime));
}

/** A token just received lives as long as it says, whatever our clock thinks of the date. */
function claimedLife(exp: number | undefined, iat: number | undefined, now: number): number | undefined {
  if (exp === undefined) return undefined;
  return iat !== undefined && exp > iat ? (exp - iat) * 1_000 : exp * 1_000 - now;
}

function decode(token: string): Record<string, unknown> {
  if (token.split('.', 4).length !== 3) return {}; // opaque, or encrypted
  try {
    const claims: unknown = jwtDecode(token);
    return isRecord(claims) ? claims : {};
  } catch {
    return {}; // the library's message quotes the token: it goes no further
  }
}

function number<K extends string>(name: K, value: unknown): { [P in K]?: number } {
  return typeof value === 'number' && Number.isFinite(value)
    ? ({ [name]: value } as { [P in K]: number })
    : {};
}
