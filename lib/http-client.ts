// `createHttpClient()`: the same resilience without auth, for any code that takes an axios instance.
import type { AxiosInstance } from 'axios';
import { createEvents, type Events } from './events.js';
import { createInstance, nobody, POLICIES_OF } from './instance.js';
import { resolveOptions, type HttpClientOptions } from './options.js';
import { originOf } from './policies/destination.js';
import { joinTraffic } from './policies/governor.js';
import { createWire } from './wire.js';

/** An axios instance that retries, honours cooldowns and rejects with `AuthError`. */
export interface HttpClient extends AxiosInstance {
  /** Adds a listener; the result removes it. */
  readonly on: Events['on'];
  /** Ends every call with `CLIENT_CLOSED`; no timer, listener or wait is left. */
  readonly close: () => void;
}

/**
 * An axios instance with the policies of holdfast and no credentials of its own.
 * @throws TypeError naming the first bad option
 */
export function createHttpClient<const C extends string = never>(options: HttpClientOptions<C>): HttpClient {
  const resolved = resolveOptions('createHttpClient', options);
  const { policies, table, strict, transport } = resolved;
  const events = createEvents();
  const traffic = joinTraffic(resolved.governor, resolved.terms, resolved.transport);
  const wire = createWire({
    table,
    strict,
    retry: policies.retry,
    traffic,
    transport,
    origins: new Set(),
    own: new Set([originOf(resolved.baseURL) ?? '']),
  });
  const client = Object.assign(createInstance(wire, nobody(events.emit), resolved), {
    on: events.on,
    close: wire.close,
  });
  POLICIES_OF.set(client, policies);
  return client;
}
