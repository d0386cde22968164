// Tokens for the tests of sessions: made here, signed by nobody.
import { Secret } from '../../lib/contract/secret.js';
import type { TokenSet } from '../../lib/contract/success-body.js';

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token with this payload, whatever it is. */
export const jwt = (payload: unknown): string => `${part({ alg: 'none', typ: 'JWT' })}.${part(payload)}.c2ln`;

/** The encrypted form: five parts, and nothing to read. */
export const JWE = `${part({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.a2V5.aXY.Y2lwaGVy.dGFn`;

export interface Pair {
  readonly access: string;
  readonly refresh?: string | undefined;
  readonly expiresIn?: number | undefined;
}

export const tokenSet = ({ access, refresh, expiresIn }: Pair): TokenSet => ({
  accessToken: new Secret(access),
  ...(refresh !== undefined && { refreshToken: new Secret(refresh) }),
  ...(expiresIn !== undefined && { expiresIn }),
});
