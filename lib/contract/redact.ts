// Keeps secrets out of what we copy from the wire: a server may echo what it was sent.

import { MASK } from './secret.js';

/** Longest text we keep of any field of an error body, characters. */
const TEXT_LIMIT = 1_000;
const DEPTH_LIMIT = 4;
const ITEM_LIMIT = 50;
/** Shorter values would blank out ordinary words. */
const SHORTEST = 4;

const SECRET_FIELD = /pass(word|phrase)|secret|token|authorization|cookie|credential|api[-_]?key|jwt/i;
/** Single-use values of our own requests; in an answer these names mean something harmless. */
const SECRET_INPUT = /^(hash|code|code_?verifier)$/i;
const SECRET_SHAPE =
  /\b(?:Bearer|Basic)\s+[\w\-.~+/]{4,}=*|\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?|\bdef50200[0-9a-f]{16,}/gi;

/** Replaces the given secrets, and whatever looks like a credential, in a text; cuts it to a bearable length. */
export function redactText(text: string, secrets: readonly string[] = []): string {
  // Longest first, and before the cut: neither must leave a piece of a secret behind.
  const known = secrets.filter((secret) => secret.length >= SHORTEST).sort((a, b) => b.length - a.length);
  const out = known.reduce((rest, secret) => rest.split(secret).join(MASK), text);
  return maskShapes(out.length > TEXT_LIMIT ? `${out.slice(0, TEXT_LIMIT)}…` : out);
}

/** Replaces whatever looks like a credential. */
export const maskShapes = (text: string) => text.replace(SECRET_SHAPE, MASK);

/** A copy of any JSON-like value with its secrets replaced, bounded in depth and size. */
export function redactValue(value: unknown, secrets: readonly string[] = [], depth = 0): unknown {
  if (typeof value === 'string') return redactText(value, secrets);
  if (typeof value === 'bigint') return String(value); // JSON has no place for it
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? undefined : value;
  if (depth >= DEPTH_LIMIT) return '…';
  if (Array.isArray(value))
    return value.slice(0, ITEM_LIMIT).map((item) => redactValue(item, secrets, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, ITEM_LIMIT)
      .map(([key, item]) => [
        redactText(key, secrets),
        typeof item === 'string' && SECRET_FIELD.test(key) ? MASK : redactValue(item, secrets, depth + 1),
      ]),
  );
}

/** A text in UTF-8, one character for each byte. */
const bytesOf = (text: string) =>
  Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('');

/** Base64 of a text in UTF-8. */
export function base64Of(text: string): string {
  return btoa(bytesOf(text));
}

/** For a URL. Half a surrogate pair cannot be percent-encoded; it leaves as U+FFFD, as everywhere else. */
export function percentEncoded(text: string): string {
  return encodeURIComponent(new TextDecoder().decode(new TextEncoder().encode(text)));
}

/** A secret as it is, and as URLs, forms, JSON and headers write it. */
export function spellingsOf(secret: string): string[] {
  const base64 = base64Of(secret);
  return [
    secret,
    percentEncoded(secret),
    new URLSearchParams({ '': secret }).toString().slice(1),
    JSON.stringify(secret).slice(1, -1),
    bytesOf(secret),
    bytesOf(JSON.stringify(secret).slice(1, -1)), // by a server that takes the UTF-8 of a body for Latin-1
    base64,
    base64.replace(/=+$/, ''),
    base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''),
  ];
}

/** Whether what stands under this name in a request is a secret. */
export const isSecretName = (name: string) => SECRET_FIELD.test(name) || SECRET_INPUT.test(name);

/** Every string in a request body that stands under a secret's name, at any depth within the limits. */
export function secretsIn(value: unknown, depth = 0): string[] {
  if (typeof value !== 'object' || value === null || depth >= DEPTH_LIMIT || ArrayBuffer.isView(value))
    return [];
  return Object.entries(value).flatMap(([key, item]) =>
    typeof item !== 'string' ? secretsIn(item, depth + 1) : isSecretName(key) ? [item] : [],
  );
}
