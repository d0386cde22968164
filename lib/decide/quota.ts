// Reads from an answer that its quota is used up, before a call earns a 429. A quota that is left is no promise, and
// anything malformed says nothing.
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

/** What may stand in quotes, and does not matter here. */
const QUOTED = /"(?:[^"\\]|\\.)*"/g;
/** A member of a list of structured fields (RFC 9651), its quoted parts replaced: an item and its parameters. */
const MEMBER = /^\s*[\w*:][^\s;()"]*(?:\s*;\s*[a-z*][\w.*-]*(?:=[^\s;()"]+)?)*\s*$/;

function drafted(header: string | undefined): number[] {
  const members = header?.replace(QUOTED, '*').split(',') ?? [];
  // An older draft, an inner list, or no structured field at all.
  if (!members.every((member) => MEMBER.test(member))) return [];
  return members.flatMap((member) => {
    const parameters = member.split(';').map((each) => each.trim().split('='));
    const valueOf = (name: string) => digits(parameters.find(([key]) => key === name)?.[1]);
    const seconds = valueOf('t');
    return valueOf('r') === 0 && seconds !== undefined ? [seconds * 1_000] : [];
  });
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
