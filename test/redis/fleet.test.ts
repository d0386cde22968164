// Eight processes, one session, and a server that forgives nothing: it counts how often each refresh token is presented.
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { build } from 'esbuild';
import { startRotatingServer, type RotatingServer } from '../support/local-server.js';
import type { Point, Report, Start } from './fleet-worker.js';
import { KEY, NAME_SECRET, useRedis } from './server.js';

const HERE = fileURLToPath(new URL('./', import.meta.url));
/** Below node_modules/, where nothing is linted or published and packages are found. */
const BUILT = fileURLToPath(new URL('../../node_modules/.fleet/fleet-worker.mjs', import.meta.url));
const WORKERS = 8;
const CALLS = 3;
/** `FLEET_ROUNDS=1000` for the long form. */
const ROUNDS = Number(process.env.FLEET_ROUNDS ?? 20);
/** Two exchanges with their intents, and the machine's own business. */
const LONGEST_WAIT = 6_000;

interface Worker {
  readonly process: ChildProcess;
  readonly outcomes: (Report & { is: 'outcome' })[];
  readonly ends: string[];
  isArmed: boolean;
  exit: { readonly code: number | null; readonly signal: string | null } | undefined;
}

const pass = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let waits = 0; waits < 2_000; waits += 1) {
    if (holds()) return;
    await pass(10);
  }
  expect.fail(`Not after 20 s: ${what}`);
}

describe('Eight processes with one session on Redis', function () {
  this.timeout(60_000 + ROUNDS * 1_000);
  const redis = useRedis({ flush: false });
  let api: RotatingServer;
  const workers: Worker[] = [];
  const alive = () => workers.filter(({ exit }) => !exit);
  const all = <T>(pick: (worker: Worker) => readonly T[]) => workers.flatMap(pick);

  before(async () => {
    await build({
      entryPoints: [`${HERE}fleet-worker.ts`],
      outfile: BUILT,
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      target: 'node20',
    });
    api = await startRotatingServer(30);
    await begin(api.tokens);
    await Promise.all(Array.from({ length: WORKERS - 1 }, () => begin()));
  });
  after(async () => {
    for (const { process } of alive()) process.kill('SIGKILL');
    await api.close();
  });

  async function begin(tokens?: Start['tokens']): Promise<void> {
    const start: Start = {
      redis: redis().url,
      api: api.origin,
      key: 'customer-1',
      keys: [KEY],
      nameSecret: NAME_SECRET,
      ...(tokens && { tokens }),
    };
    const child = fork(BUILT, [JSON.stringify(start)], { execArgv: ['--unhandled-rejections=strict'] });
    const worker: Worker = { process: child, outcomes: [], ends: [], isArmed: false, exit: undefined };
    let isReady = false;
    child.on('message', (report: Report) => {
      if (report.is === 'ready') isReady = true;
      else if (report.is === 'armed') worker.isArmed = true;
      else if (report.is === 'ended') worker.ends.push(report.reason);
      else worker.outcomes.push(report);
    });
    child.on('exit', (code, signal) => (worker.exit = { code, signal }));
    workers.push(worker);
    await until(() => isReady || worker.exit !== undefined, 'a worker that is ready');
  }

  /** The access token is refused from now on, and every process has calls to make. */
  async function round(): Promise<(Report & { is: 'outcome' })[]> {
    for (const { outcomes } of workers) outcomes.length = 0;
    api.expire();
    for (const { process } of alive())
      for (let calls = 0; calls < CALLS; calls += 1) process.send('call', () => undefined);
    await until(() => alive().every(({ outcomes }) => outcomes.length === CALLS), 'outcomes of all calls');
    return all(({ exit, outcomes }) => (exit ? [] : outcomes));
  }

  const arm = (point: Point, signal: 'SIGKILL' | 'SIGSTOP') => redis().admin.set(`armed:${point}`, signal);

  /** How often each refresh token was presented, most often first. */
  function presentations(): number[] {
    const counts = new Map<string, number>();
    for (const { url, text } of api.seen)
      if (url === '/oauth/token') {
        const { refresh_token: token } = JSON.parse(text) as { refresh_token: string };
        counts.set(token, (counts.get(token) ?? 0) + 1);
      }
    return [...counts.values()].sort((a, b) => b - a);
  }

  function expectAllWell(outcomes: readonly (Report & { is: 'outcome' })[]): void {
    expect(outcomes.filter(({ worked }) => !worked)).to.deep.equal([]);
    expect(Math.max(...outcomes.map(({ longest }) => longest))).to.be.below(LONGEST_WAIT);
    expect(presentations()[0], 'a refresh token was presented twice').to.equal(1);
    expect([api.reused(), all(({ ends }) => ends)]).to.deep.equal([false, []]);
  }

  /** Whoever was killed has been, and by us: no process ends by itself. */
  async function replaceKilled(count: number): Promise<void> {
    const over = workers.flatMap(({ exit }) => (exit ? [exit] : []));
    expect(over).to.deep.equal(Array.from({ length: count }, () => ({ code: null, signal: 'SIGKILL' })));
    await begin();
  }

  it('refreshes once each time', async () => {
    for (let rounds = 1; rounds <= ROUNDS; rounds += 1) {
      const outcomes = await round();
      expect(outcomes).to.have.length(WORKERS * CALLS);
      expect(outcomes.flatMap(({ codes }) => codes)).to.deep.equal([]);
      expectAllWell(outcomes);
      expect(presentations()).to.have.length(rounds);
    }
  });

  for (const [number, point] of (['claimed', 'marked', 'saved'] as const).entries())
    it(`goes on after the one that refreshes was killed, when it had ${point}`, async () => {
      await arm(point, 'SIGKILL');
      const outcomes = await round();
      expect(outcomes).to.have.length((WORKERS - 1) * CALLS);
      expectAllWell(outcomes);
      await replaceKilled(number + 1);
    });

  for (const point of ['claimed', 'marked'] as const)
    it(`goes on while one that ${point} is stopped for longer than its intent, which then sends nothing`, async () => {
      const rotations = api.rotations();
      await arm(point, 'SIGSTOP');
      const outcomes = round();
      let stopped: Worker | undefined;
      await until(
        () => (stopped = alive().find(({ isArmed }) => isArmed)) !== undefined,
        'one that is stopped',
      );
      stopped!.isArmed = false;
      await pass(3_500);
      expect(api.rotations(), 'the others have new tokens').to.equal(rotations + 1);
      stopped!.process.kill('SIGCONT');
      const settled = await outcomes;
      expect(settled).to.have.length(WORKERS * CALLS);
      expectAllWell(settled);
      expect(api.rotations()).to.equal(rotations + 1);
    });

  it('loses the session where one was killed between answer and save, and tells of it once', async () => {
    await arm('answered', 'SIGKILL');
    const outcomes = await round();
    expect(outcomes.map(({ worked }) => worked)).not.to.include(true);
    expect(presentations().filter((count) => count > 1)).to.deep.equal([2]);
    await pass(300);
    expect(all(({ ends }) => ends)).to.deep.equal(['expired']);
    expect(workers.flatMap(({ exit }) => (exit ? [exit.signal] : []))).to.deep.equal(
      Array.from({ length: 4 }, () => 'SIGKILL'),
    );
  });
});
