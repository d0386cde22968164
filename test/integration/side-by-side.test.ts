// Many sessions of one client, and several clients in one process: nobody ever speaks with another's token.
import { expect } from 'chai';
import { unwrap, type AuthClient, type Session } from '../../lib/index.js';
import { DEMO } from '../../lib/sandbox/index.js';
import { sendJson } from '../support/local-server.js';
import { times, useStage } from './stage.js';

const CUSTOMERS = Array.from({ length: 20 }, (_, index) => ({
  email: `customer-${index}@example.com`,
  password: `password of ${index}`,
  firstName: 'Customer',
  lastName: `Number ${index}`,
  gender: 'd',
}));

interface Order {
  readonly customerId?: number;
  readonly content: unknown;
}

async function orderTwiceAndList(session: Session, name: string): Promise<Order[]> {
  await Promise.all([session.http.post('/orders', { name }), session.http.post('/orders', { name })]);
  const { data } = await session.http.get<Order[]>('/orders');
  return data.filter(({ customerId }) => customerId !== undefined);
}

describe('Side by side', () => {
  const stage = useStage();

  it('twenty sessions of one client each see their own orders only, through a refresh in the middle', async () => {
    const sandbox = await stage.sandbox({ customers: CUSTOMERS });
    const auth = stage.client(sandbox.url);
    const sessions = await times(CUSTOMERS.length, async (index) => {
      const { email, password } = CUSTOMERS[index]!;
      return unwrap(await auth.login({ email, password }));
    });
    for (let round = 1; round <= 2; round += 1) {
      const lists = await times(sessions.length, (index) =>
        orderTwiceAndList(sessions[index]!, `order of ${index}`),
      );
      for (const [index, orders] of lists.entries()) {
        expect(orders).to.have.length(2 * round);
        for (const { customerId, content } of orders) {
          expect(content).to.deep.equal({ name: `order of ${index}` });
          expect(customerId).to.equal(sessions[index]!.state.customerId);
        }
      }
      sandbox.expireAccessTokens();
    }
    expect(sandbox.counts().refreshTokens).to.deep.equal({ presented: 20, distinct: 20, repeated: 0 });
    expect(new Set(sessions.map(({ key }) => key)).size).to.equal(20);
  });

  it('two clients with credentials of their own keep to themselves, their sessions and their events', async () => {
    const clients = [DEMO.client, { id: 'other-client', secret: 'other-secret' }];
    const sandbox = await stage.sandbox({ clients });
    const [one, two] = clients.map(({ id, secret }) =>
      stage.client(sandbox.url, { credentials: { clientId: id, clientSecret: secret } }),
    ) as [AuthClient, AuthClient];
    const heard: string[] = [];
    two.on('sessionStarted', ({ session }) => heard.push(session));
    const ada = unwrap(await one.login(DEMO.customer));
    const ben = unwrap(await two.login(DEMO.otherCustomer));
    sandbox.expireAccessTokens();
    await Promise.all([times(20, () => ada.http.get('/orders')), times(20, () => ben.http.get('/orders'))]);
    expect(heard).to.deep.equal([ben.key]);
    expect(sandbox.counts().operations.refresh.answered).to.deep.equal({ 200: 2 });
    one.close();
    expect((await ben.http.get('/orders')).status).to.equal(200);
  });

  it('one customer who logs in twice has two sessions, which refresh and end apart', async () => {
    const { sandbox, auth, session } = await stage.loggedIn();
    const other = unwrap(await auth.login(DEMO.customer));
    sandbox.expireAccessTokens();
    await Promise.all([
      times(10, () => session.http.get('/orders')),
      times(10, () => other.http.get('/orders')),
    ]);
    expect([session.state.version, other.state.version]).to.deep.equal([2, 2]);
    unwrap(await session.logout());
    expect((await other.http.get('/orders')).status).to.equal(200);
  });

  it('every request carries the token of its own session, also after waiting for a limit', async () => {
    let limits = 10;
    const server = await stage.server(({ headers }, response) =>
      (limits -= 1) >= 0
        ? sendJson(response, 429, undefined, { 'retry-after-ms': '50' })
        : sendJson(response, 200, { authorization: headers.authorization }),
    );
    const auth = stage.client(server.origin);
    const sessions = Array.from({ length: 10 }, (_, index) => auth.resume({ accessToken: `token-${index}` }));
    const answers = await times(50, async (call) => {
      const { data } = await sessions[call % 10]!.http.get<{ authorization: string }>('/orders');
      return data.authorization;
    });
    expect(answers).to.deep.equal(Array.from({ length: 50 }, (_, call) => `Bearer token-${call % 10}`));
  });
});

describe('Interceptors of a user', () => {
  const stage = useStage();

  it('run once for each call, however often it is sent, and see no refresh', async () => {
    const { sandbox, auth, session } = await stage.loggedIn();
    const seen = { requests: [] as unknown[], responses: [] as number[], transforms: 0 };
    auth.http.interceptors.request.use((config) => (seen.requests.push('of the application'), config));
    session.http.interceptors.request.use((config) => {
      seen.requests.push(config.url);
      config.headers.set('X-Count', String(seen.requests.length));
      return config;
    });
    session.http.interceptors.response.use((response) => {
      seen.responses.push(response.status);
      return response;
    });
    sandbox.expireAccessTokens();
    sandbox.fault([
      { on: 'createOrder', status: 429, headers: { 'retry-after-ms': '20' } },
      { on: 'createOrder', status: 503 },
    ]);
    const response = await session.http.post<{ content: unknown }>(
      '/orders',
      { article: 1 },
      {
        holdfast: { idempotencyKey: 'one' },
        transformRequest: (data: unknown, headers) => {
          seen.transforms += 1;
          headers.set('Content-Type', 'application/json');
          return JSON.stringify({ wrapped: data });
        },
      },
    );
    expect(response).to.include({ status: 201, attempts: 4 });
    expect(response.data.content).to.deep.equal({ wrapped: { article: 1 } });
    expect(seen).to.deep.equal({ requests: ['/orders'], responses: [201], transforms: 1 });
    expect(sandbox.counts().operations.refresh.received).to.equal(1);
  });

  it('see a failure once, as the error that the caller gets', async () => {
    const { sandbox, session } = await stage.loggedIn();
    const seen: unknown[] = [];
    session.http.interceptors.response.use(undefined, (error: unknown) => {
      seen.push(error);
      throw error;
    });
    sandbox.fault({ on: '/orders', status: 503, times: 'always' });
    const error: unknown = await session.http.get('/orders').catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: 'API_EXCEPTION', attempts: 4 });
    expect(seen).to.have.length(1);
    expect(seen[0]).to.equal(error);
  });

  it('find the tokens in no config, before or after the call', async () => {
    const { session } = await stage.loggedIn();
    const configs: unknown[] = [];
    session.http.interceptors.request.use((config) => (configs.push(JSON.stringify(config.headers)), config));
    session.http.interceptors.response.use((response) => {
      configs.push(JSON.stringify(response.config.headers));
      return response;
    });
    await session.http.get('/orders');
    expect(configs).to.have.length(2);
    for (const config of configs) expect(config).to.not.match(/authorization/i);
  });
});
