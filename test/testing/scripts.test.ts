// Scripts: answers in the order in which they were ordered, and what happens at their end.
import { expect } from 'chai';
import { unwrap } from '../../lib/index.js';
import { CALLS, errorOf } from '../nock/mock.js';
import { ADA, ONCE, TOKENS, useKit } from './stage.js';

const REPEATING = { ...ONCE, retry: { retries: 5, backoff: { initial: 1, max: 1 } } };

describe('A script', () => {
  const kit = useKit();

  it('gives its answers in order, and each once', async () => {
    kit.api.login.fails('USER_DEACTIVATED').then.fails('USER_NOT_FOUND').then.succeeds();
    const auth = kit.client();
    expect(await errorOf(auth.login(ADA))).to.include({ code: 'USER_DEACTIVATED' });
    expect(await errorOf(auth.login(ADA))).to.include({ code: 'USER_NOT_FOUND' });
    expect(await auth.login(ADA)).to.include({ ok: true });
    kit.api.done();
  });

  it('goes on where it is added to', async () => {
    kit.api.login.fails('USER_NOT_FOUND');
    kit.api.login.succeeds();
    const auth = kit.client();
    expect(await errorOf(auth.login(ADA))).to.include({ code: 'USER_NOT_FOUND' });
    expect(await auth.login(ADA)).to.include({ ok: true });
  });

  it('repeats a step so often as it is told, or always', async () => {
    kit.api.validate.fails('API_EXCEPTION').times(2).then.succeeds();
    kit.api.listSessions.succeeds().always();
    const session = kit.client({ policies: REPEATING }).resume(TOKENS);
    expect(await session.validate()).to.include({ ok: true, attempts: 3 });
    for (let count = 0; count < 4; count += 1) expect(await session.listSessions()).to.include({ ok: true });
    kit.api.done();
  });

  it('says at once what would come never', () => {
    kit.api.login.succeeds().always();
    expect(() => kit.api.login.fails('USER_NOT_FOUND')).to.throw(
      TypeError,
      "api.login: succeeds() comes always, so fails('USER_NOT_FOUND') would come never.",
    );
  });

  it('is harmless where a step is awaited by mistake', async () => {
    // eslint-disable-next-line @typescript-eslint/await-thenable -- the mistake
    await kit.api.login.succeeds();
    expect(await kit.client().login(ADA)).to.include({ ok: true });
  });

  it('that is used up says so, and is not repeated', async () => {
    kit.api.login.fails('USER_NOT_FOUND').then.succeeds();
    const auth = kit.client({ policies: REPEATING });
    await auth.login(ADA);
    await auth.login(ADA);
    const error = await errorOf(auth.login(ADA));
    expect(error).to.include({ code: 'NOT_MOCKED', attempts: 1 });
    expect(error.message).to.equal(
      "POST /auth/login (login) was called more often than scripted; used up: fails('USER_NOT_FOUND'), succeeds(). Add: .then.succeeds(), or .times(n) or .always() to the last one.",
    );
  });

  it('of anything answers what has nothing of its own left', async () => {
    kit.api.login.fails('USER_NOT_FOUND');
    kit.api.anything.fails('API_EXCEPTION').then.succeeds().times(2);
    const auth = kit.client();
    expect(await errorOf(auth.login(ADA))).to.include({ code: 'USER_NOT_FOUND' });
    expect(await errorOf(auth.login(ADA))).to.include({ code: 'API_EXCEPTION' });
    const session = unwrap(await auth.login(ADA));
    expect((await session.http.get('/orders')).status).to.equal(200);
    expect(kit.api.anything.calls.map(({ path }) => path)).to.deep.equal([
      ...Array.from({ length: 3 }, () => '/auth/login'),
      '/orders',
    ]);
  });

  it('with a mistake is a TypeError that names it', () => {
    const { login } = kit.api as unknown as {
      readonly login: Record<string, (...given: unknown[]) => { times(n: unknown): unknown }>;
    };
    for (const [mistake, says] of [
      [
        () => login.answers!(99),
        /^api\.login\.answers: the status must be a whole number from 200 to 599; got 99/,
      ],
      [() => login.rateLimited!({ retryAfter: 0.5 }), /^api\.login\.rateLimited: retryAfter must be a whole/],
      [() => login.delays!(-1), /^api\.login\.delays: the delay must be/],
      [() => login.succeeds!().times(0), /^api\.login\.times: the count must be/],
      [
        () => login.fails!('USER_NOT_FOUND', 'x'),
        /^api\.login\.fails: the fields must be an object; got "x"/,
      ],
    ] as const)
      expect(mistake).to.throw(TypeError, says);
  });
});

