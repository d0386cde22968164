// What a session makes of a token set: its claims, its life and the header it is sent in.
import { Secret } from '../contract/secret.js';
import type { TokenSet } from '../contract/success-body.js';
import { offsetOf, type ServerClock } from '../decide/clock.js';
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

/** The same answer of the server brought both. */
export const isSame = (one: Grant, other: Grant) =>
  one.tokens.accessToken.reveal() === other.tokens.accessToken.reveal();

/** What a lifetime that was not told but taken from a date believes about the clocks: that ours shows the server's time. */
export function offsetBelieved({ tokens, lifetime }: Grant): number | undefined {
  const told = lifetime === undefined || lifetime === tokens.expiresIn;
  return told ? undefined : Date.now() - performance.now();
}

/** Tokens in hand, ready for use. */
export interface View {
  readonly held: Held<Grant>;
  readonly header: Secret;
  readonly claims: Claims;
  readonly span: Lifespan | undefined;
  /** Server time minus ours, as it was believed to be then, ms. */
  readonly offset: number | undefined;
  readonly expiresAt: Date | undefined;
}

/** @param clock what is known of the server's */
export function viewOf(held: Held<Grant>, clock: ServerClock | undefined): View {
  const { tokens, lifetime } = held.grant;
  const token = tokens.accessToken.reveal();
  const age = performance.now() - held.at;
  return {
    held,
    claims: readClaims(token),
    header: new Secret(`Bearer ${token}`),
    span: lifetime === undefined ? undefined : { receivedAt: held.at, lifetime, spread: Math.random() },
    offset: held.offset ?? (clock && offsetOf(clock)),
    expiresAt: lifetime === undefined ? undefined : new Date(Date.now() - age + lifetime),
  };
}
