// What a request carries that must not come back in an error: a server may echo what it was sent.
import type { AxiosRequestConfig } from 'axios';
import { parseJson } from '../contract/error-body.js';
import { secretsIn } from '../contract/redact.js';
import type { Secret } from '../contract/secret.js';

/** Headers whose values are nobody's secret, and would blank out ordinary words. */
const PLAIN = /^(?:accept|accept-.*|content-type|content-length|user-agent|host|connection|x-shop-id)$/i;

/** Shorter values of a query are ordinary words, unless their name says otherwise. */
const LONG = 12;
/** Larger bodies are files. */
const LARGEST = 64 * 1024;

/** The secrets of a request as its caller made it: in its body, its query and its headers. */
export function secretsOf({ data, headers, params, url = '' }: AxiosRequestConfig): string[] {
  const own = Object.entries(headers ?? {}).filter(([name]) => !PLAIN.test(name));
  const query = [fieldsOf(params), formOf(url.split('?')[1] ?? '')];
  const long = query.flatMap((fields) => Object.values(fields) as unknown[]).filter(isLong);
  return [
    ...secretsIn(fieldsOf(data)),
    ...query.flatMap((fields) => secretsIn(fields)),
    ...long,
    ...own.flatMap(([, value]) => partsOf(value)),
  ];
}

const isLong = (value: unknown): value is string => typeof value === 'string' && value.length >= LONG;

/** The fields of a body or query, whatever it is made of. */
function fieldsOf(body: unknown): object {
  if (typeof body === 'string') return (parseJson(body) as object | null | undefined) ?? formOf(body);
  if (body instanceof URLSearchParams || body instanceof FormData) return Object.fromEntries(body.entries());
  if (ArrayBuffer.isView(body))
    return body.byteLength <= LARGEST ? fieldsOf(new TextDecoder().decode(body)) : {};
  return typeof body === 'object' && body !== null ? body : {};
}

/** A header value and the long words in it: a cookie is a list of secrets. */
function partsOf(value: unknown): string[] {
  return typeof value === 'string'
    ? [value, ...value.split(/[;,=\s]+/).filter((part) => part.length >= 8)]
    : [];
}

/** The secrets in an `Authorization` header: a bearer token, or client credentials and the secret in them. */
export function secretsInHeader(header: Secret): string[] {
  const [scheme = '', value = ''] = header.reveal().split(' ');
  if (scheme !== 'Basic') return [value];
  const bytes = Uint8Array.from(atob(value), (char) => char.charCodeAt(0));
  return [value, new TextDecoder().decode(bytes).replace(/^[^:]*:/, '')];
}

const formOf = (text: string) => Object.fromEntries(new URLSearchParams(text));
