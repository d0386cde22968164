// The installed package at work: every subpath by itself in a process of its own, `require()`, and the command.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { entries, installed, run, type Installed } from './installed.js';

/** Names that each entry must export; more may come. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  holdfast: ['createAuthClient', 'createHttpClient', 'AuthError', 'isAuthError', 'asResult', 'unwrap'],
  'holdfast/bff': ['createBff', 'nodeHandler', 'fastifyPlugin'],
  'holdfast/browser': ['browserCoordinator', 'createBrowserClient'],
  'holdfast/otel': ['instrument', 'publishEvents'],
  'holdfast/redis': ['redisCooldowns', 'redisCoordinator'],
  'holdfast/sandbox': ['startSandbox'],
  'holdfast/testing': ['coordinatorConformance', 'describePolicies', 'mockAuthApi', 'virtualTime'],
};

describe('package: at work', function () {
  this.timeout(60_000);
  let it_: Installed;
  before(async () => {
    it_ = await installed();
  });
  // Each of these processes must end by itself: an import that leaves a timer or a socket runs into the time-out.
  const node = (...args: string[]) => run(process.execPath, args, it_.project);
  const namesIn = (output: string) => JSON.parse(output) as string[];

  for (const entry of entries) {
    it(`import('${entry}') works alone`, async () => {
      const code = `console.log(JSON.stringify(Object.keys(await import('${entry}'))))`;
      expect(namesIn(await node('--input-type=module', '-e', code))).to.include.members([...NAMES[entry]!]);
    });

    it(`require('${entry}') gives the same`, async () => {
      const code = `console.log(JSON.stringify(Object.keys(require('${entry}'))))`;
      expect(namesIn(await node('--input-type=commonjs', '-e', code))).to.include.members([...NAMES[entry]!]);
    });
  }

  it('lets nobody reach behind its entries', async () => {
    const code = `import('holdfast/dist/wire.js').catch((error) => console.log(error.code))`;
    expect(await node('-e', code)).to.equal('ERR_PACKAGE_PATH_NOT_EXPORTED\n');
  });

  it('says what to install where a test mocks the API without nock', async () => {
    const code = `
      import { mockAuthApi } from 'holdfast/testing';
      try { mockAuthApi({ baseURL: 'https://auth.example.com/v1' }); } catch (error) { console.log(error.message); }`;
    expect(await node('--input-type=module', '-e', code)).to.equal(
      'mockAuthApi: nock could not be loaded. Install it (npm i -D nock), or hand yours in: mockAuthApi({ baseURL, nock }).\n',
    );
  });

  it('carries a call from login to logout through its own sandbox', async () => {
    const code = `
      import { createAuthClient, unwrap } from 'holdfast';
      import { DEMO, startSandbox } from 'holdfast/sandbox';
      const sandbox = await startSandbox();
      const credentials = { clientId: DEMO.client.id, clientSecret: DEMO.client.secret };
      const auth = createAuthClient({ baseURL: sandbox.url, credentials, shopId: DEMO.shopId });
      const { email, password } = DEMO.customer;
      const wrong = await auth.login({ email, password: 'wrong' });
      const session = unwrap(await auth.login({ email, password }));
      const { status } = await session.http.get('/orders');
      const { ok } = await session.logout();
      auth.close();
      await sandbox.close();
      console.log(JSON.stringify({ wrong: wrong.error.code, status, ok, state: session.state.phase }));`;
    const told = JSON.parse(await node('--input-type=module', '-e', code)) as Record<string, unknown>;
    expect(told).to.include({ status: 200, ok: true });
    expect(told.wrong).to.be.a('string');
  });

  it('holdfast sandbox --help tells how', async () => {
    const command = join(it_.project, 'node_modules/.bin/holdfast');
    expect(existsSync(command)).to.equal(true);
    const help = await run(command, ['sandbox', '--help'], it_.project);
    expect(help).to.match(/^Usage: holdfast sandbox/);
  });

  it('holdfast playground serves its page, and stops when told to', async () => {
    const command = join(it_.project, 'node_modules/.bin/holdfast');
    const child = spawn(command, ['playground', '--port', '0'], { cwd: it_.project });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const url = /http:\S+/.exec(line.toString())![0];
    expect(await (await fetch(url)).text()).to.contain('<title>holdfast playground</title>');
    expect((await fetch(`${url}main.js`)).status).to.equal(200);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).to.deep.equal([0, null]);
  });
});
