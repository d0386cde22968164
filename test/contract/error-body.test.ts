// contract/error-body: reads whatever stands behind a failed answer, and never throws.
import { expect } from 'chai';
import fc from 'fast-check';
import type { ErrorBody } from '../../lib/contract/answer.js';
import { BODY_LIMIT, readErrorBody } from '../../lib/contract/error-body.js';
import { htmlPage } from '../../lib/contract/examples.js';

const NOTHING: ErrorBody = { details: [] };
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

/** An object that bites whoever touches it. */
const hostile = (trap: keyof ProxyHandler<object>): unknown =>
  new Proxy({}, { [trap]: () => { throw new Error('bitten'); } }); // prettier-ignore

describe('The error body reader', () => {
  it('reads the five fields of the contract, from a value, a text and bytes alike', () => {
    const body = { error: 'K', message: 'm', error_description: 'd', hint: 'h', context: { a: 1 } };
    const read = { key: 'K', message: 'm', description: 'd', hint: 'h', context: { a: 1 }, details: [] };
    for (const data of [
      body,
      JSON.stringify(body),
      bytes(body),
      bytes(body).buffer,
      Buffer.from(bytes(body)),
    ])
      expect(readErrorBody(data)).to.deep.equal(read);
  });

  it('leaves out what is missing, empty or of the wrong type', () => {
    expect(readErrorBody({ error: '', message: 7, hint: ['x'], error_description: null })).to.deep.equal(
      NOTHING,
    );
  });

  it('tells a null context from none', () => {
    expect(readErrorBody({ context: null })).to.have.property('context', null);
    expect(readErrorBody({})).not.to.have.property('context');
  });

  for (const [name, data] of Object.entries({
    HTML: htmlPage('502 Bad Gateway'),
    'an empty text': '',
    nothing: undefined,
    null: null,
    'plain text': 'error code: 1015',
    'a truncated document': '{"error":"USER_NOT',
    'a JSON number': '42',
    'bytes that are no text': Uint8Array.of(0xff, 0xfe, 0x00),
    'no bytes': new ArrayBuffer(0),
    'a shared buffer': new Uint8Array(new SharedArrayBuffer(4)),
    'a function': () => 'x',
  }))
    it(`finds nothing in ${name}`, () => {
      expect(readErrorBody(data)).to.deep.equal(NOTHING);
    });

  it('does not parse a text or bytes above its limit', () => {
    const pad = 'x'.repeat(BODY_LIMIT);
    expect(readErrorBody(JSON.stringify({ error: 'K', pad }))).to.deep.equal(NOTHING);
    expect(readErrorBody(bytes({ error: 'K', pad }))).to.deep.equal(NOTHING);
    const largest = JSON.stringify({ error: 'K' }).padEnd(65_536);
    for (const data of [largest, new TextEncoder().encode(largest)]) {
      expect(readErrorBody(data)).to.include({ key: 'K' });
      const larger = typeof data === 'string' ? `${data} ` : new TextEncoder().encode(`${largest} `);
      expect(readErrorBody(larger)).to.deep.equal(NOTHING);
    }
  });

  it('cuts long texts and long lists', () => {
    const read = readErrorBody({ message: 'x'.repeat(5_000), errors: Array(500).fill('no') });
    expect(read.message).to.have.length(1_001);
    expect(read.details).to.have.length(50);
  });

  it('reads a nested error object', () => {
    expect(readErrorBody({ error: { code: 'LIMIT', message: 'Slow down' } })).to.include({
      key: 'LIMIT',
      message: 'Slow down',
    });
    expect(readErrorBody({ error: { type: 'LIMIT' } })).to.include({ key: 'LIMIT' });
  });

  it('takes the outer message before the nested one', () => {
    expect(readErrorBody({ message: 'outer', error: { message: 'inner' } }).message).to.equal('outer');
  });
});

describe('Details of an error body', () => {
  it('come from a map of field to text or texts', () => {
    const errors = { email: ['Not valid.', 'Too long.'], password: 'Too short.' };
    expect(readErrorBody({ errors }).details).to.deep.equal([
      { field: 'email', message: 'Not valid.' },
      { field: 'email', message: 'Too long.' },
      { field: 'password', message: 'Too short.' },
    ]);
  });

  it('come from a list of texts and objects', () => {
    const errors = [
      'Too old.',
      { field: 'email', message: 'Not valid.' },
      { path: 'a.b', detail: 'Bad.' },
      7,
    ];
    expect(readErrorBody({ errors }).details).to.deep.equal([
      { message: 'Too old.' },
      { field: 'email', message: 'Not valid.' },
      { field: 'a.b', message: 'Bad.' },
    ]);
  });

  it('come from a body that is a list itself, parsed or not', () => {
    const list = [{ message: 'First.' }, 'Second.'];
    const details = [{ message: 'First.' }, { message: 'Second.' }];
    for (const data of [list, JSON.stringify(list), bytes(list)])
      expect(readErrorBody(data)).to.deep.equal({ details });
  });
});

describe('A hostile body', () => {
  it('with a getter or a proxy that throws is read as nothing', () => {
    const getter = { get error() { throw new Error('bitten'); } }; // prettier-ignore
    for (const data of [getter, hostile('get'), hostile('getPrototypeOf')])
      expect(() => readErrorBody(data)).not.to.throw();
    expect(readErrorBody(getter)).to.deep.equal(NOTHING);
    expect(readErrorBody({ error: 'K', context: hostile('ownKeys') })).to.deep.equal(NOTHING);
  });

  it('cannot reach a prototype through its keys', () => {
    const sent =
      '{"error":"K","context":{"__proto__":{"polluted":true},"constructor":1},"errors":{"__proto__":"x"}}';
    const read = readErrorBody(sent);
    expect({}).not.to.have.property('polluted');
    expect(Object.getPrototypeOf(read)).to.equal(Object.prototype);
    expect(Object.getPrototypeOf(read.context)).to.equal(Object.prototype);
  });

  it('that refers to itself is cut at a depth', () => {
    const body: Record<string, unknown> = { error: 'K' };
    body.context = body;
    expect(JSON.stringify(readErrorBody(body))).to.contain('…');
  });

  it('never makes the reader throw, and never changes the shape of what it gives', () => {
    const fields = ['error', 'message', 'error_description', 'hint', 'context', 'errors'];
    const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withTypedArray: true });
    const body = fc.oneof(
      anything,
      fc.dictionary(fc.constantFrom(...fields, '__proto__', 'constructor', 'toString'), anything),
      fc.json(),
      fc.string(),
      fc.uint8Array(),
    );
    fc.assert(
      fc.property(body, (data) => {
        const { key, message, description, hint, details } = readErrorBody(data);
        for (const text of [key, message, description, hint]) expect(text).to.satisfy(isTextOrNothing);
        for (const each of details) expect(each.message).to.be.a('string');
      }),
      { numRuns: 1_000 },
    );
  });
});

const isTextOrNothing = (value: unknown) => value === undefined || typeof value === 'string';
