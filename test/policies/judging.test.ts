// An answer means what the server said, whatever a person typed and whatever a user's code does on the way.
import axios, { type AxiosAdapter, type AxiosRequestConfig } from 'axios';
import { expect } from 'chai';
import { createAuthClient, isAuthError } from '../../lib/index.js';
import { virtualTime } from '../support/virtual-time.js';
import { authBench, AT_ONCE, errorOf, httpBench, isRefresh, limit, tokensOf } from './clients.js';

const LOGIN = { email: 'ada@example.com', password: 'USER_' };
const notFound = { status: 404, data: { error: 'USER_NOT_FOUND' } };

describe('An answer', () => {
  const time = virtualTime();

  it('keeps its meaning where a secret is part of its key', async () => {
    const { auth } = authBench(() => notFound);
    const result = await auth.login(LOGIN);
    expect(result.ok ? '' : result.error.code).to.equal('USER_NOT_FOUND');
    expect(result.ok ? '' : result.error.key).to.equal('[secret]NOT_FOUND');
  });

  it('keeps its status whatever was sent: half a surrogate pair, or a very long token', async () => {
    for (const password of ['broken \ud800 pair', 'x'.repeat(300_000)]) {
      const { auth } = authBench(() => 500);
      const person = { firstName: 'A', lastName: 'B', email: 'a@b.c', gender: 'n' as const, password };
      const result = await auth.register(person);
      expect(result.ok ? {} : result.error).to.include({
        code: 'API_EXCEPTION',
        status: 500,
        ambiguous: true,
      });
    }
  });

  it('keeps its meaning where the address was given as a URL', async () => {
    const { http } = httpBench(() => 503, { retry: { retries: 0 } });
    const url = new URL('https://api.test/orders?token=abc') as unknown as string;
    expect(await errorOf(http.get(url))).to.include({ code: 'API_EXCEPTION', status: 503 });
  });

  it('is read also where a browser cannot iterate the stream that was asked for', async () => {
    const iteration = Object.getOwnPropertyDescriptor(ReadableStream.prototype, Symbol.asyncIterator)!;
    Reflect.deleteProperty(ReadableStream.prototype, Symbol.asyncIterator);
    try {
      let isCancelled = false;
      const endless = new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(1_000)),
        cancel: () => void (isCancelled = true),
      });
      const { http } = httpBench([
        { status: 409, data: new Blob(['{"error":"CONFLICT"}']).stream() },
        { status: 409, data: endless },
      ]);
      expect(await errorOf(http.get('/orders', { responseType: 'stream' }))).to.include({ key: 'CONFLICT' });
      expect(await errorOf(http.get('/orders', { responseType: 'stream' }))).to.include({ status: 409 });
      expect(isCancelled).to.equal(true);
    } finally {
      Object.defineProperty(ReadableStream.prototype, Symbol.asyncIterator, iteration);
    }
  });

  it('is refreshed and waited for before validateStatus has its say', async () => {
    const { resume, wire } = authBench((sent) =>
      isRefresh(sent) ? { data: tokensOf(2) } : sent.number === 1 ? 401 : sent.number === 3 ? limit(1) : 404,
    );
    const response = await time.finish(
      resume().http.get('/orders', { validateStatus: (status) => status < 500 }),
    );
    expect(response.status).to.equal(404);
    expect(wire.sent).to.have.length(4);
  });

  it('that a throwing validateStatus looks at frees its place in the bucket', async () => {
    const { http } = httpBench(() => 200, { cooldown: { concurrency: 1 } });
    const oops = new RangeError('mine');
    const validateStatus = () => {
      throw oops;
    };
    expect(await http.get('/orders', { validateStatus }).catch((thrown: unknown) => thrown)).to.equal(oops);
    expect((await http.get('/orders')).status).to.equal(200);
  });

  it('keeps its code where a request brings an adapter of its own', async () => {
    const { http } = httpBench(() => 200);
    const adapter = axios.getAdapter((config) =>
      Promise.resolve({ data: '', status: 404, statusText: '', headers: {}, config }),
    );
    const settling = (config: Parameters<typeof adapter>[0]) =>
      adapter(config).then((response) =>
        Promise.reject(new axios.AxiosError('refused', 'ERR_BAD_REQUEST', config, undefined, response)),
      );
    expect(await errorOf(http.get('/x', { adapter: settling }))).to.include({
      code: 'NOT_FOUND',
      status: 404,
    });
  });
});

