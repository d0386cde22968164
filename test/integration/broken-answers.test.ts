// Connections and answers that break, on both adapters of Node: the same trouble has the same name whoever carried the
// bytes. test/chromium/ plays the same situations in a page.
import { getEventListeners } from 'node:events';
import { expect } from 'chai';
import { createHttpClient, type HttpClient } from '../../lib/index.js';
import { drip, sendJson, vacantPort } from '../support/local-server.js';
import { sentence } from '../support/expected.js';
import { SITUATIONS } from '../support/situations.js';
import { attempt } from '../support/trial.js';
import { useTroubles } from '../support/troubles.js';
import { QUICK, rejection, until, useStage } from './stage.js';

const ATTEMPT = 150;

for (const adapter of ['http', 'fetch'] as const)
  describe(`Over the ${adapter} adapter`, () => {
    const stage = useStage();
    const client = (baseURL: string, retries = 0, attemptTimeout = ATTEMPT): HttpClient =>
      stage.keep(
        createHttpClient({
          baseURL,
          policies: { timeout: { attempt: attemptTimeout }, retry: { ...QUICK.retry, retries } },
          axios: { adapter },
        }),
      );
    const troubles = useTroubles();

    for (const situation of SITUATIONS)
      for (const expected of situation.expected)
        it(`${situation.about}: ${sentence(expected)}`, () =>
          troubles().play(situation, expected, (plan) => attempt({ ...plan, adapter })));

    it('nobody listening is CONNECTION_FAILED, which is not the same as a lost connection', async () => {
      const error = await rejection(client(`http://127.0.0.1:${await vacantPort()}`).get('/orders'));
      expect(error).to.include({ code: 'CONNECTION_FAILED', kind: 'unreachable', attempts: 1 });
      expect(error, 'what the system calls it').to.have.property('because').that.contains('ECONNREFUSED');
    });

    it('the deadline of a call ends it between two attempts and within one', async () => {
      const server = await stage.server(() => undefined);
      const began = performance.now();
      const error = await rejection(
        client(server.origin, 50).get('/orders', { holdfast: { deadline: ATTEMPT * 2.5 } }),
      );
      expect(performance.now() - began).to.be.within(ATTEMPT * 2.5 - 5, ATTEMPT * 2.5 + 1_000);
      expect(error).to.include({ code: 'DEADLINE_EXCEEDED', kind: 'deadline' });
      expect(error).to.have.property('attempts').that.is.within(2, 3); // a busy machine is late for the third
    });

    it('a refusal keeps its status, its key and its wait, also where the caller asked for a stream', async () => {
      const server = await stage.server((_, response) =>
        sendJson(response, 409, { error: 'CONFLICT', message: 'Changed.' }, { 'x-request-id': 'r-1' }),
      );
      for (const responseType of ['json', 'text', 'arraybuffer', 'blob', 'stream'] as const) {
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

    it('a refusal that explains itself without end is read no further than is of use, and its connection ends', async () => {
      let isGone = false;
      const server = await stage.server((_, response) => {
        response.once('close', () => (isGone = true));
        response.writeHead(409, { 'content-type': 'application/json' });
        const more = () => {
          while (response.write('x'.repeat(65_536)));
        };
        response.on('drain', more);
        more();
      });
      const http = client(server.origin, 0, 5_000);
      const error = await rejection(http.get('/orders', { responseType: 'stream' }));
      expect(error).to.include({ code: 'CONFLICT', status: 409, attempts: 1 });
      await until(() => isGone);
    });

    it('a refusal that breaks off while a stream of it is read is what its status says', async () => {
      const server = await stage.server((_, response) => {
        response.writeHead(409, { 'content-length': '100' });
        response.write('{"half":', () => response.socket?.end());
      });
      const error = await rejection(client(server.origin, 3).get('/orders', { responseType: 'stream' }));
      expect(error).to.include({ code: 'CONFLICT', status: 409, attempts: 1 });
    });

    it('an answer without a body is what its status says, whatever the caller asked for', async () => {
      const server = await stage.server(({ url }, response) =>
        response.writeHead(Number(url.slice(1))).end(),
      );
      for (const responseType of ['json', 'text', 'arraybuffer', 'blob', 'stream'] as const) {
        const http = client(server.origin, 3, 5_000);
        expect((await http.get('/204', { responseType })).status).to.equal(204);
        expect((await http.head('/200', { responseType })).status).to.equal(200);
        const config = { responseType, validateStatus: (status: number) => status === 304 };
        expect((await http.get('/304', config)).status).to.equal(304);
        expect(await rejection(http.get('/304', { responseType }))).to.include({ status: 304, attempts: 1 });
      }
      expect(server.seen).to.have.length(20);
    });

    it('an abort ends a stream that is still being read; then nobody listens any more', async () => {
      const server = await stage.server((_, response) => drip(response, 10));
      const controller = new AbortController();
      const { signal } = controller;
      const { data } = await client(server.origin).get<Stream>('/', {
        responseType: 'stream',
        signal,
      });
      expect(getEventListeners(signal, 'abort')).to.have.length(1);
      const reading = rejection(read(data));
      controller.abort();
      await reading;
      await until(() => getEventListeners(signal, 'abort').length === 0);
    });

    it('a stream that is read to its end, or has no body, leaves nobody who listens', async () => {
      for (const status of [200, 204, 304]) {
        const server = await stage.server((_, response) => sendJson(response, status));
        const { signal } = new AbortController();
        const { data } = await client(server.origin).get<Stream>('/', {
          responseType: 'stream',
          signal,
          validateStatus: () => true,
        });
        await read(data);
        await until(() => getEventListeners(signal, 'abort').length === 0);
      }
    });
  });

type Stream = AsyncIterable<unknown> | null;

/** Reads a stream of Node, or one of fetch; neither is there where there is no body. */
async function read(stream: Stream): Promise<unknown[]> {
  const chunks: unknown[] = [];
  for await (const chunk of stream ?? []) chunks.push(chunk);
  return chunks;
}
