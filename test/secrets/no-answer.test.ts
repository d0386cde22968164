// Calls that end without an answer, over a transport that hangs everything it knows on what it throws: config,
// request, headers, body. And the handles that a user may print.
import { AxiosError, type InternalAxiosRequestConfig } from 'axios';
import { expect } from 'chai';
import { isAuthError, unwrap, type AuthClient, type AuthClientOptions } from '../../lib/index.js';
import { sendJson, startLocalServer } from '../support/local-server.js';
import { CANARIES, expectNoCanary, failureOf, sessionOf, STORIES, useWatch } from './canaries.js';

type Adapter = (config: InternalAxiosRequestConfig) => Promise<never>;

/** Throws as transports do: the message quotes the request, and everything hangs on the error and on its causes. */
function throwing(code: string): Adapter {
  return (config) => {
    const request = { headers: config.headers.toJSON(), body: config.data as unknown, path: config.url };
    const quote = `${code} ${config.url ?? ''} ${JSON.stringify(request)}`;
    const inner = Object.assign(new Error(quote), { code, request });
    const outer = new AxiosError(quote, code, config, request);
    return Promise.reject(
      Object.assign(outer, { cause: Object.assign(new Error(quote, { cause: inner }), { code }) }),
    );
  };
}

const ENDINGS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'CONNECTION_FAILED',
  CERT_HAS_EXPIRED: 'CONNECTION_FAILED',
  ECONNRESET: 'CONNECTION_LOST',
  ERR_NETWORK: 'CONNECTION_LOST',
  ERR_NOCK_NO_MATCH: 'NOT_MOCKED',
  ERR_INVALID_URL: 'INVALID_REQUEST',
  ERR_BAD_OPTION: 'INVALID_REQUEST',
};

describe('A transport that throws what it knows', () => {
  const watch = useWatch();

  for (const [thrown, code] of Object.entries(ENDINGS))
    it(`with ${thrown} teaches nobody a secret (${code})`, async () => {
      const auth = watch.client('http://127.0.0.1:9', { axios: { adapter: throwing(thrown) } });
      for (const [about, story] of Object.entries(STORIES)) {
        const error = await failureOf(story(auth));
        // Nobody knows which refresh token is good now, and that has a name of its own.
        const unknown = about === 'refresh' && code === 'CONNECTION_LOST';
        expect(isAuthError(error) && error.code, about).to.equal(unknown ? 'OUTCOME_UNKNOWN' : code);
        expectNoCanary(about, error);
      }
      watch.expectQuiet(auth);
    });

  it('that never answers teaches nobody a secret: TIMEOUT, DEADLINE_EXCEEDED, ABORTED, CLIENT_CLOSED', async () => {
    const silent: Adapter = () => new Promise(() => undefined);
    const quick = { attempt: 20, total: 1_000 };
    for (const [code, policies, end] of [
      ['TIMEOUT', { timeout: quick, retry: { retries: 0 } }, undefined],
      ['DEADLINE_EXCEEDED', { timeout: { ...quick, attempt: 60, total: 20 } }, undefined],
      ['CLIENT_CLOSED', {}, (auth: AuthClient) => auth.close()],
    ] as const) {
      const auth = watch.client('http://127.0.0.1:9', { axios: { adapter: silent }, policies });
      const failures = Object.values(STORIES).map((story) => failureOf(story(auth)));
      end?.(auth);
      for (const error of await Promise.all(failures)) {
        expect(isAuthError(error) && error.code).to.be.oneOf([code, 'TIMEOUT', 'OUTCOME_UNKNOWN']);
        expectNoCanary(code, error);
      }
      watch.expectQuiet(auth);
    }
    const auth = watch.client('http://127.0.0.1:9', { axios: { adapter: silent } });
    const controller = new AbortController();
    const pending = failureOf(
      sessionOf(auth).updatePassword(
        { password: CANARIES.password, newPassword: CANARIES.newPassword },
        { signal: controller.signal },
      ),
    );
    controller.abort();
    expectNoCanary('ABORTED', await pending);
    watch.expectQuiet(auth);
  });

  it('that answers a success with a page of its own teaches nobody a secret: INVALID_RESPONSE', async () => {
    const server = await startLocalServer((request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end(`<html>${request.text} ${request.headers.authorization ?? ''}</html>`);
    });
    try {
      const auth = watch.client(server.origin);
      for (const [about, story] of Object.entries(STORIES)) {
        if (about.startsWith('a ')) continue; // a call of one's own gets the body it asked for
        const error = await failureOf(story(auth));
        expect(isAuthError(error, 'INVALID_RESPONSE'), about).to.equal(true);
        expectNoCanary(about, error);
      }
      watch.expectQuiet(auth);
    } finally {
      await server.close();
    }
  });

  it('is not quoted by the validator of a schema: what it says of a body is cleared of what was sent', async () => {
    const server = await startLocalServer(({ text }, response) => sendJson(response, 200, JSON.parse(text)));
    try {
      const auth = watch.client(server.origin);
      const error = await failureOf(STORIES['a request with a schema']!(auth));
      expect(error).to.have.nested.property('details[0].message').that.contains('Expected an order');
      expectNoCanary('details', error);
    } finally {
      await server.close();
    }
  });

  it('is not reached by a request that cannot be built, which teaches nobody a secret either', async () => {
    const auth = watch.client('http://127.0.0.1:9');
    const session = sessionOf(auth);
    const circular: Record<string, unknown> = { password: CANARIES.password };
    circular.self = circular;
    const errors = [
      await failureOf(session.http.get(`http://ada:${CANARIES.query}@[broken/orders?a=${CANARIES.query}`)),
      await failureOf(session.http.get('/orders', { headers: { 'X-Api-Key': `${CANARIES.apiKey}\u0000` } })),
      await failureOf(session.http.post('/orders', circular)),
      await failureOf(session.http.get('/orders', { headers: { [`bad name ${CANARIES.apiKey}`]: 'x' } })),
    ];
    for (const error of errors) expectNoCanary(error.message, error);
    watch.expectQuiet(auth);
  });
});

