// The same backend behind Node's http server, Express and Fastify, and with no server at all.
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import express from 'express';
import fastify from 'fastify';
import { fastifyPlugin, nodeHandler, type Bff } from '../../lib/bff/index.js';
import { memoryCoordinator, unwrap } from '../../lib/index.js';
import { ADA } from '../integration/stage.js';
import { COOKIE, cookieOf, listen, overHttp, OWN, onOneStore, SHOP, useBff, type Serve } from './stage.js';

const SERVERS: Readonly<Record<string, Serve>> = {
  'Node’s http server': overHttp,
  Express: (bff) => {
    const app = express();
    app.use(nodeHandler(bff));
    app.get('/page', (_request, response) => void response.send('a page'));
    return listen(createServer(app));
  },
  'Express, behind a body parser and below a path': (bff) => {
    const app = express().set('env', 'test'); // prints no errors
    app.use(express.json());
    app.use('/bff', nodeHandler(bff));
    app.get('/page', (_request, response) => void response.send('a page'));
    return listen(createServer(app));
  },
  Fastify: async (bff) => {
    const app = fastify();
    await app.register(fastifyPlugin(bff));
    app.get('/page', () => 'a page');
    app.post('/echo', (request) => request.body);
    const origin = await app.listen({ host: '127.0.0.1', port: 0 });
    return { origin, close: () => app.close() };
  },
};

