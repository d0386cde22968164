// The kit and what is around it: other mocks, other hosts, and nothing left behind.
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import axios from 'axios';
import { expect } from 'chai';
import nock from 'nock';
import { mockAuthApi } from '../../lib/testing/index.js';
import { errorOf } from '../nock/mock.js';
import { ADA, BASE, mockHere, TOKENS, useKit } from './stage.js';

const OTHER = 'https://other.example.com/auth/v1';

describe('Next to a mocked API', () => {
  const kit = useKit();

  it('another one answers for itself, at another origin or another path', async () => {
    for (const baseURL of [OTHER, `${BASE}/nested`, BASE.replace('/v1', '/v2')]) {
      const other = mockHere({ baseURL });
      kit.api.login.succeeds();
      other.login.fails('USER_DEACTIVATED');
      expect(await kit.client().login(ADA)).to.include({ ok: true });
      expect(await errorOf(kit.client({ baseURL }).login(ADA))).to.include({ code: 'USER_DEACTIVATED' });
      expect([kit.api.login.calls.length, other.login.calls.length], baseURL).to.deep.equal([1, 1]);
      for (const api of [kit.api, other]) api.done();
      other.restore();
      kit.api.reset();
    }
  });

  it('a server of one’s own can be reached, and so can what is mocked by nock itself', async () => {
    const server = createServer((_, response) => response.end('mine')).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    for (const adapter of ['http', 'fetch'] as const)
      expect((await axios.get(`http://127.0.0.1:${port}`, { adapter })).data).to.equal('mine');
    server.close();
    nock('https://third.example.com').get('/').reply(200, 'theirs');
    expect((await axios.get('https://third.example.com/')).data).to.equal('theirs');
    expect(nock.isDone(), 'the kit is no pending mock').to.equal(true);
    expect(nock.pendingMocks()).to.deep.equal([]);
    nock.removeInterceptor({ hostname: 'third.example.com', proto: 'https' });
  });

  it('the same address cannot be mocked twice', () => {
    expect(() => mockHere()).to.throw(TypeError, `mockAuthApi: ${BASE} is mocked already; call restore()`);
    expect(() => mockHere({ baseURL: `${BASE}/` })).to.throw(TypeError, 'is mocked already');
  });

  it('an operation is no route', () => {
    expect(() => kit.api.route('POST', '/auth/login')).to.throw(TypeError, 'use api.login');
    expect(() => kit.api.route('GET', '/orders?page=1')).to.throw(TypeError, 'without query');
  });
});

describe('A mocked API with addresses of its own', () => {
  it('is that of the endpoints of the client', async () => {
    const endpoints = { login: { path: '/sessions', method: 'put' } } as const;
    const api = mockHere({ baseURL: OTHER, endpoints });
    api.login.succeeds();
    const kitClient = (await import('../../lib/index.js')).createAuthClient({ baseURL: OTHER, endpoints });
    expect(await kitClient.login(ADA)).to.include({ ok: true });
    expect(api.login.calls[0]).to.include({ method: 'PUT', path: '/sessions' });
    kitClient.close();
    api.restore();
  });
});

describe('restore()', () => {
  it('leaves no interceptor, and no answer comes any more', async () => {
    const active = nock.isActive();
    const api = mockHere({ baseURL: OTHER });
    expect(nock.activeMocks()).to.not.be.empty;
    const { createAuthClient, createGovernor } = await import('../../lib/index.js');
    const auth = createAuthClient({ baseURL: OTHER, governor: createGovernor() });
    api.register.hangs();
    api.validate.delays(600_000).succeeds();
    const calls = [
      auth.register({ ...ADA, firstName: 'A', lastName: 'L', gender: 'n' }),
      auth.resume(TOKENS).validate(),
    ];
    while (api.anything.calls.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    api.restore();
    auth.close();
    for (const call of calls) expect(await errorOf(call)).to.include({ code: 'CLIENT_CLOSED', attempts: 1 });
    expect(nock.activeMocks()).to.deep.equal([]);
    expect(nock.isActive()).to.equal(active);
    api.restore();
    mockHere({ baseURL: OTHER }).restore();
  });

  it('opens the origin again, also where nock goes on', async () => {
    if (!nock.isActive()) nock.activate();
    const server = createServer((_, response) => response.end('real')).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const api = mockHere({ baseURL });
    expect(await axios.get(baseURL).catch((error: unknown) => error)).to.include({
      code: 'ERR_NOCK_NO_MATCH',
    });
    api.restore();
    expect((await axios.get(baseURL)).data).to.equal('real');
    server.close();
    nock.restore();
  });
});

describe('mockAuthApi()', () => {
  it('names a bad option', () => {
    for (const [options, says] of [
      [{}, 'mockAuthApi: baseURL must be an http(s) address; got undefined.'],
      [{ baseURL: '/v1' }, 'mockAuthApi: baseURL must be an http(s) address; got "/v1".'],
      [{ baseURL: OTHER, nock: {} }, 'mockAuthApi: nock must be what nock exports; got {}.'],
      [
        { baseURL: OTHER, url: OTHER },
        'mockAuthApi: there is no option url; known are baseURL, endpoints, nock.',
      ],
      [{ baseURL: OTHER, endpoints: { signIn: {} } }, 'mockAuthApi: there is no option endpoints.signIn;'],
    ] as const)
      expect(() => mockAuthApi(options as never)).to.throw(TypeError, says);
  });

  it('does not begin where nock is switched off: calls would reach the network', () => {
    process.env.NOCK_OFF = 'true';
    try {
      expect(() => mockHere({ baseURL: OTHER })).to.throw(Error, 'NOCK_OFF');
    } finally {
      delete process.env.NOCK_OFF;
    }
  });

  it('leaves no timer: a process ends by itself', async () => {
    const code = `
      import { mockAuthApi } from './lib/testing/index.ts';
      import { createAuthClient } from './lib/index.ts';
      const api = mockAuthApi({ baseURL: '${OTHER}' });
      api.login.delays(600_000).succeeds().then.hangs();
      const auth = createAuthClient({ baseURL: '${OTHER}' });
      for (const email of ['a', 'b']) void auth.login({ email, password: 'c' });
      while (api.login.calls.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
      auth.close();
      api.restore();
    `;
    await promisify(execFile)(process.execPath, ['--import=tsx', '--input-type=module', '-e', code], {
      timeout: 15_000,
    });
  });
});
