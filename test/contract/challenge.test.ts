// contract/challenge: whether a 401 is about our token, or about somebody else's login in between.
import { expect } from 'chai';
import { challengeOf } from '../../lib/contract/challenge.js';
import { NO_BODY } from '../../lib/contract/answer.js';
import { authBench, errorOf, tokenServer } from '../policies/clients.js';
import { virtualTime } from '../support/virtual-time.js';

const FOREIGN = [
  'Basic realm="Staging"',
  'Negotiate',
  'NTLM, Basic realm="a, Bearer realm"',
  'Basic realm="x\\", Bearer "',
  'Digest realm="d", nonce="n", qop="auth"',
  'Negotiate YWJj==',
];
const OURS = [
  undefined,
  '',
  'realm="of no scheme"',
  'Bearer',
  'Bearer realm="api", error="invalid_token"',
  'Basic realm="x", Bearer realm="y"',
  'bearer error="insufficient_scope"',
  'Basic realm="x",DPoP algs="ES256"',
];

describe('A challenge', () => {
  for (const header of FOREIGN)
    it(`is foreign: ${header}`, () => expect(challengeOf(header, NO_BODY)).to.equal('foreign'));
  for (const header of OURS)
    it(`is ours: ${header ?? 'none at all'}`, () => expect(challengeOf(header, NO_BODY)).to.equal(undefined));
  it('is ours where the body has a key: then the API itself speaks', () => {
    expect(challengeOf('Basic realm="OAuth"', { ...NO_BODY, key: 'invalid_token' })).to.equal(undefined);
  });
});

describe('A 401 of a proxy that wants its own login', () => {
  const time = virtualTime();

  it('refreshes nothing, ends nothing, and says so', async () => {
    const server = tokenServer();
    const { resume, wire } = authBench(() => ({
      status: 401,
      headers: { 'www-authenticate': 'Basic realm="Staging"', 'content-type': 'text/html' },
      data: '<h1>401 Authorization Required</h1>',
    }));
    const session = resume();
    const error = await errorOf(time.finish(session.http.get('/orders')));
    expect(error.code).to.equal('INVALID_TOKEN');
    expect(error.because).to.contain('asks for credentials of its own');
    expect([wire.sent.length, server.refreshes, session.state.status]).to.deep.equal([1, 0, 'live']);
  });
});
