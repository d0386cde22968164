// browser/client: what a page asks of a server that is down, where there are a million pages.
import { expect } from 'chai';
import { createBrowserClient } from '../../lib/browser/index.js';
import { createGovernor, type PolicyOptions } from '../../lib/index.js';
import { errorOf, MINUTE } from '../policies/clients.js';
import { transport } from '../support/transport.js';
import { virtualTime } from '../support/virtual-time.js';

const AT_ONCE = 5;
const AGAIN = 5_000;

describe('The client of a page', () => {
  const time = virtualTime();

  /** A page makes five calls at once to a server that stays down, and again when they have failed, for two minutes. */
  async function visit(policies?: PolicyOptions) {
    const wire = transport(() => ({ status: 503, after: 20 }));
    const { http } = createBrowserClient({
      baseURL: 'https://shop.example.com/bff',
      axios: { adapter: wire.adapter },
      governor: createGovernor(),
      ...(policies && { policies }),
    });
    const beganAt = performance.now();
    let calls = 0;
    while (performance.now() - beganAt < 2 * MINUTE) {
      const failures = Array.from({ length: AT_ONCE }, (_, call) => errorOf(http.get(`/orders/${call}`)));
      calls += AT_ONCE;
      await time.finish(Promise.all(failures));
      await time.pass(AGAIN);
    }
    const most = calls + 10 + (performance.now() - beganAt) / 10_000 + 0.1 * calls;
    return { sends: wire.sent.length, calls, most };
  }

  it('sends each call, ten repeats, and then one in ten seconds', async () => {
    for (const policies of [undefined, { retry: { budget: { ratio: 0 } } }]) {
      const { sends, most } = await visit(policies);
      expect(sends).to.be.at.most(most);
    }
  });

  it('repeats more often where its options say so, or never', async () => {
    const { sends, most } = await visit({ retry: { budget: { floorPerSecond: 10, burst: 100 } } });
    expect(sends).to.be.above(5 * most);
    const never = await visit({ retry: { retries: 0, budget: { floorPerSecond: 0.001, burst: 0 } } });
    expect(never.sends).to.be.at.most(never.calls);
  });
});
