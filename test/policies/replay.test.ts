// A repeated call sends exactly the bytes of the first attempt (R2, R3); what can be sent only once is (R4).
import { Readable } from 'node:stream';
import { expect } from 'chai';
import axios, { type AxiosRequestConfig } from 'axios';
import type { Answer, Sent } from '../support/transport.js';
import { virtualTime } from '../support/virtual-time.js';
import { authBench, AT_ONCE, errorOf, httpBench, isRefresh, limit, tokensOf } from './clients.js';

/** What goes over the connection for a body that an adapter was given. */
function bytesOf(data: unknown): string {
  if (typeof data === 'string') return Buffer.from(data).toString('hex');
  if (data instanceof ArrayBuffer) return Buffer.from(data).toString('hex');
  if (ArrayBuffer.isView(data))
    return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex');
  throw new Error(`The adapter was given ${Object.prototype.toString.call(data)}.`);
}

const hex = (text: string) => Buffer.from(text).toString('hex');
const backing = Uint8Array.from({ length: 64 }, (_, index) => index);

const BODIES: readonly (readonly [name: string, body: () => unknown, bytes: string])[] = [
  ['a text', () => 'just a text', hex('just a text')],
  ['a text that looks like JSON', () => '{"a": 1}', hex('{"a": 1}')],
  ['an object', () => ({ a: 1, b: ['ü', null] }), hex('{"a":1,"b":["ü",null]}')],
  ['a list', () => [1, 2], hex('[1,2]')],
  ['a form', () => new URLSearchParams({ a: '1', b: 'x y' }), hex('a=1&b=x+y')],
  ['bytes', () => Uint8Array.of(0, 255, 128), '00ff80'],
  ['a view of more bytes', () => backing.subarray(16, 20), '10111213'],
  ['a Buffer from the pool', () => Buffer.from('pooled'), hex('pooled')],
  ['a bare buffer', () => Uint8Array.of(1, 2, 3).buffer, '010203'],
  ['a view of words', () => new Uint16Array([0x0102, 0x0304, 0x0506]).subarray(1), '04030605'],
];

interface Change {
  readonly config: AxiosRequestConfig;
  readonly change: () => void;
}

/** What callers hold on to after a call, and may change while it waits to be repeated. */
const CHANGES: readonly (readonly [name: string, prepare: () => Change])[] = [
  ['an object', () => bodyThat({ a: { b: [{ c: 1 }] } }, ({ a }) => void (a.b[0]!.c = 2))],
  ['bytes', () => bodyThat(Uint8Array.of(1, 2, 3), (bytes) => void bytes.fill(7))],
  ['a view', () => bodyThat(Uint8Array.of(9, 1, 2, 3).subarray(1), (view) => void view.fill(7))],
  ['a Buffer', () => bodyThat(Buffer.from('abc'), (bytes) => void bytes.fill(7))],
  ['a bare buffer', () => bodyThat(new ArrayBuffer(3), (buffer) => void new Uint8Array(buffer).fill(7))],
  ['a shared buffer', () => bodyThat(new SharedArrayBuffer(3), (it) => void new Uint8Array(it).fill(7))],
  ['a FormData', () => bodyThat(formOf('a'), (form) => form.append('later', 'b'))],
  ['a form in a URL', () => bodyThat(new URLSearchParams('a=1'), (form) => form.append('later', 'b'))],
  [
    'bytes that a transform of the request gave',
    () => {
      const bytes = Buffer.from('abc');
      return { config: { data: 1, transformRequest: () => bytes }, change: () => void bytes.fill(7) };
    },
  ],
  [
    'headers',
    () => {
      const headers: Record<string, string> = { 'X-Mine': 'a' };
      return { config: { headers }, change: () => void (headers['X-Mine'] = 'b') };
    },
  ],
  [
    'params',
    () => {
      const params = { list: [1], deep: { a: 1 } };
      return {
        config: { params },
        change: () => void (params.list.push(2), (params.deep.a = 2)),
      };
    },
  ],
  [
    'params of their own class',
    () => {
      const params = new URLSearchParams('a=1');
      return { config: { params }, change: () => params.append('later', 'b') };
    },
  ],
];

function bodyThat<T>(data: T, change: (data: T) => void): Change {
  return { config: { data }, change: () => change(data) };
}

function formOf(name: string): FormData {
  const form = new FormData();
  form.append(name, new File(['abc'], 'a.txt'));
  return form;
}

