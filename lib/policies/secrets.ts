// What a request carries that must not come back in an error: a server may echo what it was sent.
import type { AxiosRequestConfig } from 'axios';
import { parseJson } from '../contract/error-body.js';
import { secretsIn } from '../contract/redact.js';
import type { Secret } from '../contract/secret.js';
import { isOnce } from './body.js';

/** Headers whose values are nobody's secret, and would blank out ordinary words. */
const PLAIN = /^(?:accept|accept-.*|content-type|content-length|user-agent|host|connection|x-shop-id)$/i;

/** Shorter values of a query are ordinary words, unless their name says otherwise. */
const LONG = 12;
/** Larger bodies are files. */
const LARGEST = 64 * 1024;

/** Bodies that a function made for the attempts of a request. */
const MADE = new WeakMap<object, unknown[]>();

/** A request was sent with this body too, and what is secret in it counts like that of its own. */
export function alsoSent(request: AxiosRequestConfig, body: unknown): void {
  MADE.set(request, [...(MADE.get(request) ?? []), body]);
}

/** The secrets of a request as its caller made it: in its body, its query and its headers. */
export function secretsOf(request: AxiosRequestConfig): string[] {
  const { headers, url = '' } = request;
  const own = Object.entries(headers ?? {}).filter(([name]) => !PLAIN.test(name));
  const query = [fieldsOf(request.params), formOf(url.split('?')[1] ?? '')];
  const bodies = [request.data as unknown, ...(MADE.get(request) ?? [])].map(fieldsOf);
  return [
    ...[...bodies, ...query].flatMap((fields) => secretsIn(fields)),
    ...query.flatMap(valuesOf).filter(isLong),
    ...own.flatMap(([, value]) => partsOf(value)),
  ];
}

const isLong = (value: unknown): value is string => typeof value === 'string' && value.length >= LONG;

/** The fields of a body or query, whatever it is made of. */
function fieldsOf(body: unknown): object {
  if (typeof body === 'string') return (parseJson(body) as object | null | undefined) ?? formOf(body);
  if (body instanceof URLSearchParams || body instanceof FormData) return listOf(body);
  if (ArrayBuffer.isView(body) || body instanceof ArrayBuffer)
    return body.byteLength <= LARGEST ? fieldsOf(new TextDecoder().decode(body)) : {};
  return typeof body === 'object' && body !== null && !isOnce(body) ? body : {};
}

/** A form as a list of objects, since it may have several fields of one name. */
const listOf = (form: URLSearchParams | FormData) =>
  Array.from(form.entries(), ([name, value]) => ({ [name]: value }));

const formOf = (text: string) => listOf(new URLSearchParams(text));

const valuesOf = (fields: object): unknown[] =>
  Array.isArray(fields)
    ? fields.flatMap((field: object) => Object.values(field) as unknown[])
    : Object.values(fields);

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
