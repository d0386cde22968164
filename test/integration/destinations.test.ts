// Where credentials may go: to the origin of `baseURL` and those that the options name, and never on from there.
import { expect } from 'chai';
import { unwrap, type AuthClient } from '../../lib/index.js';
import { sendJson, type LocalServer, type SeenRequest } from '../support/local-server.js';
import { ADA, CREDENTIALS, GRACE, QUICK, rejection, useStage, type Stage } from './stage.js';

const TOKENS = { accessToken: 'the-access-token', refreshToken: 'the-refresh-token' };

/** Everything that arrived, as one text to search. */
const everything = ({ seen }: LocalServer): string => JSON.stringify(seen);

function expectNoCredential(server: LocalServer): void {
  const basic = Buffer.from(`${CREDENTIALS.clientId}:${CREDENTIALS.clientSecret}`).toString('base64');
  for (const secret of [
    TOKENS.accessToken,
    TOKENS.refreshToken,
    CREDENTIALS.clientSecret,
    basic,
    ADA.password,
  ])
    expect(everything(server)).to.not.contain(secret);
}

for (const adapter of ['http', 'fetch'] as const)
  describe(`A redirect, over the ${adapter} adapter,`, () => {
    const stage = useStage();

    async function redirecting(
      status: number,
    ): Promise<{ here: LocalServer; there: LocalServer; auth: AuthClient }> {
      const there = await stage.server((_, response) =>
        sendJson(response, 200, { access_token: 'stolen', refresh_token: 'stolen' }),
      );
      const here = await stage.server((_, response) =>
        sendJson(response, status, undefined, { location: `${there.origin}/elsewhere` }),
      );
      return { here, there, auth: stage.client(here.origin, { axios: { adapter } }) };
    }

    for (const status of [301, 302, 303, 307, 308])
      it(`with ${status} to another origin is not followed, whatever the call carries`, async () => {
        const { here, there, auth } = await redirecting(status);
        const session = auth.resume(TOKENS);
        const results = [
          await auth.login(ADA),
          await auth.register(GRACE),
          await session.refresh(),
          await session.validate(),
          await session.logout(),
        ];
        for (const result of results)
          expect(!result.ok && result.error).to.include({
            code: 'UNEXPECTED_REDIRECT',
            kind: 'configuration',
            status,
            attempts: 1,
          });
        const headers = { 'x-api-key': 'a-key', cookie: 'sid=1' };
        const error = await rejection(auth.http.post('/orders', { article: 1 }, { headers }));
        expect(error).to.include({ code: 'UNEXPECTED_REDIRECT', status });
        expect(here.seen).to.have.length(6);
        expect(there.seen).to.deep.equal([]);
      });

    it('cannot be allowed for a single request', async () => {
      const { there, auth } = await redirecting(307);
      const error = await rejection(auth.resume(TOKENS).http.get('/orders', { maxRedirects: 5 }));
      expect(error).to.include({ code: 'UNEXPECTED_REDIRECT', status: 307 });
      expect(there.seen).to.deep.equal([]);
    });
  });

async function twoOrigins(stage: Stage): Promise<{ here: LocalServer; there: LocalServer }> {
  const answer = ({ headers }: SeenRequest) => ({ authorization: headers.authorization ?? null });
  const here = await stage.server((request, response) => sendJson(response, 200, answer(request)));
  const there = await stage.server((request, response) => sendJson(response, 200, answer(request)));
  return { here, there };
}

