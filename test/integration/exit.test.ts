// close(): every wait ends, and nothing is left that would keep a process alive.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { createHttpClient } from '../../lib/index.js';
import { rejection, times, until, useStage } from './stage.js';

interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

/** Runs a script to its own end; one that does not come to it is stopped, and `signal` says so. */
function run(script: URL, limitMs: number): Promise<Ending> {
  const began = performance.now();
  const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(script)], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    timeout: limitMs,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) =>
      resolve({ code, signal, stdout, stderr, ms: performance.now() - began }),
    );
  });
}

describe('close()', () => {
  const stage = useStage();

  it('lets a process end by itself, whatever was waited for, with no rejection unhandled', async () => {
    const { code, signal, stdout, stderr } = await run(new URL('exit-child.ts', import.meta.url), 15_000);
    expect(stderr).to.equal('');
    expect(JSON.parse(stdout)).to.deep.equal(Array(7).fill('CLIENT_CLOSED'));
    expect({ code, signal }).to.deep.equal({ code: 0, signal: null });
  });

  it('ends calls under way and all later ones with CLIENT_CLOSED, and their connections', async () => {
    let gone = 0;
    const server = await stage.server((_, response) => response.once('close', () => (gone += 1)));
    const client = createHttpClient({ baseURL: server.origin });
    const pending = times(10, () => rejection(client.get('/orders')));
    await until(() => server.seen.length === 10);
    client.close();
    for (const error of await pending)
      expect(error).to.include({ code: 'CLIENT_CLOSED', kind: 'closed', attempts: 1 });
    await until(() => gone === 10);
    const late = await rejection(client.get('/orders'));
    expect(late).to.include({ code: 'CLIENT_CLOSED', attempts: 0 });
    expect(server.seen).to.have.length(10);
  });

  it('does not log anybody out', async () => {
    const { sandbox, auth, session } = await stage.loggedIn();
    const tokens = session.tokens();
    auth.close();
    expect((await session.validate()).ok).to.equal(false);
    expect(session.state.status).to.equal('live');
    expect((await stage.client(sandbox.url).resume(tokens).validate()).ok).to.equal(true);
  });

  it('may be called again', async () => {
    const { auth } = await stage.loggedIn();
    auth.close();
    expect(() => auth.close()).to.not.throw();
  });
});
