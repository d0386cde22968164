// contract/auth-error: what an error says, what it keeps to itself, and how it is recognised.
import { inspect } from 'node:util';
import { expect } from 'chai';
import {
  AuthError,
  isAuthError,
  toAuthError,
  type Circumstances,
  type Messages,
} from '../../lib/contract/auth-error.js';
import { classify } from '../../lib/contract/classify.js';
import { readErrorBody } from '../../lib/contract/error-body.js';
import { EXAMPLES, type Example } from '../../lib/contract/examples.js';
import type { FailureRow } from '../../lib/contract/failure-row.js';
import { answerOf, ROWS } from './answers.js';

const happened: Circumstances = { operation: 'login', attempts: 1, ambiguous: false };

const errorOf = (row: keyof typeof EXAMPLES, more: Partial<Circumstances> = {}, messages?: Messages) => {
  const example: Example = EXAMPLES[row];
  const status = example.status === undefined ? {} : { status: example.status };
  const read = answerOf(example);
  return toAuthError(classify(read), read.body, { ...happened, ...status, ...more }, messages);
};

describe('An error', () => {
  it('tells the customer, the developer and the code what they need', () => {
    const error = errorOf('dead-refresh-token', { operation: 'refresh', attempts: 2, requestId: 'r-1' });
    expect(error).to.be.instanceOf(Error).and.instanceOf(AuthError);
    expect(error.toJSON()).to.deep.equal({
      code: 'INVALID_TOKEN',
      kind: 'session',
      status: 401,
      userMessage: 'Your session has expired. Please log in again.',
      key: 'invalid_request',
      message: 'The refresh token is invalid.',
      description: 'The refresh token is invalid.',
      hint: 'Token has been revoked',
      details: [],
      operation: 'refresh',
      attempts: 2,
      retryable: false,
      ambiguous: false,
      requestId: 'r-1',
      because: 'The refresh token is invalid, expired or revoked: the session cannot be continued.',
    });
  });

  it('falls back to the description, then to the reason of the row, for its message', () => {
    expect(errorOf('invalid-grant').message).to.equal('The authorization code is invalid.');
    expect(errorOf('gateway').message).to.equal(
      'A gateway in front of the service could not get an answer from it.',
    );
  });

  it('says why a policy gave up, after why the answer is what it is', () => {
    const { because } = errorOf('api-exception', { because: 'Gave up after 3 retries.' });
    expect(because).to.equal('The service or one of its dependencies failed. Gave up after 3 retries.');
  });

  it('has a field only where there is something to say', () => {
    const error = errorOf('lost');
    for (const field of [
      'status',
      'key',
      'hint',
      'description',
      'context',
      'retryAfter',
      'requestId',
      'cause',
    ])
      expect(error).not.to.have.property(field);
  });

  it('keeps a null context apart from none', () => {
    expect(errorOf('invalid-client')).to.have.property('context', null);
  });

  it('can be made from every row, with a message, a sentence and a kind', () => {
    for (const row of ROWS) {
      const error = toAuthError(row, { details: [] }, happened);
      for (const field of ['code', 'kind', 'message', 'userMessage', 'because'] as const)
        expect(error[field], `${row.id}.${field}`).to.be.a('string').and.not.equal('');
    }
  });

  it('calls itself AuthError, in the stack too', () => {
    const error = errorOf('user-not-found');
    expect(error.name).to.equal('AuthError');
    expect(error.stack).to.match(/^AuthError: Your email address or password is incorrect\./);
    expect(inspect(error)).to.contain("code: 'USER_NOT_FOUND'");
  });
});