describe('A bearer', () => {
  const stage = useStage();

  it('goes to the origin of baseURL', async () => {
    const { here } = await twoOrigins(stage);
    const session = stage.client(`${here.origin}/v1`).resume(TOKENS);
    for (const url of ['/orders', 'orders', `${here.origin}/elsewhere`])
      expect((await session.http.get<unknown>(url)).data).to.deep.equal({
        authorization: `Bearer ${TOKENS.accessToken}`,
      });
    expect(here.seen.map(({ url }) => url)).to.deep.equal(['/v1/orders', '/v1/orders', '/elsewhere']);
  });

  it('never goes to another origin: not by a full address, not by a baseURL of the request, not by an interceptor', async () => {
    const { here, there } = await twoOrigins(stage);
    const session = stage.client(here.origin).resume(TOKENS);
    await session.http.get(`${there.origin}/a`);
    await session.http.get('/b', { baseURL: there.origin });
    await session.http.post(`${there.origin}/c`, { some: 'data' });
    await session.http.get(`http://localhost:${here.port}/d`);
    session.http.interceptors.request.use((config) => ({ ...config, baseURL: there.origin }));
    await session.http.get('/e');
    expect(there.seen.map(({ url }) => url)).to.deep.equal(['/a', '/b', '/c', '/e']);
    expectNoCredential(there);
    expect(here.seen.map(({ url, headers }) => [url, headers.authorization])).to.deep.equal([
      ['/d', undefined],
    ]);
  });

  it('does not go where an address only looks like ours', async () => {
    const { here, there } = await twoOrigins(stage);
    const session = stage.client(here.origin).resume(TOKENS);
    await session.http.get(`http://127.0.0.1:${here.port}@127.0.0.1:${there.port}/a`);
    await rejection(session.http.get(`//127.0.0.1:${there.port}/b`));
    await session.http.get(`@127.0.0.1:${there.port}/c`);
    await session.http.get(`\\\\127.0.0.1:${there.port}/d`);
    expectNoCredential(there);
    expect(there.seen.map(({ url }) => url)).to.deep.equal(['/a']);
  });

  it('goes to an origin that the options allow', async () => {
    const { here, there } = await twoOrigins(stage);
    const session = stage.client(here.origin, { origins: [there.origin] }).resume(TOKENS);
    await session.http.get(`${there.origin}/a`);
    expect(there.seen[0]?.headers.authorization).to.equal(`Bearer ${TOKENS.accessToken}`);
  });

  it('is not refreshed for the 401 of another origin', async () => {
    const here = await stage.server((_, response) => sendJson(response, 200, {}));
    const there = await stage.server((_, response) => sendJson(response, 401, { message: 'Who are you?' }));
    const session = stage.client(here.origin).resume(TOKENS);
    const error = await rejection(session.http.get(`${there.origin}/a`));
    expect(error).to.include({ code: 'UNAUTHORIZED', status: 401, attempts: 1 });
    expect(here.seen).to.deep.equal([]);
    expect(session.state.status).to.equal('live');
  });

  it('never takes the place of an Authorization header that the caller set', async () => {
    const { here } = await twoOrigins(stage);
    const session = stage.client(here.origin).resume(TOKENS);
    const headers = { Authorization: 'Bearer of-someone-else' };
    expect((await session.http.get<unknown>('/orders', { headers })).data).to.deep.equal({
      authorization: 'Bearer of-someone-else',
    });
  });
});

describe('Client credentials', () => {
  const stage = useStage();

  it('never go to another origin either', async () => {
    const { here, there } = await twoOrigins(stage);
    const auth = stage.client(here.origin, { policies: QUICK });
    await auth.http.get(`${there.origin}/a`);
    await auth.http.get('/b', { baseURL: there.origin });
    await auth.http.get('/c');
    expect(there.seen).to.have.length(2);
    expectNoCredential(there);
    expect(here.seen[0]?.headers.authorization).to.match(/^Basic /);
  });

  it('are sent by nobody who has none', async () => {
    const sandbox = await stage.sandbox();
    const { here } = await twoOrigins(stage);
    const tokens = unwrap(await stage.client(sandbox.url).login(ADA)).tokens();
    const auth = stage.client(here.origin, { credentials: undefined });
    await auth.http.get('/a');
    await auth.resume(tokens).refresh();
    expect(here.seen.map(({ headers }) => headers.authorization)).to.deep.equal([undefined, undefined]);
  });
});
