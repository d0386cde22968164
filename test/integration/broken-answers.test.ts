// Connections and answers that break, on both adapters: the same trouble has the same name whoever carried the bytes.
import { expect } from 'chai';
import { createHttpClient, type HttpClient } from '../../lib/index.js';
import { drip, reset, sendJson, vacantPort, type Answer } from '../support/local-server.js';
import { QUICK, rejection, until, useStage } from './stage.js';

const ATTEMPT = 150;

const TROUBLES: Readonly<Record<string, readonly [code: string, kind: string, answer: Answer]>> = {
  'no answer': ['TIMEOUT', 'timeout', () => undefined],
  'a body that comes to a halt': [
    'TIMEOUT',
    'timeout',
    (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{"half":');
    },
  ],
  'a body that drips': ['TIMEOUT', 'timeout', (_, response) => drip(response, 20)],
  'a body that breaks off': [
    'CONNECTION_LOST',
    'interrupted',
    (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{"half":', () => response.socket?.end());
    },
  ],
  'a chunked body that breaks off': [
    'CONNECTION_LOST',
    'interrupted',
    (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"half":', () => response.socket?.end());
    },
  ],
  'a connection that is reset': ['CONNECTION_LOST', 'interrupted', (_, response) => reset(response)],
  'a connection that is closed without an answer': [
    'CONNECTION_LOST',
    'interrupted',
    (_, response) => response.socket?.end(),
  ],
  'bytes that are no HTTP': [
    'CONNECTION_LOST',
    'interrupted',
    (_, response) => response.socket?.end('this is not the protocol you are looking for\r\n\r\n'),
  ],
};

for (const adapter of ['http', 'fetch'] as const)
  describe(`Over the ${adapter} adapter`, () => {
    const stage = useStage();
    const client = (baseURL: string, retries = 0): HttpClient =>
      stage.keep(
        createHttpClient({
          baseURL,
          policies: { timeout: { attempt: ATTEMPT }, retry: { ...QUICK.retry, retries } },
          axios: { adapter },
        }),
      );

    for (const [about, [code, kind, answer]] of Object.entries(TROUBLES))
      it(`${about} is ${code}`, async () => {
        const server = await stage.server(answer);
        const began = performance.now();
        const error = await rejection(client(server.origin).get('/orders'));
        expect(error).to.include({ code, kind, attempts: 1, retryable: true });
        expect(error).to.not.have.property('status');
        expect(performance.now() - began).to.be.below(ATTEMPT + 400);
        expect(server.seen).to.have.length(1);
      });

    it('a GET gets over every one of them', async () => {
      const troubles = Object.values(TROUBLES).map(([, , answer]) => answer);
      const server = await stage.server((request, response) => {
        const trouble = troubles.shift() ?? (() => sendJson(response, 200, { ok: true }));
        return trouble(request, response);
      });
      const expected = Object.keys(TROUBLES).length + 1;
      const response = await client(server.origin, 10).get<unknown>('/orders');
      expect(response).to.include({ status: 200, attempts: expected });
      expect(response.data).to.deep.equal({ ok: true });
      expect(server.seen).to.have.length(expected);
    });

    it('nobody listening is CONNECTION_FAILED, which is not the same as a lost connection', async () => {
      const error = await rejection(client(`http://127.0.0.1:${await vacantPort()}`).get('/orders'));
      expect(error).to.include({ code: 'CONNECTION_FAILED', kind: 'unreachable', attempts: 1 });
      expect(error, 'what the system calls it').to.have.property('because').that.contains('ECONNREFUSED');
    });

    it('a host that does not exist is CONNECTION_FAILED', async () => {
      const error = await rejection(client('http://no-such-host.invalid').get('/orders'));
      expect(error).to.include({ code: 'CONNECTION_FAILED', kind: 'unreachable' });
    });

    it('an abort is ABORTED, at once and with the reason, and ends the connection', async () => {
      let isGone = false;
      const server = await stage.server((_, response) => response.once('close', () => (isGone = true)));
      const controller = new AbortController();
      const call = rejection(client(server.origin, 5).get('/orders', { signal: controller.signal }));
      await until(() => server.seen.length === 1);
      const began = performance.now();
      controller.abort(new Error('the page was left'));
      const error = await call;
      expect(performance.now() - began).to.be.below(50);
      expect(error).to.include({ code: 'ABORTED', kind: 'aborted', attempts: 1, retryable: false });
      expect(error).to.have.nested.property('cause.message', 'the page was left');
      await until(() => isGone);
    });

    it('an attempt that took too long ends the connection', async () => {
      let isGone = false;
      const server = await stage.server((_, response) => response.once('close', () => (isGone = true)));
      await rejection(client(server.origin).get('/orders'));
      await until(() => isGone);
      expect(server.seen).to.have.length(1);
    });

    it('the deadline of a call ends it between two attempts and within one', async () => {
      const server = await stage.server(() => undefined);
      const began = performance.now();
      const error = await rejection(
        client(server.origin, 50).get('/orders', { holdfast: { deadline: ATTEMPT * 2.5 } }),
      );
      expect(performance.now() - began).to.be.within(ATTEMPT * 2.5 - 5, ATTEMPT * 2.5 + 200);
      expect(error).to.include({ code: 'DEADLINE_EXCEEDED', kind: 'deadline', attempts: 3 });
    });

    it('a refusal keeps its status, its key and its wait, also where the caller asked for a stream', async () => {
      const server = await stage.server((_, response) =>
        sendJson(response, 409, { error: 'CONFLICT', message: 'Changed.' }, { 'x-request-id': 'r-1' }),
      );
      for (const responseType of ['json', 'text', 'arraybuffer', 'stream'] as const) {
        const error = await rejection(client(server.origin).get('/orders', { responseType }));
        expect(error, responseType).to.include({
          code: 'CONFLICT',
          status: 409,
          key: 'CONFLICT',
          message: 'Changed.',
          requestId: 'r-1',
        });
      }
    });
  });
