// What goes wrong with a refresh and is no verdict on the refresh token: the session is kept, and once the trouble is
// over it goes on as if nothing had been.
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { isAuthError, unwrap } from '../../lib/index.js';
import type { FaultRule } from '../../lib/sandbox/index.js';
import { EXAMPLES } from '../../lib/contract/examples.js';
import { ADA, CREDENTIALS, QUICK, rejection, times, useStage } from './stage.js';

const always = { on: 'refresh', times: 'always' } as const;

const TROUBLES: readonly (readonly [about: string, code: string, fault: FaultRule])[] = [
  [
    'the client secret is refused, key in upper case',
    'INVALID_CLIENT',
    { ...always, status: 401, body: EXAMPLES['invalid-client'].body },
  ],
  [
    'the client secret is refused, key in lower case',
    'INVALID_CLIENT',
    { ...always, status: 401, body: { error: 'invalid_client', message: 'Client authentication failed' } },
  ],
  [
    'the client secret is refused without a key',
    'INVALID_CLIENT',
    { ...always, status: 401, body: { message: 'Unauthenticated.' } },
  ],
  ['the address is blocked', 'FORBIDDEN', { ...always, status: 403, html: true }],
  ['the path is wrong', 'NOT_FOUND', { ...always, status: 404, html: true }],
  [
    'a parameter is missing',
    'INVALID_REQUEST',
    { ...always, status: 400, body: EXAMPLES['invalid-request'].body },
  ],
  [
    'the grant type is unknown',
    'UNSUPPORTED_GRANT_TYPE',
    { ...always, status: 400, body: EXAMPLES['unsupported-grant-type'].body },
  ],
  ['the service fails with 500', 'API_EXCEPTION', { ...always, status: 500 }],
  ['a dependency fails with 424', 'API_EXCEPTION', { ...always, status: 424 }],
  ['the gateway shows an HTML 502', 'API_EXCEPTION', { ...always, status: 502, html: true }],
  ['the gateway says 503', 'API_EXCEPTION', { ...always, status: 503 }],
  ['a captive portal answers 200 with HTML', 'INVALID_RESPONSE', { ...always, html200: true }],
  ['HTML is said to be JSON', 'INVALID_RESPONSE', { ...always, garbage: true }],
  [
    'a 200 carries no tokens',
    'INVALID_RESPONSE',
    { ...always, status: 200, body: { token_type: 'Bearer', expires_in: 60 } },
  ],
  ['the connection is dropped', 'OUTCOME_UNKNOWN', { ...always, drop: 'before' }],
  [
    'a redirect leads elsewhere',
    'UNEXPECTED_REDIRECT',
    { ...always, status: 302, headers: { location: 'http://127.0.0.1:9/' } },
  ],
];

