// docs/recipes/express.ts and fastify.ts: whole processes, started as somebody would who copied them.
import { Agent } from 'node:http';
import axios from 'axios';
import { expect } from 'chai';
import { unwrap } from '../../lib/index.js';
import { DEMO } from '../../lib/sandbox/index.js';
import { cookieOf, visitorAt, type Visitor } from '../bff/stage.js';
import { ADA, times, until, useStage } from '../integration/stage.js';
import { useRecipes } from './stage.js';

const BEN = { email: DEMO.otherCustomer.email, password: DEMO.otherCustomer.password };

for (const recipe of ['express', 'fastify'])
  describe(`The recipe ${recipe}.ts`, function () {
    this.timeout(60_000);
    const stage = useStage();
    const start = useRecipes();

    async function shop() {
      const sandbox = await stage.sandbox();
      const server = await start(`${recipe}.js`, sandbox);
      const { origin } = server;
      const visitor = () => {
        const visitor = visitorAt(`${origin}/bff`, { origin, 'sec-fetch-site': 'same-origin' });
        stage.keep(visitor.client);
        return visitor;
      };
      const account = ({ jar }: Pick<Visitor, 'jar'>) =>
        fetch(`${origin}/account`, { redirect: 'manual', headers: { cookie: cookieOf({ jar }) } });
      return { sandbox, server, origin, visitor, account };
    }

    it('carries a customer from login over calls and a page made on the server to logout', async () => {
      const { sandbox, server, visitor, account } = await shop();
      const ada = visitor();
      const session = unwrap(await ada.client.login(ADA));
      expect((await session.http.post('/orders', { article: 7 })).status).to.equal(201);
      expect((await session.http.get('/orders')).data).to.have.length(4);
      const page = await account(ada);
      expect(page.headers.get('cache-control')).to.equal('private, no-store');
      expect(await page.json()).to.have.length(4);
      expect(ada.set[0]).to.include('SameSite=Lax');

      const { jar } = ada;
      const before = { jar: new Map(jar) };
      expect((await session.logout()).ok).to.equal(true);
      for (const each of [before, ada]) {
        const after = await account(each);
        expect([after.status, after.headers.get('location')]).to.deep.equal([303, '/login']);
      }
      expect(sandbox.counts().operations.logout.answered).to.deep.equal({ 204: 1 });
      expect(await server.end()).to.deep.equal({ code: 0, said: '' });
    });

    it('refuses what does not carry the header, and what another page sends, and asks the API nothing', async () => {
      const { sandbox, origin } = await shop();
      const login = (headers: Readonly<Record<string, string>>) =>
        fetch(`${origin}/bff/auth/login`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify(ADA),
        });
      expect((await login({ origin })).status).to.equal(403);
      expect((await login({ origin: 'https://evil.example', 'x-holdfast': '1' })).status).to.equal(403);
      expect(sandbox.counts().received).to.equal(0);
      expect((await login({ origin, 'x-holdfast': '1' })).status).to.equal(200);
    });

    it('gives each of two customers their own page, however many ask at once, with one refresh for each', async () => {
      const { sandbox, visitor, account } = await shop();
      const customers = await Promise.all(
        [ADA, BEN].map(async (who) => {
          const browser = visitor();
          const session = unwrap(await browser.client.login(who));
          const { data: order } = await session.http.post<{ id: string }>('/orders', { of: who.email });
          return { browser, session, order };
        }),
      );
      sandbox.expireAccessTokens();
      await times(120, async (index) => {
        const { browser, session, order } = customers[index % 2]!;
        const orders =
          index % 3 === 0
            ? (await session.http.get<{ id: string }[]>('/orders')).data
            : ((await (await account(browser)).json()) as { id: string }[]);
        expect(orders.map(({ id }) => id)).to.deep.equal(['1', '2', '3', order.id]);
      });
      expect(sandbox.counts().operations.refresh.answered).to.deep.equal({ 200: 2 });
    });

    it('answers who is being served when it is told to end', async () => {
      const { sandbox, server, origin, visitor } = await shop();
      const ada = visitor();
      unwrap(await ada.client.login(ADA));
      sandbox.fault({ on: 'listOrders', delay: 1_000 });
      const slow = axios.get<unknown[]>(`${origin}/account`, {
        headers: { cookie: cookieOf(ada) },
        httpAgent: new Agent({ keepAlive: false }), // or both servers wait for the connection's idle end
      });
      await until(() => sandbox.counts().operations.listOrders.received === 1);
      const end = server.end();
      expect((await slow).data).to.have.length(3);
      expect(await end).to.deep.equal({ code: 0, said: '' });
    });

    it('says when to come again where the API is in trouble, and logs nobody out', async () => {
      const { sandbox, visitor, account } = await shop();
      const ada = visitor();
      unwrap(await ada.client.login(ADA));
      sandbox.fault({ on: 'listOrders', status: 503, times: 'always' });
      const trouble = await account(ada);
      expect(trouble.status).to.equal(503);
      expect(Number(trouble.headers.get('retry-after'))).to.be.within(1, 60);
      expect(await trouble.text()).to.match(/\.$/);
      sandbox.heal();
      expect(await (await account(ada)).json()).to.have.length(3);
    });
  });
