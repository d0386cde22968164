import { expect } from 'chai';
import { ADA, basic, startCaller, type Caller } from './caller.js';

describe('sandbox: counts and log', () => {
  let sandbox: Caller;
  before(async () => {
    sandbox = await startCaller();
  });
  beforeEach(() => sandbox.reset());
  after(() => sandbox.close());

  it('count what each operation received and how it was answered', async () => {
    await sandbox.login();
    await sandbox.login(ADA.email, 'wrong');
    sandbox.fault({ on: 'login', drop: 'before' });
    await sandbox.login().catch(() => undefined);
    const { received, operations } = sandbox.counts();
    expect(received).to.equal(3);
    expect(operations.login.received).to.equal(3);
    expect(operations.login.answered).to.deep.equal({ 200: 1, 404: 1, none: 1 });
    expect(operations.refresh).to.deep.equal({ received: 0, answered: {}, maxConcurrency: 0 });
  });

  it('count presentations of refresh tokens, and those of a token that was presented before', async () => {
    const { refresh_token: token } = await sandbox.login();
    const { data: pair } = await sandbox.refresh(token);
    await sandbox.refresh(pair.refresh_token);
    await sandbox.refresh(token);
    expect(sandbox.counts().refreshTokens).to.deep.equal({ presented: 3, distinct: 2, repeated: 1 });
  });

  it('know the most requests that were under way at one time', async () => {
    sandbox.fault({ on: 'listOrders', delay: 50, times: 3 });
    const { access_token: token } = await sandbox.login();
    await Promise.all([1, 2, 3].map(() => sandbox.orders(token)));
    await sandbox.orders(token);
    const { maxConcurrency, operations } = sandbox.counts();
    expect([maxConcurrency, operations.listOrders.maxConcurrency]).to.deep.equal([3, 3]);
    expect(operations.login.maxConcurrency).to.equal(1);
  });

  it('log each request with its outcome and the fault that hit it', async () => {
    sandbox.fault([
      { on: 'listOrders', status: 503 },
      { on: 'listOrders', drop: 'before' },
    ]);
    const { access_token: token } = await sandbox.login();
    await sandbox.orders(token);
    await sandbox.orders(token).catch(() => undefined);
    const log = sandbox.requests();
    expect(log.map((entry) => ({ ...entry, atMs: 0 }))).to.deep.equal([
      { atMs: 0, operation: 'login', method: 'POST', path: '/v1/auth/login', auth: 'basic', status: 200 },
      {
        atMs: 0,
        operation: 'listOrders',
        method: 'GET',
        path: '/v1/orders',
        auth: 'bearer',
        status: 503,
        fault: 'status',
      },
      { atMs: 0, operation: 'listOrders', method: 'GET', path: '/v1/orders', auth: 'bearer', fault: 'drop' },
    ]);
    for (const { atMs } of log) expect(atMs).to.be.within(0, 5_000);
  });

  it('hold no secret, wherever a client puts it', async () => {
    const pair = await sandbox.login();
    await sandbox.refresh(pair.refresh_token);
    await sandbox.send('get', `/orders/${pair.access_token}`, undefined, basic());
    await sandbox.send('get', `/nowhere/${pair.refresh_token}?token=${pair.refresh_token}`);
    const text = JSON.stringify([sandbox.requests(), sandbox.counts()]);
    for (const secret of [pair.access_token, pair.refresh_token, ADA.password, 'demo-secret'])
      expect(text).to.not.contain(secret);
  });

  it('hold the last thousand requests, while the counts go on', async () => {
    const call = () => sandbox.send('get', '/nowhere');
    for (let batch = 0; batch < 21; batch += 1) await Promise.all(Array.from({ length: 50 }, call));
    expect(sandbox.requests()).to.have.length(1_000);
    expect(sandbox.counts().received).to.equal(1_050);
  });

  it('start anew with reset()', async () => {
    await sandbox.login();
    sandbox.reset();
    expect(sandbox.requests()).to.deep.equal([]);
    expect(sandbox.counts().received).to.equal(0);
  });
});
