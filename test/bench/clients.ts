// The clients that are compared, each set up as its own documentation has it.
import { Agent } from 'node:http';
import axios, { type AxiosAdapter, type AxiosInstance, type CreateAxiosDefaults } from 'axios';
import axiosRetry from 'axios-retry';
import type * as Holdfast from '../../lib/index.js';

export type Get = () => Promise<unknown>;

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

const PATH = '/plain';
const RETRIES = 3;

const viaAxios = (instance: AxiosInstance): Get => {
  return async () => (await instance.get<unknown>(PATH)).data;
};

/** Over axios; they can also be given an adapter that needs no network. */
const onAxios: Readonly<Record<string, (url: string, defaults: CreateAxiosDefaults) => Promise<Get>>> = {
  axios: (baseURL, defaults) => Promise.resolve(viaAxios(axios.create({ ...defaults, baseURL }))),
  'axios, maxRedirects 0': (baseURL, defaults) =>
    Promise.resolve(viaAxios(axios.create({ ...defaults, baseURL, maxRedirects: 0 }))),
  'axios + axios-retry': (baseURL, defaults) => {
    const instance = axios.create({ ...defaults, baseURL });
    axiosRetry(instance, {
      retries: RETRIES,
      retryDelay: (count, error) => axiosRetry.exponentialDelay(count, error),
    });
    return Promise.resolve(viaAxios(instance));
  },
  'holdfast createHttpClient': async (baseURL, defaults) => {
    const { createHttpClient } = await loadHoldfast();
    return viaAxios(createHttpClient({ baseURL, axios: { ...defaults, headers: {} } }));
  },
  'holdfast session.http': async (baseURL, defaults) => {
    const { createAuthClient } = await loadHoldfast();
    const client = createAuthClient({ baseURL, axios: { ...defaults, headers: {} } });
    return viaAxios(client.resume({ accessToken: 'access', refreshToken: 'refresh' }).http);
  },
};

const onTheirOwn: Readonly<Record<string, (url: string) => Promise<Get>>> = {
  ky: async (prefix) => {
    const { default: ky } = await peer<Ky>('ky');
    const http = ky.create({ prefix, retry: RETRIES });
    return () => http.get(PATH.slice(1)).json();
  },
  got: async (prefixUrl) => {
    const { default: got } = await peer<Got>('got');
    const http = got.extend({ prefixUrl, agent: { http: httpAgent }, retry: { limit: RETRIES } });
    return () => http.get(PATH.slice(1)).json();
  },
  ofetch: async (baseURL) => {
    const { ofetch } = await peer<Ofetch>('ofetch');
    const http = ofetch.create({ baseURL, retry: RETRIES });
    return () => http(PATH);
  },
};

export const ON_AXIOS = Object.keys(onAxios);
export const ALL = [...ON_AXIOS, ...Object.keys(onTheirOwn)];

/** @param adapter answers in place of the network */
export function clientOf(name: string, url: string, adapter?: AxiosAdapter): Promise<Get> {
  const build = onAxios[name];
  if (build) return build(url, adapter ? { adapter } : { httpAgent });
  return onTheirOwn[name]!(url);
}