describe('A backend behind', () => {
  const stage = useBff();

  for (const [name, serve] of Object.entries(SERVERS))
    describe(name, () => {
      const backend = () => stage.backend({}, { serve });

      it('carries a customer from login to logout', async () => {
        const { visitor } = await backend();
        const ada = visitor();
        const session = unwrap(await ada.client.login(ADA));
        expect((await session.http.post('/orders', { article: 7 })).status).to.equal(201);
        expect((await session.http.get('/orders')).data).to.have.length(4);
        expect((await session.logout()).ok).to.equal(true);
        expect(ada.jar.size).to.equal(0);
      });

      it('refuses another page, a trick and a megabyte', async () => {
        const { ask, post } = await backend();
        const evil = await post('/auth/login', ADA, { origin: 'https://evil.example' });
        expect(evil.status).to.equal(403);
        const trick = await ask('/bff/orders/%2e%2e/x', { headers: OWN });
        expect({ status: trick.status, error: trick.body.error }).to.deep.equal({ status: 400, error: 'INVALID_PATH' }); // prettier-ignore
        const large = await post('/auth/login', { ...ADA, password: 'x'.repeat(1024 * 1024) });
        expect(large.status).to.equal(413);
        expect((await post('/auth/login', ADA)).status).to.equal(200);
      });

      it('leaves other paths alone', async () => {
        const { ask } = await backend();
        const { status, text } = await ask('/page');
        expect([status, text]).to.deep.equal(name.startsWith('Node') ? [404, text] : [200, 'a page']);
        expect((await ask('/bffs')).status).to.equal(404);
      });
    });

  it('Node’s http server keeps a connection, and reads cookies that come in many lines', async () => {
    const { url, visitor } = await stage.backend();
    const ada = visitor();
    await ada.client.login(ADA);
    const [[name, value] = []] = [...ada.jar];
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    const ask = (cookies: string) =>
      new Promise<string>((resolve) => {
        socket.once('data', (bytes) => resolve(bytes.toString()));
        socket.write(`GET /bff/session HTTP/1.1\r\nHost: x\r\nX-Holdfast: 1\r\n${cookies}\r\n`);
      });
    expect(await ask('')).to.match(/^HTTP\/1\.1 204 [^]*\r\nconnection: keep-alive/i);
    expect(await ask(`Cookie: a=b\r\nCookie: ${name}=${value}\r\n`)).to.match(/^HTTP\/1\.1 200 /);
    socket.destroy();
  });

  it('Fastify keeps the body parsers of the rest of the application', async () => {
    const { ask } = await stage.backend({}, { serve: SERVERS['Fastify']! });
    const headers = { 'content-type': 'application/json' };
    const { text } = await ask('/echo', { method: 'POST', headers, body: '{"a":1}' });
    expect(text).to.equal('{"a":1}');
  });

  it('no server: it is a function of the Fetch API', async () => {
    const { bff } = await stage.backend();
    const answer = await bff.fetch(
      new Request(`${SHOP}/bff/auth/login`, {
        method: 'POST',
        headers: { ...OWN, 'content-type': 'application/json' },
        body: JSON.stringify(ADA),
      }),
    );
    expect(answer.status).to.equal(200);
    const [cookie = ''] = answer.headers.getSetCookie();
    expect(cookie).to.match(new RegExp(`^${COOKIE}=`));
    const { access_token: stamp } = (await answer.json()) as { access_token: string };
    const call = (path: string) => {
      const headers = { ...OWN, cookie: cookie.split(';')[0]!, authorization: `Bearer ${stamp}` };
      return bff.fetch(new Request(`${SHOP}/bff${path}`, { headers }));
    };
    expect((await call('/orders')).status).to.equal(200);
    expect((await call('/orders//x')).status).to.equal(400);
    expect((await call('/orders/%2F')).status).to.equal(400);
    expect((await call('/../../orders')).status, 'as the parser of addresses reads it').to.equal(404);
  });

  it('gives the session to routes of the shop’s own', async () => {
    const { bff, visitor } = await stage.backend();
    const ada = visitor();
    await ada.client.login(ADA);
    const cookie = cookieOf(ada);
    const session = unwrap(await bff.session(new Request(`${SHOP}/account`, { headers: { cookie } })));
    expect((await session!.http.get('/orders')).status).to.equal(200);
    expect(unwrap(await bff.session(new Request(`${SHOP}/account`)))).to.equal(undefined);
  });

  it('imports nothing of Node but types', () => {
    const folder = fileURLToPath(new URL('../../lib/bff/', import.meta.url));
    for (const name of readdirSync(folder))
      expect(readFileSync(folder + name, 'utf8'), name).not.to.match(/^import (?!type ).*'node:/m);
  });
});

describe('Two backends', () => {
  const stage = useBff();

  it('with one coordinator are one: login at one, call at the other, logout at the first', async () => {
    const coordinator = memoryCoordinator({ idle: 60_000 });
    const one = await stage.backend({ auth: { coordinator } });
    const two = await stage.backend({ auth: { coordinator } }, { sandbox: one.sandbox });
    const ada = one.visitor();
    const session = unwrap(await ada.client.login(ADA));
    const there = two.visitor();
    for (const [name, value] of ada.jar) there.jar.set(name, value);
    const same = unwrap(await there.client.session())!;
    one.sandbox.expireAccessTokens();
    const calls = [session, same, session, same].map(({ http }) => http.get('/orders'));
    expect((await Promise.all(calls)).every(({ status }) => status === 200)).to.equal(true);
    expect(one.sandbox.counts().refreshTokens.presented).to.equal(1);
    await session.logout();
    expect((await same.validate()).ok).to.equal(false);
  });

  it('with a store that is away tell the browser to ask later, and log nobody out', async () => {
    const { store, one, two } = await onOneStore(stage);
    const ada = one.visitor();
    unwrap(await ada.client.login(ADA));
    const there = two.visitor();
    for (const [name, value] of ada.jar) there.jar.set(name, value);
    store.isAway = true;
    const found = await there.client.session();
    if (!found.ok) expect(found.error).to.include({ code: 'API_EXCEPTION', status: 503, retryable: true, key: 'SESSION_UNAVAILABLE' }); // prettier-ignore
    expect(found.ok).to.equal(false);
    const login = await there.client.login(ADA);
    if (!login.ok) expect(login.error).to.include({ status: 503, key: 'SESSION_UNAVAILABLE' });
    expect(login.ok).to.equal(false);
    store.isAway = false;
    expect(unwrap(await there.client.session())).not.to.equal(undefined);
  });

  it('for two shops on one host keep their cookies apart', async () => {
    const one = await stage.backend();
    const two = await stage.backend({ auth: { shopId: 2002 } }, { options: { shopId: 2002 } });
    const ada = one.visitor();
    unwrap(await ada.client.login(ADA));
    const other = two.visitor();
    for (const [name, value] of ada.jar) other.jar.set(name, value);
    unwrap(await other.client.login(ADA));
    expect([...other.jar.keys()]).to.have.members([COOKIE, '__Host-holdfast-2002']);
  });
});

/** Kept here for the compiler: what a runtime of the Fetch API expects of a default export. */
export const worker = (bff: Bff): { fetch: (request: Request) => Promise<Response> } => bff;
