// Evidence that a request was made by a page of the shop, and not by another one in its visitor's browser.
import { BFF } from '../contract/bff.js';
import { REFUSALS, type Refusal } from './refusals.js';

/** Methods that change nothing; a browser sends them to its own origin without `Origin`. */
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/**
 * What speaks against a request; `undefined`: nothing. The header shows that the page could ask without a preflight,
 * which nobody else is granted. `Origin` and `Sec-Fetch-Site` are the browser's own words: what is there must be right,
 * and a request that changes something needs one of them.
 */
export function evidenceAgainst(
  { method, headers }: Pick<Request, 'method' | 'headers'>,
  origins: ReadonlySet<string>,
): Refusal | undefined {
  const origin = headers.get('origin');
  const site = headers.get('sec-fetch-site');
  if (origin !== null && !origins.has(origin)) return REFUSALS.crossSite;
  if (site !== null && site !== 'same-origin') return REFUSALS.crossSite;
  if (headers.get(BFF.header) !== BFF.headerValue) return REFUSALS.noHeader;
  if (origin === null && site === null && !READS.has(method)) return REFUSALS.noOrigin;
  return undefined;
}
