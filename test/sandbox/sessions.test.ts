import { expect } from 'chai';
import { DEMO } from '../../lib/sandbox/index.js';
import {
  ADA,
  basic,
  bearer,
  claimsOf,
  rowOf,
  shop,
  startCaller,
  type Caller,
  type TokenPair,
} from './caller.js';

describe('sandbox: sessions', () => {
  let sandbox: Caller;
  before(async () => {
    sandbox = await startCaller();
  });
  beforeEach(() => sandbox.reset());
  after(() => sandbox.close());

  it('validate answers 200 for a live token', async () => {
    const { access_token: token } = await sandbox.login();
    const { status, data } = await sandbox.send('get', '/oauth/token/validate', undefined, bearer(token));
    expect([status, data]).to.deep.equal([200, {}]);
  });

  it('are listed with the two formats of time, each under the id of its access token', async () => {
    const headers = { ...basic(), 'x-original-client-ip': '203.0.113.9', 'x-original-user-agent': 'Lynx' };
    const { data: pair } = await sandbox.send<TokenPair>('post', '/auth/login', ADA, headers);
    await sandbox.login();
    await sandbox.login(DEMO.otherCustomer.email, DEMO.otherCustomer.password);
    const { data } = await sandbox.send<Record<string, string>[]>(
      'get',
      '/oauth/tokens',
      undefined,
      bearer(pair.access_token),
    );
    expect(data).to.have.length(2);
    expect(data[0]).to.include({
      id: claimsOf(pair.access_token).jti,
      ip: '203.0.113.9',
      user_agent: 'Lynx',
    });
    expect(data[0]!.created_at).to.match(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    expect(data[0]!.updated_at).to.equal(data[0]!.created_at);
    expect(data[0]!.expires_at).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  });

  it('are revoked by id, another one as well as the own, and only those of the same customer', async () => {
    const [mine, other, stranger] = [
      await sandbox.login(),
      await sandbox.login(),
      await sandbox.login(DEMO.otherCustomer.email, DEMO.otherCustomer.password),
    ];
    const revoke = (pair: TokenPair) =>
      sandbox.send('delete', `/oauth/tokens/${String(claimsOf(pair.access_token).jti)}`, undefined, {
        ...bearer(mine.access_token),
        ...shop,
      });
    expect((await revoke(other)).status).to.equal(204);
    expect(rowOf('refresh', await sandbox.refresh(other.refresh_token))).to.equal('dead-refresh-token');
    expect(rowOf('revoke', await revoke(other))).to.equal('revoke-already-done');
    expect((await revoke(stranger)).status).to.equal(404);
    expect(await sandbox.orders(stranger.access_token)).to.equal(200);
    expect((await revoke(mine)).status).to.equal(204);
    expect(await sandbox.orders(mine.access_token)).to.equal(401);
  });

  it('end at logout, both tokens of the pair', async () => {
    const pair = await sandbox.login();
    const logout = () =>
      sandbox.send('post', '/auth/logout', undefined, { ...bearer(pair.access_token), ...shop });
    expect((await logout()).status).to.equal(204);
    expect(rowOf('refresh', await sandbox.refresh(pair.refresh_token))).to.equal('dead-refresh-token');
    expect(rowOf('logout', await logout())).to.equal('logout-already-done');
  });

  it('need the shop header for logout and revoke', async () => {
    const { access_token: token } = await sandbox.login();
    for (const headers of [bearer(token), { ...bearer(token), 'x-shop-id': '7' }]) {
      const logout = await sandbox.send('post', '/auth/logout', undefined, headers);
      const revoke = await sandbox.send('delete', '/oauth/tokens/1', undefined, headers);
      expect(rowOf('logout', logout)).to.equal('validation-failed');
      expect(rowOf('revoke', revoke)).to.equal('validation-failed');
    }
  });

  it('of one customer can all be revoked', async () => {
    const ada = await sandbox.login();
    const ben = await sandbox.login(DEMO.otherCustomer.email, DEMO.otherCustomer.password);
    sandbox.revokeCustomer(ADA.email);
    expect(await sandbox.orders(ada.access_token)).to.equal(401);
    expect((await sandbox.refresh(ada.refresh_token)).data).to.include({ hint: 'Token has been revoked' });
    expect(await sandbox.orders(ben.access_token)).to.equal(200);
  });
});
