import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { expect } from 'chai';
import { startSandbox } from '../../lib/sandbox/index.js';
import { startCaller } from './caller.js';

describe('sandbox: close()', () => {
  const failed = (promise: Promise<unknown>) =>
    promise.then(
      () => false,
      () => true,
    );

  it('ends stalled and delayed calls and idle connections, and may be called again', async () => {
    const sandbox = await startCaller();
    const { access_token: token } = await sandbox.login();
    sandbox.fault([
      { on: 'listOrders', delay: 600_000 },
      { on: 'listOrders', stall: true },
    ]);
    const calls = [sandbox.orders(token), sandbox.orders(token)].map(failed);
    const idle = connect(Number(new URL(sandbox.origin).port), '127.0.0.1');
    const idleEnd = new Promise((resolve) => idle.once('close', resolve).on('error', () => undefined));
    await new Promise((resolve) => idle.once('connect', resolve));
    while (sandbox.counts().operations.listOrders.received < 2) await new Promise(setImmediate);

    await sandbox.close();
    await sandbox.close();
    expect(await Promise.all(calls)).to.deep.equal([true, true]);
    await idleEnd;
    expect(await failed(fetch(sandbox.url))).to.equal(true);
  });

  it('leaves nothing that keeps the process alive, stalled calls included', async () => {
    const script = `
      import { startSandbox } from ${JSON.stringify(new URL('../../lib/sandbox/index.ts', import.meta.url).href)};
      const sandbox = await startSandbox({ faults: [{ on: 'unknown', delay: 600000 }, { on: 'jwks', stall: true }] });
      const calls = [fetch(sandbox.url).catch(() => 0), fetch(sandbox.origin + '/.well-known/jwks.json').then((r) => r.text()).catch(() => 0)];
      while (sandbox.requests().length < 2 || !sandbox.counts().operations.jwks.answered.none) await new Promise((r) => setTimeout(r, 1));
      await sandbox.close();
      await Promise.all(calls);
      console.log(process.getActiveResourcesInfo().filter((name) => /TCP|Timeout|Immediate/.test(name)).length);`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]);
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect([code, output.trim()]).to.deep.equal([0, '0']);
  });

  it('frees the port for the next sandbox', async () => {
    const first = await startSandbox();
    const port = Number(new URL(first.origin).port);
    await first.close();
    const second = await startSandbox({ port });
    expect(second.origin).to.equal(first.origin);
    await second.close();
  });
});
