// Who a 401 asks for credentials: the API we hold a token for, or something between that wants its own.
import type { ErrorBody } from './answer.js';

const QUOTED = /"(?:[^"\\]|\\.)*"/g;
/** A scheme stands first or after a comma, and is no parameter (RFC 9110 section 11.6.1: several fit in one field). */
const SCHEME = /(?:^|,)\s*([\w!#$%&'*+.^`|~-]+)(?![\w!#$%&'*+.^`|~-]*\s*=)/g;
/** Those that a bearer token answers. */
const OURS: ReadonlySet<string> = new Set(['bearer', 'dpop']);

/**
 * `'foreign'` where no challenge asks for a bearer token and the body has no key of the API, as with a proxy that wants a
 * login of its own. New tokens would not help.
 * @param header `WWW-Authenticate`
 */
export function challengeOf(header: string | undefined, { key }: ErrorBody): 'foreign' | undefined {
  if (!header || key !== undefined) return undefined;
  const schemes = [...header.replace(QUOTED, '""').matchAll(SCHEME)].map(([, scheme = '']) =>
    scheme.toLowerCase(),
  );
  return schemes.length > 0 && !schemes.some((scheme) => OURS.has(scheme)) ? 'foreign' : undefined;
}