/** All of an attempt that goes over the connection. */
function shownOf({ data, headers, config }: Sent): unknown {
  const body = data instanceof FormData ? [...data].map(([name]) => name) : data && bytesOf(data);
  return { url: axios.getUri(config), headers, body };
}

describe('A body', () => {
  const time = virtualTime();

  for (const [name, body, bytes] of BODIES)
    it(`that is ${name} is sent byte for byte the same with every attempt`, async () => {
      const { http, wire } = httpBench([503, limit(1), 503, 200], AT_ONCE);
      await time.finish(http.put('/orders/1', body()));
      expect(wire.sent.map(({ data }) => bytesOf(data))).to.deep.equal([bytes, bytes, bytes, bytes]);
      const types = wire.sent.map(({ headers }) => headers['content-type']);
      expect(new Set(types).size).to.equal(1);
      expect(types[0]).to.be.a('string');
    });

  for (const [name, prepare] of CHANGES)
    it(`is that of the moment of the call, though its caller changes ${name} since`, async () => {
      const { http, wire } = httpBench([{ status: 503, headers: { 'retry-after': '5' } }, 200]);
      const { config, change } = prepare();
      const call = http.request({ method: 'put', url: '/orders/1', ...config });
      await time.flush();
      const before = shownOf(wire.sent[0]!);
      change();
      await time.finish(call);
      expect(shownOf(wire.sent[1]!)).to.deep.equal(before);
    });

  it('that is a text is sent as that very text, not as a copy', async () => {
    const { http, wire } = httpBench([503, 200], AT_ONCE);
    const text = 'x'.repeat(1_000_000);
    await time.finish(http.put('/orders/1', text));
    for (const { data } of wire.sent) expect(Object.is(data, text)).to.equal(true);
  });

  it('goes with headers made for each attempt, so that none is left over from the one before', async () => {
    const { http, wire } = httpBench(({ config, number }) => {
      config.headers.set('Content-Length', '3'); // as the adapters of axios do
      return number === 1 ? 503 : 200;
    }, AT_ONCE);
    await time.finish(http.put('/orders/1', { a: 1 }));
    expect(wire.sent.map(({ headers }) => headers['content-length'])).to.deep.equal([undefined, undefined]);
  });
});

const STREAMS: readonly (readonly [name: string, make: () => unknown])[] = [
  ['a stream of Node', () => Readable.from(['abc'])],
  ['a web stream', () => new Blob(['abc']).stream()],
];

describe('A body that gives its bytes once', () => {
  const time = virtualTime();
  const ONCE = /the body is a stream and can be sent only once\.$/;

  for (const [name, make] of STREAMS) {
    it(`such as ${name}, is not sent again after a passing trouble, and the error says why`, async () => {
      for (const answer of [503, { fails: 'ECONNRESET' }, { fails: 'ECONNREFUSED' }] as Answer[]) {
        const { http, wire } = httpBench([answer]);
        const error = await errorOf(time.finish(http.put('/files/1', make())));
        expect(error).to.include({ attempts: 1 });
        expect(error.because).to.match(ONCE);
        expect(wire.sent).to.have.length(1);
      }
    });

    it(`such as ${name}, is not sent again after a limit, which it tells with its wait`, async () => {
      const { http, wire } = httpBench([limit(2)]);
      const error = await errorOf(time.finish(http.post('/files', make())));
      expect(error).to.include({ code: 'TOO_MANY_ATTEMPTS', attempts: 1, retryAfter: 2_000 });
      expect(error.because).to.match(ONCE);
      expect(wire.sent).to.have.length(1);
    });

    it(`such as ${name}, is not sent again after a 401, but the next call has the new token`, async () => {
      const { resume, wire } = authBench((sent) =>
        isRefresh(sent) ? { data: tokensOf(2) } : sent.number === 1 ? 401 : 200,
      );
      const session = resume();
      const error = await errorOf(time.finish(session.http.post('/files', make())));
      expect(error).to.include({ code: 'INVALID_TOKEN', attempts: 1 });
      expect(error.because).to.match(ONCE);
      await time.finish(session.http.get('/orders'));
      const calls = wire.sent.filter((sent) => !isRefresh(sent));
      expect(calls.map(({ headers }) => headers.authorization)).to.deep.equal(['Bearer at-1', 'Bearer at-2']);
      expect(session.state).to.include({ status: 'live', version: 2 });
    });
  }
});
