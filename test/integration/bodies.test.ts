// What arrives of a body, attempt after attempt, on both adapters: the same bytes, under headers that fit them.
import { once } from 'node:events';
import { createReadStream, type ReadStream } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import axios, { type AxiosRequestConfig } from 'axios';
import { expect } from 'chai';
import { createHttpClient, type HttpClient } from '../../lib/index.js';
import {
  reset,
  sendJson,
  vacantPort,
  type Answer,
  type LocalServer,
  type SeenRequest,
} from '../support/local-server.js';
import { QUICK, rejection, until, useStage, type Stage } from './stage.js';

const TEXT = 'first line\r\nsecond “line” \u{1f511}';
const hex = (text: string) => Buffer.from(text).toString('hex');
const backing = Uint8Array.from({ length: 64 }, (_, index) => index);
const shared = new SharedArrayBuffer(4);
new Uint8Array(shared).set([1, 2, 3, 254]);

const BODIES: readonly (readonly [name: string, body: () => unknown, bytes: string])[] = [
  ['a text', () => TEXT, hex(TEXT)],
  ['an empty text', () => '', ''],
  ['nothing', () => undefined, ''],
  ['null', () => null, ''],
  ['an object', () => ({ a: [1, { b: 'ü' }] }), hex('{"a":[1,{"b":"ü"}]}')],
  ['a date', () => new Date(0), hex('"1970-01-01T00:00:00.000Z"')],
  ['a form in a URL', () => new URLSearchParams({ a: 'x y', b: 'ü' }), hex('a=x+y&b=%C3%BC')],
  ['bytes', () => Uint8Array.of(0, 255, 128), '00ff80'],
  ['no bytes', () => new Uint8Array(0), ''],
  ['a view of more bytes', () => backing.subarray(16, 20), '10111213'],
  ['a view of words', () => new Uint16Array([0x0102, 0x0304, 0x0506]).subarray(1), '04030605'],
  ['a DataView', () => new DataView(backing.buffer, 3, 2), '0304'],
  ['a slice of a Buffer from the pool', () => Buffer.from('--pooled--').subarray(2, 8), hex('pooled')],
  ['a bare buffer', () => Uint8Array.of(1, 2, 3).buffer, '010203'],
  ['a shared buffer', () => shared, '010203fe'],
  ['a view of a shared buffer', () => new Uint8Array(shared, 1, 2), '0203'],
  ['a Blob', () => new Blob([TEXT]), hex(TEXT)],
  ['a File', () => new File([TEXT], 'a.txt', { type: 'text/plain' }), hex(TEXT)],
];

/** Fields of a form as a server reads them; files with their name and bytes. */
async function fieldsOf({ bytes, headers }: SeenRequest): Promise<unknown[]> {
  const form = await new Response(new Uint8Array(bytes), {
    headers: { 'content-type': headers['content-type']! },
  }).formData();
  const fields = [...form].map(async ([name, value]) =>
    typeof value === 'string' ? [name, value] : [name, value.name, await value.text()],
  );
  return Promise.all(fields);
}

const PAGE = 'a file';
const fileOf = (text: string) => new File([text], 'a.txt', { type: 'text/plain' });
const webForm = () => {
  const form = new FormData();
  form.append('name', 'Ada');
  form.append('name', 'Grace');
  form.append('page', fileOf(PAGE));
  return form;
};
const OBJECT = {
  name: 'Ada',
  age: 36,
  born: new Date(0),
  tags: ['a', 'b'],
  nested: { deep: [{ is: true }], nothing: null },
  bytes: backing.subarray(65 - 64, 4),
  page: fileOf(PAGE),
};
const OBJECT_FIELDS = [
  ['name', 'Ada'],
  ['age', '36'],
  ['born', '1970-01-01T00:00:00.000Z'],
  ['tags[]', 'a'],
  ['tags[]', 'b'],
  ['nested[deep][0][is]', 'true'],
  ['bytes', 'blob', '\u0001\u0002\u0003'],
  ['page', 'a.txt', PAGE],
];
const WEB_FIELDS = [
  ['name', 'Ada'],
  ['name', 'Grace'],
  ['page', 'a.txt', PAGE],
];
const MULTIPART: AxiosRequestConfig = { headers: { 'Content-Type': 'multipart/form-data' } };

