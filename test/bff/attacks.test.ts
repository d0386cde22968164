// What other pages, other shops and whoever holds a socket try against the backend: each gets a clear refusal.
import { connect } from 'node:net';
import { expect } from 'chai';
import { memoryCoordinator, unwrap } from '../../lib/index.js';
import { DEMO } from '../../lib/sandbox/index.js';
import { startLocalServer, type SeenRequest } from '../support/local-server.js';
import { ADA } from '../integration/stage.js';
import { COOKIE, OWN, RESET_URL, SHOP, useBff, type Backend } from './stage.js';

const LOGIN = '/auth/login';
const ID = 'A'.repeat(43);

describe('The backend refuses', () => {
  const stage = useBff();

  /** How often the API was asked at all. */
  const asked = ({ sandbox }: Backend) => sandbox.requests().length;

  /** A signed-in browser, as headers of raw requests. */
  async function signedIn(backend: Backend) {
    const visitor = backend.visitor();
    const session = unwrap(await visitor.client.login(ADA));
    const cookie = [...visitor.jar].map((pair) => pair.join('=')).join('; ');
    const { accessToken } = session.tokens();
    return { visitor, session, cookie, headers: { ...OWN, cookie, authorization: `Bearer ${accessToken}` } };
  }

  describe('another page', () => {
    const without = (...names: string[]) =>
      Object.fromEntries(Object.entries(OWN).filter(([name]) => !names.includes(name)));

    const FORGED: Readonly<Record<string, readonly [headers: Record<string, string>, key: string]>> = {
      'with another Origin': [{ ...OWN, origin: 'https://evil.example' }, 'CROSS_SITE_REQUEST'],
      'with an Origin that begins like the shop’s': [{ ...OWN, origin: `${SHOP}.evil.example` }, 'CROSS_SITE_REQUEST'],
      'on a sister host': [{ ...OWN, origin: 'https://blog.shop.example' }, 'CROSS_SITE_REQUEST'],
      'over plain http': [{ ...OWN, origin: 'http://shop.example' }, 'CROSS_SITE_REQUEST'],
      'in a sandboxed frame': [{ ...OWN, origin: 'null' }, 'CROSS_SITE_REQUEST'],
      'of the same site, by Sec-Fetch-Site': [{ ...without('origin'), 'sec-fetch-site': 'same-site' }, 'CROSS_SITE_REQUEST'],
      'of another site, whatever its Origin says': [{ ...OWN, 'sec-fetch-site': 'cross-site' }, 'CROSS_SITE_REQUEST'],
      'that sends a form, without the header': [without('x-holdfast'), 'HEADER_MISSING'],
      'that says nothing of itself': [{ 'x-holdfast': '1' }, 'ORIGIN_UNKNOWN'],
    }; // prettier-ignore

    for (const [name, [headers, key]] of Object.entries(FORGED))
      it(name, async () => {
        const backend = await stage.backend();
        const { body, status } = await backend.ask(`/bff${LOGIN}`, {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify(ADA),
        });
        expect({ status, error: body.error }).to.deep.equal({ status: 403, error: key });
        expect(asked(backend)).to.equal(0);
      });

    it('that asks for leave first', async () => {
      const { ask } = await stage.backend();
      const preflight = {
        origin: 'https://evil.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-holdfast',
      };
      const { status, headers } = await ask(`/bff${LOGIN}`, { method: 'OPTIONS', headers: preflight });
      expect(status).to.equal(403);
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).to.deep.equal([]);
    });

    it('also where the visitor is signed in, for reading and for logging out', async () => {
      const backend = await stage.backend();
      const { headers, session } = await signedIn(backend);
      const evil = { ...headers, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
      for (const [method, path] of [
        ['GET', '/session'],
        ['GET', '/orders'],
        ['POST', '/auth/logout'],
      ] as const)
        // prettier-ignore
        expect((await backend.ask(`/bff${path}`, { method, headers: evil })).status, path).to.equal(403);
      expect((await session.http.get('/orders')).status).to.equal(200);
    });

    it('as the browser’s client reads it', async () => {
      const { visitor } = await stage.backend();
      const evil = visitor({}, { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' });
      const login = await evil.client.login(ADA);
      if (!login.ok) expect(login.error).to.include({ code: 'FORBIDDEN', key: 'CROSS_SITE_REQUEST' });
      expect(login.ok).to.equal(false);
    });
  });

  describe('a cookie', () => {
    it('that it did not make: nobody is signed in, and a login does not take it over', async () => {
      const backend = await stage.backend();
      const planted = { cookie: `${COOKIE}=${ID}` };
      const before = await backend.ask('/bff/session', { headers: { ...OWN, ...planted } });
      expect(before.status).to.equal(204);
      const login = await backend.post(LOGIN, ADA, planted);
      expect(login.status).to.equal(200);
      expect(login.headers['set-cookie']![0]).not.to.contain(ID);
      expect((await backend.ask('/bff/session', { headers: { ...OWN, ...planted } })).status).to.equal(204);
    });

    it('of before the login, which is renewed, and its session ended at the API', async () => {
      const backend = await stage.backend();
      const { visitor, cookie, headers } = await signedIn(backend);
      unwrap(await visitor.client.login(ADA));
      expect([...visitor.jar].map((pair) => pair.join('=')).join('; ')).not.to.equal(cookie);
      expect((await backend.ask('/bff/session', { headers: { ...OWN, cookie } })).status).to.equal(204);
      expect((await backend.ask('/bff/orders', { headers })).status).to.equal(401);
      expect(backend.sandbox.counts().operations.logout.answered).to.deep.equal({ 204: 1 });
    });

    it('of another shop, also under the name of this one', async () => {
      const coordinator = memoryCoordinator({ idle: 60_000 }); // one store for both
      const backend = await stage.backend({ auth: { coordinator } });
      const { sandbox } = backend;
      const twin = await stage.backend({ auth: { coordinator } }, { sandbox });
      const other = await stage.backend({ auth: { coordinator, shopId: 2002 } }, { sandbox });
      const { cookie, headers } = await signedIn(backend);
      const renamed = cookie.replace(COOKIE, '__Host-holdfast-2002');
      expect((await twin.ask('/bff/orders', { headers })).status).to.equal(200);
      for (const tried of [cookie, renamed]) {
        const there = { ...headers, cookie: tried };
        expect((await other.ask('/bff/session', { headers: there })).status).to.equal(204);
        expect((await other.ask('/bff/orders', { headers: there })).status).to.equal(401);
      }
    });

    it('that comes twice, or is no id', async () => {
      const backend = await stage.backend();
      const { cookie } = await signedIn(backend);
      for (const tried of [`${COOKIE}=${ID}; ${cookie}`, `${cookie}; ${COOKIE}=`, `${cookie}x`, `${COOKIE}="; ${COOKIE}`])
        expect((await backend.ask('/bff/session', { headers: { ...OWN, cookie: tried } })).status).to.equal(204); // prettier-ignore
      expect((await backend.ask('/bff/session', { headers: { ...OWN, cookie } })).status).to.equal(200);
    });

    it('to be seen by whoever reads events, the store or the page', async () => {
      const keys: string[] = [];
      const store = memoryCoordinator({ idle: 60_000 });
      const coordinator = { open: (key: string) => (keys.push(key), store.open(key)) };
      const backend = await stage.backend({ auth: { coordinator } });
      backend.bff.auth.on('sessionStarted', ({ session }) => keys.push(session));
      const { cookie, session, visitor } = await signedIn(backend);
      const id = cookie.split('=')[1]!;
      expect(keys.length).to.be.greaterThan(1);
      for (const seen of [...keys, JSON.stringify(session), session.tokens().accessToken])
        expect(seen).not.to.contain(id);
      const { text } = await backend.ask('/bff/session', { headers: { ...OWN, cookie } });
      expect(text).not.to.contain(id);
      // What was seen is no key to anything.
      for (const [tried] of [...keys, session.tokens().accessToken].map((seen) => [
        seen.replace('bff:', ''),
      ])) {
        const planted = { ...OWN, cookie: `${COOKIE}=${tried}` };
        expect((await backend.ask('/bff/session', { headers: planted })).status).to.equal(204);
      }
      expect(visitor.jar.size).to.equal(1);
    });

    it('without the stamp of its session, or with that of another', async () => {
      const backend = await stage.backend();
      const ada = await signedIn(backend);
      const tab = await signedIn(backend);
      const bare = { ...OWN, cookie: ada.cookie };
      expect((await backend.ask('/bff/orders', { headers: bare })).status).to.equal(401);
      const mixed = { ...ada.headers, authorization: tab.headers.authorization };
      expect((await backend.ask('/bff/orders', { headers: mixed })).status).to.equal(401);
      expect((await backend.ask('/bff/orders', { headers: { ...OWN, authorization: ada.headers.authorization } })).status).to.equal(401); // prettier-ignore
      const out = { ...ada.headers, authorization: tab.headers.authorization };
      expect((await backend.ask('/bff/auth/logout', { method: 'POST', headers: out })).status).to.equal(401);
      expect((await backend.ask('/bff/orders', { headers: ada.headers })).status).to.equal(200);
    });

    it('of a session that was logged out', async () => {
      const backend = await stage.backend();
      const { session, headers } = await signedIn(backend);
      await session.logout();
      expect((await backend.ask('/bff/orders', { headers })).status).to.equal(401);
    });
  });

  describe('a body', () => {
    const RESET = '/auth/password/send-reset-email';

    it('that sends the reset mail’s link elsewhere', async () => {
      const backend = await stage.backend();
      for (const url of [
        'https://evil.example/{hash}',
        `${SHOP}@evil.example/{hash}`,
        ['{hash}'],
        '',
        null,
      ]) {
        const { status, body } = await backend.post(RESET, { email: ADA.email, reset_url: url });
        expect({ status, error: body.error }).to.deep.equal({ status: 400, error: 'FIELD_NOT_ACCEPTED' });
      }
      expect(asked(backend)).to.equal(0);
      const same = await backend.post(RESET, { email: ADA.email, reset_url: RESET_URL });
      expect(same.status).to.equal(204);
    });

    it('that names another shop, a client or a grant', async () => {
      const backend = await stage.backend();
      for (const field of [{ shop_id: 2002 }, { shop_id: '1001' }, { client_id: 'x' }, { client_secret: 'x' }, { grant_type: 'password' }]) {
        const { status, body } = await backend.post(LOGIN, { ...ADA, ...field });
        expect({ status, error: body.error }).to.deep.equal({ status: 400, error: 'FIELD_NOT_ACCEPTED' });
      } // prettier-ignore
      expect(asked(backend)).to.equal(0);
      expect((await backend.post(LOGIN, { ...ADA, shop_id: DEMO.shopId })).status).to.equal(200);
    });

    it('with keys of prototypes', async () => {
      const backend = await stage.backend();
      for (const key of ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']) {
        const text = JSON.stringify(ADA).replace('{', `{${JSON.stringify(key)}:{"email":"x","polluted":1},`);
        const { status, body } = await backend.post(LOGIN, text);
        expect({ status, error: body.error }, key).to.deep.equal({
          status: 400,
          error: 'FIELD_NOT_ACCEPTED',
        });
      }
      const onlyInherited = await backend.post(LOGIN, '{"__proto__":{"email":"x","password":"y"}}');
      expect(onlyInherited.status).to.equal(400);
      expect(({} as { polluted?: unknown }).polluted).to.equal(undefined);
      expect(asked(backend)).to.equal(0);
    });

    it('whose fields are missing, empty or no texts, and names them', async () => {
      const backend = await stage.backend();
      for (const password of [undefined, '', 7, null, { $ne: '' }, ['x']]) {
        const { status, body } = await backend.post(LOGIN, { email: ADA.email, password });
        expect(status).to.equal(422);
        expect(body.errors).to.have.nested.property('[0].field', 'password');
      }
      expect(asked(backend)).to.equal(0);
    });

    it('of a megabyte, whether its length is told or not', async () => {
      const backend = await stage.backend();
      const text = JSON.stringify({ ...ADA, password: 'x'.repeat(1024 * 1024) });
      const told = { 'content-length': String(text.length) };
      for (const more of [told, { 'transfer-encoding': 'chunked' }]) {
        const { status, body } = await backend.post(LOGIN, text, more);
        expect({ status, error: body.error }).to.deep.equal({ status: 413, error: 'BODY_TOO_LARGE' });
      }
      expect(asked(backend)).to.equal(0);
    });

    it('whose length is too much, before any of it is there', async () => {
      const { url } = await stage.backend();
      const head = `POST /bff${LOGIN} HTTP/1.1\r\nHost: x\r\nX-Holdfast: 1\r\nOrigin: ${SHOP}\r\nContent-Type: application/json\r\n`;
      expect(await spoken(url, `${head}Content-Length: 1048576\r\n\r\n`)).to.match(/^HTTP\/1\.1 413 /);
    });

    it('that is no JSON object, or does not say that it is', async () => {
      const backend = await stage.backend();
      for (const text of ['', '[]', 'null', '"x"', '{"email":', '<x/>', '['.repeat(30_000)])
        expect((await backend.post(LOGIN, text)).status, text.slice(0, 20)).to.equal(400);
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', 'text/json; application/json'])
        expect((await backend.post(LOGIN, JSON.stringify(ADA), { 'content-type': type })).status, type).to.equal(415); // prettier-ignore
      expect(asked(backend)).to.equal(0);
    });
  });

  describe('a path', () => {
    const TRICKS = [
      '/bff//orders',
      '//evil.example/bff/orders',
      '/bff/orders//evil.example',
      '/bff/orders/../auth/logout',
      '/bff/orders/..',
      '/bff/orders/./x',
      '/bff/orders/%2e%2e/auth/logout',
      '/bff/orders/.%2E/x',
      '/bff/orders%2f..%2fauth',
      '/bff/orders/%2F%2Fevil.example',
      '/bff/orders/%252e%252e/x',
      '/bff/orders/%252f',
      '/bff/orders/%5c..%5cx',
      '/bff/orders\\..\\x',
      '/bff\\orders',
      '/bff/orders/%00',
      '/bff/orders/%0d%0aX-Evil:1',
      '/bff/orders/%',
      '/bff/orders/%zz',
      '/bff/orders#/../x',
      'http://evil.example/bff/orders',
      'http://shop.example@evil.example/bff/orders',
    ];
    const upstream = () => {
      const seen: SeenRequest[] = [];
      return startLocalServer((request, response) => {
        seen.push(request);
        response.end('{}');
      });
    };

    for (const trick of TRICKS)
      it(JSON.stringify(trick), async () => {
        const api = stage.keep(await upstream());
        const backend = await stage.backend({ resources: { '/orders': `${api.origin}/v1/orders` } });
        const { headers } = await signedIn(backend);
        const { status, body } = await backend.ask(trick, { headers });
        expect({ status, error: body.error }).to.deep.equal({ status: 400, error: 'INVALID_PATH' });
        expect(api.seen).to.deep.equal([]);
      });

    it('that only begins like one, or has no row: nothing is there', async () => {
      const api = stage.keep(await upstream());
      const backend = await stage.backend({ resources: { '/orders': `${api.origin}/v1/orders` } });
      const { headers } = await signedIn(backend);
      for (const path of ['/bff/orders@evil.example', '/bff/ordersx', '/bff/orders:80', '/bff/ord', '/bff/oauth/token', '/bffx', '/', '/bff'])
        expect((await backend.ask(path, { headers })).status, path).to.equal(404); // prettier-ignore
      expect(api.seen).to.deep.equal([]);
    });

    it('with another method than it is there for', async () => {
      const backend = await stage.backend();
      const { headers } = await signedIn(backend);
      for (const [method, path, allow] of [
        ['DELETE', '/bff/orders/1', 'GET, POST'],
        ['GET', '/bff/auth/login', 'POST'],
        ['POST', '/bff/session', 'GET'],
      ] as const) {
        const refused = await backend.ask(path, { method, headers });
        expect({ status: refused.status, allow: refused.headers.allow }).to.deep.equal({
          status: 405,
          allow,
        });
      }
      expect((await backend.ask('/bff/orders', { method: 'TRACE', headers })).status).to.equal(405);
      expect((await backend.ask('/bff/oauth/token', { method: 'POST', headers })).status).to.equal(404);
    });
  });

  describe('headers', () => {
    it('that speak in the backend’s place: none of them is handed on, and no cookie handed back', async () => {
      const api = stage.keep(
        await startLocalServer((_request, response) => {
          response.writeHead(200, {
            'content-type': 'application/json',
            'set-cookie': `${COOKIE}=${ID}; Path=/`,
            'access-control-allow-origin': '*',
            'cache-control': 'public, max-age=1000',
            'x-powered-by': 'upstream',
            etag: '"7"',
          });
          response.end('{"fine":true}');
        }),
      );
      const backend = await stage.backend({ resources: { '/things': api.origin } });
      const { headers } = await signedIn(backend);
      const answer = await backend.ask('/bff/things?sort=up', {
        headers: {
          ...headers,
          accept: 'application/json',
          connection: 'keep-alive, authorization',
          'x-forwarded-for': '6.6.6.6',
          'x-forwarded-host': 'evil.example',
          'x-original-client-ip': '6.6.6.6',
          'x-shop-id': '2002',
          'x-internal-access': 'guess',
          'x-http-method-override': 'DELETE',
          host: 'evil.example',
        },
      });
      expect(answer.text).to.equal('{"fine":true}');
      const [sent] = api.seen;
      expect(sent!.url).to.equal('/?sort=up');
      expect(sent!.headers.authorization).to.match(/^Bearer eyJ/);
      expect(sent!.headers.host).to.equal(new URL(api.origin).host);
      expect(sent!.headers['x-original-client-ip']).to.equal('127.0.0.1');
      const named = [
        'cookie',
        'origin',
        'x-holdfast',
        'x-forwarded-for',
        'x-forwarded-host',
        'x-shop-id',
        'x-internal-access',
        'x-http-method-override',
        'sec-fetch-site',
      ];
      expect(named.filter((name) => name in sent!.headers)).to.deep.equal([]); // prettier-ignore
      expect(answer.headers).to.include({ 'cache-control': 'no-store', etag: '"7"' });
      for (const name of ['set-cookie', 'access-control-allow-origin', 'x-powered-by'])
        expect(answer.headers, name).not.to.have.property(name);
    });

    it('of two lengths, and a second request within the first', async () => {
      const backend = await stage.backend();
      const { headers } = await signedIn(backend);
      const before = asked(backend);
      const lines = (more: string) =>
        `POST /bff/auth/login HTTP/1.1\r\nHost: x\r\nX-Holdfast: 1\r\nOrigin: ${SHOP}\r\nContent-Type: application/json\r\n${more}\r\n`;
      const inner = `GET /bff/orders HTTP/1.1\r\nHost: x\r\nCookie: ${headers.cookie}\r\n\r\n`;
      for (const smuggled of [
        `${lines('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n')}0\r\n\r\n${inner}`,
        `${lines('Content-Length: 5\r\nContent-Length: 6\r\n')}{}   ${inner}`,
        lines('Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n') + inner,
        lines('X-A: b\r\n X-Folded: c\r\nX-B : d\r\nContent-Length: 2\r\n') + '{}',
      ])
        expect(await spoken(backend.url, smuggled)).to.match(/^HTTP\/1\.1 400 /);
      expect(asked(backend)).to.equal(before);
    });
  });

  it('to tell anybody what went wrong inside', async () => {
    const { ask } = await stage.backend({
      clientAddress: () => {
        throw new Error('a secret of the backend');
      },
    });
    const { status, text, headers } = await ask('/bff/session', { headers: OWN });
    expect(status).to.equal(500);
    expect(text).not.to.contain('secret');
    expect(headers).to.include({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  });

  it('to have any answer stored, guessed or framed', async () => {
    const backend = await stage.backend();
    const { headers } = await signedIn(backend);
    const answers = await Promise.all([
      backend.ask('/bff/orders', { headers }),
      backend.ask('/bff/session', { headers }),
      backend.ask('/bff/nowhere', { headers }),
      backend.ask('/bff/../x', { headers }),
      backend.post(LOGIN, ADA),
      backend.post(LOGIN, { ...ADA, password: 'wrong' }),
    ]);
    for (const { headers: told } of answers) {
      expect(told).to.include({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
      expect(told['content-security-policy']).to.contain("default-src 'none'");
    }
  });
});

/** What a server says to these bytes, until it hangs up or has nothing more to say. */
function spoken(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let heard = '';
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.setTimeout(1_000, () => socket.destroy());
    socket.on('data', (bytes) => (heard += bytes.toString()));
    socket.on('error', reject);
    socket.on('close', () => resolve(heard));
  });
}