describe('What a user may print', () => {
  const watch = useWatch();
  const tokens = {
    access_token: CANARIES.newAccessToken,
    refresh_token: CANARIES.newRefreshToken,
    expires_in: 3_600,
  };

  async function withServer(use: (origin: string) => Promise<void>): Promise<void> {
    const server = await startLocalServer((_, response) => sendJson(response, 200, tokens));
    try {
      await use(server.origin);
    } finally {
      await server.close();
    }
  }

  it('client, session, state, result and events show no secret, before and after a refresh', () =>
    withServer(async (origin) => {
      const auth = watch.client(origin);
      const result = await auth.login({ email: 'a@example.com', password: CANARIES.password });
      expectNoCanary('result', result);
      const session = unwrap(result);
      unwrap(await session.refresh());
      await session.http.get('/orders');
      for (const [about, value] of Object.entries({
        auth,
        session,
        state: session.state,
        http: session.http,
      }))
        expectNoCanary(about, value);
      expectNoCanary('spread', { ...session });
      const ending = await session.logout();
      expectNoCanary('ending', ending);
      expectNoCanary('ended', session);
      watch.expectQuiet(auth);
    }));

  it('only tokens() and accessToken() hand the tokens out, to whom asks for them by name', () =>
    withServer(async (origin) => {
      const session = unwrap(await watch.client(origin).exchangeCode({ code: CANARIES.code }));
      expect(session.tokens()).to.include({
        accessToken: CANARIES.newAccessToken,
        refreshToken: CANARIES.newRefreshToken,
      });
      expect(await session.accessToken()).to.equal(CANARIES.newAccessToken);
    }));

  it('options that are refused are named without their value', () => {
    for (const bad of [
      { credentials: { clientId: '', clientSecret: CANARIES.clientSecret } },
      { credentials: { clientId: 'a', clientSecret: [CANARIES.clientSecret] } },
      { credentials: CANARIES.clientSecret },
    ]) {
      let thrown: unknown;
      try {
        watch.client('http://127.0.0.1:9', bad as unknown as Partial<AuthClientOptions>);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).to.be.instanceOf(TypeError);
      expectNoCanary('options', thrown);
    }
  });

  it('tokens that are refused by resume() are named without their value', () =>
    withServer(async (origin) => {
      const auth = watch.client(origin);
      for (const bad of [
        `eyJhbGciOiJub25lIn0.${btoa(CANARIES.accessToken).replaceAll('=', '')}.c2ln`, // as a key
        { accessToken: [CANARIES.accessToken] },
        [CANARIES.refreshToken],
      ]) {
        const error = await failureOf(Promise.resolve().then(() => auth.resume(bad as never)));
        expect(error).to.be.instanceOf(TypeError);
        expectNoCanary('tokens', error);
      }
    }));
});
