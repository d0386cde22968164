// contract/: what the tables say, looked at from where people rely on it. A change of one value here is a change of what
// holdfast does.
import { expect } from 'chai';
import { NO_BODY } from '../../lib/contract/answer.js';
import { classify } from '../../lib/contract/classify.js';
import { KINDS } from '../../lib/contract/codes.js';
import { ENDPOINTS, type Endpoint } from '../../lib/contract/endpoints.js';
import { EXAMPLES, type Example } from '../../lib/contract/examples.js';
import { VARIANTS } from '../../lib/contract/variants.js';
import { answer, ROWS } from './answers.js';

/** The names of those entries of a table that have something. */
const having = <T extends object>(table: Readonly<Record<string, T>>, has: (entry: T) => unknown) =>
  Object.keys(table).filter((name) => has(table[name]!));

describe('A status that comes without a word', () => {
  const MEANINGS: Readonly<Record<number, string>> = {
    301: 'UNEXPECTED_REDIRECT',
    302: 'UNEXPECTED_REDIRECT',
    303: 'UNEXPECTED_REDIRECT',
    307: 'UNEXPECTED_REDIRECT',
    308: 'UNEXPECTED_REDIRECT',
    400: 'INVALID_REQUEST',
    401: 'INVALID_TOKEN, refresh',
    403: 'FORBIDDEN',
    404: 'NOT_FOUND',
    408: 'API_EXCEPTION, retry',
    409: 'CONFLICT',
    422: 'VALIDATION_FAILED',
    424: 'API_EXCEPTION, retry',
    425: 'API_EXCEPTION, retry',
    429: 'TOO_MANY_ATTEMPTS, cooldown',
    501: 'API_EXCEPTION',
    502: 'API_EXCEPTION, retry, the server is overloaded',
    503: 'API_EXCEPTION, retry, the server is overloaded',
    504: 'API_EXCEPTION, retry, the server is overloaded',
    505: 'API_EXCEPTION',
  };
  /** Of a status that has no meaning of its own. */
  const ofClass = (status: number) =>
    ({ 2: 'SUCCESS, accept', 4: 'REQUEST_REJECTED', 5: 'API_EXCEPTION, retry' })[Math.floor(status / 100)] ??
    'UNEXPECTED_ANSWER';

  it('means what it means to any call with a token, from 100 to 599', () => {
    for (let status = 100; status < 600; status += 1) {
      const { code, reaction, overload } = classify(answer('request', 'bearer', status));
      const said = [code, reaction !== 'fail' && reaction, overload && 'the server is overloaded'];
      expect(said.filter(Boolean).join(', '), String(status)).to.equal(MEANINGS[status] ?? ofClass(status));
    }
  });
});

describe('A refusal of credentials', () => {
  const codeOf = (...given: Parameters<typeof answer>) => {
    const { code, reaction } = classify(answer(...given));
    return `${code}, ${reaction}`;
  };

  it('of a refresh is about its token where key or hint say so, and about the client otherwise', () => {
    expect(codeOf('refresh', 'basic', 400, { key: 'invalid_grant' })).to.equal('INVALID_TOKEN, fail');
    for (const status of [400, 401])
      expect(codeOf('refresh', 'basic', status, { hint: 'Token has expired' })).to.equal(
        'INVALID_TOKEN, fail',
      );
    expect(codeOf('refresh', 'basic', 401)).to.equal('INVALID_CLIENT, fail');
    expect(codeOf('refresh', 'basic', 400)).to.equal('INVALID_REQUEST, fail');
  });

  it('of an authorization code is known by key or hint', () => {
    expect(codeOf('exchangeCode', 'basic', 400, { key: 'invalid_grant' })).to.equal('INVALID_GRANT, fail');
    for (const status of [400, 401])
      expect(codeOf('exchangeCode', 'basic', status, { hint: 'Authorization code has expired' })).to.equal(
        'INVALID_GRANT, fail',
      );
  });

  it('may be of the grant type, with either status', () => {
    for (const status of [400, 401])
      expect(codeOf('refresh', 'basic', status, { key: 'unsupported_grant_type' })).to.equal(
        'UNSUPPORTED_GRANT_TYPE, fail',
      );
  });

  it('by the API alone makes a revocation of what is gone a success: it says so in JSON', () => {
    expect(codeOf('revoke', 'bearer', 404)).to.equal('SUCCESS, accept');
    expect(classify({ operation: 'revoke', auth: 'bearer', status: 404, body: NO_BODY }).code).to.equal(
      'NOT_FOUND',
    );
  });
});

