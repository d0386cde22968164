// The customer's address, as the API is told: its limits are the customer's own.
import { expect } from 'chai';
import { unwrap } from '../../lib/index.js';
import { ADA } from '../integration/stage.js';
import { OWN, useBff } from './stage.js';

describe('The customer behind a request', () => {
  const stage = useBff();
  const balanced = (request: Request) => request.headers.get('x-forwarded-for')?.split(',').at(-1)?.trim();

  it('is known by the address of the socket, whatever a header says', async () => {
    const { visitor } = await stage.backend();
    const { client } = visitor({}, { ...OWN, 'x-forwarded-for': '203.0.113.9', 'user-agent': 'A Browser/1' });
    const [login] = unwrap(await unwrap(await client.login(ADA)).listSessions());
    expect(login).to.include({ ip: '127.0.0.1', userAgent: 'A Browser/1' });
  });

  it('is known by what the balancer says, where that is asked for', async () => {
    const { visitor } = await stage.backend({ clientAddress: balanced });
    const { client } = visitor({}, { ...OWN, 'x-forwarded-for': '6.6.6.6, 203.0.113.9' });
    const [login] = unwrap(await unwrap(await client.login(ADA)).listSessions());
    expect(login!.ip).to.equal('203.0.113.9');
  });

  it('is left out where there is no address, or what is said is none', async () => {
    for (const said of [undefined, '', 'unknown', 'x'.repeat(100), '1.2.3.4\r\nX-Evil: 1']) {
      const { post } = await stage.backend({ clientAddress: () => said });
      expect((await post('/auth/login', ADA)).status).to.equal(200);
    }
  });

  it('has limits of their own: one who is limited holds up nobody else', async () => {
    const { visitor, sandbox } = await stage.backend({ clientAddress: balanced });
    const from = (address: string) => visitor({}, { ...OWN, 'x-forwarded-for': address }).client;
    sandbox.fault({ on: 'login', status: 429, headers: { 'retry-after': '60' }, times: 1 });
    const limited = await from('203.0.113.1').login(ADA);
    if (!limited.ok) expect(limited.error.code).to.equal('TOO_MANY_ATTEMPTS');
    expect(limited.ok).to.equal(false);
    const began = performance.now();
    expect((await from('203.0.113.2').login(ADA)).ok).to.equal(true);
    expect(performance.now() - began).to.be.below(2_000);
    expect((await from('203.0.113.1').login(ADA)).ok, 'and is still limited').to.equal(false);
  });
});
