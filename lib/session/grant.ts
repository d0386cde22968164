// What a session makes of a token set: its claims, its life and the header it is sent in.
import { Secret } from '../contract/secret.js';
import type { TokenSet } from '../contract/success-body.js';
import type { Held } from '../decide/session-events.js';
import type { Lifespan } from '../decide/session.js';
import { lifetimeOf, readClaims, type Claims } from './claims.js';
import type { Grant } from './coordinator.js';

/** @param minted the tokens come from an answer just received, not from a store */
export function grantOf(tokens: TokenSet, minted: boolean): Grant {
  const claims = readClaims(tokens.accessToken.reveal());
  const lifetime = lifetimeOf(claims, tokens.expiresIn, minted, Date.now());
  return {
    tokens,
    ...(lifetime !== undefined && { lifetime }),
    ...(claims.sub !== undefined && { subject: claims.sub }),
  };
}

/** Tokens in hand, ready for use. */
export interface View {
  readonly held: Held<Grant>;
  readonly header: Secret;
  readonly claims: Claims;
  readonly span: Lifespan | undefined;
  readonly expiresAt: Date | undefined;
}

export function viewOf(held: Held<Grant>): View {
  const { tokens, lifetime } = held.grant;
  const token = tokens.accessToken.reveal();
  const age = performance.now() - held.at;
  return {
    held,
    claims: readClaims(token),
    header: new Secret(`Bearer ${token}`),
    span: lifetime === undefined ? undefined : { receivedAt: held.at, lifetime },
    expiresAt: lifetime === undefined ? undefined : new Date(Date.now() - age + lifetime),
  };
}
