// session/claims: what an access token says about itself, as far as it can be believed.
import { expect } from 'chai';
import fc from 'fast-check';
import { lifetimeOf, readClaims } from '../../lib/session/claims.js';
import { jwt, JWE } from './tokens.js';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const SECONDS = NOW / 1_000;

describe('The claims of an access token', () => {
  it('are read from its payload', () => {
    const payload = {
      exp: SECONDS,
      iat: SECONDS - 60,
      jti: 'id-1',
      sub: 'user-1',
      customerId: 7,
      scope: 'x',
    };
    expect(readClaims(jwt(payload))).to.deep.equal({
      exp: SECONDS,
      iat: SECONDS - 60,
      jti: 'id-1',
      sub: 'user-1',
      customerId: 7,
    });
  });

  it('may be fractional', () => {
    expect(readClaims(jwt({ exp: 1_700_000_000.123 }))).to.deep.equal({ exp: 1_700_000_000.123 });
  });

  it('of the wrong type count as missing, each for itself', () => {
    expect(
      readClaims(jwt({ exp: '1700000000', iat: null, jti: 7, sub: ['x'], customerId: '7' })),
    ).to.deep.equal({});
    expect(readClaims(jwt({ exp: '1700000000', sub: 'user-1' }))).to.deep.equal({ sub: 'user-1' });
  });

  for (const [name, token] of Object.entries({
    'an opaque token': 'opaque-token',
    'an encrypted token': JWE,
    'an empty text': '',
    'two dots': '..',
    'a payload that is no base64': 'a.%%%.c',
    'a payload that is no JSON': `a.${Buffer.from('hello').toString('base64url')}.c`,
    'a payload that is no UTF-8': `a.${Buffer.from([0xff, 0xfe]).toString('base64url')}.c`,
    'a number': jwt(1),
    null: jwt(null),
    'a text': jwt('exp'),
    'a list': jwt([{ exp: 1 }]),
    'an empty object': jwt({}),
  }))
    it(`are none in ${name}`, () => {
      expect(readClaims(token)).to.deep.equal({});
    });

  it('have the type they should have, whatever the token', () => {
    const names = fc.constantFrom('exp', 'iat', 'jti', 'sub', 'customerId', '__proto__', 'x');
    const token = fc.oneof(
      fc.string(),
      fc.json().map((json) => jwt(JSON.parse(json))),
      fc.dictionary(names, fc.jsonValue()).map(jwt),
    );
    fc.assert(
      fc.property(token, (text) => {
        const { exp, iat, customerId, jti, sub } = readClaims(text);
        for (const each of [exp, iat, customerId])
          expect(each === undefined || Number.isFinite(each)).to.equal(true);
        for (const each of [jti, sub]) expect(each === undefined || typeof each === 'string').to.equal(true);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('The lifetime of an access token', () => {
  it('is what the answer said, before what the token says', () => {
    expect(lifetimeOf({ exp: SECONDS + 60 }, 5_000, true, NOW)).to.equal(5_000);
    expect(lifetimeOf({ exp: SECONDS + 60 }, 5_000, false, NOW)).to.equal(5_000);
  });

  it('is unknown where neither says anything', () => {
    expect(lifetimeOf({}, undefined, true, NOW)).to.equal(undefined);
    expect(lifetimeOf({ iat: SECONDS }, undefined, false, NOW)).to.equal(undefined);
  });

  it('of a token just received does not depend on our clock', () => {
    const claims = { iat: SECONDS, exp: SECONDS + 900 };
    for (const wrong of [0, NOW - 10 ** 9, NOW + 10 ** 9])
      expect(lifetimeOf(claims, undefined, true, wrong)).to.equal(900_000);
  });

  it('of a stored token is what is left of it', () => {
    const claims = { iat: SECONDS - 600, exp: SECONDS + 300 };
    expect(lifetimeOf(claims, undefined, false, NOW)).to.equal(300_000);
    expect(lifetimeOf({ exp: SECONDS - 1 }, undefined, false, NOW)).to.equal(-1_000);
  });

  it('of a token that was issued after its end is judged by our clock', () => {
    expect(lifetimeOf({ iat: SECONDS + 900, exp: SECONDS + 300 }, undefined, true, NOW)).to.equal(300_000);
  });
});
