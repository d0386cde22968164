// On the other side: nginx (1.22 of Debian 12 and later), as the rate limiter and the gateway that it is in front of many
// APIs: `limit_req`, `limit_conn`, and pages of HTML in place of answers. What it said is counted in its own log.
import { expect } from 'chai';
import { createGovernor, createHttpClient, isAuthError, type PolicyOptions } from '../../lib/index.js';
import { rejection, times, useStage } from '../integration/stage.js';
import { sendJson, startLocalServer, vacantPort, type LocalServer } from '../support/local-server.js';
import { NGINX, useService } from '../support/services.js';
import { listens, startProgram } from './program.js';

const QUICK = { retry: { backoff: { initial: 1, factor: 1, max: 5, jitter: 'none' } } } as const;

/** It writes down an answer once that has left. */
async function reaches(count: number, counted: () => number): Promise<number> {
  for (let tries = 0; tries < 100 && counted() < count; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 20));
  return counted();
}

describe('nginx', () => {
  const path = useService(NGINX);
  const stage = useStage();

  /** @param zones `limit_*_zone` lines @param location what stands in the one location */
  async function serve(zones: string, location: string, upstreams: LocalServer | string) {
    const port = await vacantPort();
    const server = typeof upstreams === 'string' ? upstreams : `127.0.0.1:${upstreams.port}`;
    const config = `
      daemon off; master_process off; pid nginx.pid; error_log stderr crit;
      events { worker_connections 1024; }
      http {
        log_format told '$status $request_method'; access_log access.log told;
        client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
        uwsgi_temp_path uwsgi; scgi_temp_path scgi;
        keepalive_requests 100000; limit_req_status 429; limit_conn_status 429; ${zones}
        upstream api { server ${server} max_fails=0; }
        server {
          listen 127.0.0.1:${port};
          location / { ${location} proxy_next_upstream off; proxy_pass http://api; }
        }
      }`;
    const args = (folder: string, file: string) => ['-p', folder, '-c', file, '-e', 'stderr'];
    const program = stage.keep(await startProgram(path(), config, args, () => listens(port)));
    return {
      url: `http://127.0.0.1:${port}`,
      /** Answers with this status, as nginx counted them. */
      answered: (status: number) =>
        program.lines('access.log').filter((line) => line.startsWith(`${status} `)).length,
    };
  }

  const api = async () =>
    stage.keep(await startLocalServer((_, response) => sendJson(response, 200, { ok: true })));
  const client = (baseURL: string, policies: PolicyOptions = {}) =>
    stage.keep(createHttpClient({ baseURL, policies, governor: createGovernor() }));

  for (const { about, limit, calls, rate, burst, refused, over } of [
    // The first volley finds the limit, and each search for the rate ends with a refusal or a few that were on their way.
    {
      about: 'a burst that is delayed',
      limit: 'burst=20',
      calls: 300,
      rate: 100,
      burst: 20,
      refused: 0.1,
      over: 2,
    },
    {
      about: 'a burst at once',
      limit: 'burst=50 nodelay',
      calls: 400,
      rate: 200,
      burst: 50,
      refused: 0.15,
      over: 2,
    },
    // Two cooldowns of a second, and a rate that is searched from two calls a second upwards.
    { about: 'no burst', limit: '', calls: 200, rate: 100, burst: 1, refused: 0.25, over: 7 },
  ])
    it(`with ${about} gets ${calls} calls at ${rate} a second in the end, and refuses few`, async function () {
      this.timeout(60_000);
      const upstream = await api();
      const zone = `limit_req_zone $binary_remote_addr zone=calls:1m rate=${rate}r/s;`;
      const { url, answered } = await serve(zone, `limit_req zone=calls ${limit};`, upstream);
      const http = client(url);
      const began = performance.now();
      const answers = await times(calls, (index) => http.get(`/orders/${index}`));
      const took = performance.now() - began;

      expect(answers.every(({ status }) => status === 200)).to.equal(true);
      expect(new Set(upstream.seen.map(({ url: place }) => place)).size, 'no call is lost').to.equal(calls);
      expect(upstream.seen, 'and none comes twice').to.have.length(calls);
      expect(answered(429), 'it did limit').to.be.above(0);
      expect(answered(429) / calls, '429s per call').to.be.at.most(refused);
      expect(took / (((calls - burst) / rate) * 1_000), 'time over optimum').to.be.within(0.9, over);
    });

  it('takes a POST that it refused again: a 429 proves that nobody acted', async () => {
    const upstream = await api();
    const zone = 'limit_req_zone $binary_remote_addr zone=calls:1m rate=50r/s;';
    const { url, answered } = await serve(zone, 'limit_req zone=calls burst=5 nodelay;', upstream);
    const http = client(url);
    await times(40, (index) => http.post('/orders', { index }));
    expect(upstream.seen.map(({ text }) => text)).to.have.members(
      Array.from({ length: 40 }, (_, index) => JSON.stringify({ index })),
    );
    expect(answered(429)).to.be.above(0);
  });

  it('with a limit of connections is kept to it, and every call is answered', async () => {
    const upstream = stage.keep(
      await startLocalServer((_, response) => setTimeout(() => sendJson(response, 200, { ok: true }), 20)),
    );
    const zone = 'limit_conn_zone $binary_remote_addr zone=open:1m;';
    const { url, answered } = await serve(zone, 'limit_conn open 4;', upstream);
    const http = client(url);
    const answers = await times(60, () => http.get('/orders'));
    expect(answers.every(({ status }) => status === 200)).to.equal(true);
    expect(upstream.seen).to.have.length(60);
    expect(answered(429) / 60, '429s per call').to.be.within(0.01, 1.5);
  });

  it('answers for an API that is dead with 502 in HTML: repeated, and API_EXCEPTION in the end', async () => {
    const { url, answered } = await serve('', '', `127.0.0.1:${await vacantPort()}`);
    const error = await rejection(client(url, QUICK).get('/orders'));
    expect(error).to.include({ code: 'API_EXCEPTION', status: 502, attempts: 4, ambiguous: false });
    expect(JSON.stringify(error)).not.to.match(/html|nginx/i);
    expect(await reaches(4, () => answered(502))).to.equal(4);
  });

  it('answers for an API that is slow with 504: a POST is not sent again, and what became of it is open', async () => {
    const upstream = stage.keep(await startLocalServer(() => undefined));
    const { url, answered } = await serve('', 'proxy_read_timeout 100ms;', upstream);
    const http = client(url, QUICK);
    expect(await rejection(http.post('/orders', {}))).to.include({
      code: 'API_EXCEPTION',
      status: 504,
      attempts: 1,
      ambiguous: true,
    });
    expect(await rejection(http.get('/orders'))).to.include({ status: 504, attempts: 4, ambiguous: false });
    expect([await reaches(5, () => answered(504)), upstream.seen.length]).to.deep.equal([5, 5]);
  });

  it('that says 503 in HTML for a while is waited out', async () => {
    const upstream = await api();
    const { url, answered } = await serve(
      'limit_req_zone $binary_remote_addr zone=calls:1m rate=20r/s;',
      'limit_req zone=calls; limit_req_status 503;', // its default, where nobody chose 429
      upstream,
    );
    // Three repeats, each at any moment of its backoff, are sometimes all refused.
    const http = client(url, { retry: { retries: 20 } });
    const answers = await times(5, () => http.get('/orders'));
    expect(answers.every(({ status }) => status === 200)).to.equal(true);
    expect(answered(503)).to.be.above(0);
    expect(upstream.seen).to.have.length(5);
  });

  it('that is dead and gets 200 calls is not buried: the budget holds back the repeats', async () => {
    const { url, answered } = await serve('', '', `127.0.0.1:${await vacantPort()}`);
    const policies = { timeout: { total: 1_500 }, retry: { budget: { burst: 20, floorPerSecond: 1 } } };
    const http = client(url, policies);
    const errors = await times(200, () => rejection(http.get('/orders')));
    expect(errors.every((error) => isAuthError(error))).to.equal(true);
    // 200 calls earn 20 repeats at the default ratio, 20 are saved up, and a second earns one.
    expect(answered(502)).to.be.at.most(200 + 20 + 20 + 3);
  });
});
