// A call that no mock answers says so: at once, once, and without being taken for an outage.
import { expect } from 'chai';
import nock from 'nock';
import type { EndpointName } from '../../lib/contract/endpoints.js';
import { BASE, CALLS, errorOf, mock, RENEWED, TOKENS, useNock } from './mock.js';

/** Default policies: a call that could be repeated would be. */
const policies = { retry: { retries: 3, backoff: { initial: 1, max: 1 } } };

describe('An unmocked call', () => {
  const { client, http } = useNock();

  for (const [about, prepare] of [
    [
      'to a host that has a mock for something else',
      () => void nock(BASE).get('/something-else').optionally().reply(200),
    ],
    ['to a host without any mock, with the network closed', () => undefined],
  ] as const)
    describe(about, () => {
      for (const operation of Object.keys(CALLS) as EndpointName[])
        it(`${operation} is NOT_MOCKED, and sent once`, async () => {
          prepare();
          const missed: unknown[] = [];
          const listener = (request: unknown) => void missed.push(request);
          nock.emitter.on('no match', listener);
          const auth = client({ policies });
          const error = await errorOf(CALLS[operation](auth, auth.resume(TOKENS)));
          nock.emitter.off('no match', listener);
          expect(error).to.include({
            code: 'NOT_MOCKED',
            kind: 'configuration',
            attempts: 1,
            retryable: false,
            ambiguous: false,
            operation,
          });
          expect(missed).to.have.length(1);
        });

      for (const adapter of ['http', 'fetch'] as const)
        it(`a GET over the ${adapter} adapter is NOT_MOCKED, and sent once`, async () => {
          prepare();
          const calls: number[] = [];
          const plain = http({ policies, axios: { adapter } });
          plain.on('attempt', ({ attempt }) => calls.push(attempt));
          const error = await errorOf(plain.get('/orders'));
          expect(error).to.include({ code: 'NOT_MOCKED', attempts: 1, retryable: false });
          expect(calls).to.deep.equal([1]);
        });
    });

  it('of a refresh is told to the call that needed it, and the session lives on', async () => {
    const session = client({ policies }).resume(TOKENS);
    nock(BASE).get('/orders').reply(401);
    const error = await errorOf(session.http.get('/orders'));
    expect(error).to.include({ code: 'NOT_MOCKED', operation: 'request' });
    expect(session.state.status).to.equal('live');
  });

  it('does not hide behind another mock that answered before', async () => {
    mock('login').reply(200, RENEWED);
    const auth = client({ policies });
    expect(await CALLS.login(auth)).to.include({ ok: true });
    expect(await errorOf(CALLS.login(auth))).to.include({ code: 'NOT_MOCKED' });
  });
});

describe('A connection error that a mock replies with', () => {
  const { client, http } = useNock();

  for (const [code, wanted] of [
    ['ECONNREFUSED', { code: 'CONNECTION_FAILED', kind: 'unreachable' }],
    ['ENOTFOUND', { code: 'CONNECTION_FAILED', kind: 'unreachable' }],
    ['ECONNRESET', { code: 'CONNECTION_LOST', kind: 'interrupted' }],
    ['EPIPE', { code: 'CONNECTION_LOST', kind: 'interrupted' }],
    ['CERT_HAS_EXPIRED', { code: 'CONNECTION_FAILED', kind: 'unreachable' }],
  ] as const)
    for (const adapter of ['http', 'fetch'] as const)
      it(`${code} is ${wanted.code} over the ${adapter} adapter`, async () => {
        nock(BASE)
          .get('/orders')
          .replyWithError(Object.assign(new Error(`${code} in a mock`), { code }));
        expect(await errorOf(http({ axios: { adapter } }).get('/orders'))).to.include({
          ...wanted,
          attempts: 1,
        });
      });

  it('before a byte was sent is repeated even for a registration; one after that is not', async () => {
    const auth = client({ policies });
    mock('register').replyWithError(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
    mock('register').reply(201, RENEWED);
    expect(await CALLS.register(auth)).to.include({ ok: true, attempts: 2 });
    mock('register').replyWithError(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
    expect(await errorOf(CALLS.register(auth))).to.include({
      code: 'CONNECTION_LOST',
      attempts: 1,
      ambiguous: true,
    });
  });

  it('for a certificate is not repeated: the next one would be the same', async () => {
    mock('validate').replyWithError(Object.assign(new Error('tls'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }));
    const error = await errorOf(client({ policies }).resume(TOKENS).validate());
    expect(error).to.include({ code: 'CONNECTION_FAILED', attempts: 1 });
  });
});
