// On the other side: haproxy (2.6 of Debian 12 and later) between the client and its server, which cuts connections at
// moments that no server of ours can choose: before it reads a byte, before it hands one on, and with the answer in hand.
import { expect } from 'chai';
import {
  asResult,
  createAuthClient,
  createGovernor,
  createHttpClient,
  type EventMap,
} from '../../lib/index.js';
import { CREDENTIALS, useStage } from '../integration/stage.js';
import { sendJson, vacantPort, type LocalServer } from '../support/local-server.js';
import { HAPROXY, useService } from '../support/services.js';
import { startProgram, type Program } from './program.js';

/** What it does to the first connection; those after it go through. */
const CUTS = {
  'before it has read a byte': 'tcp-request connection reject if first',
  'before it has handed on a byte': `tcp-request inspect-delay 5s
      tcp-request content reject if { req.len gt 0 } first`,
  'when the answer is there': `tcp-response inspect-delay 5s
      tcp-response content reject if { res.len gt 0 } first`,
  'in the middle of the answer': 'timeout server 150ms', // the server stops there
} as const;
type Cut = keyof typeof CUTS;

/** Whether the server has had the first request. */
const ARRIVED: Readonly<Record<Cut, number>> = {
  'before it has read a byte': 0,
  'before it has handed on a byte': 0,
  'when the answer is there': 1,
  'in the middle of the answer': 1,
};

const EAGER = { retries: 100, backoff: { initial: 20, factor: 1, max: 20, jitter: 'none' } } as const;

describe('haproxy', () => {
  const path = useService(HAPROXY);
  const stage = useStage();

  /** It is ready at a port of its own, for a look at the other would be the first connection. */
  async function between(server: LocalServer, cut: Cut | undefined, port: number): Promise<Program> {
    const ready = await vacantPort();
    const config = `
    defaults
      mode tcp
      timeout connect 2s
      timeout client 10s
      timeout server 10s
    listen ready
      mode http
      bind 127.0.0.1:${ready}
      http-request return status 200
    listen api
      bind 127.0.0.1:${port}
      stick-table type ip size 10 expire 1h store conn_cnt
      tcp-request connection track-sc0 src
      acl first sc0_conn_cnt le 1
      ${cut ? CUTS[cut] : ''}
      server api 127.0.0.1:${server.port}
`;
    const args = (_: string, file: string) => ['-db', '-q', '-f', file];
    // It has taken all its ports when it answers at one of them.
    const isReady = () =>
      fetch(`http://127.0.0.1:${ready}`).then(
        ({ ok }) => ok,
        () => false,
      );
    return stage.keep(await startProgram(path(), config, args, isReady));
  }

  /** A server behind a proxy that cuts the first connection. */
  async function behind(cut: Cut) {
    const server = await stage.server((_, response) => {
      if (cut !== 'in the middle of the answer' || server.seen.length > 1)
        sendJson(response, 200, { ok: true });
      else
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': 11 }).write('{"ok":');
    });
    const port = await vacantPort();
    await between(server, cut, port);
    return { server, baseURL: `http://127.0.0.1:${port}` };
  }

  for (const adapter of ['http', 'fetch'] as const)
    for (const cut of Object.keys(CUTS) as Cut[])
      describe(`that cuts the connection ${cut}, over the ${adapter} adapter`, () => {
        const client = (baseURL: string) =>
          stage.keep(
            createHttpClient({
              baseURL,
              governor: createGovernor(),
              policies: { retry: EAGER },
              axios: { adapter },
            }),
          );

        it('a GET is sent again', async () => {
          const { server, baseURL } = await behind(cut);
          const answer = await client(baseURL).get('/orders');
          expect([answer.status, answer.attempts, answer.data]).to.deep.equal([200, 2, { ok: true }]);
          expect(server.seen).to.have.length(1 + ARRIVED[cut]);
        });

        it('a POST is not where nobody knows what became of it', async () => {
          const { server, baseURL } = await behind(cut);
          const http = client(baseURL);
          const rows: string[] = [];
          http.on('failure', ({ row }) => rows.push(row));
          const outcome = await asResult(http.post('/orders', {}));
          // Mostly the system says that it was reset while it was made: nothing was sent, and the POST goes again.
          if (cut === 'before it has read a byte' && rows[0] === 'refused') {
            expect([outcome.ok, rows.length, server.seen.length]).to.deep.equal([true, 1, 1]);
            return;
          }
          const error = !outcome.ok && outcome.error;
          expect(error).to.include({ code: 'CONNECTION_LOST', attempts: 1, ambiguous: true });
          expect(server.seen).to.have.length(ARRIVED[cut]);
        });

        it('a POST with a key is, with the same key and the same bytes', async () => {
          const { server, baseURL } = await behind(cut);
          const answer = await client(baseURL).post(
            '/orders',
            { n: 1 },
            { holdfast: { idempotencyKey: true } },
          );
          expect([answer.status, answer.attempts]).to.deep.equal([200, 2]);
          const sent = server.seen.map(
            ({ headers, text }) => `${String(headers['idempotency-key'])} ${text}`,
          );
          expect(sent).to.have.length(1 + ARRIVED[cut]);
          expect(new Set(sent).size).to.equal(1);
        });
      });

  for (const cut of ['before it has handed on a byte', 'when the answer is there'] as const)
    it(`that cuts a refresh ${cut} costs no session, and no token is shown twice`, async () => {
      const server = await stage.rotating();
      const port = await vacantPort();
      await between(server, cut, port);
      const auth = stage.keep(
        createAuthClient({
          baseURL: `http://127.0.0.1:${port}`,
          credentials: CREDENTIALS,
          governor: createGovernor(),
          policies: { retry: EAGER, refresh: { rotation: 'strict', timeout: 500 } },
        }),
      );
      const endings: EventMap['sessionEnded'][] = [];
      auth.on('sessionEnded', (event) => endings.push(event));
      const session = auth.resume({ ...server.tokens, expiresIn: 3_600_000 });
      const lost = await session.refresh();
      expect(!lost.ok && lost.error).to.include({ code: 'OUTCOME_UNKNOWN', retryable: true });
      expect(session.state).to.include({ status: 'live', inDoubt: true });
      const again = await session.refresh(); // there is an access token to lose
      expect(!again.ok && again.error.code).to.equal('OUTCOME_UNKNOWN');
      expect([server.presented.length, server.reused(), endings.length]).to.deep.equal([
        ARRIVED[cut],
        false,
        0,
      ]);
      if (ARRIVED[cut] > 0) return;

      // Where the server never had it, the session goes on as soon as nothing is left to lose.
      server.expire();
      expect((await session.http.get('/orders')).status).to.equal(200);
      expect([server.presented.length, server.reused(), endings.length]).to.deep.equal([1, false, 0]);
    });

  it('that is not there yet proves that no byte was sent: a POST waits for it, and arrives once', async () => {
    const server = await stage.server((_, response) => sendJson(response, 201));
    const port = await vacantPort();
    const http = stage.keep(
      createHttpClient({
        baseURL: `http://127.0.0.1:${port}`,
        governor: createGovernor(),
        policies: { retry: EAGER },
      }),
    );
    let coming: Promise<Program> | undefined;
    http.on('failure', () => {
      coming ??= between(server, undefined, port);
    });
    const answer = await http.post('/orders', {});
    await coming;
    expect(answer.status).to.equal(201);
    expect(answer.attempts).to.be.above(1);
    expect(server.seen).to.have.length(1);
  });
});
