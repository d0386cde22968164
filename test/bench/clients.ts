// The clients that are compared. Each repeats as often as holdfast does by default; all else is as its own documentation
// has it.
import { Agent } from 'node:http';
import axios, {
  type AxiosAdapter,
  type AxiosInstance,
  type CreateAxiosDefaults,
  type InternalAxiosRequestConfig,
} from 'axios';
import axiosRetry from 'axios-retry';
import type * as Holdfast from '../../lib/index.js';
import { peer, PEERS } from './peers.js';
import { pause } from './tasks.js';

export type Get = (path: string) => Promise<unknown>;

const RETRIES = 3;
/** As many sockets for everyone. */
const SOCKETS = 256;

export const httpAgent = new Agent({ keepAlive: true, maxSockets: SOCKETS });

/** As the package ships it. */
export const loadHoldfast = (): Promise<typeof Holdfast> =>
  import(new URL('../../../../dist/index.js', import.meta.url).href) as Promise<typeof Holdfast>;

export interface AxiosAuthRefresh {
  readonly createAuthRefresh: (
    http: AxiosInstance,
    refresh: () => Promise<unknown>,
    options?: object,
  ) => number;
}

interface Cockatiel {
  readonly handleAll: object;
  readonly ExponentialBackoff: new () => object;
  readonly ConsecutiveBreaker: new (failures: number) => object;
  readonly retry: (policy: object, options: object) => object;
  readonly circuitBreaker: (policy: object, options: object) => object;
  readonly wrap: (...policies: object[]) => { execute(task: () => Promise<unknown>): Promise<unknown> };
}

/** What a client is made for. */
export interface Setting {
  readonly url: string;
  /** Answers in place of the network; only those on axios can take it. */
  readonly adapter?: AxiosAdapter;
  /** For holdfast: what differs from its defaults. */
  readonly policies?: Holdfast.PolicyOptions;
  /** For holdfast: shares nothing with other clients of the process. */
  readonly apart?: boolean;
}

type Build = (setting: Setting) => Promise<Get>;

const defaultsOf = ({ adapter }: Setting): CreateAxiosDefaults => (adapter ? { adapter } : { httpAgent });

const viaAxios =
  (http: AxiosInstance): Get =>
  (path) =>
    http.get<unknown>(path);

async function holdfastOptions(setting: Setting) {
  const { createGovernor } = await loadHoldfast();
  return {
    baseURL: setting.url,
    axios: { ...defaultsOf(setting), headers: {} },
    policies: setting.policies ?? {},
    ...(setting.apart ? { governor: createGovernor() } : {}),
  };
}

const onAxios =
  (equip: (http: AxiosInstance) => unknown = () => undefined, more: CreateAxiosDefaults = {}): Build =>
  async (setting) => {
    const http = axios.create({ ...defaultsOf(setting), baseURL: setting.url, ...more });
    await equip(http);
    return viaAxios(http);
  };

/** It waits as long as Retry-After says; that a 429 is repeated at all has to be said. */
const axiosRetries = (retries: number) => (http: AxiosInstance) =>
  axiosRetry(http, {
    retries,
    retryDelay: (count, error) => axiosRetry.exponentialDelay(count, error),
    retryCondition: (error) =>
      error.response?.status === 429 || axiosRetry.isNetworkOrIdempotentRequestError(error),
  });

/** An interceptor that counts in the config and sends it again, as in hundreds of tutorials. */
function retryByHand(http: AxiosInstance): void {
  http.interceptors.response.use(undefined, async (error: unknown) => {
    if (!axios.isAxiosError(error) || !error.config) throw error;
    const config = error.config as InternalAxiosRequestConfig & { retryCount?: number };
    const { status = 500, headers = {} } = error.response ?? {};
    const count = (config.retryCount ?? 0) + 1;
    if (count > RETRIES || (status < 500 && status !== 429)) throw error;
    config.retryCount = count;
    await pause(Number(headers['retry-after'] ?? 0) * 1_000 || 2 ** count * 100);
    return http(config);
  });
}

const withCockatiel: Build = async (setting) => {
  const { retry, circuitBreaker, wrap, handleAll, ExponentialBackoff, ConsecutiveBreaker } =
    await peer<Cockatiel>('cockatiel');
  const get = await onAxios()(setting);
  // Its readme begins with these two.
  const policy = wrap(
    retry(handleAll, { maxAttempts: RETRIES, backoff: new ExponentialBackoff() }),
    circuitBreaker(handleAll, { halfOpenAfter: 10_000, breaker: new ConsecutiveBreaker(5) }),
  );
  return (path) => policy.execute(() => get(path));
};

const BUILDS = {
  holdfast: async (setting) => {
    const { createHttpClient } = await loadHoldfast();
    return viaAxios(createHttpClient(await holdfastOptions(setting)));
  },
  'holdfast, session.http': async (setting) => {
    const { createAuthClient } = await loadHoldfast();
    const client = createAuthClient(await holdfastOptions(setting));
    return viaAxios(client.resume({ accessToken: 'access', refreshToken: 'refresh' }).http);
  },
  axios: onAxios(),
  'axios, maxRedirects 0': onAxios(undefined, { maxRedirects: 0 }),
  'axios + axios-retry': onAxios(axiosRetries(RETRIES)),
  'axios + axios-retry, 10 retries': onAxios(axiosRetries(10)),
  'axios + axios-auth-refresh': onAxios(async (http) => {
    const { createAuthRefresh } = await peer<AxiosAuthRefresh>('axios-auth-refresh');
    createAuthRefresh(http, () => Promise.resolve());
  }),
  'axios, retry by hand': onAxios(retryByHand),
  'axios + cockatiel': withCockatiel,
} satisfies Readonly<Record<string, Build>>;

export type ClientName = keyof typeof BUILDS | keyof typeof PEERS;

export function clientOf(name: ClientName, setting: Setting): Promise<Get> {
  const terms = { url: setting.url, retries: RETRIES, sockets: SOCKETS, httpAgent };
  return name in PEERS
    ? PEERS[name as keyof typeof PEERS](terms)
    : BUILDS[name as keyof typeof BUILDS](setting);
}

/** Those that do something about a call that fails, and raw axios. */
export const UNDER_PRESSURE = [
  'holdfast',
  'axios',
  'axios + axios-retry',
  'axios, retry by hand',
  'axios + cockatiel',
  'ky',
  'got',
  'ofetch',
  'wretch',
  'undici RetryAgent',
] as const satisfies readonly ClientName[];
