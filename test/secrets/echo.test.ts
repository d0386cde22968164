// A server that sends back what it was sent, wherever an answer has room for it: nothing secret comes through to those
// who read errors, events or logs.
import { expect } from 'chai';
import { isAuthError } from '../../lib/index.js';
import { sendJson, startLocalServer, type LocalServer, type SeenRequest } from '../support/local-server.js';
import { CANARIES, canariesIn, expectNoCanary, failureOf, sessionOf, STORIES, useWatch } from './canaries.js';

/** How servers quote what they were sent. */
const QUOTES: Readonly<Record<string, (request: SeenRequest) => string[]>> = {
  'as it is': (request) => [
    `Cannot ${request.method} ${request.url}`,
    `Authorization: ${request.headers.authorization ?? ''}`,
    ...valuesOf(request).map((value) => `"${value}" is not valid`),
  ],
  'as JSON': ({ text }) => [`Rejected: ${text}`],
  'as JSON that was taken for Latin-1': ({ bytes }) => [`Rejected: ${bytes.toString('latin1')}`],
  'as URLs write it': (request) =>
    valuesOf(request).flatMap((value) => [
      `?value=${encodeURIComponent(value)}`,
      `&${new URLSearchParams({ value }).toString()}`,
    ]),
  'in base64': (request) =>
    valuesOf(request).flatMap((value) => [
      Buffer.from(value, 'utf8').toString('base64'),
      Buffer.from(value, 'utf8').toString('base64url'),
    ]),
};

/** Every value of the request that could be a secret: credentials, headers, query and body. */
function valuesOf({ headers, url, text }: SeenRequest): string[] {
  const [scheme = '', credential = ''] = headers.authorization?.split(' ') ?? [];
  const secret =
    scheme === 'Basic'
      ? Buffer.from(credential, 'base64')
          .toString('utf8')
          .replace(/^[^:]*:/, '')
      : '';
  const body = text.startsWith('{') ? leavesOf(JSON.parse(text)) : [...new URLSearchParams(text).values()];
  const query = [...new URL(url, 'http://here').searchParams.values()];
  const cookie = headers.cookie?.replace(/^sid=/, '');
  return [credential, secret, ...body, ...query, cookie, headers['x-api-key']].filter(
    (each): each is string => typeof each === 'string' && each !== '',
  );
}

function leavesOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leavesOf) : [];
}

/** Every place of an error body, each with all quotes. */
function bodiesOf(request: SeenRequest, key: string, quote: string): object[] {
  const quotes = QUOTES[quote]!(request);
  const everything = quotes.join(' | ');
  const { headers } = request;
  return [
    {
      error: key,
      message: everything,
      error_description: everything,
      hint: everything,
      context: { quotes, [everything]: true, ...(quote === 'as it is' && { headers }) },
      errors: { [everything]: [everything], field: everything },
    },
    {
      error: { code: everything, message: everything },
      errors: [{ field: everything, message: everything }, everything],
    },
    { error: everything, context: everything },
  ];
}

const STATUSES = [
  [400, 'invalid_grant'],
  [401, 'INVALID_CLIENT'],
  [401, 'INVALID_TOKEN'],
  [403, 'USER_DEACTIVATED'],
  [500, 'API_EXCEPTION'],
] as const;

describe('A server that echoes what it was sent', () => {
  const watch = useWatch();
  let server: LocalServer;
  let answer = { status: 500, key: '', body: 0, quote: 'as it is' };
  before(async () => {
    server = await startLocalServer((request, response) => {
      const { status, key, body, quote } = answer;
      const headers = { 'x-request-id': 'req-7' };
      sendJson(response, status, bodiesOf(request, key, quote)[body], headers);
    });
  });
  after(() => server.close());

  it('says the secrets of the stories in each of its ways, so that there is something to find', () => {
    const text = JSON.stringify({ password: CANARIES.password });
    for (const quote of Object.keys(QUOTES))
      for (const body of bodiesOf(
        { method: 'POST', url: '/', headers: {}, bytes: Buffer.from(text), text },
        'x',
        quote,
      ))
        expect(canariesIn(JSON.stringify(body)), quote).to.deep.equal(['password']);
  });

  for (const quote of Object.keys(QUOTES))
    for (const [about, story] of Object.entries(STORIES))
      it(`${quote} teaches nobody a secret of ${about}`, async () => {
        const auth = watch.client(server.origin);
        let failures = 0;
        for (const [status, key] of STATUSES)
          for (const body of [0, 1, 2]) {
            answer = { status, key, body, quote };
            const error = await failureOf(story(auth)).catch(() => undefined);
            if (!error) continue; // a logout that reads 401 has reached its goal
            failures += 1;
            expect(isAuthError(error), String(error)).to.equal(true);
            expectNoCanary(`${status} ${key}, body ${body}`, error);
          }
        expect(failures).to.be.at.least(9);
        watch.expectQuiet(auth);
      });

  it('cannot get at the refresh token through the calls that wait for the refresh', async () => {
    const auth = watch.client(server.origin);
    answer = { status: 401, key: 'invalid_request', body: 0, quote: 'as it is' };
    const session = sessionOf(auth);
    const errors = await Promise.all(
      Array.from({ length: 10 }, () => failureOf(session.http.get('/orders'))),
    );
    for (const error of errors) expectNoCanary('waiting call', error);
    expectNoCanary('session', session);
    expectNoCanary('state', session.state);
    expect(session.state.status).to.equal('ended');
    watch.expectQuiet(auth);
  });

  it('cannot get at a token that was replaced while its answer was on the way', async () => {
    let release: () => void = () => undefined;
    const late = await startLocalServer((request, response) => {
      const refuse = () =>
        sendJson(response, 409, { error: 'CONFLICT', message: valuesOf(request).join(' ') });
      if (request.url === '/oauth/token')
        sendJson(response, 200, {
          access_token: CANARIES.newAccessToken,
          refresh_token: CANARIES.newRefreshToken,
        });
      else if (request.url === '/late') release = refuse;
      else refuse();
    });
    try {
      const auth = watch.client(late.origin);
      const session = sessionOf(auth);
      const pending = failureOf(session.http.get('/late'));
      while (late.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
      expect((await session.refresh()).ok).to.equal(true);
      release();
      expectNoCanary('late answer', await pending);
      expectNoCanary('next answer', await failureOf(session.http.get('/next')));
      watch.expectQuiet(auth);
    } finally {
      await late.close();
    }
  });
});