describe('A domain error of the API', () => {
  for (const [status, key] of [
    [406, 'PASSWORD_RESET_HASH_EXPIRED'],
    [409, 'USER_ALREADY_EXISTS'],
  ] as const)
    it(`${key} is known by its key where the call is no operation of ours`, () => {
      expect(classify(answer('request', 'basic', status, { key })).code).to.equal(key);
      for (const other of [status - 1, status + 1])
        expect(classify(answer('request', 'basic', other, { key })).code).not.to.equal(key);
    });
});

describe('The tables', () => {
  it('call a failure worth asking again after if it can pass by itself', () => {
    expect(having(KINDS, ({ retryable }) => retryable)).to.have.members([
      'rate-limit',
      'unavailable',
      'unreachable',
      'interrupted',
      'timeout',
      'deadline',
    ]);
  });

  it('count as overload what says that the server is too slow for what it gets', () => {
    expect(ROWS.filter(({ overload }) => overload).map(({ id }) => id)).to.have.members([
      'timeout',
      'gateway',
    ]);
  });

  it('know which refusals may come of a repeat of what had succeeded', () => {
    expect(ROWS.filter(({ alsoAfterSuccess }) => alsoAfterSuccess).map(({ id }) => id)).to.have.members([
      'invalid-grant',
      'password-reset-hash-expired',
      'user-already-exists',
    ]);
  });

  const endpoints: Readonly<Record<string, Endpoint>> = ENDPOINTS;

  it('let a form wait five seconds for a cooldown, where a person sits before it', () => {
    const forms = having(endpoints, ({ patience }) => patience !== undefined);
    expect(forms).to.have.members([
      'register',
      'login',
      'guestLogin',
      'sendPasswordResetEmail',
      'updatePasswordByHash',
      'exchangeCode',
      'updatePassword',
    ]);
    for (const form of forms) expect(endpoints[form]!.patience, form).to.equal(5_000);
  });

  it('let a refresh go first, and what ends a session go always', () => {
    expect(having(endpoints, ({ urgent }) => urgent)).to.deep.equal(['refresh']);
    expect(having(endpoints, ({ ends }) => ends)).to.have.members(['revoke', 'logout']);
  });
});

describe('The examples', () => {
  it('have the statuses that real servers send', () => {
    const examples: Readonly<Record<string, Example>> = EXAMPLES;
    const byStatus: Record<number, string[]> = {};
    for (const [name, { status }] of Object.entries(examples))
      if (status !== undefined) (byStatus[status] ??= []).push(name);
    expect(byStatus).to.deep.equal({
      200: ['unreadable', 'success'],
      302: ['redirect'],
      304: ['unexpected'],
      400: ['unsupported-grant-type', 'invalid-grant', 'invalid-request'],
      401: [
        'logout-already-done',
        'invalid-client',
        'dead-refresh-token',
        'foreign-challenge',
        'invalid-token',
        'invalid-token-elsewhere',
        'client-refused',
        'unauthorized',
      ],
      403: ['user-deactivated', 'forbidden'],
      404: ['revoke-already-done', 'user-not-found', 'not-found'],
      406: ['password-reset-hash-expired'],
      409: ['user-already-exists', 'conflict'],
      413: ['rejected'],
      422: ['validation-failed'],
      429: ['too-many-attempts'],
      500: ['api-exception'],
      501: ['not-implemented'],
      502: ['gateway'],
      520: ['server-error'],
    });
  });
  it('and so have their variants', () => {
    const byRow: Record<string, unknown[]> = {};
    for (const { row, status } of VARIANTS) (byRow[row] ??= []).push(status);
    expect(byRow).to.deep.equal({
      'invalid-client': [401, 400],
      'user-not-found': [404, 400],
      'user-deactivated': [403],
      'dead-refresh-token': [400, 400, 401],
      'invalid-grant': [400],
      'invalid-token': [401, 401],
      'client-refused': [401],
      unauthorized: [401],
      'logout-already-done': [401],
      forbidden: [403],
      'not-found': [404, 404],
      'too-many-attempts': [429, 429, 429],
      'validation-failed': [400, 400, 400],
      'invalid-request': [400],
      'api-exception': [424],
      gateway: [502],
      'server-error': [408],
    });
  });
});