const FORMS: readonly (readonly [
  name: string,
  send: (http: HttpClient) => Promise<unknown>,
  fields: readonly unknown[],
])[] = [
  ['a FormData', (http) => http.put('/', webForm()), WEB_FIELDS],
  ['a FormData under putForm()', (http) => http.putForm('/', webForm()), WEB_FIELDS],
  ['an object under putForm()', (http) => http.putForm('/', OBJECT), OBJECT_FIELDS],
  ['an object under its header', (http) => http.put('/', OBJECT, MULTIPART), OBJECT_FIELDS],
  ['a FormData that a function makes', (http) => http.put('/', () => webForm()), WEB_FIELDS],
  ['an object that a function makes', (http) => http.putForm('/', () => OBJECT), OBJECT_FIELDS],
];

/** Three answers that want the call again, and then a good one. */
const troubles = (): Answer => {
  const answers: Answer[] = [
    (_, response) => sendJson(response, 503),
    (_, response) => sendJson(response, 429, undefined, { 'retry-after-ms': '5' }),
    (_, response) => reset(response),
  ];
  return (request, response) => (answers.shift() ?? (() => sendJson(response, 200, {})))(request, response);
};

for (const adapter of ['http', 'fetch'] as const)
  describe(`A body, over the ${adapter} adapter,`, () => {
    const stage = useStage();

    async function bench(answer: Answer = troubles()): Promise<{ server: LocalServer; http: HttpClient }> {
      const server = await stage.server(answer);
      return { server, http: clientOf(stage, server.origin, adapter) };
    }

    for (const [name, body, bytes] of BODIES)
      it(`that is ${name} arrives the same with every attempt`, async () => {
        const { server, http } = await bench();
        await http.put('/', body());
        expect(server.seen.map((seen) => seen.bytes.toString('hex'))).to.deep.equal(Array(4).fill(bytes));
        for (const { headers } of server.seen)
          expect(headers['content-length']).to.equal(String(bytes.length / 2));
        expect(new Set(server.seen.map(({ headers }) => headers['content-type'])).size).to.equal(1);
      });

    for (const [name, send, fields] of FORMS)
      it(`that is ${name} arrives with the same fields each time, under a boundary of its own`, async () => {
        const { server, http } = await bench();
        await send(http);
        const boundaries = server.seen.map(({ headers }) => headers['content-type']?.split('boundary=')[1]);
        expect(new Set(boundaries).size).to.equal(4);
        for (const seen of server.seen) {
          expect(await fieldsOf(seen)).to.deep.equal(fields);
          expect(seen.headers['content-length']).to.equal(String(seen.bytes.length));
        }
      });

    it('that a function makes is made anew for each attempt, and arrives whole', async () => {
      const { server, http } = await bench();
      const made: Readable[] = [];
      const { attempts } = await http.put('/', async () => {
        await Promise.resolve();
        made.push(Readable.from([`${TEXT} `, `number ${made.length + 1}`]));
        return made.at(-1);
      });
      expect(attempts).to.equal(4);
      expect(server.seen.map(({ text }) => text)).to.deep.equal(
        [1, 2, 3, 4].map((number) => `${TEXT} number ${number}`),
      );
      expect(made).to.have.length(4);
    });

    it('that a function makes of a file is read to its end each time, and the file is closed', async () => {
      const { server, http } = await bench();
      const path = fileURLToPath(import.meta.url);
      const opened: ReadStream[] = [];
      await http.put('/', () => (opened.push(createReadStream(path)), opened.at(-1)));
      expect(new Set(server.seen.map(({ text }) => text)).size).to.equal(1);
      expect(server.seen[0]?.text).to.contain('is read to its end each time');
      await until(() => opened.length === 4 && opened.every(({ closed }) => closed));
    });

    it('that a function makes may be anything that axios takes, labelled as axios would', async () => {
      for (const [made, bytes, type] of [
        [{ a: 1 }, hex('{"a":1}'), 'application/json'],
        ['a text', hex('a text'), 'application/x-www-form-urlencoded'],
        [new URLSearchParams({ a: '1' }), hex('a=1'), 'application/x-www-form-urlencoded;charset=utf-8'],
        [backing.subarray(16, 20), '10111213', 'application/x-www-form-urlencoded'],
        [undefined, '', 'application/x-www-form-urlencoded'],
      ] as const) {
        const { server, http } = await bench();
        await http.put('/', () => made);
        for (const { headers, ...seen } of server.seen)
          expect([seen.bytes.toString('hex'), headers['content-type']]).to.deep.equal([bytes, type]);
        expect(server.seen).to.have.length(4);
      }
    });

    it('that a function makes keeps the type that the caller named', async () => {
      const { server, http } = await bench();
      const headers = { 'content-type': 'application/json' };
      await http.put('/', () => Readable.from(['{"a":1}']), { headers });
      for (const seen of server.seen) {
        expect(seen.headers['content-type']).to.equal('application/json');
        expect(seen.text).to.equal('{"a":1}');
      }
    });

    it('that a function makes of a file that is not there fails the call at once', async () => {
      const { server, http } = await bench();
      const error = await rejection(http.post('/', () => createReadStream('/no/such/file')));
      expect(error).to.include({ code: 'INVALID_REQUEST', ambiguous: false });
      expect(error).to.have.property('because').that.contains('ENOENT');
      expect(JSON.stringify(error)).not.to.contain('/no/such');
      expect(server.seen).to.have.length(0);
    });

    it('that a function makes is let go where the connection broke before it was read', async () => {
      const http = clientOf(stage, `http://127.0.0.1:${await vacantPort()}`, adapter);
      const made: Readable[] = [];
      const error = await rejection(
        http.post('/', () => (made.push(new Readable({ read: () => undefined })), made.at(-1))),
      );
      expect(error).to.include({ code: 'CONNECTION_FAILED', attempts: 4 });
      expect(made.map(({ destroyed }) => destroyed)).to.deep.equal([true, true, true, true]);
    });

    it('that is a stream is sent once and never again: not by the call, and not by another, at once or later', async () => {
      const { server, http } = await bench((_, response) => sendJson(response, 503));
      const stream = Readable.from(['abc']);
      const [error, meanwhile] = await Promise.all([
        rejection(http.put('/', stream)),
        rejection(http.put('/', stream)),
      ]);
      expect(error).to.include({ status: 503, attempts: 1 });
      expect(error)
        .to.have.property('because')
        .that.contains('the body is a stream and can be sent only once');
      for (const other of [meanwhile, await rejection(http.put('/', stream))]) {
        expect(other).to.include({ code: 'INVALID_REQUEST', attempts: 0 });
        expect(other).to.have.property('because').that.contains('The stream in its body was used already.');
      }
      expect(server.seen.map(({ text }) => text)).to.deep.equal(['abc']);
    });

    it('that a function makes is not sent again where it is the same stream as before', async () => {
      const { server, http } = await bench((_, response) => sendJson(response, 503));
      const stream = Readable.from(['abc']);
      const error = await rejection(http.put('/', () => stream));
      expect(error).to.include({ code: 'INVALID_REQUEST', attempts: 1 });
      expect(error).to.have.property('because').that.contains('gave a stream that was used already');
      expect(server.seen.map(({ text }) => text)).to.deep.equal(['abc']);
    });
  });

