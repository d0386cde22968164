// The clients that are compared, each set up as its own documentation has it.
import { Agent } from 'node:http';
import axios, { type AxiosAdapter, type AxiosInstance, type CreateAxiosDefaults } from 'axios';
import axiosRetry from 'axios-retry';
import type * as Holdfast from '../../lib/index.js';

export type Get = (path: string) => Promise<unknown>;

/** As many sockets for everyone; `fetch` has no such bound by itself. */
export const httpAgent = new Agent({ keepAlive: true, maxSockets: 256 });

/** The build of lib/ that stands next to the workers. */
export const loadHoldfast = (): Promise<typeof Holdfast> =>
  import(new URL('./holdfast/index.js', import.meta.url).href) as Promise<typeof Holdfast>;

/** A peer is installed only here, so the compiler does not know it. */
export const peer = <T>(name: string): Promise<T> => import(name) as Promise<T>;

interface Ky {
  readonly default: { create(options: object): { get(url: string): { json(): Promise<unknown> } } };
}
interface Got {
  readonly default: { extend(options: object): { get(url: string): { json(): Promise<unknown> } } };
}
interface Ofetch {
  readonly ofetch: { create(options: object): (url: string) => Promise<unknown> };
}

const RETRIES = 3;

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
  async (path) =>
    (await http.get<unknown>(path)).data;

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
  (more: CreateAxiosDefaults, equip: (http: AxiosInstance) => void = () => undefined): Build =>
  (setting) => {
    const http = axios.create({ ...defaultsOf(setting), baseURL: setting.url, ...more });
    equip(http);
    return Promise.resolve(viaAxios(http));
  };

const withRetries = (retries: number) =>
  onAxios({}, (http) =>
    axiosRetry(http, {
      retries,
      retryDelay: (count, error) => axiosRetry.exponentialDelay(count, error), // it waits as long as Retry-After says
      retryCondition: (error) =>
        error.response?.status === 429 || axiosRetry.isNetworkOrIdempotentRequestError(error),
    }),
  );

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
  axios: onAxios({}),
  'axios, maxRedirects 0': onAxios({ maxRedirects: 0 }),
  'axios + axios-retry': withRetries(RETRIES),
  ky: async ({ url }) => {
    const { default: ky } = await peer<Ky>('ky');
    const http = ky.create({ prefix: url, retry: RETRIES });
    return (path) => http.get(path.slice(1)).json();
  },
  got: async ({ url }) => {
    const { default: got } = await peer<Got>('got');
    const http = got.extend({ prefixUrl: url, agent: { http: httpAgent }, retry: { limit: RETRIES } });
    return (path) => http.get(path.slice(1)).json();
  },
  ofetch: async ({ url }) => {
    const { ofetch } = await peer<Ofetch>('ofetch');
    const http = ofetch.create({ baseURL: url, retry: RETRIES });
    return (path) => http(path);
  },
} satisfies Readonly<Record<string, Build>>;

export type ClientName = keyof typeof BUILDS;

export const clientOf = (name: ClientName, setting: Setting): Promise<Get> => BUILDS[name](setting);