describe('Code of a user that throws (R38)', () => {
  const time = virtualTime();
  const mine = new RangeError('mine');
  const thrower = (): never => {
    throw mine;
  };
  const PLACES: Readonly<Record<string, readonly [sends: number, config: AxiosRequestConfig]>> = {
    transformRequest: [0, { transformRequest: thrower }],
    'toJSON of a body': [0, { data: { toJSON: thrower } }],
    transformResponse: [3, { transformResponse: thrower }],
    validateStatus: [1, { validateStatus: thrower }],
    'validateStatus after repeats': [3, { validateStatus: (status) => (status < 300 ? thrower() : false) }],
  };

  for (const [name, [sends, config]] of Object.entries(PLACES))
    it(`in ${name} ends the call with what it threw, once and for all, and takes nothing with it`, async () => {
      const { http, wire } = httpBench([503, limit(1), 200], { ...AT_ONCE, cooldown: { concurrency: 1 } });
      const thrown: unknown = await time.finish(
        http.request({ method: 'put', url: '/orders/1', ...config }).catch((error: unknown) => error),
      );
      expect(thrown).to.equal(mine);
      expect(wire.sent).to.have.length(sends);
      await time.pass(60_000);
      expect(wire.sent).to.have.length(sends);
      expect(await time.finish(http.get('/orders')), 'the one place is free again').to.include({
        status: 200,
      });
      expect(time.timers).to.equal(0);
    });

  it('as the bucket of its client ends the call before anything is sent', async () => {
    const { http, wire } = httpBench([], {}, { bucket: thrower });
    expect(await http.get('/orders').catch((error: unknown) => error)).to.equal(mine);
    expect([wire.sent.length, time.timers]).to.deep.equal([0, 0]);
  });

  for (const [name, adapter] of [
    ['throws at once', thrower],
    ['gives no promise', () => undefined],
    ['answers with nothing', () => Promise.resolve(undefined)],
    ['rejects with nothing', () => Promise.reject(undefined)],
  ] as const)
    it(`as a transport that ${name} is a lost connection, at once`, async () => {
      const { http, heard } = httpBench([], AT_ONCE, {
        axios: { adapter: adapter as unknown as AxiosAdapter },
      });
      const error = await errorOf(http.post('/orders', { a: 1 }));
      expect(error).to.include({ code: 'CONNECTION_LOST', attempts: 1 });
      expect(JSON.stringify([error, heard('settled')])).not.to.contain('mine');
      expect(time.timers).to.equal(0);
    });
});

describe('An instance', () => {
  virtualTime();

  it('that is derived by create() rejects with the same errors', async () => {
    const { http } = httpBench(() => 404);
    expect(
      isAuthError(await errorOf(http.create({ headers: { 'x-a': 'b' } }).get('/x')), 'NOT_FOUND'),
    ).to.equal(true);
  });

  it('whose interceptors were cleared shows nothing of a request all the same', async () => {
    const { http } = httpBench(() => 404);
    http.interceptors.response.clear();
    const thrown: unknown = await http
      .post('/x', { password: 'hunter22' })
      .catch((reason: unknown) => reason);
    expect(JSON.stringify(thrown)).not.to.contain('hunter22');
  });

  it('may reshape its answers without harm to an operation', async () => {
    const { auth } = authBench(() => ({ data: tokensOf(1) }));
    auth.http.interceptors.response.use((response) => {
      response.data = { reshaped: true };
      return response;
    });
    auth.http.interceptors.request.use((config) => ({ ...config, holdfast: { priority: 1 } }));
    expect((await auth.login(LOGIN)).ok).to.equal(true);
  });

  it('takes no credential and no timeout from what somebody set on axios itself', async () => {
    axios.defaults.headers.common.Authorization = 'Bearer foreign';
    axios.defaults.timeout = 1;
    try {
      const { auth, wire } = authBench(() => ({ data: tokensOf(1), after: 50 }));
      const login = auth.login(LOGIN);
      await new Promise(setImmediate);
      expect(String(wire.sent[0]?.headers.authorization)).to.match(/^Basic /);
      auth.close();
      await login;
    } finally {
      delete axios.defaults.headers.common.Authorization;
      axios.defaults.timeout = 0;
    }
  });
});

describe('A doubt', () => {
  virtualTime();
  it('is not forgotten over a try that was never sent', async () => {
    const { auth } = authBench(({ number }) =>
      number === 1 ? 500 : { status: 409, data: { error: 'USER_ALREADY_EXISTS' } },
    );
    const person = {
      firstName: 'A',
      lastName: 'B',
      email: 'a@b.c',
      gender: 'n' as const,
      password: 'secret',
    };
    await auth.register(person);
    await auth.register(person, { signal: AbortSignal.abort() });
    const third = await auth.register(person);
    expect(third.ok ? {} : third.error).to.include({ code: 'USER_ALREADY_EXISTS', ambiguous: true });
  });
});

describe('The input of an operation', () => {
  virtualTime();
  it('is checked before anything is sent, and is named, not shown', async () => {
    const { auth, resume, wire } = authBench();
    const refusal = (work: Promise<unknown>) =>
      work.then(
        () => 'sent',
        (thrown: unknown) => String(thrown),
      );
    const login = auth.login as (input: unknown) => Promise<unknown>;
    expect(await refusal(login({ email: 'a@b.c', password: 7 }))).to.equal(
      'TypeError: login: password must be a text that is not empty.',
    );
    expect(await refusal(login(undefined))).to.contain('login: email must be');
    for (const id of ['', '.', '..'])
      expect(await refusal(resume().revoke(id))).to.contain('revoke: tokenId must be');
    expect(wire.sent).to.have.length(0);
  });
});

describe('Sessions that hold the same refresh token', () => {
  virtualTime();
  it('of one client share one refresh, at once or a moment later, and all live on', async () => {
    const { resume, wire } = authBench((sent) =>
      isRefresh(sent) ? { data: tokensOf(2) } : sent.headers.authorization === 'Bearer at-2' ? 200 : 401,
    );
    const sessions = [resume(), resume(), resume()];
    const answers = await Promise.all(sessions.map(({ http }) => http.get('/orders')));
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 200]);
    expect((await resume().http.get('/orders')).status).to.equal(200);
    expect(wire.sent.filter(isRefresh)).to.have.length(1);
    expect(sessions.map(({ state }) => state.status)).to.deep.equal(['live', 'live', 'live']);
  });
});

describe('createAuthClient', () => {
  it('refuses an Authorization header in its axios defaults: it would replace every credential', () => {
    const make = () =>
      createAuthClient({ baseURL: 'https://api.test', axios: { headers: { authorization: 'Bearer x' } } });
    expect(make).to.throw(TypeError, /axios\.headers\.authorization/);
  });
});
