// A plain client for the tests of the sandbox: what a user of bare axios would send, with nothing of holdfast on top.
import axios, { type AxiosResponse } from 'axios';
import { classify } from '../../lib/contract/classify.js';
import { ENDPOINTS, type AuthMode, type EndpointName } from '../../lib/contract/endpoints.js';
import { readErrorBody } from '../../lib/contract/error-body.js';
import { DEMO, startSandbox, type Sandbox, type SandboxOptions } from '../../lib/sandbox/index.js';

export interface TokenPair {
  access_token: string;
  refresh_token: string;
  expires_in: number;
  token_type: string;
}

export const PERSON = {
  first_name: 'Grace',
  last_name: 'Hopper',
  email: 'grace@example.com',
  gender: 'f',
  shop_id: DEMO.shopId,
};

export const ADA = { email: DEMO.customer.email, password: DEMO.customer.password, shop_id: DEMO.shopId };

export const basic = (id: string = DEMO.client.id, secret: string = DEMO.client.secret) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});
export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
export const shop = { 'x-shop-id': String(DEMO.shopId) };

/** A body that the operation accepts. */
export const GOOD_BODIES: Record<string, object> = {
  register: { ...PERSON, password: 'long enough' },
  login: ADA,
  guestLogin: PERSON,
  sendPasswordResetEmail: {
    email: ADA.email,
    reset_url: 'https://shop.example/reset?hash={hash}',
    shop_id: DEMO.shopId,
  },
  updatePasswordByHash: { password: 'long enough', hash: 'no-such-hash', shop_id: DEMO.shopId },
  exchangeCode: { grant_type: 'authorization_code', code: 'no-such-code' },
  refresh: { grant_type: 'refresh_token', refresh_token: 'no-such-token' },
  updatePassword: { password: ADA.password, new_password: 'long enough' },
};

export interface Caller extends Sandbox {
  /** Sends to `path` behind `url`; every status resolves. */
  send<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<AxiosResponse<T>>;
  login(email?: string, password?: string): Promise<TokenPair>;
  refresh(token: string, headers?: Record<string, string>): Promise<AxiosResponse<TokenPair>>;
  /** Status of a bearer call. */
  orders(token: string): Promise<number>;
}

/** A sandbox on a free port, and how to call it. */
export async function startCaller(options: SandboxOptions = {}): Promise<Caller> {
  const sandbox = await startSandbox(options);
  const http = axios.create({ baseURL: sandbox.url, validateStatus: null, maxRedirects: 0, timeout: 5_000 });
  const send: Caller['send'] = (method, path, body, headers = {}) =>
    http.request({ method, url: path, data: body, headers });
  return {
    ...sandbox,
    send,
    login: async (email = ADA.email, password = ADA.password) =>
      (await send<TokenPair>('post', '/auth/login', { ...ADA, email, password }, basic())).data,
    refresh: (token, headers = basic()) =>
      send<TokenPair>('post', '/oauth/token', { grant_type: 'refresh_token', refresh_token: token }, headers),
    orders: async (token) => (await send('get', '/orders', undefined, bearer(token))).status,
  };
}

/** The row of the failure table that explains an answer: what a client would make of it. */
export function rowOf(operation: EndpointName | 'request', answer: AxiosResponse, auth?: AuthMode): string {
  const mode = auth ?? (operation === 'request' ? 'bearer' : ENDPOINTS[operation].auth);
  return classify({
    operation,
    auth: mode,
    status: answer.status,
    body: readErrorBody(answer.data),
  }).id;
}

/** The claims of an access token. */
export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<
    string,
    unknown
  >;
}