describe('An outcome', () => {
  const kit = useKit();

  it('of success has tokens that are new each time, of one customer', async () => {
    kit.api.login.succeeds().times(2);
    const auth = kit.client();
    const [one, two] = [unwrap(await auth.login(ADA)), unwrap(await auth.login(ADA))];
    expect(one.tokens().accessToken).to.not.equal(two.tokens().accessToken);
    expect(one.state.tokenId).to.match(/^[0-9a-f]{80}$/);
    expect(one.state.expiresAt!.getTime() - Date.now()).to.be.within(30 * 86_400_000, 31 * 86_400_000);
  });

  it('of success takes fields for the answer, and the token says the same', async () => {
    kit.api.login.succeeds({ expires_in: 60, refresh_token: 'mine' });
    const session = unwrap(await kit.client().login(ADA));
    expect(session.tokens().refreshToken).to.equal('mine');
    const [, claims = ''] = session.tokens().accessToken.split('.');
    const { exp, iat } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, number>;
    expect(exp! - iat!).to.be.closeTo(60, 0.001);
  });

  it('of success has what the client reads, for every operation', async () => {
    kit.api.anything.succeeds().always();
    const auth = kit.client();
    for (const call of Object.values(CALLS))
      expect(await call(auth, auth.resume(TOKENS))).to.include({ ok: true, attempts: 1 });
    expect(unwrap(await auth.resume(TOKENS).listSessions())[0]).to.include.keys(
      'id',
      'createdAt',
      'expiresAt',
    );
  });

  it('rotates() gives new tokens, and from then on refuses the old one as the contract says', async () => {
    kit.api.refresh.rotates().always();
    const session = kit.client().resume(TOKENS);
    expect(await session.refresh()).to.include({ ok: true });
    expect(await session.refresh()).to.include({ ok: true });
    const thief = kit.client().resume(TOKENS);
    expect(await errorOf(thief.refresh())).to.include({
      code: 'INVALID_TOKEN',
      hint: 'Token has been revoked',
    });
    expect(thief.state.status).to.equal('ended');
    expect(await session.refresh(), 'the newest is good').to.include({ ok: true });
  });

  it('that is ordered for a refresh comes also for a token that was used', async () => {
    kit.api.refresh.rotates().then.fails('API_EXCEPTION');
    await kit.client().resume(TOKENS).refresh();
    expect(await errorOf(kit.client().resume(TOKENS).refresh())).to.include({ code: 'API_EXCEPTION' });
  });

  it('rateLimited() says for how long', async () => {
    kit.api.login.rateLimited({ retryAfter: 7 });
    const error = await errorOf(kit.client().login(ADA));
    expect(error).to.include({ code: 'TOO_MANY_ATTEMPTS', status: 429 });
    expect(error.retryAfter).to.be.within(6_800, 7_000);
  });

  it('answers() is sent as it is', async () => {
    const orders = kit.api.route('get', '/orders/{id}');
    orders.answers(418, 'short and stout', { 'X-Request-Id': 'tea-1' }).then.answers(201, { id: 7 });
    const http = kit.http();
    expect(await errorOf(http.get('/orders/7'))).to.include({ status: 418, requestId: 'tea-1' });
    const { status, data, headers } = await http.get<unknown>('/orders/8');
    expect({ status, data }).to.deep.equal({ status: 201, data: { id: 7 } });
    expect(headers['content-type']).to.equal('application/json');
  });

  for (const adapter of ['http', 'fetch'] as const) {
    it(`drops() and hangs() are what the client makes of them over ${adapter}`, async () => {
      const policies = { ...ONCE, timeout: { total: 2_000, attempt: 100 } };
      const auth = kit.client({ axios: { adapter }, policies });
      kit.api.register.drops().then.hangs();
      expect(await errorOf(CALLS.register(auth))).to.include({ code: 'CONNECTION_LOST', ambiguous: true });
      expect(await errorOf(CALLS.register(auth))).to.include({ code: 'TIMEOUT', ambiguous: true });
    });

    it(`delays() holds the answer back over ${adapter}`, async () => {
      kit.api.login.delays(60).succeeds();
      const began = performance.now();
      expect(await kit.client({ axios: { adapter } }).login(ADA)).to.include({ ok: true });
      expect(performance.now() - began).to.be.at.least(59);
    });

    it(`any code and body arrives over ${adapter}`, async () => {
      const http = kit.http({ axios: { adapter, validateStatus: null } });
      for (const [status, body] of [
        [204, undefined],
        [200, ''],
        [200, 'text'],
        [200, [1, 2]],
        [304, undefined],
        [502, '<html></html>'],
      ] as const) {
        kit.api.route('PATCH', '/thing').answers(status, body);
        const outcome = await http
          .patch<unknown>('/thing', {})
          .catch((error: unknown) => error as { status: number });
        expect(outcome.status).to.equal(status);
        if ('data' in outcome && status === 200) expect(outcome.data).to.deep.equal(body);
      }
    });
  }
});
