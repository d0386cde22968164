// Who may speak to the playground's server, and what it says.
import { request } from 'node:http';
import { expect } from 'chai';
import { startPlayground, type Playground } from '../../lib/playground/server.js';
import { builtPage } from './built.js';

describe("The playground's server", () => {
  let playground: Playground;
  before(async function () {
    this.timeout(30_000);
    playground = await startPlayground({ port: 0, page: await builtPage() });
  });
  after(() => playground.close());

  const own = () => ({ 'x-holdfast': '1', origin: new URL(playground.url).origin });
  const post = (path: string, headers: Record<string, string>, body: unknown = {}) =>
    fetch(`${playground.url}playground${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  const statusUnder = (host: string) =>
    new Promise((resolve, reject) => {
      request(playground.url, { headers: { host } }, (answer) => resolve(answer.resume().statusCode))
        .on('error', reject)
        .end();
    });

  it('answers under the names of this machine, and under no other that leads to it', async () => {
    const { port } = new URL(playground.url);
    for (const name of ['localhost', '127.0.0.1', '[::1]'])
      expect(await statusUnder(`${name}:${port}`)).to.equal(200);
    for (const host of [`evil.example:${port}`, 'localhost', 'localhost:1'])
      expect(await statusUnder(host)).to.equal(421);
  });

  it('steers the sandbox for its own page alone', async () => {
    const { origin } = own();
    expect((await post('/trouble', { origin }, { id: 'gateway', times: 1 })).status).to.equal(403);
    expect((await post('/trouble', { 'x-holdfast': '1' }, { id: 'gateway', times: 1 })).status).to.equal(403);
    const evil = { ...own(), origin: 'http://localhost:1' };
    expect((await post('/trouble', evil, { id: 'gateway', times: 1 })).status).to.equal(403);
    expect((await fetch(`${playground.url}playground/feed`)).status).to.equal(403);
    expect(playground.sandbox.faults()).to.deep.equal([]);
    expect((await post('/trouble', own(), { id: 'gateway', times: 1 })).status).to.equal(204);
    expect(playground.sandbox.faults()).to.have.length(1);
    await post('/heal', own());
  });

  it('takes one trouble back and leaves the rest, less what it has hit', async () => {
    await post('/trouble', own(), { id: 'gateway', times: 3 });
    await post('/trouble', own(), { id: 'limit' });
    await post('/trouble', own(), { id: 'user-not-found', times: 2 });
    await fetch(`${playground.sandbox.url}/orders`);
    await post('/trouble/back', own(), { id: 3 });
    expect(playground.sandbox.faults().map(({ kind, left }) => [kind, left])).to.deep.equal([
      ['status', 2],
      ['status', 2],
    ]);
    await post('/heal', own());
  });

  it('says what is wrong with what it is asked', async () => {
    const said = async (path: string, body: unknown) => {
      const answer = await post(path, own(), body);
      return [answer.status, ((await answer.json()) as { message: string }).message];
    };
    expect(await said('/calls', { count: 5 })).to.deep.equal([400, 'Sign in first.']);
    expect((await said('/trouble', { id: 'no such' }))[0]).to.equal(400);
    expect((await said('/trouble', { id: 'gateway', times: 'often' }))[0]).to.equal(400);
    expect((await said('/mail', { email: 'nobody@example.com' }))[0]).to.equal(400);
    expect((await said('/nowhere', {}))[0]).to.equal(400);
  });

  it('lets nothing run but its own script', async () => {
    const { headers } = await fetch(playground.url);
    const policy = headers.get('content-security-policy');
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ])
      expect(policy).to.include(rule);
    expect(policy).not.to.match(/unsafe|https?:/);
    expect((await fetch(`${playground.url}main.d.ts`)).status).to.equal(404);
  });
});
