// A client that orval generated from a description of the orders, on instances of holdfast: it knows only axios.
import { expect } from 'chai';
import { createHttpClient, isAuthError } from '../../lib/index.js';
import { getOrders } from './generated/orders.js';
import { QUICK, rejection, useStage } from './stage.js';

describe('A generated client', () => {
  const stage = useStage();

  /** The generated functions on `createHttpClient()`, with the token of a customer. */
  async function onHttpClient() {
    const { sandbox, session } = await stage.loggedIn();
    const headers = { Authorization: `Bearer ${await session.accessToken()}` };
    const http = stage.keep(createHttpClient({ baseURL: sandbox.url, policies: QUICK, axios: { headers } }));
    const waits: string[] = [];
    http.on('retry', ({ because }) => waits.push(because));
    http.on('cooldown', ({ because }) => waits.push(because));
    return { sandbox, orders: getOrders(http), waits };
  }

  it('rides out a 503 and a 429 on createHttpClient(), and reads the typed answer', async () => {
    const { sandbox, orders, waits } = await onHttpClient();
    sandbox.fault([
      { on: 'listOrders', status: 503 },
      { on: 'listOrders', status: 429, headers: { 'Retry-After': '1' } },
    ]);
    const { data, status, attempts } = await orders.listOrders();
    expect({ ids: data.map(({ id }) => id), status, attempts }).to.deep.equal({
      ids: ['1', '2', '3'],
      status: 200,
      attempts: 3,
    });
    expect(sandbox.counts().operations.listOrders.answered).to.deep.equal({ 503: 1, 429: 1, 200: 1 });
    expect(waits).to.have.length.of.at.least(2);
  });

  it('makes an order once, by the key that its description knows, though the answer was lost', async () => {
    const { sandbox, orders } = await onHttpClient();
    sandbox.fault({ on: 'createOrder', drop: 'after' });
    const { data, status } = await orders.createOrder({ article: '7' }, { 'Idempotency-Key': 'of-the-form' });
    expect(status).to.equal(201);
    expect((await orders.getOrder(data.id)).data).to.deep.include({ content: { article: '7' } });
    expect((await orders.listOrders()).data).to.have.length(4);
  });

  it('takes the wishes of a request, and rejects with the typed error', async () => {
    const { sandbox, orders } = await onHttpClient();
    sandbox.fault({ on: 'listOrders', status: 503 });
    const error = await rejection(orders.listOrders({ holdfast: { retry: false } }));
    expect(isAuthError(error) && { status: error.status, attempts: error.attempts }).to.deep.equal({
      status: 503,
      attempts: 1,
    });
    const missing = await rejection(orders.getOrder('9'));
    expect(isAuthError(missing, 'NOT_FOUND')).to.equal(true);
  });

  it('keeps its own helpers: the address of a call is told without one', async () => {
    const { sandbox, orders } = await onHttpClient();
    const before = sandbox.counts().received;
    expect([orders.getListOrdersUrl(), orders.getGetOrderUrl('7')]).to.deep.equal(['/orders', '/orders/7']);
    expect(sandbox.counts().received).to.equal(before);
  });

  it('refreshes once for all of its calls on the instance of a session', async () => {
    const { sandbox, session } = await stage.loggedIn();
    const orders = getOrders(session.http);
    sandbox.expireAccessTokens();
    const answers = await Promise.all([orders.listOrders(), orders.getOrder('2'), orders.listOrders()]);
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 200]);
    expect(sandbox.counts().operations.refresh.answered).to.deep.equal({ 200: 1 });
  });
});
