// Where the contract says one thing in several ways, or several things in one: how each is settled.
import { expect } from 'chai';
import nock from 'nock';
import { BASE, CALLS, errorOf, mock, RENEWED, TOKENS, useNock } from './mock.js';

const HTML = { 'content-type': 'text/html' };
const PAGE = '<!doctype html><html><body><h1>Sorry</h1></body></html>';

describe('A 401', () => {
  const { client, http } = useNock();

  it('of a bearer call refreshes and goes on, with a key or without, with a body or without', async () => {
    for (const body of [{ error: 'INVALID_TOKEN' }, { message: 'Unauthenticated.' }, '', PAGE]) {
      const session = client().resume(TOKENS);
      nock(BASE).get('/orders').matchHeader('authorization', 'Bearer access-1').reply(401, body);
      mock('refresh').reply(200, RENEWED);
      nock(BASE).get('/orders').matchHeader('authorization', 'Bearer access-2').reply(200, ['an order']);
      const response = await session.http.get<unknown>('/orders');
      expect([response.data, response.attempts]).to.deep.equal([['an order'], 2]);
    }
  });

  it('of a call with client credentials is our configuration: nothing is refreshed or repeated', async () => {
    for (const body of [{ error: 'INVALID_CLIENT' }, { error: 'invalid_client' }, { message: 'No.' }, '']) {
      const auth = client();
      nock(BASE).get('/reports').reply(401, body);
      expect(await errorOf(auth.http.get('/reports'))).to.include({ code: 'INVALID_CLIENT', attempts: 1 });
    }
  });

  it('that names the client on a bearer call refreshes nothing and ends nothing', async () => {
    const session = client().resume(TOKENS);
    mock('validate').reply(401, { error: 'invalid_client' });
    expect(await errorOf(session.validate())).to.include({ code: 'INVALID_CLIENT', attempts: 1 });
    expect(session.state.status).to.equal('live');
  });

  it('of a refresh ends the session only where it speaks of the token', async () => {
    const verdicts: [status: number, body: object, code: string, isOver: boolean][] = [
      [401, { error: 'invalid_request', hint: 'Token has been revoked' }, 'INVALID_TOKEN', true],
      [401, { error: 'invalid_request' }, 'INVALID_TOKEN', true],
      [400, { error: 'invalid_grant' }, 'INVALID_TOKEN', true],
      [400, { error: 'INVALID_GRANT', hint: 'Token has expired' }, 'INVALID_TOKEN', true],
      [400, { error: 'invalid_request', hint: 'Token is not linked to client' }, 'INVALID_TOKEN', true],
      [400, { error: 'invalid_request', hint: 'Cannot decrypt the refresh token' }, 'INVALID_TOKEN', true],
      [
        400,
        { error: 'invalid_request', hint: 'Check the `refresh_token` parameter' },
        'INVALID_REQUEST',
        false,
      ],
      [400, { error: 'unsupported_grant_type' }, 'UNSUPPORTED_GRANT_TYPE', false],
      [400, { error: 'unauthorized_client' }, 'INVALID_CLIENT', false],
      [401, { error: 'invalid_client' }, 'INVALID_CLIENT', false],
      [401, {}, 'INVALID_CLIENT', false],
      [403, { error: 'USER_DEACTIVATED' }, 'USER_DEACTIVATED', false],
    ];
    for (const [status, body, code, isOver] of verdicts) {
      const session = client().resume(TOKENS);
      mock('refresh').reply(status, body);
      const about = `${status} ${JSON.stringify(body)}`;
      expect(await errorOf(session.refresh()), about).to.include({ code, status });
      expect(session.state.status, about).to.equal(isOver ? 'ended' : 'live');
    }
  });

  it('without any credentials of ours says that one has to log in', async () => {
    nock(BASE).get('/orders').reply(401, { message: 'Unauthenticated.' });
    expect(await errorOf(http().get('/orders'))).to.include({
      code: 'UNAUTHORIZED',
      kind: 'session',
      userMessage: 'Please log in to continue.',
    });
  });
});

