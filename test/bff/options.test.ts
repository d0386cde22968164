// Bad options of the backend fail at construction, with the name of the option, what was given and what is allowed.
import { expect } from 'chai';
import { createBff, type BffOptions } from '../../lib/bff/index.js';
import { createBrowserClient } from '../../lib/browser/index.js';
import { memoryCoordinator } from '../../lib/index.js';
import { CREDENTIALS } from '../integration/stage.js';
import { SHOP } from './stage.js';

const AUTH = { baseURL: 'https://api.example/v1', credentials: CREDENTIALS, shopId: 1, coordinator: memoryCoordinator() }; // prettier-ignore
const GOOD: BffOptions = { auth: AUTH, origins: [SHOP] };

const BAD: Readonly<Record<string, readonly [change: object, message: RegExp]>> = {
  'an option that does not exist': [{ orgins: [] }, /there is no option orgins; known are auth, origins/],
  'no client options': [{ auth: undefined }, /auth must be an object of options.*; got undefined/],
  'no credentials': [{ auth: { ...AUTH, credentials: undefined } }, /auth\.credentials is needed/],
  'no shop': [{ auth: { ...AUTH, shopId: undefined } }, /auth\.shopId is needed/],
  'a shop that has no number': [{ auth: { ...AUTH, shopId: Symbol('shop') } }, /auth\.shopId must be a whole number/],
  'no coordinator': [{ auth: { ...AUTH, coordinator: undefined } }, /auth\.coordinator is needed/],
  'a bad option of the client': [{ auth: { ...AUTH, baseURL: 7 } }, /baseURL must be/],
  'no origins': [{ origins: [] }, /origins must be a list of origins.*; got \[\]/],
  'any origin': [{ origins: ['*'] }, /origins\[0\] must be scheme, host and port.*; got "\*"/],
  'an origin with a path': [{ origins: [`${SHOP}/`] }, /origins\[0\] must be/],
  'an origin without TLS': [{ origins: ['http://shop.example'] }, /http only on loopback/],
  'a base path that ends with a slash': [{ basePath: '/bff/' }, /basePath must be a path/],
  'a reset link without its hash': [{ resetUrl: SHOP }, /resetUrl must be .* contains \{hash\}/],
  'a reset link of another kind': [{ resetUrl: 'javascript:{hash}' }, /resetUrl must be/],
  'a target with a query': [{ resources: { '/a': 'https://a.example/x?y' } }, /resources\["\/a"\]\.target must be/],
  'a target with a user': [{ resources: { '/a': 'https://u@a.example' } }, /resources\["\/a"\]\.target must be/],
  'a target that is written with dots': [{ resources: { '/a': 'https://a.example/x/../y' } }, /target must be/],
  'a method of proxies': [{ resources: { '/a': { target: 'https://a.example', methods: ['CONNECT'] } } }, /methods must be 'GET' or/],
  'a resource in the place of a route': [{ resources: { '/auth': 'https://a.example' } }, /resources\["\/auth"\] would hide the route/],
  'a path with tricks': [{ resources: { '/a//b': 'https://a.example' } }, /the path of resources\["\/a\/\/b"\] must be/],
  'a lax cookie of no kind': [{ cookie: { sameSite: 'None' } }, /cookie\.sameSite must be 'Strict' or 'Lax'; got "None"/],
  'a cookie that leaves TLS': [{ cookie: { secure: false } }, /cookie\.secure must be true unless all origins are on loopback/],
  'a body without bounds': [{ maxBody: Infinity }, /maxBody must be a whole number from 1/],
  'an address that is no function': [{ clientAddress: 'x-forwarded-for' }, /clientAddress must be a function/],
}; // prettier-ignore

describe('createBff() does not take', () => {
  for (const [name, [change, message]] of Object.entries(BAD))
    it(name, () => {
      expect(() => createBff({ ...GOOD, ...change })).to.throw(TypeError, message);
    });

  it('but takes what is needed and no more, and a plain cookie for this machine', () => {
    createBff(GOOD).close();
    createBff({ auth: AUTH, origins: ['http://localhost:3000'], cookie: { secure: false } }).close();
    createBff({ ...GOOD, resources: { '/a': 'https://a.example', '/b/c': 'http://[::1]:8080/v1' } }).close();
  });
});

describe('createBrowserClient()', () => {
  it('names a bad option as createAuthClient() does, and needs no shop and no credentials', () => {
    expect(() => createBrowserClient({ baseURL: 7 as never })).to.throw(TypeError, 'baseURL');
    for (const [options, message] of [
      [undefined, 'createBrowserClient: the options must be an object; got undefined'],
      [{ policies: 5 }, 'createBrowserClient: policies must be an object; got 5'],
      [{ policies: { retry: [] } }, 'createBrowserClient: policies.retry must be an object; got []'],
      [{ axios: 'fetch' }, 'createBrowserClient: axios must be an object; got "fetch"'],
      [{ axios: { headers: 'X-Page: 1' } }, 'createBrowserClient: axios.headers must be an object; got "X-Page: 1"'],
    ] as const)
      expect(() => createBrowserClient((options && { baseURL: SHOP, ...options }) as never)).to.throw(TypeError, message); // prettier-ignore
    createBrowserClient({
      baseURL: 'https://shop.example/bff',
      axios: { headers: { 'X-Page': '1' } },
    }).close();
  });
});
