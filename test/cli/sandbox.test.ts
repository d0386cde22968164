import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axios from 'axios';
import { expect } from 'chai';
import { DEMO, startSandbox } from '../../lib/sandbox/index.js';
import { ADA, basic, type TokenPair } from '../sandbox/caller.js';
import { run, type Run } from './run.js';

describe('holdfast sandbox, the command', function () {
  this.timeout(120_000); // many processes
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-'));
  });
  after(() => rm(folder, { recursive: true }));

  const ready = ({ child }: Run) =>
    new Promise<string>((resolve, reject) => {
      let text = '';
      child.stdout!.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (/admin .*\n/.test(text)) resolve(text);
      });
      child.once('close', () => reject(new Error(`ended before it was ready: ${text}`)));
    });

  it('says where it is and how to log in, does as its flags say, and stops at SIGTERM with 0', async () => {
    const faults = join(folder, 'faults.json');
    await writeFile(faults, JSON.stringify({ on: 'login', status: 503 }));
    const flags = ['--port', '0', '--generation', '9', '--key-case', 'lower', '--lockout', '1'];
    const started = run('sandbox', ...flags, '--access-lifetime', '5000', '--faults', faults);
    const text = await ready(started);
    const url = /^holdfast sandbox is ready: (http:\/\/127\.0\.0\.1:\d+\/v1)$/m.exec(text)?.[1];
    for (const part of [DEMO.client.id, DEMO.client.secret, String(DEMO.shopId), ADA.email, ADA.password])
      expect(text).to.contain(part);

    const http = axios.create({ baseURL: url!, validateStatus: null, headers: basic() });
    const login = (body: object = ADA) => http.post<TokenPair & { error: string }>('/auth/login', body);
    expect((await login()).status).to.equal(503);
    expect((await login()).data.expires_in).to.be.oneOf([4, 5]);
    const wrong = await login({ ...ADA, password: 'wrong' });
    expect(wrong.data.error).to.equal(wrong.data.error.toLowerCase());
    expect((await login()).status).to.equal(429);
    const refused = await http.post('/oauth/token', { grant_type: 'refresh_token', refresh_token: 'x' });
    expect(refused.status).to.equal(400);

    started.child.kill('SIGTERM');
    expect(await started.done).to.include({ code: 0, err: '' });
  });

  it('stops at SIGINT with 0, whoever is still waiting', async () => {
    const started = run('sandbox', '--port', '0');
    const url = /http:\S+\/v1/.exec(await ready(started))?.[0];
    const { origin } = new URL(url!);
    await axios.post(`${origin}/__sandbox/faults`, { stall: true });
    const stalled = await fetch(`${origin}/.well-known/jwks.json`);
    started.child.kill('SIGINT');
    expect((await started.done).code).to.equal(0);
    await stalled.text().catch(() => undefined);
  });

  it('prints its flags with --help and ends with 0', async () => {
    const { code, out, err } = await run('--help').done;
    expect([code, err]).to.deep.equal([0, '']);
    for (const flag of ['--port', '--host', '--generation', '--key-case', '--lockout', '--access-lifetime'])
      expect(out).to.contain(flag);
  });

  it('answers a mistake with one clear line on stderr and 2', async () => {
    const broken = join(folder, 'broken.json');
    const odd = join(folder, 'odd.json');
    await writeFile(broken, '{');
    await writeFile(odd, '{"status": 1}');
    const cases: [args: string[], line: RegExp][] = [
      [[], /a command is missing; there is: sandbox/],
      [['serve'], /unknown command "serve"; there is: sandbox/],
      [['sandbox', '--colour'], /Unknown option '--colour'/],
      [['sandbox', '--port', 'many'], /--port must be a number; got "many"/],
      [['sandbox', '--lockout', ''], /--lockout must be a number; got ""/],
      [['sandbox', '--port', '70000'], /port must be a whole number of 0 to 65535, got 70000/],
      [['sandbox', '--generation', '7'], /generation must be one of 8, 9, got 7/],
      [['sandbox', '--key-case', 'camel'], /keyCase must be one of upper, lower/],
      [['sandbox', '--faults', broken], /--faults .*broken\.json: .*JSON/],
      [['sandbox', '--faults', odd], /fault 0: "status" must be/],
      [['sandbox', 'now'], /"now" is too much/],
    ];
    const results = await Promise.all(cases.map(([args]) => run(...args).done));
    for (const [index, { code, out, err }] of results.entries()) {
      const [args, line] = cases[index]!;
      expect([code, out, err.trim().split('\n').length], args.join(' ')).to.deep.equal([2, '', 1]);
      expect(err)
        .to.match(/^holdfast: /)
        .and.match(line);
    }
  });

  it('answers a port in use with one clear line on stderr and 1', async () => {
    const other = await startSandbox();
    try {
      const { port } = new URL(other.origin);
      const { code, err } = await run('sandbox', '--port', port).done;
      expect([code, err.trim()]).to.deep.equal([
        1,
        `holdfast: port ${port} is in use; --port 0 takes any free one`,
      ]);
    } finally {
      await other.close();
    }
  });
});
