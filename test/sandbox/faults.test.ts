import { expect } from 'chai';
import type { AxiosError } from 'axios';
import { ADA, basic, bearer, PERSON, rowOf, startCaller, type Caller } from './caller.js';

describe('sandbox: faults', () => {
  let sandbox: Caller;
  let clock = Date.now();
  before(async () => {
    sandbox = await startCaller({ now: () => clock });
  });
  beforeEach(() => sandbox.reset());
  after(() => sandbox.close());

  const login = () => sandbox.send<string & Record<string, unknown>>('post', '/auth/login', ADA, basic());
  const statuses = async (count: number, call = login) => {
    const list: number[] = [];
    for (let n = 0; n < count; n += 1) list.push((await call()).status);
    return list;
  };
  const codeOf = (promise: Promise<unknown>) =>
    promise.then(
      () => 'answered',
      (error: unknown) => (error as AxiosError).code,
    );

  describe('rules', () => {
    it('hit once unless told otherwise', async () => {
      sandbox.fault({ status: 503 });
      expect(await statuses(2)).to.deep.equal([503, 200]);
    });

    it('hit as often as told, after letting pass as many as told', async () => {
      sandbox.fault({ status: 503, after: 2, times: 2 });
      expect(await statuses(5)).to.deep.equal([200, 200, 503, 503, 200]);
    });

    it('hit always until healed', async () => {
      sandbox.fault({ status: 503, times: 'always' });
      expect(await statuses(3)).to.deep.equal([503, 503, 503]);
      sandbox.heal();
      expect(await statuses(1)).to.deep.equal([200]);
    });

    it('are for an operation, the beginning of a path or any call', async () => {
      sandbox.fault([
        { on: 'login', status: 500 },
        { on: '/auth/register', status: 502 },
        { on: '/v1/orders', status: 503 },
        { on: 'any', status: 504 },
      ]);
      const other = await sandbox.send('get', '/oauth/tokens');
      const register = await sandbox.send('post', '/auth/register');
      const order = await sandbox.send('get', '/orders/1');
      expect([other.status, register.status, order.status, ...(await statuses(1))]).to.deep.equal([
        504, 502, 503, 500,
      ]);
    });

    it('apply in order: the first that fits and has times left wins', async () => {
      sandbox.fault({ on: 'login', status: 500 });
      sandbox.fault({ on: 'any', status: 502 });
      expect(await statuses(3)).to.deep.equal([500, 502, 200]);
    });

    it('tell a refresh from other calls of the token endpoint', async () => {
      const { refresh_token: token } = await sandbox.login();
      sandbox.fault({ on: 'exchangeCode', status: 500, times: 'always' });
      expect((await sandbox.refresh(token)).status).to.equal(200);
    });

    it('come back with reset(), where the sandbox was started with them', async () => {
      const other = await startCaller({ faults: [{ on: 'login', status: 503 }] });
      try {
        const again = async () => (await other.send('post', '/auth/login', ADA, basic())).status;
        expect([await again(), await again()]).to.deep.equal([503, 200]);
        other.reset();
        expect(await again()).to.equal(503);
      } finally {
        await other.close();
      }
    });
  });

  describe('status', () => {
    const cases: [on: 'login' | 'refresh' | 'listSessions', status: number, row: string][] = [
      ['login', 500, 'api-exception'],
      ['login', 424, 'api-exception'],
      ['login', 503, 'gateway'],
      ['login', 429, 'too-many-attempts'],
      ['login', 404, 'user-not-found'],
      ['login', 401, 'invalid-client'],
      ['refresh', 401, 'dead-refresh-token'],
      ['listSessions', 401, 'invalid-token'],
      ['listSessions', 403, 'user-deactivated'],
    ];
    for (const [on, status, row] of cases)
      it(`${status} on ${on} carries the contract's example: ${row}`, async () => {
        sandbox.fault({ status });
        const answer =
          on === 'login'
            ? await login()
            : on === 'refresh'
              ? await sandbox.refresh('x')
              : await sandbox.send('get', '/oauth/tokens');
        expect(answer.status).to.equal(status);
        expect(rowOf(on, answer)).to.equal(row);
      });

    it('carries the headers and the body it is given, a JSON value or a text', async () => {
      sandbox.fault([
        { status: 429, headers: { 'Retry-After': '7' }, body: { error: 'SLOW' } },
        { status: 500, body: 'oops', headers: { 'Content-Type': 'text/weird' } },
      ]);
      const first = await login();
      expect(first.headers['retry-after']).to.equal('7');
      expect(first.data).to.deep.equal({ error: 'SLOW' });
      const second = await login();
      expect(second.headers['content-type']).to.equal('text/weird');
      expect(second.data).to.equal('oops');
    });

    it('carries a page of HTML if told to', async () => {
      sandbox.fault({ status: 500, html: true });
      const answer = await login();
      expect(answer.headers['content-type']).to.contain('text/html');
      expect(answer.data).to.contain('500 Internal Server Error');
    });

    it('means that the call was not processed', async () => {
      const { refresh_token: token } = await sandbox.login();
      sandbox.fault({ on: 'refresh', status: 502 });
      expect((await sandbox.refresh(token)).status).to.equal(502);
      expect((await sandbox.refresh(token)).status).to.equal(200);
    });
  });

  describe('drop', () => {
    it('before: the connection breaks and nothing happened', async () => {
      const { refresh_token: token } = await sandbox.login();
      sandbox.fault({ on: 'refresh', drop: 'before' });
      expect(await codeOf(sandbox.refresh(token))).to.equal('ECONNRESET');
      expect((await sandbox.refresh(token)).status).to.equal(200);
    });

    it('after: the connection breaks though all was done, so a refreshed session is lost', async () => {
      const { refresh_token: token } = await sandbox.login();
      sandbox.fault({ on: 'refresh', drop: 'after' });
      expect(await codeOf(sandbox.refresh(token))).to.equal('ECONNRESET');
      expect(rowOf('refresh', await sandbox.refresh(token))).to.equal('dead-refresh-token');
    });

    it('after: a registration that was lost on the way back meets itself', async () => {
      sandbox.fault({ on: 'register', drop: 'after' });
      const register = () =>
        sandbox.send('post', '/auth/register', { ...PERSON, password: 'long enough' }, basic());
      expect(await codeOf(register())).to.equal('ECONNRESET');
      expect(rowOf('register', await register())).to.equal('user-already-exists');
    });
  });

  describe('delay', () => {
    it('holds the answer back, alone or with another fault', async () => {
      sandbox.fault([{ delay: 60 }, { delay: 60, status: 503 }]);
      const startedAt = performance.now();
      expect(await statuses(2)).to.deep.equal([200, 503]);
      expect(performance.now() - startedAt).to.be.at.least(118);
    });

    it('does not hold the work back: a client that leaves leaves it done', async () => {
      sandbox.fault({ on: 'createOrder', delay: 10_000 });
      const { access_token: token } = await sandbox.login();
      const leaving = AbortSignal.timeout(50);
      const headers = { ...bearer(token), 'content-type': 'application/json' };
      const call = fetch(`${sandbox.url}/orders`, { method: 'POST', body: '{}', headers, signal: leaving });
      expect(await codeOf(call)).to.not.equal('answered');
      expect(sandbox.counts().ordersMade).to.equal(1);
    });
  });

  it('stall sends headers and half the body, then nothing', async () => {
    sandbox.fault({ stall: true });
    const leaving = new AbortController();
    const response = await fetch(`${sandbox.url}/auth/login`, {
      method: 'POST',
      headers: { ...basic(), 'content-type': 'application/json' },
      body: JSON.stringify(ADA),
      signal: leaving.signal,
    });
    const length = Number(response.headers.get('content-length'));
    const reader = response.body!.getReader();
    const { value } = await reader.read();
    expect(value!.length).to.equal(Math.ceil(length / 2));
    const next = await Promise.race([
      reader.read().then(() => 'more'),
      new Promise((resolve) => setTimeout(() => resolve('silence'), 60)),
    ]);
    expect(next).to.equal('silence');
    leaving.abort();
  });

  it('stall and truncate have something to cut where the answer is empty', async () => {
    sandbox.fault({ truncate: true });
    const mail = { email: ADA.email, reset_url: 'https://shop.example/{hash}', shop_id: ADA.shop_id };
    const call = sandbox.send('post', '/auth/password/send-reset-email', mail, basic());
    expect(await codeOf(call)).to.not.equal('answered');
  });

  it('truncate ends the connection after half the body, with the work done', async () => {
    const { refresh_token: token } = await sandbox.login();
    sandbox.fault({ truncate: true });
    expect(await codeOf(sandbox.refresh(token))).to.be.oneOf([
      'ERR_BAD_RESPONSE',
      'ECONNRESET',
      'ECONNABORTED',
    ]);
    expect(rowOf('refresh', await sandbox.refresh(token))).to.equal('dead-refresh-token');
  });

  it('html200 answers as a captive portal does; garbage also says that it is JSON', async () => {
    sandbox.fault([{ html200: true }, { garbage: true }]);
    const portal = await login();
    expect([portal.status, portal.headers['content-type']]).to.deep.equal([200, 'text/html; charset=utf-8']);
    const garbage = await login();
    expect([garbage.status, garbage.headers['content-type']]).to.deep.equal([200, 'application/json']);
    for (const { data } of [portal, garbage]) expect(data).to.match(/^<!doctype html>/);
  });

  describe('rateLimit', () => {
    it('lets a number of calls through in each window and says when the next one begins', async () => {
      sandbox.fault({ on: 'login', rateLimit: { limit: 2, per: 10_000 } });
      expect(await statuses(2)).to.deep.equal([200, 200]);
      clock += 6_500;
      const refused = await login();
      expect(rowOf('login', refused)).to.equal('too-many-attempts');
      expect(refused.headers).to.include({ 'retry-after': '4', 'x-ratelimit-limit': '2' });
      clock += 3_500;
      expect(await statuses(3)).to.deep.equal([200, 200, 429]);
    });

    it('says it in seconds of one choice, as a date that is not too early, or not at all', async () => {
      const ask = async (retryAfter: number | 'date' | 'none') => {
        sandbox.heal();
        sandbox.fault({ rateLimit: { limit: 0, per: 10_000, retryAfter } });
        return (await login()).headers;
      };
      expect((await ask(9))['retry-after']).to.equal('9');
      const dated = await ask('date');
      expect(Date.parse(String(dated['retry-after']))).to.be.within(clock + 10_000, clock + 10_999);
      expect(Date.parse(String(dated.date))).to.be.within(clock - 999, clock);
      expect(await ask('none')).to.not.have.property('retry-after');
    });

    it('passes calls within the limit on to the rules behind it', async () => {
      sandbox.fault([{ rateLimit: { limit: 1, per: 10_000 } }, { status: 503, times: 'always' }]);
      expect(await statuses(3)).to.deep.equal([503, 429, 429]);
    });
  });
});