describe('A 404, a 403 and a 400', () => {
  const { client } = useNock();

  it('mean a customer only where the key says so', async () => {
    for (const [status, body, code] of [
      [404, { error: 'USER_NOT_FOUND' }, 'USER_NOT_FOUND'],
      [404, { message: 'Not Found' }, 'NOT_FOUND'],
      [404, PAGE, 'NOT_FOUND'],
      [403, { error: 'USER_DEACTIVATED' }, 'USER_DEACTIVATED'],
      [403, { error: 'FORBIDDEN' }, 'FORBIDDEN'],
      [403, PAGE, 'FORBIDDEN'],
    ] as const) {
      mock('login').reply(status, body);
      expect(await errorOf(CALLS.login(client()))).to.include({ code, status, attempts: 1 });
    }
  });

  it('are final with a session too: nothing is refreshed', async () => {
    for (const [status, code] of [
      [403, 'FORBIDDEN'],
      [404, 'NOT_FOUND'],
      [406, 'REQUEST_REJECTED'],
      [409, 'CONFLICT'],
    ] as const) {
      nock(BASE).get('/orders').reply(status, PAGE, HTML);
      const error = await errorOf(client().resume(TOKENS).http.get('/orders'));
      expect(error).to.include({ code, status, attempts: 1, retryable: false });
    }
  });

  it('on the revocation of a token: gone is done, but a wrong address is not', async () => {
    const session = client().resume(TOKENS);
    mock('revoke').reply(404, { message: 'Not Found' });
    expect(await CALLS.revoke(client(), session)).to.include({ ok: true, status: 404 });
    mock('revoke').reply(404, PAGE, HTML);
    expect(await errorOf(CALLS.revoke(client(), session))).to.include({ code: 'NOT_FOUND', status: 404 });
  });
});

describe('Server trouble', () => {
  const { client } = useNock();
  const policies = { retry: { retries: 1, backoff: { initial: 1, max: 1 } } };

  for (const status of [424, 500, 502, 503, 504])
    it(`${status} is one kind of trouble, and repeated where that is safe`, async () => {
      const auth = client({ policies });
      const session = auth.resume(TOKENS);
      mock('validate').times(2).reply(status);
      expect(await errorOf(session.validate())).to.include({
        code: 'API_EXCEPTION',
        kind: 'unavailable',
        status,
        attempts: 2,
      });
      mock('register').reply(status);
      expect(await errorOf(CALLS.register(auth))).to.include({
        code: 'API_EXCEPTION',
        attempts: 1,
        ambiguous: true,
      });
    });

  for (const status of [501, 505])
    it(`${status} is not repeated: it would be the same again`, async () => {
      mock('validate').reply(status);
      const session = client({ policies }).resume(TOKENS);
      expect(await errorOf(session.validate())).to.include({ code: 'API_EXCEPTION', status, attempts: 1 });
    });

  it('of a refresh is repeated once, and the session goes on', async () => {
    const session = client({ policies: { retry: { retries: 5, backoff: { initial: 1, max: 1 } } } }).resume(
      TOKENS,
    );
    mock('refresh').times(2).reply(502, PAGE, HTML);
    expect(await errorOf(session.refresh())).to.include({ code: 'API_EXCEPTION', status: 502, attempts: 2 });
    expect(session.state.status).to.equal('live');
  });
});

describe('A 429', () => {
  const { client, http } = useNock();

  it('says how long to wait, in seconds, in milliseconds or as a date by the server’s own clock', async () => {
    const date = 'Fri, 31 Dec 2100 23:59:00 GMT';
    for (const [headers, least, most] of [
      [{ 'retry-after': '30' }, 30_000, 30_000],
      [{ 'retry-after-ms': '25000' }, 25_000, 25_000],
      [{ date, 'retry-after': 'Fri, 31 Dec 2100 23:59:40 GMT' }, 40_000, 40_000],
    ] as const) {
      mock('login').reply(429, { error: 'TOO_MANY_ATTEMPTS' }, headers);
      const error = await errorOf(CALLS.login(client()));
      expect(error).to.include({ code: 'TOO_MANY_ATTEMPTS', status: 429, attempts: 1 });
      expect(error.retryAfter, JSON.stringify(headers)).to.be.within(least - 200, most);
    }
  });

  it('means the same as JSON, HTML, text or nothing, and with a hint that cannot be read', async () => {
    for (const [body, headers] of [
      [{ error: 'TOO_MANY_ATTEMPTS' }, {}],
      [PAGE, HTML],
      ['error code: 1015', { 'content-type': 'text/plain' }],
      ['', {}],
      ['', { 'retry-after': 'soon' }],
      ['', { 'retry-after': '-5' }],
    ] as const) {
      nock(BASE).get('/orders').reply(429, body, headers);
      const error = await errorOf(http().get('/orders'));
      expect(error).to.include({ code: 'TOO_MANY_ATTEMPTS', kind: 'rate-limit', attempts: 1 });
      expect(error.retryAfter, 'the wait that the options say').to.be.within(19_000, 20_000);
    }
  });

  it('is waited out where it is short, and the wait is the one that was told', async () => {
    mock('login').reply(429, '', { 'retry-after-ms': '60' });
    mock('login').reply(200, RENEWED);
    const began = performance.now();
    expect(await CALLS.login(client())).to.include({ ok: true, attempts: 2 });
    expect(performance.now() - began).to.be.within(59, 1_000);
  });

  it('is never answered with a storm, not even by a client that waits for nothing', async () => {
    let sent = 0;
    nock(BASE)
      .persist()
      .get('/orders')
      .reply(() => ((sent += 1), [429, '']));
    const client = http({ policies: { timeout: { total: 300 }, cooldown: { maxWait: 0 } } });
    const error = await errorOf(client.get('/orders'));
    expect(sent, 'requests').to.be.below(5);
    expect(error).to.have.property('code', 'TOO_MANY_ATTEMPTS');
  });
});

