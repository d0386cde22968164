// A grant as text and back, for coordinators that keep it outside of this process. The text has the tokens in it.
import { isRecord, parseJson } from '../contract/error-body.js';
import { Secret } from '../contract/secret.js';
import type { Grant } from './coordinator.js';

/** A grant as text, for a coordinator that keeps its records elsewhere. The tokens stand in it as they are: seal it. */
export function textOfGrant({ tokens, lifetime, subject }: Grant): string {
  return JSON.stringify({
    access: tokens.accessToken.reveal(),
    refresh: tokens.refreshToken?.reveal(),
    expiresIn: tokens.expiresIn,
    lifetime,
    subject,
  });
}

/**
 * The grant that `textOfGrant()` made a text of.
 * @throws Error where it is no grant, without a word of what it is
 */
export function grantOfText(text: string): Grant {
  const data = parseJson(text);
  if (!isRecord(data) || typeof data.access !== 'string') throw new Error('What was stored are no tokens.');
  const { access, refresh, expiresIn, lifetime, subject } = data;
  return {
    tokens: {
      accessToken: new Secret(access),
      ...(typeof refresh === 'string' && { refreshToken: new Secret(refresh) }),
      ...(isDuration(expiresIn) && { expiresIn }),
    },
    ...(isDuration(lifetime) && { lifetime }),
    ...(typeof subject === 'string' && { subject }),
  };
}

/** JSON can say more than a number can hold, which is then infinite. */
const isDuration = (value: unknown): value is number => Number.isFinite(value);
