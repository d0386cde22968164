// Reads how long the server asks us to wait. Anything malformed is `undefined`: a hint that cannot be read is no hint.

/** The headers that can say so, by lower-case name. */
export interface WaitHeaders {
  readonly 'retry-after'?: string | undefined;
  readonly 'retry-after-ms'?: string | undefined;
  /** Dates are judged by the server's own clock, so that ours may be wrong (RFC 9110 section 10.2.3). */
  readonly date?: string | undefined;
}

/** No hint is believed beyond this, ms (some 24 days): the longest that a timer can wait. */
export const LONGEST = 2 ** 31 - 1;

const HTTP_DATE =
  /^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, \d\d-\w{3}-\d\d \d\d:\d\d:\d\d GMT|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})$/;

/**
 * How long the server asks to wait, ms; 0 means now.
 * @param now our wall clock, ms since 1970; used for a date where the server sent no `Date`
 */
export function retryAfterMs(headers: WaitHeaders, now: number): number | undefined {
  const ms = digits(headers['retry-after-ms']);
  if (ms !== undefined) return clamp(ms);
  const value = headers['retry-after']?.trim();
  const seconds = digits(value);
  if (seconds !== undefined) return clamp(seconds * 1_000);
  const at = httpDate(value);
  return at === undefined ? undefined : clamp(at - (httpDate(headers.date?.trim()) ?? now));
}

function digits(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d+(?:\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
}

/** One of the three forms of an HTTP-date (RFC 9110 section 5.6.7), as ms since 1970. */
function httpDate(text: string | undefined): number | undefined {
  if (text === undefined || !HTTP_DATE.test(text)) return undefined;
  const at = Date.parse(/ \d{4}$/.test(text) ? `${text} GMT` : text); // asctime has no zone: UTC by definition
  return Number.isNaN(at) ? undefined : at;
}

function clamp(ms: number): number {
  return Math.min(LONGEST, Math.max(0, Math.ceil(ms)));
}
