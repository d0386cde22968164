import { createPublicKey, verify, type JsonWebKey } from 'node:crypto';
import { expect } from 'chai';
import { DEMO } from '../../lib/sandbox/index.js';
import { ADA, basic, claimsOf, rowOf, startCaller, type Caller, type TokenPair } from './caller.js';

const LIFETIMES = { access: 10_000, refresh: 60_000 };

describe('sandbox: tokens', () => {
  let sandbox: Caller;
  let clock = Date.now();
  before(async () => {
    const clients = [DEMO.client, { id: 'other-client', secret: 'other-secret' }];
    sandbox = await startCaller({ now: () => clock, lifetimes: LIFETIMES, clients });
  });
  beforeEach(() => sandbox.reset());
  after(() => sandbox.close());

  describe('access tokens', () => {
    it('are written as the reference API writes them', async () => {
      const { access_token: token, expires_in: expiresIn } = await sandbox.login();
      const claims = claimsOf(token);
      expect(claims).to.have.all.keys('aud', 'jti', 'iat', 'nbf', 'exp', 'sub', 'scopes', 'customerId');
      expect(claims.aud).to.equal(DEMO.client.id);
      expect(claims.jti).to.match(/^[0-9a-f]{80}$/);
      expect(claims.sub).to.be.a('string');
      expect(claims.customerId).to.be.a('number');
      expect(claims.scopes).to.deep.equal([]);
      for (const time of ['iat', 'nbf', 'exp']) expect(Number.isInteger(claims[time]), time).to.equal(false);
      expect(expiresIn).to.equal(10);
    });

    it('come with headers that keep them out of caches', async () => {
      const { headers } = await sandbox.send('post', '/auth/login', ADA, basic());
      expect(headers['cache-control']).to.equal('no-store');
      expect(headers.pragma).to.equal('no-cache');
    });

    it('expire', async () => {
      const { access_token: token } = await sandbox.login();
      clock += LIFETIMES.access - 1;
      expect(await sandbox.orders(token)).to.equal(200);
      clock += 1;
      expect(await sandbox.orders(token)).to.equal(401);
    });

    it('can all be expired at once, while refresh tokens stay good', async () => {
      const { access_token: token, refresh_token: refreshToken } = await sandbox.login();
      sandbox.expireAccessTokens();
      expect(await sandbox.orders(token)).to.equal(401);
      expect((await sandbox.refresh(refreshToken)).status).to.equal(200);
    });

    it('are refused with a forged payload, and so is anything else', async () => {
      const { access_token: token } = await sandbox.login();
      const [header, , signature] = token.split('.');
      const payload = Buffer.from(JSON.stringify({ ...claimsOf(token), exp: 9e9 })).toString('base64url');
      for (const bad of [`${header!}.${payload}.${signature!}`, 'nonsense'])
        expect(await sandbox.orders(bad)).to.equal(401);
    });
  });

  for (const [kid, count] of [
    ['none', 1],
    ['one', 1],
    ['two', 2],
  ] as const)
    it(`can be verified with the key set where kid is "${kid}"`, async () => {
      const other = await startCaller({ kid });
      try {
        const { access_token: token } = await other.login();
        const [header, payload, signature] = token.split('.') as [string, string, string];
        const { kid: named } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid?: string };
        const { data } = await other.send<{ keys: JsonWebKey[] }>(
          'get',
          `${other.origin}/.well-known/jwks.json`,
        );
        expect(data.keys).to.have.length(count);
        expect(named === undefined).to.equal(kid === 'none');
        const key = data.keys.find((each) => each.kid === named)!;
        expect(key).to.include({ kty: 'RSA', alg: 'RS256', use: 'sig' });
        expect(key).to.not.have.property('d');
        const isGood = verify(
          'RSA-SHA256',
          Buffer.from(`${header}.${payload}`),
          createPublicKey({ key, format: 'jwk' }),
          Buffer.from(signature, 'base64url'),
        );
        expect(isGood).to.equal(true);
      } finally {
        await other.close();
      }
    });

  describe('refresh', () => {
    it('gives a new pair and kills both old tokens at once', async () => {
      const old = await sandbox.login();
      const { data: pair } = await sandbox.refresh(old.refresh_token);
      expect(pair.refresh_token)
        .to.match(/^def50200/)
        .and.not.equal(old.refresh_token);
      expect(await sandbox.orders(pair.access_token)).to.equal(200);
      expect(await sandbox.orders(old.access_token)).to.equal(401);
      expect(rowOf('refresh', await sandbox.refresh(old.refresh_token))).to.equal('dead-refresh-token');
      expect(await sandbox.orders(pair.access_token), 'a replay harms nobody').to.equal(200);
    });

    it('has one winner where two present the same token at the same time', async () => {
      const { refresh_token: token } = await sandbox.login();
      const answers = await Promise.all([sandbox.refresh(token), sandbox.refresh(token)]);
      expect(answers.map(({ status }) => status).sort()).to.deep.equal([200, 401]);
    });

    it('does not prolong the session: the new refresh token expires when the first one would have', async () => {
      const first = await sandbox.login();
      clock += LIFETIMES.refresh - 1;
      const { data: second } = await sandbox.refresh(first.refresh_token);
      clock += 1;
      expect((await sandbox.refresh(second.refresh_token)).data).to.include({ hint: 'Token has expired' });
    });

    const HINTS: [hint: string, prepare: (pair: TokenPair) => Promise<[string, Record<string, string>?]>][] =
      [
        ['Cannot decrypt the refresh token', () => Promise.resolve(['def50200nonsense'])],
        [
          'Token is not linked to client',
          ({ refresh_token: token }) => Promise.resolve([token, basic('other-client', 'other-secret')]),
        ],
        [
          'Token has expired', // and revoked: expiry is looked at first
          async ({ refresh_token: token }) => {
            await sandbox.refresh(token);
            clock += LIFETIMES.refresh;
            return [token];
          },
        ],
        [
          'Token has been revoked',
          async ({ refresh_token: token }) => {
            await sandbox.refresh(token);
            return [token];
          },
        ],
      ];
    for (const [hint, prepare] of HINTS)
      it(`refuses in the words of the OAuth library, version 8: ${hint}`, async () => {
        const [token, headers] = await prepare(await sandbox.login());
        const answer = await sandbox.refresh(token, headers);
        expect(answer.status).to.equal(401);
        expect(answer.data).to.deep.equal({
          error: 'invalid_request',
          error_description: 'The refresh token is invalid.',
          hint,
          message: 'The refresh token is invalid.',
        });
      });

    it('refuses a wrong client before it looks at the token, which stays good', async () => {
      const { refresh_token: token } = await sandbox.login();
      const answer = await sandbox.refresh(token, basic(DEMO.client.id, 'wrong'));
      expect(rowOf('refresh', answer)).to.equal('invalid-client');
      expect((await sandbox.refresh(token)).status).to.equal(200);
    });

    it('names the missing parameter, which is no verdict on a token', async () => {
      const answer = await sandbox.send('post', '/oauth/token', { grant_type: 'refresh_token' }, basic());
      expect(rowOf('refresh', answer)).to.equal('invalid-request');
      expect(answer.data.hint).to.contain('refresh_token');
    });

    it('refuses grant types it does not know', async () => {
      for (const body of [{}, { grant_type: 'password' }]) {
        const answer = await sandbox.send('post', '/oauth/token', body, basic());
        expect(rowOf('refresh', answer)).to.equal('unsupported-grant-type');
      }
    });
  });

  describe('authorization codes', () => {
    const exchange = (code: string, headers = basic()) =>
      sandbox.send('post', '/oauth/token', { grant_type: 'authorization_code', code }, headers);

    it('are exchanged for tokens once', async () => {
      const code = sandbox.authorizationCode(ADA.email);
      const first = await exchange(code);
      expect(await sandbox.orders(String(first.data.access_token))).to.equal(200);
      const second = await exchange(code);
      expect(rowOf('exchangeCode', second)).to.equal('invalid-grant');
      expect(second.status).to.equal(400);
      expect(second.data).to.include({
        error: 'invalid_request',
        hint: 'Authorization code has been revoked',
      });
    });

    it('expire', async () => {
      const code = sandbox.authorizationCode(ADA.email);
      clock += 600_000;
      expect((await exchange(code)).data).to.include({ hint: 'Authorization code has expired' });
    });

    it('are good for one client only', async () => {
      const code = sandbox.authorizationCode(ADA.email, 'other-client');
      expect(rowOf('exchangeCode', await exchange(code))).to.equal('invalid-request');
      expect(rowOf('exchangeCode', await exchange('nonsense'))).to.equal('invalid-request');
      expect((await exchange(code, basic('other-client', 'other-secret'))).status).to.equal(200);
    });
  });
});

describe('sandbox: tokens of the OAuth library, version 9', () => {
  let sandbox: Caller;
  before(async () => {
    sandbox = await startCaller({ generation: 9 });
  });
  after(() => sandbox.close());

  it('refuses a dead refresh token with another status and key, and without a message', async () => {
    const { refresh_token: token } = await sandbox.login();
    await sandbox.refresh(token);
    const answer = await sandbox.refresh(token);
    expect(rowOf('refresh', answer)).to.equal('dead-refresh-token');
    expect(answer.status).to.equal(400);
    expect(answer.data).to.deep.equal({
      error: 'invalid_grant',
      error_description: 'The refresh token is invalid.',
      hint: 'Token has been revoked',
    });
  });

  it('refuses a used code with another key, and without a message', async () => {
    const code = sandbox.authorizationCode(ADA.email);
    const exchange = () =>
      sandbox.send('post', '/oauth/token', { grant_type: 'authorization_code', code }, basic());
    await exchange();
    const { status, data } = await exchange();
    expect(status).to.equal(400);
    expect(data).to.include({ error: 'invalid_grant' }).and.not.have.property('message');
  });
});
