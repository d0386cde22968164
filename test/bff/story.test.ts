// The story of a customer in a browser whose tokens stay on the server.
import { expect } from 'chai';
import { unwrap } from '../../lib/index.js';
import { DEMO } from '../../lib/sandbox/index.js';
import { ADA, GRACE, rejection } from '../integration/stage.js';
import { COOKIE, RESET_URL, useBff, type Visitor } from './stage.js';

const BEN = { email: DEMO.otherCustomer.email, password: DEMO.otherCustomer.password };

describe('A customer in a browser, with a backend', () => {
  const stage = useBff();

  it('logs in, calls, loads the page again, calls and logs out, and no token reaches the browser', async () => {
    const { visitor, sandbox, url } = await stage.backend();
    const ada = visitor();
    const session = unwrap(await ada.client.login(ADA));
    expect((await session.http.get('/orders')).status).to.equal(200);

    const reloaded = visitorWith(visitor(), ada);
    const again = unwrap(await reloaded.client.session())!;
    expect((await again.http.post('/orders', { article: 7 })).status).to.equal(201);

    expect((await again.logout()).ok).to.equal(true);
    expect(reloaded.jar.size).to.equal(0);
    expect(unwrap(await reloaded.client.session())).to.equal(undefined);
    expect(await rejection(session.http.get('/orders'))).to.include({ kind: 'session' });
    expect(sandbox.counts().operations.logout.answered).to.deep.equal({ 204: 1 });
    expect(url).to.match(/\/bff$/);
    expect(again.tokens().accessToken).to.match(/^[\w-]{43}$/);
    expect(session.tokens().refreshToken).to.equal(undefined);
  });

  it('gets a cookie that no script, no other host and no plain connection sees', async () => {
    const { visitor } = await stage.backend();
    const ada = visitor();
    await ada.client.login(ADA);
    expect(ada.set).to.have.length(1);
    const [value, ...attributes] = ada.set[0]!.split('; ');
    expect(value).to.match(new RegExp(`^${COOKIE}=[\\w-]{43}$`));
    expect(attributes).to.have.members(['Path=/', 'HttpOnly', 'Secure', 'SameSite=Strict']);
  });

  it('sees the errors that a backend sees', async () => {
    const { visitor, sandbox } = await stage.backend();
    const { client } = visitor();
    const wrong = await client.login({ ...ADA, password: 'wrong' });
    expect(wrong).to.deep.include({ ok: false });
    if (!wrong.ok)
      expect(wrong.error).to.include({ code: 'USER_NOT_FOUND', operation: 'login', status: 404 });
    const taken = await client.register({ ...GRACE, email: ADA.email });
    if (!taken.ok) expect(taken.error).to.include({ code: 'USER_ALREADY_EXISTS', ambiguous: false });
    const { email, password } = DEMO.deactivated;
    const dora = await client.login({ email, password });
    if (!dora.ok) expect(dora.error).to.include({ code: 'USER_DEACTIVATED', status: 403 });
    const short = await client.register({ ...GRACE, password: 'x' });
    if (!short.ok && short.error.code === 'VALIDATION_FAILED')
      expect(short.error.details[0]).to.include({ field: 'password' });
    const used = await client.updatePasswordByHash({ password: 'long enough', hash: 'none' });
    if (!used.ok) expect(used.error).to.include({ code: 'PASSWORD_RESET_HASH_EXPIRED' });
    sandbox.fault({ on: 'login', rateLimit: { limit: 0, per: 60_000 } });
    const limited = await client.login(ADA);
    if (!limited.ok) {
      expect(limited.error.code).to.equal('TOO_MANY_ATTEMPTS');
      expect(limited.error.retryAfter).to.be.within(50_000, 60_000);
    }
    expect([wrong, taken, dora, short, used, limited].map(({ ok }) => ok)).to.deep.equal(
      Array(6).fill(false),
    );
  });

  it('registers, shops as a guest, and resets a password by the mail of the shop', async () => {
    const { visitor, sandbox } = await stage.backend();
    const grace = visitor();
    const session = unwrap(await grace.client.register(GRACE));
    expect((await session.http.get('/orders')).status).to.equal(200);

    const guest = visitor();
    unwrap(await guest.client.guestLogin({ ...GRACE, email: 'guest@example.com' }));

    const forgot = visitor();
    unwrap(await forgot.client.sendPasswordResetEmail({ email: GRACE.email }));
    const [mail] = sandbox.requests().filter(({ operation }) => operation === 'sendPasswordResetEmail');
    expect(mail).to.include({ status: 204 });
    const hash = sandbox.resetHash(GRACE.email);
    const fresh = unwrap(await forgot.client.updatePasswordByHash({ password: 'much longer', hash }));
    expect((await fresh.http.get('/orders')).status).to.equal(200);
    expect(RESET_URL).to.include('{hash}');
  });

  it('changes the password, sees the sessions, and ends another one and this one', async () => {
    const { visitor } = await stage.backend();
    const phone = visitor();
    const laptop = visitor();
    const there = unwrap(await phone.client.login(ADA));
    const here = unwrap(await laptop.client.login(ADA));
    expect((await here.validate()).ok).to.equal(true);
    const change = { password: ADA.password, newPassword: 'something else' };
    expect((await here.updatePassword(change)).ok).to.equal(true);
    const wrong = await here.updatePassword(change);
    if (!wrong.ok) expect(wrong.error.code).to.equal('USER_NOT_FOUND');
    expect(wrong.ok).to.equal(false);

    const all = unwrap(await here.listSessions());
    expect(all).to.have.length(2);
    expect(all[0]!.expiresAt).to.be.instanceOf(Date);
    expect(all[0]!.createdAt).to.be.instanceOf(Date);
    for (const { id } of all) expect((await here.revoke(id)).ok).to.equal(true);
    expect(laptop.jar.size, 'its own was among them').to.equal(0);
    expect(await rejection(there.http.get('/orders'))).to.include({ kind: 'session' });
  });

  it('is not told that another session has ended where its own was over', async () => {
    const { visitor, sandbox } = await stage.backend();
    unwrap(await visitor().client.login(ADA));
    const here = unwrap(await visitor().client.login(ADA));
    const [other] = unwrap(await here.listSessions());
    sandbox.revokeCustomer(ADA.email);
    const revoked = await here.revoke(other!.id);
    if (!revoked.ok) expect(revoked.error.kind).to.equal('session');
    expect(revoked.ok).to.equal(false);
  });

  it('is not logged out by an expired token, and one refresh serves all calls', async () => {
    const { visitor, sandbox } = await stage.backend();
    const session = unwrap(await visitor().client.login(ADA));
    sandbox.expireAccessTokens();
    const answers = await Promise.all(Array.from({ length: 20 }, () => session.http.get('/orders')));
    expect(answers.every(({ status }) => status === 200)).to.equal(true);
    expect(sandbox.counts().operations.refresh.answered).to.deep.equal({ 200: 1 });
  });

  it('is logged out where the API says so, once', async () => {
    const { visitor, sandbox } = await stage.backend();
    const session = unwrap(await visitor().client.login(ADA));
    const ends: string[] = [];
    session.on('sessionEnded', ({ reason }) => ends.push(reason));
    sandbox.revokeCustomer(ADA.email);
    for (let call = 0; call < 3; call += 1)
      expect(await rejection(session.http.get('/orders'))).to.include({ kind: 'session' });
    expect(ends).to.deep.equal(['expired']);
  });

  it('acts in nobody else’s name: a tab’s session ends where another tab signed in anew', async () => {
    const { visitor } = await stage.backend();
    const tab = visitor();
    const ada = unwrap(await tab.client.login(ADA));
    const other = visitorWith(visitor(), tab);
    unwrap(await other.client.login(BEN));
    for (const [name, value] of other.jar) tab.jar.set(name, value); // one browser, one jar
    expect(await rejection(ada.http.get('/orders'))).to.include({ kind: 'session' });
    const ben = unwrap(await tab.client.session())!;
    expect(ben).not.to.equal(ada);
    expect((await ben.http.get('/orders')).status).to.equal(200);
    expect(unwrap(await tab.client.session()), 'asked again').to.equal(ben);
  });

  it('keeps the session where the trouble is the backend’s', async () => {
    const { visitor, sandbox } = await stage.backend();
    const session = unwrap(await visitor().client.login(ADA));
    sandbox.fault({ on: 'listOrders', status: 503, times: 20 });
    expect(await rejection(session.http.get('/orders'))).to.include({
      code: 'API_EXCEPTION',
      retryable: true,
    });
    sandbox.heal();
    expect((await session.http.get('/orders')).status).to.equal(200);
  });

  it('keeps the session where a resource refuses each new token', async () => {
    const stranger = await stage.server((_request, response) => {
      response.writeHead(401, { 'content-type': 'application/json' });
      response.end('{"error":"INVALID_TOKEN"}');
    });
    const { visitor } = await stage.backend((sandbox) => ({
      resources: { '/strange': stranger.origin, '/orders': `${sandbox.url}/orders` },
    }));
    const session = unwrap(await visitor().client.login(ADA));
    expect(await rejection(session.http.get('/strange/things'))).to.include({
      code: 'INVALID_TOKEN',
      status: 401,
    });
    expect(session.state.status).to.equal('live');
    expect((await session.http.get('/orders')).status).to.equal(200);
  });

  it('is told of an API that nobody reaches, and of a wrong client secret, by the code and no detail', async () => {
    const { visitor } = await stage.backend({ auth: { baseURL: 'http://127.0.0.1:1/v1' } });
    const away = await visitor().client.login(ADA);
    if (!away.ok) expect(away.error).to.include({ code: 'API_EXCEPTION', status: 503, retryable: true });
    const misled = await stage.backend({ auth: { credentials: { clientId: 'a', clientSecret: 'b' } } });
    const refused = await misled.visitor().client.login(ADA);
    if (!refused.ok) expect(refused.error.code).to.equal('INVALID_CLIENT');
    expect([away.ok, refused.ok]).to.deep.equal([false, false]);
  });
});

/** The same browser with a page that was loaded anew. */
function visitorWith(fresh: Visitor, { jar }: Visitor): Visitor {
  for (const [name, value] of jar) fresh.jar.set(name, value);
  return fresh;
}
