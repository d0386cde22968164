// What a client sent can be asserted on; a secret in it can be compared, and is shown nowhere.
import assert from 'node:assert/strict';
import { format, inspect } from 'node:util';
import { AssertionError, expect } from 'chai';
import { ENDPOINTS, OPERATIONS, type Endpoint } from '../../lib/contract/endpoints.js';
import { isSecretName } from '../../lib/contract/redact.js';
import { SentSecret } from '../../lib/testing/sealed.js';
import type { SentBody } from '../../lib/testing/index.js';
import { BASIC, CALLS } from '../nock/mock.js';
import { ADA, TOKENS, useKit } from './stage.js';

const JWT = `eyJ${'h'.repeat(20)}.eyJ${'c'.repeat(20)}.${'s'.repeat(20)}`;

/** All that the calls below send and nobody may see. */
const SECRETS = [
  ADA.password,
  ADA.password.replace(' ', '+'),
  'long enough',
  'a new password',
  'hash-1',
  'code-1',
  TOKENS.accessToken,
  TOKENS.refreshToken,
  BASIC,
  BASIC.slice(6),
  'in the query',
  'in the depth',
  'a cookie',
  JWT,
];

describe('The calls of a mock', () => {
  const kit = useKit();

  async function callEverything(): Promise<void> {
    kit.api.anything.succeeds().always();
    const auth = kit.client();
    const session = auth.resume(TOKENS);
    for (const call of Object.values(CALLS)) await call(auth, session);
    await kit
      .client()
      .resume(TOKENS)
      .http.post(
        `/orders?token=${encodeURIComponent('in the query')}&page=2`,
        { note: `see ${JWT}`, deep: [{ api_key: 'in the depth', secret: { of: 'in the depth' }, count: 1 }] },
        { headers: { Cookie: 'sid=a cookie' } },
      );
    await kit
      .client()
      .resume(TOKENS)
      .http.post('/login-form', new URLSearchParams({ password: ADA.password }));
    await kit.client().resume(TOKENS).http.get(`/by-token/${JWT}`);
  }

  it('show no secret, however they are printed', async () => {
    await callEverything();
    const { calls } = kit.api.anything;
    expect(calls).to.have.length(OPERATIONS.length + 3);
    const shown = [
      inspect(calls, { depth: null, showHidden: true }),
      inspect(calls, { depth: null, customInspect: false, showHidden: true, getters: true }),
      JSON.stringify(calls),
      format('%o %O %j %s', calls, calls, calls, calls),
      String(calls.map(({ body, headers }) => Object.values({ ...(body as object), ...headers }))),
      messageOf(() => expect(calls).to.deep.equal([])),
      messageOf(() => expect(calls.map(({ body }) => body)).to.include('x')),
      messageOf(() => assert.deepEqual(calls, [])),
      inspect(structuredClone(calls.map(({ headers }) => ({ ...headers }))), { depth: null }),
    ];
    for (const text of shown) for (const secret of SECRETS) expect(text).to.not.include(secret);
    expect(shown[0]).to.include('[secret]').and.include('ada@example.com');
  });

  it('let a secret be compared', async () => {
    await callEverything();
    const [login] = kit.api.login.calls;
    expect(login!.body.password.matches(ADA.password)).to.equal(true);
    expect(login!.body.password.matches('correct hors')).to.equal(false);
    expect(login!.body.password.matches(/^correct/g)).to.equal(true);
    expect(login!.headers.authorization!.matches(BASIC)).to.equal(true);
    const [refresh] = kit.api.refresh.calls;
    expect(refresh!.body.refresh_token.matches(TOKENS.refreshToken)).to.equal(true);
  });

  it('do not take two secrets for the same in a deep comparison', () => {
    expect(new SentSecret('a')).to.not.deep.equal(new SentSecret('b'));
    expect(() => assert.deepEqual(new SentSecret('a'), new SentSecret('b'))).to.throw();
  });

  it('say all the rest as it was sent', async () => {
    await callEverything();
    const [login] = kit.api.login.calls;
    expect(login).to.deep.include({ operation: 'login', method: 'POST', path: '/auth/login', query: {} });
    const { password, ...body } = login!.body;
    expect(body).to.deep.equal({ email: ADA.email, shop_id: 1001 });
    expect(password).to.be.instanceOf(SentSecret);
    expect(kit.api.revoke.calls[0]).to.include({ method: 'DELETE', path: '/oauth/tokens/another-token-id' });
    expect(kit.api.revoke.calls[0]!.headers).to.include({ 'x-shop-id': '1001' });
    expect(kit.api.refresh.calls[0]!.body.grant_type).to.equal('refresh_token');
    const order = kit.api.anything.calls.find(({ path }) => path === '/orders')!;
    expect(order.query.page).to.equal('2');
    expect(order.body).to.have.nested.property('deep[0].count', 1);
  });

  it('are those of their own operation or route, in order, and a long text stays whole', async () => {
    const orders = kit.api.route('POST', '/orders/{id}');
    orders.succeeds().always();
    const http = kit.http();
    const note = 'x'.repeat(5_000);
    for (const id of [1, 2]) await http.post(`/orders/${id}`, { id, note });
    expect(orders.calls.map(({ body }) => body)).to.deep.equal([1, 2].map((id) => ({ id, note })));
    expect(kit.api.route('post', '/orders/{id}'), 'the same route').to.equal(orders);
    expect(kit.api.login.calls).to.deep.equal([]);
  });

  it('are sealed where the types say so, and nowhere else in the bodies of operations', () => {
    const fields = OPERATIONS.flatMap((name) => Object.values((ENDPOINTS[name] as Endpoint).body ?? {}));
    const typed: Record<string, true> = {
      password: true,
      new_password: true,
      refresh_token: true,
      code: true,
      hash: true,
    } satisfies Record<SecretsOf<SentBody<(typeof OPERATIONS)[number]>>, true>;
    expect(new Set(fields.filter(isSecretName))).to.deep.equal(new Set(Object.keys(typed)));
  });
});

type SecretsOf<Body> = Body extends object
  ? keyof { [Field in keyof Body as Body[Field] extends SentSecret ? Field : never]: true }
  : never;

function messageOf(failing: () => void): string {
  try {
    failing();
  } catch (error) {
    if (error instanceof AssertionError || error instanceof assert.AssertionError)
      return inspect(error, { depth: null });
    throw error;
  }
  throw new Error('It did not fail.');
}