describe('A session is kept when, during a refresh,', () => {
  const stage = useStage();

  for (const [about, code, fault] of TROUBLES)
    it(`${about} (${code}), and goes on once that is over`, async () => {
      // Where nobody knows what became of a refresh, the next one waits for as long as the first might have taken.
      const { sandbox, session } = await stage.loggedIn(undefined, {
        policies: { ...QUICK, refresh: { timeout: 1_000 } },
      });
      const endings: unknown[] = [];
      session.on('sessionEnded', (event) => endings.push(event));
      sandbox.expireAccessTokens();
      sandbox.fault(fault);

      const errors = await times(10, () => rejection(session.http.get('/orders')));
      for (const error of errors) expect(isAuthError(error) && error.code).to.equal(code);
      expect(session.state).to.include({ status: 'live', version: 1 });

      sandbox.heal();
      const answers = await times(10, () => session.http.get('/orders'));
      expect(answers.map(({ status }) => status)).to.deep.equal(Array(10).fill(200));
      expect(session.state).to.include({ status: 'live', version: 2 });
      expect(endings).to.deep.equal([]);
    });

  it('the server limits it for longer than calls wait (TOO_MANY_ATTEMPTS), and goes on after the cooldown', async () => {
    const { sandbox, session } = await stage.loggedIn(undefined, {
      policies: { ...QUICK, cooldown: { maxWait: 100 } },
    });
    sandbox.expireAccessTokens();
    sandbox.fault({ on: 'refresh', status: 429, headers: { 'retry-after-ms': '400' } });
    const limited = await session.validate();
    if (limited.ok) throw new Error('expected the limit');
    const { code, retryAfter = 0 } = limited.error;
    expect(code).to.equal('TOO_MANY_ATTEMPTS');
    expect(retryAfter).to.be.within(1, 400);
    expect(session.state).to.include({ status: 'live', version: 1 });
    await setTimeout(retryAfter + 1);
    unwrap(await session.validate());
    expect(session.state).to.include({ status: 'live', version: 2 });
    expect(sandbox.counts().operations.refresh.answered).to.deep.equal({ 429: 1, 200: 1 });
  });

  it('the server limits it shortly: 20 calls wait, 20 ok, 1 repeat', async () => {
    const { sandbox, session } = await stage.loggedIn();
    sandbox.expireAccessTokens();
    sandbox.fault({ on: 'refresh', status: 429, headers: { 'retry-after-ms': '80' } });
    const answers = await times(20, () => session.http.get('/orders'));
    expect(answers.map(({ status }) => status)).to.deep.equal(Array(20).fill(200));
    expect(sandbox.counts().operations.refresh.answered).to.deep.equal({ 429: 1, 200: 1 });
  });

  it('the token endpoint hangs: 5 of 5 calls settle within refresh.timeout, with OUTCOME_UNKNOWN', async () => {
    const { sandbox, session } = await stage.loggedIn(undefined, {
      policies: { ...QUICK, refresh: { timeout: 150 } },
    });
    sandbox.expireAccessTokens();
    sandbox.fault({ on: 'refresh', delay: 5_000, times: 'always' });
    const began = performance.now();
    const results = await times(5, () => session.validate());
    expect(performance.now() - began).to.be.within(140, 1_500);
    for (const result of results)
      expect(!result.ok && result.error).to.include({ code: 'OUTCOME_UNKNOWN', retryable: true });
    expect(session.state).to.include({ status: 'live', inDoubt: true });
  });

  it('the client of a resumed session has the wrong secret: another client goes on with the tokens', async () => {
    const { sandbox, session } = await stage.loggedIn();
    sandbox.expireAccessTokens();
    const wrong = stage.client(sandbox.url, {
      credentials: { ...CREDENTIALS, clientSecret: 'not-the-secret' },
    });
    const stranded = wrong.resume(session.tokens());
    const errors = await times(20, () => rejection(stranded.http.get('/orders')));
    for (const error of errors) expect(isAuthError(error, 'INVALID_CLIENT')).to.equal(true);
    expect(stranded.state).to.include({ status: 'live', version: 1 });
    const right = stage.client(sandbox.url).resume(stranded.tokens());
    expect((await right.http.get('/orders')).status).to.equal(200);
  });

  it('the API refuses every new token too: calls fail with INVALID_TOKEN, refreshes are limited, nobody is logged out', async () => {
    const { sandbox, session } = await stage.loggedIn(undefined, {
      policies: { ...QUICK, refresh: { limit: { refreshes: 2, per: 30_000 } } },
    });
    sandbox.fault({ on: '/orders', status: 401, times: 'always' });
    const codes: unknown[] = [];
    for (let call = 0; call < 4; call += 1) {
      const error = await rejection(session.http.get('/orders'));
      codes.push(isAuthError(error) && error.code);
    }
    expect(codes).to.deep.equal(['INVALID_TOKEN', 'INVALID_TOKEN', 'REFRESH_LIMITED', 'REFRESH_LIMITED']);
    expect(sandbox.counts().operations.refresh.received).to.equal(2);
    expect(session.state.status).to.equal('live');
    expect((await session.validate()).ok).to.equal(true);
  });

  it('its account is fine but another call answers 403: nothing is refreshed', async () => {
    const { sandbox, session } = await stage.loggedIn();
    sandbox.deactivate(ADA.email);
    const error = await rejection(session.http.get('/orders'));
    expect(isAuthError(error, 'USER_DEACTIVATED')).to.equal(true);
    expect(sandbox.counts().operations.refresh.received).to.equal(0);
    expect(session.state.status).to.equal('live');
  });

  it('it fails for one call after the other: the next one after the trouble succeeds', async () => {
    const { sandbox, session } = await stage.loggedIn();
    sandbox.expireAccessTokens();
    sandbox.fault({ ...always, status: 503 });
    for (let call = 0; call < 8; call += 1) expect((await session.validate()).ok).to.equal(false);
    sandbox.heal();
    expect(await session.validate()).to.include({ ok: true });
    expect(session.state).to.include({ status: 'live', version: 2 });
  });

  it('it fails: all calls that were refused before it failed share its failure', async () => {
    const { sandbox, session } = await stage.loggedIn();
    sandbox.expireAccessTokens();
    sandbox.fault({ ...always, status: 401, body: EXAMPLES['invalid-client'].body });
    sandbox.fault({ on: '/orders/2', delay: 80 }); // its 401 arrives when the refresh is long over
    const errors = await Promise.all(
      ['/orders/1', '/orders/2', '/orders/3'].map((path) => rejection(session.http.get(path))),
    );
    for (const error of errors) expect(isAuthError(error) && error.code).to.equal('INVALID_CLIENT');
    expect(sandbox.counts().operations.refresh.received).to.equal(1);
  });

  it('the answer is lost before the server rotated: the repeat gets the tokens', async () => {
    const { sandbox, session } = await stage.loggedIn();
    sandbox.expireAccessTokens();
    sandbox.fault({ on: 'refresh', drop: 'before' });
    unwrap(await session.validate());
    expect(sandbox.counts().operations.refresh.answered).to.deep.equal({ none: 1, 200: 1 });
    expect(session.state).to.include({ status: 'live', version: 2 });
  });
});
