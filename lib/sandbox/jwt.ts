// RS256: the signing keys, signed tokens and the public key set.
import { generateKeyPair, sign, type JsonWebKey, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { Settings } from './options.js';

type Kid = Settings['kid'];

interface KeyPair {
  readonly kid: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const KIDS = ['sandbox-key-1', 'sandbox-key-2'] as const;

// Making a key takes a noticeable part of a second, so each is made when first needed and kept for the process.
const keys = new Map<string, Promise<KeyPair>>();

/** Signs the claims with the newest key; names the key only where the key set does. */
export async function signToken(claims: object, kid: Kid): Promise<string> {
  const key = await keyPair(kid === 'two' ? KIDS[1] : KIDS[0]);
  const header = { typ: 'JWT', alg: 'RS256', ...(kid !== 'none' && { kid: key.kid }) };
  const content = `${encode(header)}.${encode(claims)}`;
  return `${content}.${sign('RSA-SHA256', Buffer.from(content), key.privateKey).toString('base64url')}`;
}

/** The public keys as a JSON Web Key Set. */
export async function keySet(kid: Kid): Promise<{ keys: JsonWebKey[] }> {
  const pairs = await Promise.all((kid === 'two' ? KIDS : KIDS.slice(0, 1)).map(keyPair));
  return {
    keys: pairs.map((pair) => ({
      ...pair.publicKey.export({ format: 'jwk' }),
      use: 'sig',
      alg: 'RS256',
      ...(kid !== 'none' && { kid: pair.kid }),
    })),
  };
}

function keyPair(kid: string): Promise<KeyPair> {
  const known = keys.get(kid);
  if (known) return known;
  const made = promisify(generateKeyPair)('rsa', { modulusLength: 2048 }).then((pair) => ({ kid, ...pair }));
  keys.set(kid, made);
  return made;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
