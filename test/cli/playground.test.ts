// The command `holdfast playground`: ready line, flags, mistakes, and its end.
import { once } from 'node:events';
import { expect } from 'chai';
import { startSandbox } from '../../lib/sandbox/index.js';
import { builtPage } from '../playground/built.js';
import { run as runCommand } from './run.js';

const run = (...args: string[]) => runCommand('playground', ...args);

describe('holdfast playground, the command', function () {
  this.timeout(30_000);
  before(builtPage);

  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    it(`says where it is, serves the page, and stops at ${signal} with 0`, async () => {
      const { child, done } = run('--port', '0');
      const [line] = (await once(child.stdout!, 'data')) as [Buffer];
      const url = /^holdfast playground is ready: (http:\/\/127\.0\.0\.1:\d+\/)\n$/.exec(
        line.toString(),
      )?.[1];
      expect((await fetch(url!)).status).to.equal(200);
      const feed = await fetch(`${url}playground/feed`, { headers: { 'x-holdfast': '1' } });
      child.kill(signal);
      expect(await done).to.include({ code: 0, err: '' });
      await feed.text().catch(() => undefined);
    });

  it('prints its flags with --help and ends with 0', async () => {
    const { code, out } = await run('--help').done;
    expect(code).to.equal(0);
    expect(out)
      .to.match(/^Usage: holdfast playground/)
      .and.contain('--port');
  });

  it('answers a mistake with one line and 2, a port in use with one line and 1', async () => {
    const { code, err } = await run('--port', 'many').done;
    expect([code, err]).to.deep.equal([2, 'holdfast: --port must be a number; got "many"\n']);
    const other = await startSandbox();
    const { port } = new URL(other.origin);
    const taken = await run('--port', port).done;
    await other.close();
    expect([taken.code, taken.err]).to.deep.equal([
      1,
      `holdfast: port ${port} is in use; --port 0 takes any free one\n`,
    ]);
  });
});
