// The last moment before an attempt leaves: it gets its credential, if it may carry one where it goes.
import { AxiosHeaders, type InternalAxiosRequestConfig } from 'axios';
import type { AuthMode } from '../contract/endpoints.js';
import type { Call } from './call.js';
import type { MadeBody } from './made-body.js';

/** An attempt that is ready to leave: a copy, so that no credential stays behind in the config of the call. */
export interface Departure {
  readonly config: InternalAxiosRequestConfig;
  /** What the attempt carries. */
  readonly auth: AuthMode;
}

/**
 * @param allowed origins that may receive a credential
 * @param body what was made for this attempt alone
 */
export function authorize(call: Call, allowed: ReadonlySet<string>, body?: MadeBody): Departure {
  const { request, identity, key, origin, url, customer } = call.facts;
  const headers = body?.headers ?? Object.assign(new AxiosHeaders(), request.headers); // transports write into their headers
  if (key !== undefined) headers.set('Idempotency-Key', key, false);
  const config = copyOf(request);
  config.url = url;
  config.baseURL = undefined;
  config.headers = headers;
  if (body) config.data = body.data;

  if (origin === undefined || !allowed.has(origin)) return { config, auth: 'none' };
  if (customer) headers.set('x-original-client-ip', customer.ip);
  if (customer?.userAgent) headers.set('x-original-user-agent', customer.userAgent);
  const credential = identity.credential();
  if (!credential || bringsItsOwn(config)) return { config, auth: 'none' };
  const { header, version, grantedAt } = credential;
  headers.Authorization = header.reveal(); // there is none yet, and `set` would look for it once more
  call.version = version;
  call.grantedAt = grantedAt;
  if (call.carried.at(-1) !== header) call.carried = [...call.carried, header];
  return { config, auth: identity.mode };
}

/** V8 makes a dictionary of `Object.create(null)`, thrice as large; and spreading one, as axios makes them, is slow. */
function copyOf(request: InternalAxiosRequestConfig): InternalAxiosRequestConfig {
  const copy = Object.setPrototypeOf({}, null) as Record<string, unknown>;
  for (const key in request) copy[key] = request[key as keyof InternalAxiosRequestConfig];
  return copy as unknown as InternalAxiosRequestConfig;
}

/** A credential that the caller brought is never replaced by another identity. */
function bringsItsOwn({ headers, auth, url = '' }: InternalAxiosRequestConfig): boolean {
  return headers.has('Authorization') || auth !== undefined || /^[^/]*\/\/[^/?#]*@/.test(url);
}
