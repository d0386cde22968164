// The API behind the authorization server: it has weather, a limit for each customer and group of paths, and a clock.
import type { Limit, Plan, Weather } from './plan.js';

/** What the API makes of a request before it looks at the token. */
export type Reception =
  | { readonly is: 'refused' | 'silent' }
  | { readonly is: 'answer'; readonly status: number; readonly headers: Headers }
  | { readonly is: 'taken'; readonly headers: Headers };

type Headers = Readonly<Record<string, string>>;

export interface Api {
  /** It fails in this way for everybody. @param tells for how long a client shall stay away, s */
  weather(how: Weather, until: number, tells: number | null): void;
  /** It refuses every token. */
  refuses(until: number): void;
  readonly refusesNow: boolean;
  /** All is well again, and nothing is limited. */
  clear(): void;
  /** @param customer whose limit counts */
  receive(customer: string, group: string): Reception;
}

/** @param time what time it really is, ms since 1970 */
export function createApi({ limit, lie }: Plan, time: () => number): Api {
  let bad: { readonly how: Weather; readonly until: number; readonly tells: number | null } | undefined;
  let refusesUntil = 0;
  let limited = limit;
  const windows = new Map<string, { readonly ends: number; left: number }>();
  const clock = () => time() + (lie ?? 0);
  // Whoever answers with dates has to tell the time.
  const tellsTime = lie !== null || limit?.tells === 'date';
  const dated = (): Headers => (tellsTime ? { date: new Date(clock()).toUTCString() } : {});

  return {
    weather(how, until, tells) {
      bad = { how, until, tells };
    },
    refuses(until) {
      refusesUntil = until;
    },
    get refusesNow() {
      return performance.now() < refusesUntil;
    },
    clear() {
      bad = limited = undefined as never;
      refusesUntil = 0;
    },
    receive(customer, group) {
      const now = performance.now();
      if (bad && now < bad.until) {
        const { how, tells } = bad;
        if (typeof how === 'string') return { is: how };
        const headers = { ...dated(), ...(tells !== null && { 'retry-after': String(tells) }) };
        return { is: 'answer', status: how, headers };
      }
      if (!limited) return { is: 'taken', headers: dated() };
      const lane = `${customer} ${group}`;
      let window = windows.get(lane);
      if (!window || now >= window.ends)
        windows.set(lane, (window = { ends: now + limited.per, left: limited.calls }));
      const isOver = window.left === 0;
      if (!isOver) window.left -= 1;
      const headers = { ...dated(), ...said(limited, window.ends - now, window.left, isOver, clock()) };
      return isOver ? { is: 'answer', status: 429, headers } : { is: 'taken', headers };
    },
  };
}

/** What an answer says about the limit, which is new again in `forMs`. */
function said({ tells }: Limit, forMs: number, left: number, isOver: boolean, clock: number): Headers {
  if (tells === 'quota')
    return { 'x-ratelimit-remaining': String(left), 'x-ratelimit-reset': String(Math.ceil(forMs / 1_000)) };
  if (!isOver || tells === 'nothing') return {};
  if (tells === 'ms') return { 'retry-after-ms': String(Math.ceil(forMs)) };
  // Dates are whole seconds, and so is the clock that they are read by.
  return {
    'retry-after':
      tells === 'seconds'
        ? String(Math.ceil(forMs / 1_000))
        : new Date(Math.ceil((clock + forMs) / 1_000) * 1_000).toUTCString(),
  };
}
