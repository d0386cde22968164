// contract/success-body: a 2xx is believed only where it carries what was promised.
import { expect } from 'chai';
import fc from 'fast-check';
import { EXAMPLES, htmlPage } from '../../lib/contract/examples.js';
import {
  readNothing,
  readSessions as sessionsIn,
  readTokens as tokensIn,
} from '../../lib/contract/success-body.js';

/** What was read, without its wrapping. */
const readTokens = (data: unknown) => tokensIn(data)?.value;
const readSessions = (data: unknown) => sessionsIn(data)?.value;

const tokens = { token_type: 'Bearer', expires_in: 3_600, access_token: 'at', refresh_token: 'rt' };
const plain = (data: unknown) => {
  const read = readTokens(data);
  return (
    read && { ...read, accessToken: read.accessToken.reveal(), refreshToken: read.refreshToken?.reveal() }
  );
};

describe('A token response', () => {
  it('gives both tokens and the lifetime in milliseconds', () => {
    expect(plain(tokens)).to.deep.equal({ accessToken: 'at', refreshToken: 'rt', expiresIn: 3_600_000 });
    expect(plain(EXAMPLES.success.body)).to.include({ expiresIn: 2_678_400_000 });
  });

  it('may leave out the refresh token, where the server keeps the old one', () => {
    expect(readTokens({ access_token: 'at' })).to.have.all.keys('accessToken');
    expect(readTokens({ ...tokens, refresh_token: '' })).not.to.have.property('refreshToken');
  });

  it('may write its lifetime as a text, and its type in any case', () => {
    expect(plain({ ...tokens, expires_in: '60', token_type: 'bearer' })).to.include({ expiresIn: 60_000 });
    expect(plain({ ...tokens, expires_in: 0.5 })).to.include({ expiresIn: 500 });
  });

  it('says nothing of a lifetime that is none', () => {
    const stubborn = { toString: 1, valueOf: 1 }; // JSON can say this; converting it throws
    for (const expires_in of [0, -1, null, undefined, 'soon', '', NaN, Infinity, true, {}, [60], stubborn])
      expect(readTokens({ ...tokens, expires_in })).not.to.have.property('expiresIn');
  });

  it('is none without an access token, with another token type, or as a portal page', () => {
    for (const data of [
      {},
      { ...tokens, access_token: '' },
      { ...tokens, access_token: 7 },
      { ...tokens, token_type: 'mac' },
      [tokens],
      JSON.stringify(tokens),
      htmlPage('Sign in to the guest network'),
      '',
      null,
      undefined,
    ])
      expect(readTokens(data)).to.equal(undefined);
  });

  it('is read or refused, never a reason to throw', () => {
    const data = fc.oneof(
      fc.anything(),
      fc.record({ access_token: fc.anything(), expires_in: fc.jsonValue() }),
    );
    fc.assert(fc.property(data, (each) => [undefined, 'object'].includes(readTokens(each) && 'object')));
  });
});

describe('A list of sessions', () => {
  const item = {
    id: 'a1',
    ip: '203.0.113.7',
    user_agent: 'Firefox',
    created_at: '2023-03-01 14:21:10',
    updated_at: '2023-03-01 14:21:10',
    expires_at: '2023-04-01T14:21:10.754840Z',
  };

  it('reads the two formats of time that the API writes into one object', () => {
    const [read] = readSessions([item]) ?? [];
    expect(read?.createdAt?.toISOString()).to.equal('2023-03-01T14:21:10.000Z');
    expect(read?.expiresAt?.toISOString()).to.equal('2023-04-01T14:21:10.754Z');
    expect(read).to.include({ id: 'a1', ip: '203.0.113.7', userAgent: 'Firefox' });
  });

  it('leaves out what is missing or makes no sense', () => {
    expect(readSessions([{ id: 'a1', ip: null, created_at: 'yesterday', expires_at: 7 }])).to.deep.equal([
      { id: 'a1' },
    ]);
  });

  it('may be empty', () => {
    expect(readSessions([])).to.deep.equal([]);
  });

  it('is none where it is no list, or a member has no id', () => {
    for (const data of [{}, 'x', null, undefined, [{}], [item, { id: 7 }], [null], [[]]])
      expect(readSessions(data)).to.equal(undefined);
  });
});

describe('A body that does not matter', () => {
  it('may be anything', () => {
    for (const data of ['', undefined, null, {}, { ok: true }, [], 'done'])
      expect(readNothing(data)).to.deep.equal({ value: undefined });
  });

  it('is not a web page: that is no answer of the API', () => {
    expect(readNothing(htmlPage('Sign in to the guest network'))).to.equal(undefined);
  });
});
