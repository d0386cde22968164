// What a request carries that must not come back in an error: a server may echo what it was sent.
import type { AxiosRequestConfig } from 'axios';
import { parseJson } from '../contract/error-body.js';
import { secretsIn } from '../contract/redact.js';
import type { Secret } from '../contract/secret.js';

/** Headers whose values are nobody's secret, and would blank out ordinary words. */
const PLAIN = /^(?:accept|accept-.*|content-type|content-length|user-agent|host|connection|x-shop-id)$/i;

/** The secrets of a request as its caller made it: in its body, its query and its headers. */
export function secretsOf({ data, headers, params, url = '' }: AxiosRequestConfig): string[] {
  const body: unknown = typeof data === 'string' ? (parseJson(data) ?? formOf(data)) : data;
  const own = Object.entries(headers ?? {}).filter(([name]) => !PLAIN.test(name));
  const query = { ...formOf(url.split('?')[1] ?? ''), ...(params as object | undefined) };
  const loose: unknown[] = [...own.flatMap(([, value]) => partsOf(value)), ...Object.values(query)];
  return [...secretsIn(body), ...loose.filter((value) => typeof value === 'string')];
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
