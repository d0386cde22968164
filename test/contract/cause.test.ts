// contract/cause: what the errors of transports prove. Fields as Node 20 to 24, undici and Chromium set them.
import { AxiosError } from 'axios';
import { expect } from 'chai';
import { causeOf, codeOf, toldByMock, type TransportCause } from '../../lib/contract/cause.js';

const system = (syscall: string, code: string, message = `${syscall} ${code}`) =>
  Object.assign(new Error(message), { syscall, code });
const coded = (code: string, message = code) => Object.assign(new Error(message), { code });

/** As the http adapter hands it on: with its code, without its syscall. */
const byHttp = (cause: Error) => AxiosError.from(cause);
/** As the fetch adapter does. */
const byFetch = (cause: Error) =>
  Object.assign(new AxiosError('Network Error', AxiosError.ERR_NETWORK), { cause });
const several = (...errors: Error[]) => Object.assign(new AggregateError(errors), { code: 'ECONNREFUSED' });

const WRONG_VERSION = '4019:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:rec.c:354:';
const BAD_RECORD = '4019:error:0A000119:SSL routines:ssl3_get_record:decryption failed or bad record mac:';
const NO_TLS_YET = 'Client network socket disconnected before secure TLS connection was established';

const CAUSES: readonly (readonly [about: string, error: Error, cause: TransportCause])[] = [
  ['nobody listens', system('connect', 'ECONNREFUSED'), 'refused'],
  ['the peer resets while the connection is made', system('connect', 'ECONNRESET'), 'refused'],
  ['the peer resets a connection in use', system('read', 'ECONNRESET'), 'lost'],
  ['the connection took too long to make', system('connect', 'ETIMEDOUT'), 'refused'],
  ['a connection in use timed out', system('read', 'ETIMEDOUT'), 'lost'],
  ['no way to the host', system('connect', 'EHOSTUNREACH'), 'refused'],
  ['the way to the host was lost in use', system('read', 'EHOSTUNREACH'), 'lost'],
  ['the network was lost in use', system('write', 'ENETUNREACH'), 'lost'],
  ['a code that a mock library gives', coded('ECONNREFUSED'), 'refused'],
  ['no such host', system('getaddrinfo', 'ENOTFOUND'), 'refused'],
  ['no such socket in the file system', system('connect', 'ENOENT'), 'refused'],
  ['the peer hangs up', coded('ECONNRESET', 'socket hang up'), 'lost'],
  ['the peer hangs up before TLS', coded('ECONNRESET', NO_TLS_YET), 'refused'],
  ['the peer speaks no TLS', system('write', 'EPROTO', `write EPROTO ${WRONG_VERSION}`), 'untrusted'],
  ['the peer speaks no TLS, by undici', coded('ERR_SSL_WRONG_VERSION_NUMBER', WRONG_VERSION), 'untrusted'],
  ['bytes were damaged within TLS', system('read', 'EPROTO', `read EPROTO ${BAD_RECORD}`), 'lost'],
  ['an old certificate', coded('CERT_HAS_EXPIRED'), 'untrusted'],
  [
    'every address refused',
    several(system('connect', 'ECONNREFUSED'), system('connect', 'ETIMEDOUT')),
    'refused',
  ],
  [
    'one address refused, another was lost',
    several(system('connect', 'ECONNREFUSED'), system('read', 'ECONNRESET')),
    'lost',
  ],
  ['a header that is none', coded('ERR_INVALID_HTTP_TOKEN'), 'unsendable'],
  ['a header that undici does not take', coded('UND_ERR_INVALID_ARG'), 'unsendable'],
  ['a method that is none, by XMLHttpRequest', new DOMException('', 'SyntaxError'), 'unsendable'],
  ['a method that no page may use', new DOMException('', 'SecurityError'), 'unsendable'],
  ['a file of the body that is not there', system('open', 'ENOENT'), 'unsendable'],
  ['a mock without an answer', coded('ERR_NOCK_NO_MATCH'), 'not-mocked'],
  [
    'a mock that forbids the connection',
    Object.assign(coded('ENETUNREACH'), { name: 'NetConnectNotAllowedError' }),
    'not-mocked',
  ],
  ['an answer that is no JSON', new SyntaxError('Unexpected token <'), 'lost'],
  ['whatever a page is told', new TypeError('Failed to fetch'), 'lost'],
];

describe('The cause of an attempt without an answer', () => {
  for (const [about, error, cause] of CAUSES)
    it(`${about}: ${cause}, whoever hands it on`, () => {
      for (const handed of [
        error,
        byHttp(error),
        byFetch(error),
        byHttp(new Error('fetch failed', { cause: error })),
      ])
        expect(causeOf(handed)).to.equal(cause);
    });

  it('is looked for four errors deep, through what caused them and what they collect', () => {
    const within = (error: Error, depth: number): Error =>
      depth === 0 ? error : within(new Error('wrapped', { cause: error }), depth - 1);
    const collected = (error: Error, depth: number): Error =>
      depth === 0 ? error : collected(new AggregateError([new Error('other'), error]), depth - 1);
    const refused = coded('ECONNREFUSED');
    for (const wrap of [within, collected]) {
      expect(causeOf(wrap(refused, 4))).to.equal('refused');
      expect(causeOf(wrap(refused, 5))).to.equal('lost');
    }
  });

  it('is lost for what is no error, and for an error that is its own cause', () => {
    const circle = new Error('circle');
    circle.cause = circle;
    const ring: Error & { errors?: unknown[] } = new Error('ring');
    ring.errors = [ring, ring];
    for (const odd of [undefined, null, 'ECONNREFUSED', circle, ring]) expect(causeOf(odd)).to.equal('lost');
  });
});

describe('What a mock says about a call that it has no answer for', () => {
  it('is found behind whatever handed it on, and nothing else is told', () => {
    const missed = Object.assign(new Error('Add this line.'), { name: 'NotMocked' });
    expect(toldByMock(byFetch(byHttp(missed)))).to.equal('Add this line.');
    expect(toldByMock(byHttp(coded('ERR_NOCK_NO_MATCH', 'secret')))).to.equal(undefined);
  });
});

describe('The code of an attempt without an answer', () => {
  it('is the deepest that the system gave, and never a text of another kind', () => {
    expect(codeOf(byFetch(system('connect', 'ECONNREFUSED')))).to.equal('ECONNREFUSED');
    expect(codeOf(byHttp(several(system('connect', 'ETIMEDOUT'))))).to.equal('ETIMEDOUT');
    expect(codeOf(byFetch(new TypeError('Failed to fetch')))).to.equal('ERR_NETWORK');
    expect(codeOf(coded('secret-token'))).to.equal(undefined);
    expect(codeOf(new DOMException('', 'SyntaxError'))).to.equal(undefined);
  });
});
