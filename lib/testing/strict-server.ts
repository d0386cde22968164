// An authorization server in memory that forgives nothing: who presents a refresh token twice loses the session.
import {
  AxiosError,
  AxiosHeaders,
  type AxiosAdapter,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios';
import { ENDPOINTS } from '../contract/endpoints.js';
import type { Tokens } from '../index.js';

export interface StrictServer {
  /** The transport of a client that reaches it. */
  readonly adapter: AxiosAdapter;
  /** The tokens that are good just now. */
  readonly tokens: Tokens;
  /** Refresh tokens in the order in which they were presented. */
  readonly presented: readonly string[];
  /** Access tokens that were logged out. */
  readonly revoked: readonly string[];
  /** A refresh token was presented twice: the session is dead. */
  readonly dead: boolean;
  /** The access token in hand is good no longer. */
  expire(): void;
}

/** @param takes time of a refresh, ms */
export function strictServer(takes: number): StrictServer {
  let version = 1;
  let expired = false;
  let dead = false;
  const presented: string[] = [];
  const revoked: string[] = [];
  const access = () => `at-${version}`;

  async function refresh(config: InternalAxiosRequestConfig): Promise<AxiosResponse> {
    const { refresh_token: token } = JSON.parse(String(config.data)) as { refresh_token: string };
    dead ||= presented.includes(token) || token !== `rt-${version}`;
    presented.push(token);
    if (!dead) {
      version += 1;
      expired = false;
    }
    const answer = { access_token: access(), refresh_token: `rt-${version}`, token_type: 'Bearer' };
    await new Promise((resolve) => setTimeout(resolve, takes));
    return dead ? reply(config, 401, { error: 'invalid_grant' }) : reply(config, 200, answer);
  }

  return {
    async adapter(config) {
      const url = config.url ?? '';
      if (url.endsWith(ENDPOINTS.refresh.path)) return refresh(config);
      const bearer = AxiosHeaders.from(config.headers).get('Authorization');
      const good = !expired && !dead && bearer === `Bearer ${access()}` && !revoked.includes(access());
      if (url.endsWith(ENDPOINTS.logout.path)) {
        revoked.push(String(bearer).replace('Bearer ', ''));
        return reply(config, 204, '');
      }
      return good ? reply(config, 200, { ok: true }) : reply(config, 401, { error: 'invalid_token' });
    },
    get tokens() {
      return { accessToken: access(), refreshToken: `rt-${version}` };
    },
    presented,
    revoked,
    get dead() {
      return dead;
    },
    expire: () => void (expired = true),
  };
}

/** @throws AxiosError where the status asks for it, as adapters do */
function reply(config: InternalAxiosRequestConfig, status: number, data: unknown): AxiosResponse {
  const response = {
    config,
    status,
    statusText: '',
    headers: {},
    data: JSON.stringify(data),
    request: undefined,
  };
  if (config.validateStatus?.(status) ?? true) return response;
  throw new AxiosError(`Status ${status}`, AxiosError.ERR_BAD_REQUEST, config, undefined, response);
}
