// What a page calls through the backend: handed on with the customer's token, and handed back as it came.
import { expect } from 'chai';
import { unwrap } from '../../lib/index.js';
import { startLocalServer, type Answer } from '../support/local-server.js';
import { ADA, rejection, until } from '../integration/stage.js';
import { useBff } from './stage.js';

describe('A resource behind the backend', () => {
  const stage = useBff();

  /** A signed-in page, and a resource that answers so. */
  async function page(answer: Answer, options: { readonly maxAnswer?: number } = {}) {
    const api = stage.keep(await startLocalServer(answer));
    const target = `${api.origin}/v1`;
    const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
    const { visitor } = await stage.backend({ resources: { '/shop': { target, methods } }, ...options });
    return { api, session: unwrap(await visitor().client.login(ADA)) };
  }

  it('gets path, query, method and body as they are', async () => {
    const { api, session } = await page((_request, response) => response.end());
    const bytes = Buffer.from([0, 255, 10, 13, 0]);
    const headers = { 'content-type': 'image/png', 'if-match': '"1"' };
    await session.http.put('/shop/a%20b/c;d=1?q=%2F..%2F&q=2', bytes, { headers });
    const [seen] = api.seen;
    expect(seen).to.deep.include({ method: 'PUT', url: '/v1/a%20b/c;d=1?q=%2F..%2F&q=2' });
    expect(seen!.bytes).to.deep.equal(bytes);
    expect(seen!.headers).to.include(headers);
    await session.http.delete('/shop/7');
    expect(api.seen[1]).to.deep.include({ method: 'DELETE', url: '/v1/7' });
    expect(api.seen[1]!.headers).not.to.have.property('content-type');
  });

  it('is handed back byte by byte, with what describes it', async () => {
    const { session } = await page((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/pdf', etag: '"x"', 'content-disposition': 'attachment' });
      response.end(Buffer.from([1, 0, 255]));
    }); // prettier-ignore
    const { data, headers } = await session.http.get<Buffer>('/shop/bill', { responseType: 'arraybuffer' });
    expect([...data]).to.deep.equal([1, 0, 255]);
    expect(headers).to.include({ 'content-type': 'application/pdf', etag: '"x"', 'content-disposition': 'attachment' }); // prettier-ignore
  });

  it('is handed back unchanged where it did not change, and where it refuses', async () => {
    const refusal = { error: 'OUT_OF_STOCK', message: 'None left.', errors: { article: ['gone'] }, own: 1 };
    const { session } = await page(({ url }, response) => {
      if (url === '/v1/same') response.writeHead(304, { etag: '"x"' }).end();
      else response.writeHead(409, { 'content-type': 'application/json' }).end(JSON.stringify(refusal));
    });
    const same = await session.http.get('/shop/same', { validateStatus: (status) => status === 304 });
    expect(same.status).to.equal(304);
    const error = await rejection(session.http.post('/shop/cart', {}));
    expect(error).to.deep.include({ code: 'CONFLICT', key: 'OUT_OF_STOCK', message: 'None left.' });
    const whole = await session.http.post<unknown>('/shop/cart', {}, { validateStatus: () => true });
    expect(whole.data).to.deep.equal(refusal);
  });

  it('is asked again where that does no harm: a POST with an idempotency key', async () => {
    const { api, session } = await page((_request, response) =>
      response.writeHead(api.seen.length % 2 ? 503 : 201).end(),
    );
    const made = await session.http.post('/shop/orders', {}, { holdfast: { idempotencyKey: true } });
    expect(made.status).to.equal(201);
    const [first, second] = api.seen.map(({ headers }) => headers['idempotency-key']);
    expect(first).to.be.a('string');
    expect(second).to.equal(first);
    await rejection(session.http.post('/shop/orders', {}));
    expect(api.seen).to.have.length(3);
  });

  it('says nothing of its own trouble', async () => {
    const { session } = await page((_request, response) =>
      response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":"E","message":"SQL at host db-7"}'),
    ); // prettier-ignore
    const error = await rejection(session.http.get('/shop/x'));
    expect(error).to.include({ code: 'API_EXCEPTION', status: 500, key: 'E' });
    expect(JSON.stringify(error)).not.to.contain('db-7');
  });

  it('is not followed elsewhere', async () => {
    const elsewhere = stage.keep(await startLocalServer((_request, response) => response.end()));
    const { session } = await page((_request, response) =>
      response.writeHead(302, { location: elsewhere.origin }).end(),
    );
    expect(await rejection(session.http.get('/shop/x'))).to.include({ code: 'API_EXCEPTION', status: 502 });
    expect(elsewhere.seen).to.deep.equal([]);
  });

  it('is not held in memory without end', async () => {
    const { session } = await page((_request, response) => response.end('x'.repeat(2_000)), {
      maxAnswer: 1_000,
    });
    expect(await rejection(session.http.get('/shop/x'))).to.include({ code: 'API_EXCEPTION', status: 502 });
  });

  it('is left when the page leaves', async () => {
    let isLeft = false;
    const { session } = await page((_request, response) => response.once('close', () => (isLeft = true)));
    const controller = new AbortController();
    const call = rejection(session.http.get('/shop/slow', { signal: controller.signal }));
    setTimeout(() => controller.abort(), 100);
    expect(await call).to.include({ code: 'ABORTED' });
    await until(() => isLeft);
  });
});
