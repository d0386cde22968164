// Trouble that can be ordered: each row of the failure table leads to itself.
import { expect } from 'chai';
import { createAuthClient, createGovernor, unwrap } from '../../lib/index.js';
import { FAILURES } from '../../lib/contract/failures.js';
import { SCENES } from '../../lib/playground/scenes.js';
import { ruleOf, TROUBLES, UNORDERABLE } from '../../lib/playground/troubles.js';
import { DEMO, startSandbox, type Sandbox } from '../../lib/sandbox/index.js';

describe('Trouble of the playground', () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await startSandbox();
  });
  beforeEach(() => sandbox.reset());
  after(() => sandbox.close());

  it('is there for every row of the table, or the row is said to have none', () => {
    const ids = [...TROUBLES.map(({ id }) => id), ...UNORDERABLE];
    for (const { id } of FAILURES) expect(ids).to.include(id);
    expect(UNORDERABLE).to.include('aborted').and.not.to.include('gateway');
  });

  it('is what the scenes name', () => {
    const named = SCENES.flatMap(({ steps }) =>
      steps.flatMap((step) => (step.is === 'trouble' ? [step.id] : [])),
    );
    expect(TROUBLES.map(({ id }) => id)).to.include.members(named);
  });

  for (const trouble of TROUBLES.filter(({ group }) => group !== 'connection' && group !== 'accept'))
    it(`${trouble.id} is the row that a client then meets`, async () => {
      const auth = createAuthClient({
        baseURL: sandbox.url,
        credentials: { clientId: DEMO.client.id, clientSecret: DEMO.client.secret },
        shopId: DEMO.shopId,
        governor: createGovernor(),
        policies: { retry: { retries: 0 } },
      });
      const { email, password } = DEMO.customer;
      const session = unwrap(await auth.login({ email, password }));
      const rows: string[] = [];
      auth.on('failure', ({ row }) => void rows.push(row));
      sandbox.fault(ruleOf(trouble, 1, 0));
      const plays: Readonly<Record<string, () => Promise<unknown>>> = {
        listOrders: () => session.http.get('/orders'),
        login: () => auth.login({ email, password }),
        refresh: () => session.refresh(),
        register: () => auth.register({ ...DEMO.customer, email: 'new@example.com' }),
        updatePasswordByHash: () => auth.updatePasswordByHash({ password, hash: sandbox.resetHash(email) }),
        exchangeCode: () => auth.exchangeCode({ code: sandbox.authorizationCode(email) }),
      };
      await plays[trouble.on]!().catch(() => undefined);
      auth.close();
      expect(rows).to.deep.equal([trouble.id]);
    });
});
