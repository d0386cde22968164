// One call by plan, and what came of it, both as plain data: the same code runs in Node and in a page.
import type { AxiosAdapter } from 'axios';
import { createAuthClient, createGovernor, createHttpClient, isAuthError, unwrap } from '../../lib/index.js';

export interface Plan {
  readonly adapter: 'http' | 'fetch' | 'xhr';
  readonly baseURL: string;
  readonly path: string;
  readonly method: 'get' | 'post' | 'login';
  /** Of an attempt, ms. */
  readonly timeout?: number;
  /** Of the call, ms. */
  readonly deadline?: number;
  /** Aborts the call after so many ms, with a reason. */
  readonly abortAfter?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A path that is asked first, so that the call finds a connection to use again. */
  readonly after?: string;
}

/** An answer or an error, field by field; fields that an error does not have are left out. */
export type Outcome = Readonly<Record<string, unknown>>;

export const REASON = 'the page was left';

/** At most one repeat, and nobody else's experience with the server. */
export async function attempt(plan: Plan): Promise<Outcome> {
  const { adapter, baseURL, path, method, timeout = 10_000, deadline = 20_000, headers = {} } = plan;
  const client = createAuthClient({
    baseURL,
    shopId: 1,
    endpoints: { login: { path } },
    governor: createGovernor(),
    axios: { adapter },
    policies: {
      timeout: { attempt: timeout, total: deadline },
      retry: { retries: 1, backoff: { initial: 1, jitter: 'none' } },
    },
  });
  const controller = new AbortController();
  const { signal } = controller;
  try {
    if (plan.after !== undefined) await client.http.get(plan.after);
    if (plan.abortAfter !== undefined) setTimeout(() => controller.abort(new Error(REASON)), plan.abortAfter);
    if (method === 'login') {
      unwrap(await client.login({ email: 'ada@example.com', password: 'secret' }, { signal }));
      return { ok: true };
    }
    const data = method === 'post' ? { amount: 1 } : undefined;
    const response = await client.http.request<unknown>({ url: path, method, data, headers, signal });
    return { ok: true, status: response.status, attempts: response.attempts, data: response.data };
  } catch (error) {
    return failure(error);
  } finally {
    client.close();
  }
}

function failure(error: unknown): Outcome {
  if (!isAuthError(error)) throw error;
  const { code, kind, ambiguous, attempts, retryable, status, retryAfter, cause } = error;
  const reason = cause instanceof Error ? cause.message : cause;
  const fields = { code, kind, ambiguous, attempts, retryable, status, retryAfter, reason };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

export interface Crowd {
  readonly adapter: Plan['adapter'] | AxiosAdapter;
  readonly baseURL: string;
  readonly responseType: 'json' | 'stream';
  readonly count: number;
}

/** So many calls at once that share a signal; resolves with how many of them ended in which way. */
export async function share(signal: AbortSignal, crowd: Crowd): Promise<Readonly<Record<string, number>>> {
  const { adapter, baseURL, responseType, count } = crowd;
  const client = createHttpClient({ baseURL, governor: createGovernor(), axios: { adapter, responseType } });
  const ends: Record<string, number> = {};
  const one = async () => {
    let end = 'answered';
    try {
      const { data } = await client.get<unknown>('/fine', { signal });
      if (responseType === 'stream') await new Response(data as BodyInit).text();
    } catch (error) {
      end = isAuthError(error) ? error.code : String(error);
    }
    ends[end] = (ends[end] ?? 0) + 1;
  };
  await Promise.all(Array.from({ length: count }, one));
  client.close();
  return ends;
}
