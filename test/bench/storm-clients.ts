// Clients that get new tokens on a 401, as their documentation or the usual tutorial has it.
import axios, { type InternalAxiosRequestConfig } from 'axios';
import { httpAgent, loadHoldfast, type AxiosAuthRefresh } from './clients.js';
import type { Pair, Trouble } from './figures.js';
import { peer } from './peers.js';

type Build = (baseURL: string, pair: Pair, trouble: Trouble) => Promise<() => Promise<unknown>>;

/** The tokens in hand, and what fetches the next ones. */
function tokensOf(baseURL: string, { access, refresh }: Pair) {
  const tokens = {
    bearer: `Bearer ${access}`,
    async renew() {
      const body = { grant_type: 'refresh_token', refresh_token: refresh };
      const { data } = await axios.post<{ access_token: string; refresh_token: string }>(
        `${baseURL}/oauth/token`,
        body,
        { httpAgent },
      );
      tokens.bearer = `Bearer ${data.access_token}`;
      refresh = data.refresh_token;
    },
  };
  return tokens;
}

function axiosWithTokens(baseURL: string, pair: Pair) {
  const tokens = tokensOf(baseURL, pair);
  const http = axios.create({ baseURL, httpAgent });
  http.interceptors.request.use((config) => {
    config.headers.set('Authorization', tokens.bearer);
    return config;
  });
  return { http, renew: () => tokens.renew() };
}

const authRefresh =
  (options: object): Build =>
  async (baseURL, pair) => {
    const { createAuthRefresh } = await peer<AxiosAuthRefresh>('axios-auth-refresh');
    const { http, renew } = axiosWithTokens(baseURL, pair);
    createAuthRefresh(http, renew, options);
    return () => http.get('/orders');
  };

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** `isRefreshing` and a list of those who wait, as in hundreds of tutorials. */
const handwritten: Build = (baseURL, pair) => {
  const { http, renew } = axiosWithTokens(baseURL, pair);
  let isRefreshing = false;
  let queue: Waiting[] = [];
  http.interceptors.response.use(undefined, async (error: unknown) => {
    if (!axios.isAxiosError(error) || error.response?.status !== 401) throw error;
    const original = error.config as InternalAxiosRequestConfig & { retried?: boolean };
    if (original.retried) throw error;
    original.retried = true;
    if (isRefreshing) {
      await new Promise<void>((resolve, reject) => queue.push({ resolve, reject }));
      return http(original);
    }
    isRefreshing = true;
    try {
      await renew();
      for (const { resolve } of queue) resolve();
    } catch (failure) {
      for (const { reject } of queue) reject(failure);
      throw failure;
    } finally {
      queue = [];
      isRefreshing = false;
    }
    return http(original);
  });
  return Promise.resolve(() => http.get('/orders'));
};

const holdfast: Build = async (baseURL, { access, refresh }, { known }) => {
  const { createAuthClient, createGovernor } = await loadHoldfast();
  // Each storm is the first: what the governor of the process has learned from the one before is of no use.
  const client = createAuthClient({ baseURL, axios: { httpAgent }, governor: createGovernor() });
  const expiresIn = known ? { expiresIn: 1 } : {};
  const { http } = client.resume({ accessToken: access, refreshToken: refresh, ...expiresIn });
  return () => http.get('/orders');
};

export const STORM_CLIENTS: Readonly<Record<string, Build>> = {
  holdfast,
  'axios-auth-refresh': authRefresh({}),
  'axios-auth-refresh, no dedupe': authRefresh({ deduplicateRefresh: false }),
  'hand-written queue': handwritten,
};
