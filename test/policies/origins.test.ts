// policies/authorize: a credential goes only where it is allowed, and never in place of the caller's own.
import { expect } from 'chai';
import type { AxiosRequestConfig } from 'axios';
import { virtualTime } from '../support/virtual-time.js';
import { authBench, BASE } from './clients.js';

/** Addresses that are not of the client's origin, or only look as if they were. */
const FOREIGN: readonly (readonly [name: string, url: string, more?: AxiosRequestConfig])[] = [
  ['another host', 'https://evil.example.com/orders'],
  ['another scheme', 'http://api.example.com/v1/orders'],
  ['another port', 'https://api.example.com:8443/v1/orders'],
  ['a subdomain', 'https://x.api.example.com/v1/orders'],
  ['a host that begins the same', 'https://api.example.com.evil.com/v1/orders'],
  ['a host behind a user name', 'https://api.example.com@evil.com/orders'],
  ['a host behind a user name and password', 'https://api.example.com:443@evil.com/orders'],
  ['a host in front of a backslash', 'https://evil.com\\@api.example.com/orders'],
  ['a host in capitals elsewhere', 'HTTPS://EVIL.COM/orders'],
  ['no scheme', '//evil.com/orders'],
  ['no scheme and a user name', '//api.example.com@evil.com/orders'],
  ['another base', '/orders', { baseURL: 'https://evil.com' }],
  ['another base that begins the same', '/orders', { baseURL: 'https://api.example.com.evil.com/v1' }],
  ['a base without a scheme', '/orders', { baseURL: '//evil.com' }],
];

/** Addresses of the client's origin, however they are written. */
const OWN: readonly (readonly [name: string, url: string, more?: AxiosRequestConfig])[] = [
  ['a path', '/orders'],
  ['a path without a slash', 'orders'],
  ['a whole address', `${BASE}/orders`],
  ['a whole address with its usual port', 'https://api.example.com:443/orders'],
  ['capitals', 'HTTPS://API.EXAMPLE.COM/orders'],
  ['a foreign address that is only a path', '//evil.com/orders', { allowAbsoluteUrls: false }],
  ['a whole foreign address that is only a path', 'https://evil.com/x', { allowAbsoluteUrls: false }],
  ['a path with spaces and line ends in front', '\t//evil.com/orders'],
  ['a path with backslashes in front', '\\\\evil.com/orders'],
  ['a path with a user name in it', '/@evil.com/orders'],
];

const host = (url: string): string | undefined => (URL.canParse(url) ? new URL(url).host : undefined);

describe('The credential of a call', () => {
  const time = virtualTime();

  for (const [name, url, more] of FOREIGN)
    it(`does not go to ${name}: ${url}`, async () => {
      const { auth, resume, wire } = authBench();
      for (const { http } of [resume(), auth]) {
        const before = wire.sent.length;
        const outcome: unknown = await time.finish(http.get(url, more).catch((error: unknown) => error));
        // What is no address is not sent at all.
        if (wire.sent.length === before) expect(outcome).to.include({ code: 'INVALID_REQUEST', attempts: 0 });
        else expect(host(wire.sent[before]!.url)).to.be.a('string');
      }
      for (const { headers, config } of wire.sent) {
        expect(headers).not.to.have.property('authorization');
        expect(config.auth).to.equal(undefined);
      }
    });

  for (const [name, url, more] of OWN)
    it(`goes to ${name}: ${JSON.stringify(url)}`, async () => {
      const { resume, wire } = authBench();
      await time.finish(resume().http.get(url, more));
      expect(wire.sent).to.have.length(1);
      expect(wire.sent[0]?.headers.authorization).to.equal('Bearer at-1');
      expect(host(wire.sent[0]!.url)).to.equal('api.example.com');
      expect(wire.sent[0]?.config.baseURL).to.equal(undefined);
    });

  it('goes to other origins that the client was told of, and to no other', async () => {
    const { resume, wire } = authBench([], {}, { origins: ['https://shop.example.com'] });
    const { http } = resume();
    await time.finish(http.get('https://shop.example.com/basket'));
    await time.finish(http.get('https://shop.example.com:444/basket'));
    expect(wire.sent.map(({ headers }) => headers.authorization)).to.deep.equal(['Bearer at-1', undefined]);
  });

  it('never follows a redirect', async () => {
    const { resume, wire } = authBench([{ status: 302, headers: { location: 'https://evil.com' } }]);
    const error: unknown = await time.finish(
      resume()
        .http.get('/orders')
        .catch((thrown: unknown) => thrown),
    );
    expect(error).to.include({ code: 'UNEXPECTED_REDIRECT', status: 302 });
    expect(wire.sent).to.have.length(1);
    expect(wire.sent[0]?.config.maxRedirects).to.equal(0);
  });

  it('never replaces one that the caller brought', async () => {
    const { resume, wire } = authBench();
    const { http } = resume();
    await time.finish(http.get('/orders', { headers: { Authorization: 'Bearer mine' } }));
    await time.finish(http.get('/orders', { headers: { authorization: 'Basic mine' } }));
    await time.finish(http.get('/orders', { auth: { username: 'me', password: 'mine' } }));
    await time.finish(http.get('https://me:mine@api.example.com/orders'));
    expect(wire.sent.map(({ headers }) => headers.authorization)).to.deep.equal([
      'Bearer mine',
      'Basic mine',
      undefined,
      undefined,
    ]);
  });

  it('that the caller brought and the server refuses costs no refresh', async () => {
    const { resume, wire } = authBench(() => 401);
    const session = resume();
    const own = { headers: { Authorization: 'Bearer mine' } };
    const error: unknown = await time.finish(
      session.http.get('/orders', own).catch((thrown: unknown) => thrown),
    );
    expect(error).to.include({ code: 'UNAUTHORIZED', attempts: 1 });
    expect(wire.sent).to.have.length(1);
    expect(session.state).to.include({ status: 'live', version: 1 });
  });

  it('that went elsewhere and was refused there costs no refresh', async () => {
    const { resume, wire } = authBench(() => 401);
    const session = resume();
    const error: unknown = await time.finish(
      session.http.get('https://evil.com/orders').catch((thrown: unknown) => thrown),
    );
    expect(error).to.include({ code: 'UNAUTHORIZED', attempts: 1 });
    expect(wire.sent).to.have.length(1);
  });
});
