// A grant as text and back, for coordinators that keep it outside of this process. The text has the tokens in it.
import { isRecord, parseJson } from '../contract/error-body.js';
import { Secret } from '../contract/secret.js';
import type { Grant } from './coordinator.js';

export function textOfGrant({ tokens, lifetime, subject }: Grant): string {
  return JSON.stringify({
    access: tokens.accessToken.reveal(),
    refresh: tokens.refreshToken?.reveal(),
    expiresIn: tokens.expiresIn,
    lifetime,
    subject,
  });
}

/** @throws Error where it is no grant, without a word of what it is */
export function grantOfText(text: string): Grant {
  const data = parseJson(text);
  if (!isRecord(data) || typeof data.access !== 'string') throw new Error('What was stored are no tokens.');
  const { access, refresh, expiresIn, lifetime, subject } = data;
  return {
    tokens: {
      accessToken: new Secret(access),
      ...(typeof refresh === 'string' && { refreshToken: new Secret(refresh) }),
      ...(typeof expiresIn === 'number' && { expiresIn }),
    },
    ...(typeof lifetime === 'number' && { lifetime }),
    ...(typeof subject === 'string' && { subject }),
  };
}
