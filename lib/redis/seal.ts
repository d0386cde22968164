// What Redis gets to see of a session: a name that tells nothing, and tokens under AES-256-GCM.
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import type { Grant } from '../session/coordinator.js';
import { grantOfText, textOfGrant } from '../session/grant-text.js';

/** A key for what is stored. */
export interface SealKey {
  /** Stands in front of what it seals: letters, digits, `_` and `-`. */
  readonly id: string;
  /** At least 32 characters that nobody can guess, as of `openssl rand -base64 32`. */
  readonly secret: string;
}

/** Seals the grants of one session. */
export interface Seal {
  close(grant: Grant): string;
  /** @throws Error where none of the keys opens it, without a word of what is in it */
  open(sealed: string): Grant;
}

const CIPHER = 'aes-256-gcm';
const NONCE = 12;
const TAG = 16;

/** @param secret not one of the seals: names stay while those are replaced */
export function nameOf(secret: string, key: string): string {
  return createHmac('sha256', secret).update(`holdfast name\0${key}`).digest('base64url');
}

/** Each session has keys of its own: what was sealed for another opens nothing, and no key seals too often. */
export function sealFor(name: string, keys: readonly SealKey[]): Seal {
  const keyOf = ({ secret }: SealKey) =>
    createHmac('sha256', secret).update(`holdfast seal\0${name}`).digest();
  return {
    close(grant) {
      const [key] = keys;
      if (!key) throw new Error('There is no key to seal with.');
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv(CIPHER, keyOf(key), nonce).setAAD(Buffer.from(key.id));
      const body = Buffer.concat([
        nonce,
        cipher.update(textOfGrant(grant)),
        cipher.final(),
        cipher.getAuthTag(),
      ]);
      return `${key.id}.${body.toString('base64url')}`;
    },
    open(sealed) {
      const [id, text = ''] = sealed.split('.');
      const key = keys.find((each) => each.id === id);
      if (!key) throw new Error('The tokens in Redis were sealed with a key that is not among `keys`.');
      return grantOfText(unseal(key, Buffer.from(text, 'base64url')));
    },
  };

  function unseal(key: SealKey, body: Buffer): string {
    try {
      const decipher = createDecipheriv(CIPHER, keyOf(key), body.subarray(0, NONCE), { authTagLength: TAG })
        .setAAD(Buffer.from(key.id))
        .setAuthTag(body.subarray(-TAG));
      return decipher.update(body.subarray(NONCE, -TAG), undefined, 'utf8') + decipher.final('utf8');
    } catch {
      throw new Error('The tokens in Redis are damaged, or were sealed with another secret.');
    }
  }
}
