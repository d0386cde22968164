// Where a request goes. What is checked here is what is sent: the transport gets the whole address.
import type { AxiosRequestConfig } from 'axios';

export interface Destination {
  readonly url: string;
  /** Scheme, host and port; `undefined` where the address cannot be read. */
  readonly origin: string | undefined;
  /** The path without query, relative to `baseURL` where there is one. */
  readonly path: string;
}

const ABSOLUTE = /^(?:[a-z][a-z\d+\-.]*:)?\/\//i;

/** The address as axios builds it from `baseURL` and `url`. */
export function destinationOf({ baseURL, url = '', allowAbsoluteUrls }: AxiosRequestConfig): Destination {
  if (!baseURL || (ABSOLUTE.test(url) && allowAbsoluteUrls !== false)) {
    const parsed = parse(url);
    return { url, origin: parsed?.origin, path: parsed?.pathname ?? url };
  }
  const whole = url ? `${baseURL.replace(/\/?\/$/, '')}/${url.replace(/^\/+/, '')}` : baseURL;
  return { url: whole, origin: originOfBase(baseURL), path: url };
}

/** Scheme, host and port of an address, or `undefined`. */
export function originOf(url: string): string | undefined {
  return parse(url)?.origin;
}

// Nearly every call of a process has one of a few bases.
let lastBase: { readonly base: string; readonly origin: string | undefined } | undefined;

function originOfBase(base: string): string | undefined {
  if (lastBase?.base !== base) lastBase = { base, origin: originOf(base) };
  return lastBase.origin;
}

/** In a browser a relative address counts from the page. */
function parse(url: string): URL | undefined {
  try {
    return new URL(url, (globalThis as { location?: { href?: string } }).location?.href);
  } catch {
    return undefined;
  }
}
