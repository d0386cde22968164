// What a config may change of the contract: sentences, rows, routes.
import { expect } from 'chai';
import nock from 'nock';
import { AuthError, type FailureRow } from '../../lib/index.js';
import { BASE, CALLS, errorOf, mock, RENEWED, TOKENS, useNock } from './mock.js';

const GERMAN = { USER_NOT_FOUND: 'E-Mail-Adresse oder Passwort ist falsch.' };
const UNKNOWN_USER = { error: 'USER_NOT_FOUND', message: 'No such user.', context: null };

describe('Messages of a config', () => {
  const { client, http } = useNock();

  it('as a map take the place of the contract’s sentence for their code, and leave the developer’s alone', async () => {
    mock('login').reply(404, UNKNOWN_USER);
    const error = await errorOf(CALLS.login(client({ messages: GERMAN })));
    expect(error).to.include({
      userMessage: GERMAN.USER_NOT_FOUND,
      message: 'No such user.',
      key: 'USER_NOT_FOUND',
    });
  });

  it('as a map keep the contract’s sentence for other codes', async () => {
    mock('login').reply(403, { error: 'USER_DEACTIVATED' });
    const error = await errorOf(CALLS.login(client({ messages: GERMAN })));
    expect(error.userMessage).to.match(/^Your customer account has been deactivated\./);
  });

  it('as a function see the error, and keep the contract’s sentence with undefined', async () => {
    const seen: unknown[] = [];
    const auth = client({
      messages: (error) => {
        seen.push([error.code, error.status, error.operation]);
        return error.code === 'TOO_MANY_ATTEMPTS'
          ? `In ${Math.round((error.retryAfter ?? 0) / 1_000)} Sekunden wieder.`
          : undefined;
      },
    });
    mock('login').reply(429, '', { 'retry-after': '30' });
    expect((await errorOf(CALLS.login(auth))).userMessage).to.equal('In 30 Sekunden wieder.');
    mock('exchangeCode').reply(400, { error: 'invalid_grant' });
    expect((await errorOf(CALLS.exchangeCode(auth))).userMessage).to.match(/^This sign-in has expired/);
    expect(seen).to.deep.equal([
      ['TOO_MANY_ATTEMPTS', 429, 'login'],
      ['INVALID_GRANT', 400, 'exchangeCode'],
    ]);
  });

  it('as a function that throws do not get in the way', async () => {
    const messages = () => {
      throw new Error('no translation today');
    };
    mock('login').reply(404, UNKNOWN_USER);
    const error = await errorOf(CALLS.login(client({ messages })));
    expect(error).to.include({
      code: 'USER_NOT_FOUND',
      userMessage: 'Your email address or password is incorrect. Please try again.',
    });
  });

  it('apply wherever an error comes from: answers, bad bodies, refreshes, aborts, plain clients', async () => {
    const messages = (error: { code: string }) => `own: ${error.code}`;
    const auth = client({ messages });
    mock('login').reply(200, 'not tokens');
    mock('refresh').reply(401, { error: 'invalid_client' });
    nock(BASE).get('/orders').reply(409);
    const session = auth.resume(TOKENS);
    const signal = AbortSignal.abort();
    const errors = [
      await errorOf(CALLS.login(auth)),
      await errorOf(session.refresh()),
      await errorOf(session.validate({ signal })),
      await errorOf(
        session
          .accessToken({ signal: AbortSignal.abort() })
          .then(() => auth.login({ email: 'a@b.c', password: 'secret' }, { signal })),
      ),
      await errorOf(http({ messages }).get('/orders')),
    ];
    expect(errors.map(({ userMessage }) => userMessage)).to.deep.equal([
      'own: INVALID_RESPONSE',
      'own: INVALID_CLIENT',
      'own: ABORTED',
      'own: ABORTED',
      'own: CONFLICT',
    ]);
  });
});

const CARD_DECLINED = {
  id: 'card-declined',
  when: [{ status: [402], key: ['card_declined'] }],
  code: 'CARD_DECLINED',
  kind: 'rejected',
  userMessage: 'Your card was declined.',
  reaction: 'fail',
  processed: 'no',
  because: 'The bank said no.',
  proof: 'ours',
} as const satisfies FailureRow;

