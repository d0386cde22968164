// Checks what a session is begun with or found by: a key, or tokens in hand.
import { bad, checkFields, optional, text } from './check-options.js';
import { isRecord } from './contract/error-body.js';
import type { TokenSet } from './contract/success-body.js';
import { tokenSetOf, type Tokens } from './session/store.js';

const TOKENS = {
  accessToken: text,
  refreshToken: optional(text),
  expiresIn: optional({ says: 'a number of ms', accepts: Number.isFinite }),
};

/** A key that is a token would be looked for in stores and shown in events. */
export function checkedKey(key: string, maker?: string): string {
  const looksLikeToken = /^[\w-]{8,}\.[\w-]+\.[\w.-]*$/.test(key);
  if (key === '' || looksLikeToken) {
    if (maker) bad(maker, 'key', 'a name for the session, and no token', key);
    else bad('resume', 'the tokens', 'the key of a session, or an object with accessToken', key);
  }
  return key;
}

export function checkedTokens(tokens: Tokens): TokenSet {
  const maker = 'resume';
  if (!isRecord(tokens)) bad(maker, 'tokens', 'an object with accessToken, or the key of a session', tokens);
  checkFields(maker, 'tokens.', tokens, TOKENS);
  return tokenSetOf(tokens);
}