describe('A body', () => {
  const { http } = useNock();
  const failing = async (status: number, body: nock.Body, headers: nock.ReplyHeaders = {}) => {
    nock(BASE).get('/orders').reply(status, body, headers);
    return errorOf(http().get('/orders'));
  };

  it('may lack its message: the description takes its place, then a sentence of ours', async () => {
    const described = await failing(400, { error: 'invalid_request', error_description: 'It is malformed.' });
    expect(described).to.include({ message: 'It is malformed.', description: 'It is malformed.' });
    const bare = await failing(400, { error: 'invalid_request' });
    expect(bare.message).to.be.a('string').that.matches(/\.$/);
  });

  it('may bring several errors, as a list or as a map of fields', async () => {
    expect(
      (await failing(422, { errors: ['Too old.', { field: 'email', message: 'Not one.' }] })).details,
    ).to.deep.equal([{ message: 'Too old.' }, { field: 'email', message: 'Not one.' }]);
    const map = await failing(422, {
      message: 'Invalid.',
      errors: { email: ['Not one.', 'Taken.'], age: 'Too old.' },
    });
    expect(map).to.include({ code: 'VALIDATION_FAILED', message: 'Invalid.' });
    expect(map.details).to.deep.equal([
      { field: 'email', message: 'Not one.' },
      { field: 'email', message: 'Taken.' },
      { field: 'age', message: 'Too old.' },
    ]);
  });

  it('may be nothing, text, HTML, half a document or a surprise: the status still speaks', async () => {
    for (const body of [
      '',
      'Sorry.',
      PAGE,
      '{"error":"CONF',
      '[]',
      'null',
      '42',
      '"CONFLICT"',
      '{"error":42}',
    ])
      expect(await failing(409, body, { 'content-type': 'application/json' }), body).to.include({
        code: 'CONFLICT',
        status: 409,
      });
  });

  it('may be very long: no field of the error is', async () => {
    const error = await failing(409, {
      error: 'CONFLICT',
      message: 'x'.repeat(50_000),
      hint: 'y'.repeat(10_000),
    });
    expect(error).to.include({ code: 'CONFLICT', key: 'CONFLICT' });
    expect(String(error.message).length).to.be.below(2_000);
    expect(String(error.hint).length).to.be.below(2_000);
  });

  it('keeps its key as it was sent, whatever its case', async () => {
    for (const key of ['USER_DEACTIVATED', 'user_deactivated', 'User_Deactivated'])
      expect(await failing(403, { error: key })).to.include({ code: 'USER_DEACTIVATED', key });
  });

  it('comes with the server’s id of the request, for a support case', async () => {
    expect(await failing(409, '', { 'X-Request-Id': 'req-7' })).to.include({ requestId: 'req-7' });
  });
});

describe('A redirect', () => {
  const { client } = useNock();

  it('is a wrong address and never followed', async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      mock('login').reply(status, '', { location: 'https://elsewhere.example.com/login' });
      expect(await errorOf(CALLS.login(client()))).to.include({
        code: 'UNEXPECTED_REDIRECT',
        kind: 'configuration',
        status,
        attempts: 1,
      });
    }
  });
});