describe('Rows of a config', () => {
  const { client, http } = useNock();

  it('add a code of their own, compared without case like the built-in ones', async () => {
    nock(BASE).post('/orders').reply(402, { error: 'Card_Declined', message: 'Insufficient funds.' });
    const session = client<'CARD_DECLINED'>({ failures: [CARD_DECLINED] }).resume(TOKENS);
    const error = await errorOf(session.http.post('/orders', {}));
    expect(error).to.be.instanceOf(AuthError);
    expect(error).to.include({
      code: 'CARD_DECLINED',
      kind: 'rejected',
      status: 402,
      userMessage: 'Your card was declined.',
      message: 'Insufficient funds.',
      attempts: 1,
      retryable: false,
    });
  });

  it('leave answers alone that they do not match', async () => {
    nock(BASE).get('/orders').reply(402, { error: 'SOMETHING_ELSE' });
    const error = await errorOf(http({ failures: [CARD_DECLINED] } as never).get('/orders'));
    expect(error).to.include({ code: 'REQUEST_REJECTED', status: 402 });
  });

  it('take the place of the built-in row with their id', async () => {
    const failures: FailureRow<'SLOW_DOWN'>[] = [
      {
        id: 'too-many-attempts',
        when: [{ status: [429] }],
        code: 'SLOW_DOWN',
        kind: 'rate-limit',
        reaction: 'fail',
        processed: 'no',
        because: 'Here a limit is final.',
        proof: 'ours',
      },
    ];
    mock('login').reply(429, '', { 'retry-after-ms': '1' });
    const error = await errorOf(CALLS.login(client({ failures } as never)));
    expect(error).to.include({ code: 'SLOW_DOWN', kind: 'rate-limit', retryable: true, attempts: 1 });
  });

  it('may let an answer be repeated that the contract takes for final', async () => {
    const failures = [
      { ...CARD_DECLINED, id: 'locked', when: [{ status: [423] }], code: 'LOCKED', reaction: 'cooldown' },
    ] as const;
    nock(BASE).get('/orders').reply(423, '', { 'retry-after-ms': '20' });
    nock(BASE).get('/orders').reply(200, ['an order']);
    const session = client({ failures } as never).resume(TOKENS);
    expect(await session.http.get('/orders')).to.include({ status: 200, attempts: 2 });
  });

  it('may find fault with a 2xx: an API that hides its errors there', async () => {
    const failures = [
      {
        ...CARD_DECLINED,
        id: 'hidden-failure',
        when: [{ status: [200], key: ['out_of_stock'] }],
        code: 'OUT_OF_STOCK',
      },
    ] as const;
    const session = client({ failures } as never).resume(TOKENS);
    nock(BASE).get('/orders').reply(200, { error: 'OUT_OF_STOCK', message: 'None left.' });
    expect(await errorOf(session.http.get('/orders'))).to.include({
      code: 'OUT_OF_STOCK',
      status: 200,
      message: 'None left.',
    });
    nock(BASE).get('/orders').reply(200, ['an order']);
    expect((await session.http.get<unknown>('/orders')).data).to.deep.equal(['an order']);
    nock(BASE).get('/orders').reply(204);
    expect((await session.http.get('/orders')).status).to.equal(204);
  });

  it('may call an answer a success that is none by its status', async () => {
    const failures = [
      {
        ...CARD_DECLINED,
        id: 'reset-mail-unknown',
        when: [{ status: [404], operation: ['sendPasswordResetEmail'] }],
        reaction: 'accept',
        processed: 'yes',
      },
    ] as const;
    mock('sendPasswordResetEmail').reply(404, { error: 'USER_NOT_FOUND' });
    const auth = client({ failures } as never);
    expect(await CALLS.sendPasswordResetEmail(auth), 'nobody learns who has an account').to.include({
      ok: true,
    });
  });

  it('belong to their client alone', async () => {
    client({ failures: [{ ...CARD_DECLINED, when: [{}] }] } as never);
    mock('login').reply(404, UNKNOWN_USER);
    expect(await errorOf(CALLS.login(client()))).to.include({ code: 'USER_NOT_FOUND' });
  });

  it('that are malformed are refused by name when the client is made', () => {
    const row = { ...CARD_DECLINED, reaction: 'panic' };
    expect(() => client({ failures: [row] } as never)).to.throw(TypeError, /failures\[0\]\.reaction must be/);
  });
});

describe('Routes of a config', () => {
  const { client } = useNock();

  it('change what the options name and nothing else', async () => {
    const auth = client({ endpoints: { login: { path: '/v2/sign-in', method: 'put' } } });
    nock(BASE)
      .put('/v2/sign-in', { email: 'ada@example.com', password: 'correct horse', shop_id: 1001 })
      .reply(200, RENEWED);
    mock('guestLogin').reply(200, RENEWED);
    expect(await CALLS.login(auth)).to.include({ ok: true });
    expect(await CALLS.guestLogin(auth)).to.include({ ok: true });
  });

  it('may say how often an operation may be sent', async () => {
    const auth = client({
      endpoints: { login: { repeats: 'never' }, sendPasswordResetEmail: { repeats: 'any' } },
      policies: { retry: { retries: 2, backoff: { initial: 1, max: 1 } } },
    });
    mock('login').reply(503);
    expect(await errorOf(CALLS.login(auth))).to.include({ attempts: 1, ambiguous: true });
    mock('sendPasswordResetEmail').times(3).reply(503);
    expect(await errorOf(CALLS.sendPasswordResetEmail(auth))).to.include({ attempts: 3, ambiguous: false });
  });
});
