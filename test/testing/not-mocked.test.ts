// A call without an answer, and an answer without a call: both say what to do.
import { expect } from 'chai';
import nock from 'nock';
import { OPERATIONS } from '../../lib/contract/endpoints.js';
import { CALLS, errorOf, ROUTES } from '../nock/mock.js';
import { ADA, BASE, TOKENS, useKit } from './stage.js';

/** Default policies: a call that could be repeated would be. */
const policies = { retry: { retries: 3, backoff: { initial: 1, max: 1 } } };

describe('A call that no answer is scripted for', () => {
  const kit = useKit();

  for (const operation of OPERATIONS)
    for (const adapter of ['http', 'fetch'] as const)
      it(`names ${operation} and the line to add, once and at once, over ${adapter}`, async () => {
        const auth = kit.client({ policies, axios: { adapter } });
        const error = await errorOf(CALLS[operation](auth, auth.resume(TOKENS)));
        const [method, path] = ROUTES[operation];
        expect(error).to.include({
          code: 'NOT_MOCKED',
          kind: 'configuration',
          operation,
          attempts: 1,
          retryable: false,
          ambiguous: false,
          message: `${method} ${path} (${operation}) is not mocked. Add: api.${operation}.succeeds()`,
        });
        expect(error.because).to.include(error.message);
        expect(kit.api[operation].calls).to.have.length(1);
      });

  it('names the route and the line to add, without query and tokens', async () => {
    const error = await errorOf(kit.http({ policies }).get('/orders/7?token=tttt'));
    expect(error).to.include({ code: 'NOT_MOCKED', attempts: 1 });
    expect(error.message).to.equal(
      "GET /orders/7 is not mocked. Add: api.route('GET', '/orders/7').succeeds()",
    );
    const jwt = `eyJ${'h'.repeat(20)}.eyJ${'c'.repeat(20)}.sig`;
    expect((await errorOf(kit.http().get(`/by/${jwt}`))).message).to.include('GET /by/[secret] is not');
  });

  it('for lack of what distinguishes operations says what that is', async () => {
    const error = await errorOf(kit.http().post('/oauth/token', { grant_type: 'password' }));
    expect(error.message)
      .to.include("POST /oauth/token is not mocked. Add: api.route('POST', '/oauth/token').succeeds()")
      .and.include('It is not exchangeCode or refresh: its body lacks grant_type as they send it.');
  });

  it('outside of baseURL, at the same origin, says so', async () => {
    const error = await errorOf(kit.http().get('https://acme-live.auth.example.com/v2/orders'));
    expect(error).to.include({ code: 'NOT_MOCKED', attempts: 1 });
    expect(error.message).to.equal(`GET /v2/orders is not below ${BASE}, the baseURL of this mock.`);
  });

  it('shows nothing of what another mock library would print of the request', async () => {
    nock('https://other.example.com').get('/').optionally().reply(200);
    const error = await errorOf(
      kit.http({ baseURL: 'https://other.example.com' }).post('/login', { password: ADA.password }),
    );
    nock.cleanAll();
    expect(JSON.stringify(error)).to.not.include(ADA.password);
    expect(error.attempts).to.equal(1);
  });
});

describe('done()', () => {
  const kit = useKit();

  it('names each answer that was not asked for, and each call that had none', async () => {
    kit.api.login.fails('USER_NOT_FOUND').then.succeeds();
    kit.api.refresh.rotates().always();
    kit.api.route('GET', '/orders').succeeds().times(3);
    const auth = kit.client();
    await auth.login(ADA);
    await CALLS.register(auth);
    expect(() => kit.api.done()).to.throw(
      Error,
      [
        'The mocked API was not used as scripted.',
        '- POST /auth/register (register) is not mocked. Add: api.register.succeeds()',
        '- api.login.succeeds() was not asked for.',
        "- api.route('GET', '/orders').succeeds() was not asked for, 3 times.",
      ].join('\n'),
    );
  });

  it('is content where all was used, and after reset()', async () => {
    kit.api.login.succeeds();
    await kit.client().login(ADA);
    kit.api.done();
    kit.api.login.succeeds();
    await CALLS.register(kit.client());
    kit.api.reset();
    kit.api.done();
    expect(kit.api.anything.calls).to.deep.equal([]);
  });
});
