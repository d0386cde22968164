// policies/transport: what a browser does with a redirect, and what is told of it. Redirects are never followed.
import type { AxiosAdapter } from 'axios';
import { expect } from 'chai';
import { createHttpClient } from '../../lib/index.js';
import { errorOf } from './clients.js';

const BASE = 'https://api.example.com/v1';

/** An adapter that answers as XMLHttpRequest does, from `responseURL`, or as fetch does: without one. */
function client(status: number, responseURL?: string) {
  const adapter: AxiosAdapter = (config) =>
    Promise.resolve({ status, statusText: '', headers: {}, data: '', config, request: { responseURL } });
  return createHttpClient({ baseURL: BASE, axios: { adapter } });
}

describe('A redirect in a browser', () => {
  it('is told by an answer without a status, where fetch did not follow it', async () => {
    const error = await errorOf(client(0).get('/orders'));
    expect(error).to.include({ code: 'UNEXPECTED_REDIRECT', attempts: 1 }).and.not.have.property('status');
  });

  it('is told by where the answer came from, where XMLHttpRequest followed it', async () => {
    for (const from of [
      'https://evil.example.com/v1/orders',
      'https://api.example.com/login',
      'http://api.example.com/v1/orders',
    ])
      expect(await errorOf(client(200, from).post('/orders')), from).to.include({
        code: 'UNEXPECTED_REDIRECT',
        ambiguous: true,
      });
  });

  it('is not seen in an address that is only written differently', async () => {
    for (const from of [
      `${BASE}/orders`,
      `${BASE}/orders?page=1`,
      'https://API.example.com:443/v1/orders',
      '',
    ])
      expect(await client(200, from).get('/orders', { params: { page: 1 } }), from).to.include({
        status: 200,
      });
  });
});
