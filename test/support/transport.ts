// A transport in memory for the tests of policies: answers by a script and remembers what was sent, and when.
import {
  AxiosError,
  AxiosHeaders,
  type AxiosAdapter,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios';

/** What was sent. */
export interface Sent {
  readonly method: string;
  readonly url: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly data: unknown;
  /** When, ms of `performance`. */
  readonly at: number;
  /** Counts from 1. */
  readonly number: number;
  readonly signal: AbortSignal;
  readonly config: InternalAxiosRequestConfig;
}

interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly data?: unknown;
  /** Code of the error that takes the place of an answer, e.g. `'ECONNRESET'`. */
  readonly fails?: string;
  /** Time until the answer, ms. */
  readonly after?: number;
  /** Goes on when its signal aborts, as a careless adapter does. */
  readonly deaf?: true;
}

/** An answer: a status, more than a status, or none at all. */
export type Answer = number | Reply | 'never';

/** Answers in order, and then 200 for ever; or an answer made from what was sent. */
export type Script = readonly Answer[] | ((sent: Sent) => Answer | Promise<Answer>);

export interface Transport {
  readonly adapter: AxiosAdapter;
  readonly sent: readonly Sent[];
  /** Requests without an answer so far. */
  readonly underWay: number;
  /** Most requests that were under way at once. */
  readonly peak: number;
}

export function transport(script: Script = []): Transport {
  const sent: Sent[] = [];
  let underWay = 0;
  let peak = 0;
  let number = 0;
  return {
    async adapter(config) {
      number += 1;
      const one = sentBy(config, number);
      sent.push(one);
      underWay += 1;
      peak = Math.max(peak, underWay);
      try {
        const answer = typeof script === 'function' ? await script(one) : (script[number - 1] ?? 200);
        return await reply(answer, config);
      } finally {
        underWay -= 1;
      }
    },
    sent,
    get underWay() {
      return underWay;
    },
    get peak() {
      return peak;
    },
  };
}

/** When each request was sent, ms after the first. */
export function times({ sent }: Transport): number[] {
  return sent.map(({ at }) => at - sent[0]!.at);
}

/** Time between one request and the next, ms. */
export function gaps({ sent }: Transport): number[] {
  return sent.slice(1).map(({ at }, index) => at - sent[index]!.at);
}

function sentBy(config: InternalAxiosRequestConfig, number: number): Sent {
  const headers = Object.entries(AxiosHeaders.from(config.headers).toJSON());
  return {
    method: config.method ?? '',
    url: config.url ?? '',
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), String(value)])),
    data: config.data,
    at: performance.now(),
    number,
    signal: config.signal as AbortSignal,
    config,
  };
}

function reply(answer: Answer, config: InternalAxiosRequestConfig): Promise<AxiosResponse> {
  const one: Reply = typeof answer === 'number' ? { status: answer } : answer === 'never' ? {} : answer;
  return new Promise((resolve, reject) => {
    const signal = config.signal as AbortSignal;
    const end = () => {
      signal.removeEventListener('abort', stop);
      if (one.fails !== undefined) reject(new AxiosError(one.fails, one.fails, config));
      else resolve(responseOf(one, config));
    };
    const stop = () => {
      clearTimeout(timer);
      reject(new AxiosError('canceled', 'ERR_CANCELED', config));
    };
    if (!one.deaf) signal.addEventListener('abort', stop, { once: true });
    const timer = one.after === undefined ? undefined : setTimeout(end, one.after);
    if (answer !== 'never' && one.after === undefined) end();
  });
}

function responseOf({ status = 200, headers = {}, data }: Reply, config: InternalAxiosRequestConfig) {
  const body = data ?? (status < 300 ? { sent: true } : '');
  return { status, statusText: '', headers: AxiosHeaders.from({ ...headers }), data: body, config };
}
