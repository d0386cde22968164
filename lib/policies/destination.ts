// Where a request goes. What is checked here is what is sent: the transport gets the whole address.
import type { AxiosRequestConfig } from 'axios';

export interface Destination {
  readonly url: string;
  /** Scheme, host and port; `undefined` where the address cannot be read. */
  readonly origin: string | undefined;
}

export const ABSOLUTE = /^(?:[a-z][a-z\d+\-.]*:)?\/\//i;

function standsAlone({ baseURL, url = '', allowAbsoluteUrls }: AxiosRequestConfig): boolean {
  return !baseURL || (ABSOLUTE.test(url) && allowAbsoluteUrls !== false);
}

/** The address as axios builds it from `baseURL` and `url`. */
export function destinationOf(config: AxiosRequestConfig): Destination {
  const { baseURL = '', url = '' } = config;
  if (standsAlone(config)) return { url, origin: originOf(url) };
  const { origin, bare } = baseOf(baseURL);
  return { url: url ? `${bare}/${url.replace(/^\/+/, '')}` : baseURL, origin };
}

/** The path without query, relative to `baseURL` where there is one. */
export function pathIn(config: AxiosRequestConfig): string {
  const { url = '' } = config;
  return standsAlone(config) ? (parse(url)?.pathname ?? url) : url;
}

/** Scheme, host and port of an address, or `undefined`. */
export function originOf(url: string): string | undefined {
  return parse(url)?.origin;
}

interface Base {
  readonly text: string;
  readonly origin: string | undefined;
  /** Without the slash at its end. */
  readonly bare: string;
}

// Nearly every call of a process has one of a few bases.
let lastBase: Base | undefined;

function baseOf(text: string): Base {
  if (lastBase?.text !== text) lastBase = { text, origin: originOf(text), bare: text.replace(/\/?\/$/, '') };
  return lastBase;
}

/** In a browser a relative address counts from the page. */
function parse(url: string): URL | undefined {
  try {
    return new URL(url, (globalThis as { location?: { href?: string } }).location?.href);
  } catch {
    return undefined;
  }
}