const clientOf = (stage: Stage, baseURL: string, adapter: 'http' | 'fetch') =>
  stage.keep(
    createHttpClient({ baseURL, policies: { ...QUICK, timeout: { attempt: 2_000 } }, axios: { adapter } }),
  );

describe('A body that a function makes', () => {
  const stage = useStage();

  it('is made anew for a call that goes again with a newer token', async () => {
    const server = await stage.rotating();
    const session = stage.client(server.origin).resume(server.tokens);
    server.expire();
    const numbers: number[] = [];
    const { attempts } = await session.http.post('/files', () => {
      numbers.push(numbers.length + 1);
      return Readable.from([`body ${numbers.length}`]);
    });
    expect(attempts).to.equal(2);
    const files = server.seen.filter(({ url }) => url === '/files');
    expect(files.map(({ text }) => text)).to.deep.equal(['body 1', 'body 2']);
    expect(numbers).to.deep.equal([1, 2]);
  });

  it('is let go where the server answers before it has read it, once the connection is over', async () => {
    // Refuses at the first byte, as servers do that look at a token before a file.
    const server = createServer((_, response) => response.writeHead(413).end());
    stage.keep(server.listen(0, '127.0.0.1'));
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const endless = new Readable({
      read() {
        setImmediate(() => this.push(Buffer.alloc(64)));
      },
    });
    const error = await rejection(
      clientOf(stage, `http://127.0.0.1:${port}`, 'http').put('/', () => endless),
    );
    expect(error).to.include({ status: 413, attempts: 1 });
    expect(endless.destroyed, 'a server may go on to read').to.equal(false);
    server.closeAllConnections();
    await until(() => endless.destroyed);
  });

  it('is let go where its call is aborted, and a file that could not be opened by then harms nobody', async () => {
    const server = await stage.server(() => undefined);
    const http = clientOf(stage, server.origin, 'http');
    const controller = new AbortController();
    let stream: ReadStream | undefined;
    http.on('attempt', () => controller.abort());
    const make = () => (stream = createReadStream('/no/such/file'));
    expect(await rejection(http.put('/', make, { signal: controller.signal }))).to.include({
      code: 'ABORTED',
    });
    expect(stream?.destroyed).to.equal(true);
    await until(() => stream?.closed === true);
    expect(server.seen).to.have.length(0);
  });
});

