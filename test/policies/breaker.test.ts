// The circuit breaker, where a config asks for one.
import { expect } from 'chai';
import { virtualTime, watch } from '../support/virtual-time.js';
import { authBench, errorOf, httpBench, isRefresh } from './clients.js';

const BREAKER = { enabled: true, minimum: 4, ratio: 0.5, window: 10_000, openFor: 5_000 };
const POLICIES = { breaker: BREAKER, retry: { retries: 0 } };

describe('A circuit breaker', () => {
  const time = virtualTime();

  it('is off unless it is asked for', async () => {
    const { http, wire } = httpBench(() => 503, { retry: { retries: 0 } });
    for (let call = 0; call < 40; call += 1)
      expect(await errorOf(http.get('/orders'))).to.include({ status: 503 });
    expect(wire.sent).to.have.length(40);
  });

  it('fails calls at once while the server is in trouble, and says when to ask again', async () => {
    const { http, wire, heard } = httpBench(() => 503, POLICIES);
    for (let call = 0; call < 4; call += 1) await errorOf(http.get('/orders'));
    await time.pass(1_000);
    const error = await errorOf(http.get('/baskets'));
    expect(error).to.include({
      code: 'CIRCUIT_OPEN',
      kind: 'unavailable',
      attempts: 0,
      retryable: true,
      ambiguous: false,
      retryAfter: 4_000,
    });
    expect(wire.sent).to.have.length(4);
    expect(heard('breaker').map(({ state }) => state)).to.deep.equal(['open']);
  });

  it('lets one call try when its time is up, and is closed when that succeeds', async () => {
    const { http, wire, heard } = httpBench(({ number }) => (number <= 4 ? 503 : { after: 100 }), POLICIES);
    for (let call = 0; call < 4; call += 1) await errorOf(http.get('/orders'));
    await time.pass(5_000);
    const probe = watch(http.get('/orders'));
    await time.flush();
    expect(await errorOf(http.get('/orders'))).to.include({ code: 'CIRCUIT_OPEN' });
    await time.pass(100);
    expect(probe.state).to.equal('resolved');
    await time.finish(http.get('/orders'));
    expect(wire.sent).to.have.length(6);
    expect(heard('breaker').map(({ state }) => state)).to.deep.equal(['open', 'half-open', 'closed']);
  });

  it('counts neither limits nor answers that speak of the customer', async () => {
    const { http } = httpBench(({ number }) => (number % 2 ? 404 : 403), POLICIES);
    for (let call = 0; call < 20; call += 1)
      expect(await errorOf(http.get('/orders'))).not.to.include({ code: 'CIRCUIT_OPEN' });
  });

  it('lets another call try where the try is aborted', async () => {
    const { http, wire } = httpBench(
      ({ number }) => (number <= 4 ? 503 : number === 5 ? 'never' : 200),
      POLICIES,
    );
    for (let call = 0; call < 4; call += 1) await errorOf(http.get('/orders'));
    await time.pass(5_000);
    const controller = new AbortController();
    const probe = watch(http.get('/orders', { signal: controller.signal }));
    await time.flush();
    controller.abort();
    await time.flush();
    expect(probe.error).to.include({ code: 'ABORTED' });
    expect((await http.get('/orders')).status).to.equal(200);
    expect(wire.sent).to.have.length(6);
  });

  it('lets another call try where the try ended in an exception of the caller', async () => {
    const { http } = httpBench(({ number }) => (number <= 4 ? 503 : 200), POLICIES);
    for (let call = 0; call < 4; call += 1) await errorOf(http.get('/orders'));
    await time.pass(5_000);
    const validateStatus = () => {
      throw new RangeError('mine');
    };
    await errorOf(http.get('/orders', { validateStatus })).catch(() => undefined);
    expect((await http.get('/orders')).status).to.equal(200);
  });

  it('never ends a session, though it keeps it from refreshing', async () => {
    const { resume } = authBench((sent) => (isRefresh(sent) ? 503 : 401), POLICIES);
    const session = resume();
    for (let call = 0; call < 4; call += 1) {
      await errorOf(session.http.get('/orders'));
      await time.pass(1);
    }
    expect(await errorOf(session.http.get('/orders'))).to.include({ code: 'CIRCUIT_OPEN' });
    expect(session.state.status).to.equal('live');
  });

  it('holds back neither a logout nor the revocation of another login: what is ended must not stay valid', async () => {
    const isEnd = ({ url }: { readonly url: string }) => /logout|oauth\/tokens/.test(url);
    const { resume, wire } = authBench((sent) => (isEnd(sent) ? 204 : 503), POLICIES);
    const session = resume();
    for (let call = 0; call < 4; call += 1) await errorOf(session.http.get('/orders'));
    expect(await errorOf(session.http.get('/orders'))).to.include({ code: 'CIRCUIT_OPEN' });
    expect(await session.revoke('another-login')).to.include({ ok: true });
    expect(await session.logout()).to.include({ ok: true });
    expect(wire.sent.filter(isEnd)).to.have.length(2);
  });
});
