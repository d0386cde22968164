import { expect } from 'chai';
import { DEMO } from '../../lib/sandbox/index.js';
import { bearer, startCaller, type Caller } from './caller.js';

describe('sandbox: orders', () => {
  let sandbox: Caller;
  let ada: Record<string, string>;
  let ben: Record<string, string>;
  before(async () => {
    sandbox = await startCaller();
  });
  beforeEach(async () => {
    sandbox.reset();
    ada = bearer((await sandbox.login()).access_token);
    ben = bearer((await sandbox.login(DEMO.otherCustomer.email, DEMO.otherCustomer.password)).access_token);
  });
  after(() => sandbox.close());

  const make = (headers: Record<string, string>, content: unknown = { article: 'Tea' }) =>
    sandbox.send('post', '/orders', content, headers);

  it('are there to be listed and read from the start', async () => {
    const { data } = await sandbox.send<{ id: string }[]>('get', '/orders', undefined, ada);
    expect(data.map(({ id }) => id)).to.deep.equal(['1', '2', '3']);
    expect((await sandbox.send('get', '/orders/2', undefined, ada)).data).to.include({ id: '2' });
  });

  it('can be made, are counted, and are seen by the customer who made them alone', async () => {
    const { status, data } = await make(ada);
    expect(status).to.equal(201);
    expect(data).to.deep.include({ content: { article: 'Tea' } });
    expect(sandbox.counts().ordersMade).to.equal(1);
    const path = `/orders/${String(data.id)}`;
    expect((await sandbox.send('get', path, undefined, ada)).status).to.equal(200);
    expect((await sandbox.send('get', path, undefined, ben)).status).to.equal(404);
  });

  it('are made once for one Idempotency-Key of one customer', async () => {
    const key = { 'idempotency-key': 'k1' };
    const first = await make({ ...ada, ...key });
    const replay = await make({ ...ada, ...key });
    expect([replay.status, replay.data]).to.deep.equal([201, first.data]);
    expect(replay.headers['idempotency-replayed']).to.equal('true');
    expect(sandbox.counts().ordersMade).to.equal(1);
    await make({ ...ben, ...key });
    expect(sandbox.counts().ordersMade).to.equal(2);
  });

  it('refuse an Idempotency-Key that comes back with another content', async () => {
    const headers = { ...ada, 'idempotency-key': 'k1' };
    await make(headers);
    expect((await make(headers, { article: 'Coffee' })).status).to.equal(409);
    expect(sandbox.counts().ordersMade).to.equal(1);
  });

  it('take any content, so that replayed bytes can be compared', async () => {
    const { data } = await make({ ...ada, 'content-type': 'text/plain' }, 'as it is');
    expect(data.content).to.equal('as it is');
    const empty = await sandbox.send('post', '/orders', undefined, ada);
    expect(empty.data.content).to.equal(null);
  });
});