describe('A request that cannot be built', () => {
  const stage = useStage();
  type Form = { append(name: string, value: unknown): void };
  const PackageForm = axios.defaults.env!.FormData as unknown as new () => Form;

  it('is not taken for a lost connection: a GET with a body over fetch, a broken serializer, a Blob beside a stream', async () => {
    const server = await stage.server((_, response) => sendJson(response, 200, {}));
    const calls = {
      'a GET with a body': () => clientOf(stage, server.origin, 'fetch').get('/', { data: { a: 1 } }),
      'a serializer that throws': () =>
        clientOf(stage, server.origin, 'fetch').get('/', {
          params: { a: 1 },
          paramsSerializer: () => {
            throw new Error('mine');
          },
        }),
      'a Blob beside a stream': () =>
        clientOf(stage, server.origin, 'http').putForm('/', {
          blob: new Blob(['a']),
          stream: Readable.from(['b']),
        }),
    };
    for (const [about, call] of Object.entries(calls))
      expect(await rejection(call()), about).to.include({ code: 'INVALID_REQUEST', ambiguous: false });
    expect(server.seen).to.have.length(0);
  });

  it('is told from a form of the form-data package and one with a stream in it, which are sent once', async () => {
    const server = await stage.server((_, response) => sendJson(response, 503));
    const http = clientOf(stage, server.origin, 'http');
    const form = new PackageForm();
    form.append('name', 'Ada');
    const withStream = { name: 'Ada', tags: [{ page: Readable.from(['abc']) }] };
    for (const call of [http.put('/', form), http.putForm('/', withStream)]) {
      const error = await rejection(call);
      expect(error).to.include({ status: 503, attempts: 1 });
      expect(error).to.have.property('because').that.contains('the body is a stream');
    }
    expect(server.seen).to.have.length(2);
    for (const seen of server.seen) expect((await fieldsOf(seen))[0]).to.deep.equal(['name', 'Ada']);
  });
});
