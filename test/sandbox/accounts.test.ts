import { expect } from 'chai';
import { DEMO } from '../../lib/sandbox/index.js';
import { ADA, basic, bearer, GOOD_BODIES, PERSON, rowOf, startCaller, type Caller } from './caller.js';

describe('sandbox: accounts', () => {
  let sandbox: Caller;
  let clock = Date.now();
  before(async () => {
    sandbox = await startCaller({ now: () => clock });
  });
  beforeEach(() => {
    sandbox.reset();
    clock = Date.now();
  });
  after(() => sandbox.close());

  const post = (path: string, body: object) => sandbox.send('post', path, body, basic());

  it('logs a customer in, whatever the case of the address', async () => {
    const { status, data } = await post('/auth/login', { ...ADA, email: 'Ada@Example.com' });
    expect(status).to.equal(200);
    expect(data).to.have.all.keys('token_type', 'expires_in', 'access_token', 'refresh_token');
  });

  it('answers an unknown address and a wrong password alike', async () => {
    const unknown = await post('/auth/login', { ...ADA, email: 'nobody@example.com' });
    const wrong = await post('/auth/login', { ...ADA, password: 'wrong' });
    expect(rowOf('login', unknown)).to.equal('user-not-found');
    expect(wrong.status).to.equal(unknown.status);
    expect(wrong.data).to.deep.equal(unknown.data);
  });

  it('refuses a deactivated customer who knows the password', async () => {
    const { email, password } = DEMO.deactivated;
    expect(rowOf('login', await post('/auth/login', { ...ADA, email, password }))).to.equal(
      'user-deactivated',
    );
  });

  it('registers a customer, who can log in from then on', async () => {
    const registered = await post('/auth/register', GOOD_BODIES.register!);
    expect(registered.status).to.equal(200);
    expect((await sandbox.login(PERSON.email, 'long enough')).token_type).to.equal('Bearer');
  });

  it('does not register an address twice', async () => {
    const again = await post('/auth/register', { ...GOOD_BODIES.register, email: 'ADA@example.com' });
    expect(rowOf('register', again)).to.equal('user-already-exists');
  });

  it('lets a guest in as often as they like, without an account to log in to', async () => {
    const first = await post('/auth/login/guest', PERSON);
    const second = await post('/auth/login/guest', PERSON);
    expect([first.status, second.status]).to.deep.equal([200, 200]);
    const login = await post('/auth/login', { ...ADA, email: PERSON.email });
    expect(rowOf('login', login)).to.equal('user-not-found');
  });

  it('does not let a guest in with the address of an account', async () => {
    const guest = await post('/auth/login/guest', { ...PERSON, email: ADA.email });
    expect(rowOf('guestLogin', guest)).to.equal('user-already-exists');
  });

  describe('validation', () => {
    const cases: [name: string, path: string, body: object, fields: string[]][] = [
      ['login without anything', '/auth/login', {}, ['email', 'password', 'shop_id']],
      ['a malformed address', '/auth/login', { ...ADA, email: 'ada' }, ['email']],
      ['a shop id in quotes', '/auth/login', { ...ADA, shop_id: '1001' }, ['shop_id']],
      ['another shop', '/auth/login', { ...ADA, shop_id: 1002 }, ['shop_id']],
      [
        'a short new password',
        '/auth/register',
        { ...GOOD_BODIES.register, password: 'short' },
        ['password'],
      ],
      ['a strange gender', '/auth/login/guest', { ...PERSON, gender: 'x' }, ['gender']],
      [
        'a reset url without {hash}',
        '/auth/password/send-reset-email',
        { ...GOOD_BODIES.sendPasswordResetEmail, reset_url: 'https://shop.example/' },
        ['reset_url'],
      ],
    ];
    for (const [name, path, body, fields] of cases)
      it(`names the fields of ${name}`, async () => {
        const answer = await post(path, body);
        expect(rowOf('login', answer)).to.equal('validation-failed');
        expect(answer.data.errors).to.have.all.keys(fields);
      });

    it('accepts a short password at login: it may be an old one', async () => {
      expect(rowOf('login', await post('/auth/login', { ...ADA, password: 'x' }))).to.equal('user-not-found');
    });

    it('refuses a body that is not a JSON object', async () => {
      for (const [body, type] of [
        ['{"email":', 'application/json'],
        ['[]', 'application/json'],
        [JSON.stringify(ADA), 'text/plain'],
      ] as const) {
        const headers = { ...basic(), 'content-type': type };
        const answer = await sandbox.send('post', '/auth/login', body, headers);
        expect(rowOf('login', answer), body).to.equal('invalid-request');
      }
    });

    it('refuses a body of more than a megabyte', async () => {
      const answer = await post('/auth/login', { ...ADA, password: 'x'.repeat(1_100_000) });
      expect(rowOf('login', answer)).to.equal('rejected');
    });
  });

  describe('lock-out', () => {
    const fail = async (times: number) => {
      for (let n = 0; n < times; n += 1) await post('/auth/login', { ...ADA, password: 'wrong' });
    };

    it('locks an address after five failures, even for the right password, and says for how long', async () => {
      await fail(5);
      clock += 20_500;
      const locked = await post('/auth/login', ADA);
      expect(rowOf('login', locked)).to.equal('too-many-attempts');
      expect(locked.headers['retry-after']).to.equal('40');
      const other = { ...ADA, email: DEMO.otherCustomer.email, password: DEMO.otherCustomer.password };
      expect((await post('/auth/login', other)).status).to.equal(200);
    });

    it('opens again after the time, with all attempts back', async () => {
      await fail(5);
      clock += 60_000;
      await fail(4);
      expect((await post('/auth/login', ADA)).status).to.equal(200);
    });

    it('forgets failures at a success', async () => {
      await fail(4);
      await post('/auth/login', ADA);
      await fail(4);
      expect((await post('/auth/login', ADA)).status).to.equal(200);
    });
  });

  describe('passwords', () => {
    const byHash = (hash: string, password = 'brand new one') =>
      sandbox.send('put', '/auth/password/update-by-hash', { password, hash, shop_id: DEMO.shopId }, basic());

    it('sends a reset mail, whose hash sets a password once and ends every older session', async () => {
      const old = await sandbox.login();
      const mailed = await post('/auth/password/send-reset-email', GOOD_BODIES.sendPasswordResetEmail!);
      expect(mailed.status).to.equal(204);
      const hash = sandbox.resetHash(ADA.email);
      expect(sandbox.resetHash(ADA.email), 'the same mail, read twice').to.equal(hash);

      expect((await byHash(hash)).status).to.equal(200);
      expect(rowOf('updatePasswordByHash', await byHash(hash))).to.equal('password-reset-hash-expired');
      expect(await sandbox.orders(old.access_token)).to.equal(401);
      expect(rowOf('refresh', await sandbox.refresh(old.refresh_token))).to.equal('dead-refresh-token');
      expect((await post('/auth/login', { ...ADA, password: 'brand new one' })).status).to.equal(200);
    });

    it('refuses a hash that is unknown or too old', async () => {
      const hash = sandbox.resetHash(ADA.email);
      clock += 3_600_000;
      for (const each of [hash, 'never-seen'])
        expect(rowOf('updatePasswordByHash', await byHash(each))).to.equal('password-reset-hash-expired');
    });

    it('keeps the hash where the new password is too short', async () => {
      const hash = sandbox.resetHash(ADA.email);
      expect(rowOf('updatePasswordByHash', await byHash(hash, 'short'))).to.equal('validation-failed');
      expect((await byHash(hash)).status).to.equal(200);
    });

    it('sends no reset mail to a stranger or a deactivated customer', async () => {
      const ask = (email: string) =>
        post('/auth/password/send-reset-email', { ...GOOD_BODIES.sendPasswordResetEmail, email });
      expect(rowOf('sendPasswordResetEmail', await ask('nobody@example.com'))).to.equal('user-not-found');
      expect(rowOf('sendPasswordResetEmail', await ask(DEMO.deactivated.email))).to.equal('user-deactivated');
    });

    it('changes the password of a session, which goes on', async () => {
      const { access_token: token } = await sandbox.login();
      const change = (body: object) => sandbox.send('put', '/auth/password', body, bearer(token));
      const wrong = await change({ password: 'wrong', new_password: 'brand new one' });
      expect(rowOf('updatePassword', wrong)).to.equal('user-not-found');
      const weak = await change({ password: ADA.password, new_password: 'weak' });
      expect(rowOf('updatePassword', weak)).to.equal('validation-failed');
      expect((await change({ password: ADA.password, new_password: 'brand new one' })).status).to.equal(204);
      expect(await sandbox.orders(token)).to.equal(200);
      expect((await post('/auth/login', { ...ADA, password: 'brand new one' })).status).to.equal(200);
    });
  });

  it('deactivates a customer: at the next login and on the calls of open sessions', async () => {
    const { access_token: token } = await sandbox.login();
    sandbox.deactivate(ADA.email);
    expect(rowOf('login', await post('/auth/login', ADA))).to.equal('user-deactivated');
    const call = await sandbox.send('get', '/oauth/tokens', undefined, bearer(token));
    expect(rowOf('listSessions', call)).to.equal('user-deactivated');
  });
});
