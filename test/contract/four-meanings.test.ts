// The four meanings of 401, and what an answer may do to a session.
import { expect } from 'chai';
import fc from 'fast-check';
import { classify } from '../../lib/contract/classify.js';
import type { AuthMode, Operation } from '../../lib/contract/endpoints.js';
import { EXAMPLES, type Example } from '../../lib/contract/examples.js';
import { answer, answerOf, anyAnswer, HINTS, ROWS } from './answers.js';

const codeOf401 = (operation: Operation, auth: AuthMode, key?: string) => {
  const row = classify(answer(operation, auth, 401, key === undefined ? {} : { key }));
  return [row.code, row.reaction, row.session ?? 'keep'];
};

describe('A 401', () => {
  it('of a bearer call means a dead access token, with or without a key: refresh', () => {
    for (const key of ['INVALID_TOKEN', 'access_denied', undefined])
      expect(codeOf401('validate', 'bearer', key)).to.deep.equal(['INVALID_TOKEN', 'refresh', 'keep']);
    expect(codeOf401('request', 'bearer')).to.deep.equal(['INVALID_TOKEN', 'refresh', 'keep']);
  });

  it('that names the client means our configuration, whatever the call carried', () => {
    for (const [operation, auth] of [
      ['login', 'basic'],
      ['refresh', 'basic'],
      ['validate', 'bearer'],
      ['request', 'none'],
    ] as const)
      for (const key of ['INVALID_CLIENT', 'invalid_client'])
        expect(codeOf401(operation, auth, key)).to.deep.equal(['INVALID_CLIENT', 'fail', 'keep']);
  });

  it('of a refresh that names the token means the session is over', () => {
    for (const key of ['invalid_request', 'invalid_grant', 'INVALID_TOKEN'])
      expect(codeOf401('refresh', 'basic', key)).to.deep.equal(['INVALID_TOKEN', 'fail', 'end']);
  });

  it('that names nothing, on a call with client credentials, means wrong credentials: the session is kept', () => {
    expect(codeOf401('refresh', 'basic')).to.deep.equal(['INVALID_CLIENT', 'fail', 'keep']);
    expect(codeOf401('login', 'basic')).to.deep.equal(['INVALID_CLIENT', 'fail', 'keep']);
  });

  it('of a call without credentials says just that', () => {
    expect(codeOf401('request', 'none')).to.deep.equal(['UNAUTHORIZED', 'fail', 'keep']);
  });

  it('of a logout means that logout has reached its goal', () => {
    expect(codeOf401('logout', 'bearer')).to.deep.equal(['SUCCESS', 'accept', 'keep']);
  });
});

describe('A session', () => {
  const end = (each: Parameters<typeof classify>[0]) => classify(each).session === 'end';

  it('is ended by each of the four hints of a dead refresh token, under either status', () => {
    for (const hint of HINTS.filter((each) => !each.startsWith('Authorization code')))
      for (const status of [400, 401])
        expect(end(answer('refresh', 'basic', status, { key: 'invalid_request', hint })), hint).to.equal(
          true,
        );
  });

  it('is kept when the refresh was malformed by us: 400 invalid_request that names a parameter', () => {
    expect(end(answerOf(EXAMPLES['invalid-request']))).to.equal(false);
  });

  it('is kept through rate limits, server errors, HTML and broken connections during a refresh', () => {
    for (const row of [
      'too-many-attempts',
      'api-exception',
      'gateway',
      'server-error',
      'forbidden',
    ] as const) {
      const example: Example = EXAMPLES[row];
      expect(end(answerOf({ ...example, operation: 'refresh', auth: 'basic' })), row).to.equal(false);
    }
    for (const cause of ['lost', 'timeout', 'refused', 'aborted', 'unreadable'] as const)
      expect(end({ ...answer('refresh', 'basic', undefined), cause }), cause).to.equal(false);
  });

  it('is ended by an answer to a refresh alone, and only by 400 or 401', () => {
    fc.assert(
      fc.property(anyAnswer, (each) => {
        if (!end(each)) return;
        expect(each.operation).to.equal('refresh');
        expect(each.status).to.be.oneOf([400, 401]);
        expect(each.cause).to.equal(undefined);
      }),
      { numRuns: 2_000 },
    );
    for (const row of ROWS.filter((each) => each.session === 'end'))
      for (const when of row.when) expect(when.operation, row.id).to.deep.equal(['refresh']);
  });
});

describe('A refresh', () => {
  it('is never asked for by a call that carries client credentials or none, so it cannot recurse', () => {
    fc.assert(
      fc.property(anyAnswer, (each) => each.auth === 'bearer' || classify(each).reaction !== 'refresh'),
      { numRuns: 2_000 },
    );
    for (const row of ROWS.filter((each) => each.reaction === 'refresh'))
      for (const when of row.when) expect(when.auth, row.id).to.deep.equal(['bearer']);
  });

  it('is asked for by a 401 alone', () => {
    fc.assert(fc.property(anyAnswer, (each) => classify(each).reaction !== 'refresh' || each.status === 401));
  });
});
