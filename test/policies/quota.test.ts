// A server that says that its quota is used up is believed before it has to refuse a call.
import { expect } from 'chai';
import { virtualTime, watch } from '../support/virtual-time.js';
import { errorOf, httpBench } from './clients.js';

const SPENT = { status: 200, headers: { ratelimit: '"default";r=0;t=3' } };

describe('A quota that is used up', () => {
  const time = virtualTime();

  it('closes the gate before a 429 is earned, and opens it when it fills again', async () => {
    const { http, wire, heard } = httpBench([SPENT, 200, 200]);
    expect((await http.get('/orders/1')).status).to.equal(200);
    const calls = [2, 3].map((n) => watch(http.get(`/orders/${n}`)));
    await time.pass(2_999);
    expect(wire.sent).to.have.length(1);
    await time.pass(1);
    expect(calls.map(({ state }) => state)).to.deep.equal(['resolved', 'resolved']);
    expect(wire.sent.map(({ at }) => at - wire.sent[0]!.at)).to.deep.equal([0, 3_000, 3_000]);
    expect(heard('cooldown').map(({ forMs, because }) => [forMs, because])).to.deep.equal([
      [3_000, 'The server says that its quota is used up.'],
    ]);
  });

  it('turns away a call that cannot wait so long, and says when to ask again', async () => {
    const { http, wire } = httpBench([SPENT], { cooldown: { maxWait: 1_000 } });
    await http.get('/orders/1');
    const error = await errorOf(http.get('/orders/2'));
    expect(error).to.include({
      code: 'TOO_MANY_ATTEMPTS',
      kind: 'rate-limit',
      attempts: 0,
      retryAfter: 3_000,
    });
    expect(error.status, 'nothing was refused').to.equal(undefined);
    expect(wire.sent).to.have.length(1);
  });

  it('leaves other buckets alone', async () => {
    const { http, wire } = httpBench([SPENT, 200]);
    await http.get('/orders/1');
    expect((await http.get('/baskets/1')).status).to.equal(200);
    expect(wire.sent).to.have.length(2);
  });

  it('says how long a 429 lasts that has no Retry-After', async () => {
    const refused = { status: 429, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '4' } };
    const { http, wire } = httpBench([refused, 200]);
    const call = watch(http.get('/orders/1'));
    await time.pass(3_999);
    expect(wire.sent).to.have.length(1);
    await time.pass(1);
    expect(call.state).to.equal('resolved');
  });

  it('that is left, or is told in a way that nobody can read, changes nothing', async () => {
    const headers: Record<string, string>[] = [
      { ratelimit: '"default";r=4;t=3' },
      { ratelimit: 'limit=10, remaining=0' },
      { 'x-ratelimit-remaining': '0' },
    ];
    const { http, wire } = httpBench(headers.map((each) => ({ status: 200, headers: each })));
    for (const [n] of headers.entries()) await http.get(`/orders/${n}`);
    expect(wire.sent).to.have.length(3);
  });
});
