import { expect } from 'chai';
import { DEMO, type Counts } from '../../lib/sandbox/index.js';
import { ADA, basic, startCaller, type Caller } from './caller.js';

describe('sandbox: admin routes', () => {
  let sandbox: Caller;
  before(async () => {
    sandbox = await startCaller();
  });
  beforeEach(() => sandbox.reset());
  after(() => sandbox.close());

  const admin = <T = Record<string, unknown>>(method: string, path: string, body?: unknown) =>
    sandbox.send<T>(method, `${sandbox.origin}/__sandbox${path}`, body);
  const problem = async (method: string, path: string, body?: unknown) => {
    const { status, data } = await admin(method, path, body);
    return `${status} ${String(data.message)}`;
  };

  it('list themselves', async () => {
    const { data } = await admin<{ routes: string[] }>('get', '/');
    expect(data.routes).to.include.members(['GET /counts', 'POST /faults', 'POST /expire']);
  });

  it('give counts and the log, in which they do not appear', async () => {
    await sandbox.login();
    const { data } = await admin<Counts>('get', '/counts');
    expect(data).to.deep.equal(sandbox.counts());
    expect(data.received).to.equal(1);
    expect((await admin<object[]>('get', '/requests')).data).to.deep.equal(sandbox.requests());
  });

  it('order and end trouble, one rule or a list', async () => {
    expect((await admin('post', '/faults', [{ on: 'login', status: 503, times: 'always' }])).status).to.equal(
      204,
    );
    await admin('post', '/faults', { on: 'refresh', status: 502 });
    const login = async () => (await sandbox.send('post', '/auth/login', ADA, basic())).status;
    expect(await login()).to.equal(503);
    expect((await admin('delete', '/faults')).status).to.equal(204);
    expect(await login()).to.equal(200);
  });

  it('are out of reach of faults', async () => {
    sandbox.fault({ status: 503, times: 'always' });
    expect((await admin('get', '/counts')).status).to.equal(200);
  });

  it('expire, revoke, deactivate and reset', async () => {
    const { access_token: first } = await sandbox.login();
    await admin('post', '/expire');
    expect(await sandbox.orders(first)).to.equal(401);
    const { access_token: second } = await sandbox.login();
    await admin('post', '/revoke', { email: ADA.email });
    expect(await sandbox.orders(second)).to.equal(401);
    const { access_token: third } = await sandbox.login();
    await admin('post', '/deactivate', { email: ADA.email });
    expect(await sandbox.orders(third)).to.equal(403);
    await admin('post', '/reset');
    expect(await sandbox.orders(third)).to.equal(401);
    expect((await sandbox.login()).token_type).to.equal('Bearer');
  });

  it('hand out reset hashes and authorization codes', async () => {
    const { data: hashed } = await admin('post', '/reset-hash', { email: ADA.email });
    const body = { password: 'brand new one', hash: hashed.hash, shop_id: DEMO.shopId };
    const updated = await sandbox.send('put', '/auth/password/update-by-hash', body, basic());
    expect(updated.status).to.equal(200);
    const { data: coded } = await admin('post', '/authorization-code', {
      email: ADA.email,
      clientId: 'demo-client',
    });
    const grant = { grant_type: 'authorization_code', code: coded.code };
    expect((await sandbox.send('post', '/oauth/token', grant, basic())).status).to.equal(200);
  });

  it('say clearly what is wrong', async () => {
    expect(await problem('post', '/faults', { status: 1 })).to.match(/^400 fault: "status" must be/);
    expect(await problem('post', '/faults', '{"status":')).to.match(/^400 the body is not JSON/);
    expect(await problem('post', '/revoke', {})).to.match(/^400 .*"email"/);
    expect(await problem('post', '/revoke', null)).to.match(/^400 .*"email"/);
    expect(await problem('post', '/revoke', { email: 'no@one' })).to.match(
      /^400 .*there is no customer "no@one"/,
    );
    expect(await problem('post', '/authorization-code', { email: ADA.email, clientId: 'x' })).to.match(
      /^400 .*there is no client "x"/,
    );
    expect(await problem('get', '/fault')).to.match(
      /^404 there is no GET \/fault here; there is GET \/counts/,
    );
    expect(await problem('get', '/constructor')).to.match(/^404/);
  });
});
