// Whose limit a call shares: that of its bucket, and of the end customer whom a backend names.
import { expect } from 'chai';
import { virtualTime } from '../support/virtual-time.js';
import { authBench, errorOf, httpBench, limit } from './clients.js';

const ADA = { ip: '203.0.113.7', userAgent: 'Firefox/150' };
const EVE = { ip: '2001:db8::66' };
const LOGIN = { email: 'ada@example.com', password: 'correct horse' };

describe('The customer behind a call', () => {
  virtualTime();

  it('is not stopped by the limit that another one earned', async () => {
    const { auth, wire } = authBench(({ headers }) =>
      headers['x-original-client-ip'] === EVE.ip ? limit(60) : 404,
    );
    const refused = await auth.login(LOGIN, { customer: EVE });
    expect(refused.ok ? '' : refused.error.code).to.equal('TOO_MANY_ATTEMPTS');
    const again = await auth.login(LOGIN, { customer: EVE });
    expect(again.ok ? '' : again.error.attempts, 'nothing is sent for Eve').to.equal(0);
    const other = await auth.login(LOGIN, { customer: ADA });
    expect(other.ok ? 0 : other.error.attempts, 'Ada is asked about').to.equal(1);
    expect(wire.sent).to.have.length(2);
  });

  it('is named to the API, with address and user agent', async () => {
    const { auth, wire } = authBench(() => 404);
    await auth.login(LOGIN, { customer: ADA });
    expect(wire.sent[0]?.headers).to.include({
      'x-original-client-ip': ADA.ip,
      'x-original-user-agent': ADA.userAgent,
    });
  });

  it('is named to no other origin, and in no event', async () => {
    const { auth, wire, heard } = authBench(() => limit(60));
    await errorOf(auth.http.get('https://elsewhere.test/x', { holdfast: { customer: ADA } }));
    await auth.login(LOGIN, { customer: ADA });
    expect(wire.sent[0]?.headers).not.to.have.property('x-original-client-ip');
    const told = JSON.stringify([heard('attempt'), heard('cooldown'), heard('settled')]);
    expect(told).to.contain('login').and.not.to.contain(ADA.ip);
  });

  it('is refused where it is no address, or would break out of its header', async () => {
    const { http } = httpBench();
    const asked = (customer: { ip: string; userAgent?: string }) =>
      http.get('/orders', { holdfast: { customer } }).then(
        () => 'sent',
        (error: unknown) => String(error),
      );
    expect(await asked({ ip: 'localhost' })).to.match(/customer\.ip must be an IP address; got "localhost"/);
    expect(await asked({ ...ADA, userAgent: 'a\r\nb: c' })).to.contain('customer.userAgent must be');
  });
});

describe('The bucket of a call', () => {
  virtualTime();

  it('can be named by a function of the config, and by the request itself', async () => {
    const bucket = ({ method, path }: { method: string; path: string }) =>
      path.startsWith('/orders') ? `orders-${method}` : undefined;
    const { http, heard } = httpBench(() => 200, {}, { bucket });
    await http.get('/orders/1');
    await http.post('/orders/1');
    await http.get('/baskets/1');
    await http.get('/orders/1', { holdfast: { bucket: 'mine' } });
    expect(heard('attempt').map((event) => String(event.bucket).split(' ').slice(1).join(' '))).to.deep.equal(
      ['orders-get', 'orders-post', 'nobody baskets', 'mine'],
    );
  });
});
