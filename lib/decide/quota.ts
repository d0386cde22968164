// Reads from an answer that its quota is used up, before a call earns a 429. A quota that is left is no promise, and
// anything malformed says nothing.
import { isInnerList, parseList } from 'structured-headers';
import { LONGEST } from './retry-after.js';

/** The headers that can say so, by lower-case name. */
export interface QuotaHeaders {
  /** IETF draft, structured fields: `"default";r=0;t=30`, one member for each policy. */
  readonly ratelimit?: string | undefined;
  readonly 'x-ratelimit-remaining'?: string | undefined;
  /** Seconds from now, or the second of the reset since 1970. */
  readonly 'x-ratelimit-reset'?: string | undefined;
}

/** Larger numbers are dates: as a duration it would be thirty years. */
const EARLIEST_DATE = 1_000_000_000;

/**
 * How long until the quota fills again, ms; `undefined` where it is not used up, or the server does not say.
 * @param now our wall clock, ms since 1970
 * @param refused the answer is a 429, so the quota is used up whatever `remaining` says
 */
export function quotaWaitMs(headers: QuotaHeaders, now: number, refused = false): number | undefined {
  const waits = [...drafted(headers.ratelimit), ...common(headers, now, refused)];
  return waits.length > 0 ? Math.min(LONGEST, Math.max(...waits)) : undefined;
}

function drafted(header: string | undefined): number[] {
  if (header === undefined) return [];
  try {
    return parseList(header).flatMap((member) => {
      const parameters = isInnerList(member) ? undefined : member[1];
      const left = parameters?.get('r');
      const seconds = parameters?.get('t');
      return left === 0 && typeof seconds === 'number' && seconds >= 0 ? [seconds * 1_000] : [];
    });
  } catch {
    return []; // an older draft, or no structured field at all
  }
}

function common(headers: QuotaHeaders, now: number, refused: boolean): number[] {
  const left = digits(headers['x-ratelimit-remaining']);
  const reset = digits(headers['x-ratelimit-reset']);
  if (reset === undefined || (left !== 0 && !refused)) return [];
  return [Math.max(0, reset >= EARLIEST_DATE ? reset * 1_000 - now : reset * 1_000)];
}

function digits(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d{1,15}\s*$/.test(text) ? Number(text) : undefined;
}