describe('Nothing but the fields of an error', () => {
  const SECRET = 'hunter2-hunter2';
  const row: FailureRow = ROWS.find(({ id }) => id === 'user-not-found')!;
  const echo = {
    error: 'USER_NOT_FOUND',
    message: `No ${SECRET}`,
    context: { password: SECRET },
    data: SECRET,
  };
  // What a careless caller may hand over together with the circumstances.
  const careless = {
    ...happened,
    config: { data: SECRET },
    request: SECRET,
    headers: { a: SECRET },
    cause: SECRET,
  };
  const error = toAuthError(row, readErrorBody(echo, [SECRET]), careless);

  for (const [way, show] of Object.entries<() => string>({
    message: () => error.message,
    stack: () => String(error.stack),
    'JSON.stringify': () => JSON.stringify(error),
    inspect: () => inspect(error, { depth: 9, showHidden: true, getters: true }),
    spread: () => inspect({ ...(error as object) }, { depth: 9 }),
    structuredClone: () => inspect(structuredClone(error), { depth: 9, showHidden: true }),
    'String()': () => String(error),
  }))
    it(`comes out through ${way}`, () => {
      expect(show()).not.to.contain(SECRET);
    });

  it('is in toJSON, which is plain data', () => {
    expect(error.toJSON()).to.deep.equal(JSON.parse(JSON.stringify(error)));
    expect(error.toJSON()).not.to.have.any.keys('config', 'request', 'headers', 'cause', 'stack', 'data');
  });

  it('is in toJSON, whatever another tool hung on the error', () => {
    const tagged = Object.assign(toAuthError(row, readErrorBody(echo, [SECRET]), happened), {
      request: SECRET,
    });
    expect(JSON.stringify(tagged)).not.to.contain(SECRET);
    expect(tagged.toJSON()).to.deep.equal(error.toJSON());
  });
});

describe('isAuthError', () => {
  it('recognises an error of ours, and nothing else', () => {
    expect(isAuthError(errorOf('gateway'))).to.equal(true);
    for (const other of [new Error('x'), { code: 'API_EXCEPTION' }, 'x', 7, null, undefined, () => 'x'])
      expect(isAuthError(other)).to.equal(false);
  });

  it('narrows by code', () => {
    expect(isAuthError(errorOf('user-not-found'), 'USER_NOT_FOUND')).to.equal(true);
    expect(isAuthError(errorOf('user-not-found'), 'INVALID_TOKEN')).to.equal(false);
  });

  it('recognises an error from another copy of the package', async () => {
    const url = new URL('../../lib/contract/auth-error.ts?copy', import.meta.url).href;
    const other = (await import(url)) as { AuthError: typeof AuthError };
    const error = new other.AuthError(errorOf('gateway').toJSON());
    expect(other.AuthError).not.to.equal(AuthError);
    expect(error).not.to.be.instanceOf(AuthError);
    expect(isAuthError(error, 'API_EXCEPTION')).to.equal(true);
  });
});

describe('Sentences of a config', () => {
  const DEFAULT = 'Your email address or password is incorrect. Please try again.';
  const said = (messages: Messages) => errorOf('user-not-found', {}, messages).userMessage;

  it('replace those of the contract by code', () => {
    expect(said({ USER_NOT_FOUND: 'Unbekannt.' })).to.equal('Unbekannt.');
    expect(said({ INVALID_TOKEN: 'Abgelaufen.' })).to.equal(DEFAULT);
  });

  it('may come from a function, which sees the whole error and may decline', () => {
    expect(said((error) => `${error.code} ${error.status ?? 0} ${error.operation}`)).to.equal(
      'USER_NOT_FOUND 404 login',
    );
    expect(said(() => undefined)).to.equal(DEFAULT);
  });

  it('never replace the error by one of their own', () => {
    const broken: Messages = () => {
      throw new Error('no such language');
    };
    expect(said(broken)).to.equal(DEFAULT);
  });

  it('are not found on the prototype of the map', () => {
    const row: FailureRow = { ...ROWS[0]!, code: 'constructor', kind: 'rejected' };
    expect(toAuthError(row, { details: [] }, happened, {}).userMessage).to.be.a('string');
  });
});
