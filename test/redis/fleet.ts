// Eight processes with one session, in front of a server that forgives nothing and counts.
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { build } from 'esbuild';
import { startRotatingServer, type RotatingServer } from '../support/local-server.js';
import type { Order, Outcome, Point, Report, Start } from './fleet-worker.js';
import { KEY, NAME_SECRET } from './server.js';

const HERE = fileURLToPath(new URL('./', import.meta.url));
/** Below node_modules/, where nothing is linted or published. */
const BUILT = fileURLToPath(new URL('../../node_modules/.fleet/fleet-worker.mjs', import.meta.url));
/** For packages that are CommonJS. */
const REQUIRE = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;
export const WORKERS = 8;
export const CALLS = 3;
/** `FLEET_ROUNDS=1000` for the long form. */
export const ROUNDS = Number(process.env.FLEET_ROUNDS ?? 20);
/** Two exchanges with their intents, and the machine's own business, ms. */
const LONGEST_WAIT = 6_000;

export interface Worker {
  readonly process: ChildProcess;
  readonly outcomes: Outcome[];
  readonly ends: string[];
  opened: number;
  /** We did it. */
  isKilled: boolean;
  exit: { readonly code: number | null; readonly signal: string | null } | undefined;
}

/**
 * What happens to the first process that comes to a point; it goes on afterwards, if it can. Answers for how long the
 * whole process stands still before that, ms.
 */
export type Mishap = (worker: Worker) => number | Promise<number>;

export interface Fleet {
  readonly api: RotatingServer;
  /** Another session, for all of them. */
  login(): Promise<void>;
  /** The access token is refused from now on, and every process has calls to make, for up to so many ms. */
  round(forMs?: number): Promise<readonly Outcome[]>;
  at(point: Point, mishap: Mishap): void;
  readonly kill: Mishap;
  /** Another one in place of one that was killed. */
  replace(): Promise<void>;
  /** Somebody was at a point that awaited them. */
  met(): boolean;
  order(worker: Worker, order: Order): void;
  readonly workers: readonly Worker[];
  /** Reasons of the ends of this session, by whoever told them. */
  ends(): readonly string[];
  /** How often each refresh token of this session was presented, most often first. */
  presentations(): readonly number[];
  /** All calls worked in time, and the server has seen each token once. */
  expectAllWell(outcomes: readonly Outcome[]): void;
  /** The session goes on, as far as anybody was told; nothing was presented twice, and nobody waited for long. */
  expectNoHarm(outcomes: readonly Outcome[]): void;
}

export interface FleetUse {
  readonly redis: () => string;
  /** How processes reach the API; directly by default. */
  readonly route?: (port: number) => Promise<string>;
}

export const pass = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let waits = 0; waits < 2_000; waits += 1) {
    if (await holds()) return;
    await pass(10);
  }
  expect.fail(`Not after 20 s: ${what}`);
}

/** Call in a `describe`, after the Redis that it needs. Half of the processes have one driver, half the other. */
export function useFleet({ redis, route }: FleetUse): Fleet {
  let api: RotatingServer;
  let origin: string;
  let sessions = 0;
  let round = 0;
  let presentedBefore = 0;
  const workers: Worker[] = [];
  const mishaps = new Map<Point, Mishap>();
  const alive = () => workers.filter(({ exit, isKilled }) => !exit && !isKilled);

  before(async () => {
    await build({
      entryPoints: [`${HERE}fleet-worker.ts`],
      outfile: BUILT,
      bundle: true, // with its packages: eight processes start in half the time
      banner: { js: REQUIRE },
      platform: 'node',
      format: 'esm',
      target: 'node20',
      logLevel: 'error',
    });
    api = await startRotatingServer(30);
    origin = (await route?.(api.port)) ?? api.origin;
    await Promise.all(Array.from({ length: WORKERS }, begin));
  });
  afterEach(() => mishaps.clear());
  after(async () => {
    for (const { process } of workers) process.kill('SIGKILL');
    await api.close();
  });

  function order(worker: Worker, what: Order): void {
    worker.process.send(what, () => undefined); // it may be dead by then
  }

  async function begin(_?: unknown, number = workers.length): Promise<Worker> {
    const start: Start = {
      driver: number % 2 === 0 ? 'ioredis' : 'redis',
      redis: redis(),
      api: origin,
      keys: [KEY],
      nameSecret: NAME_SECRET,
    };
    const child = fork(BUILT, [JSON.stringify(start)], { execArgv: ['--unhandled-rejections=strict'] });
    const worker: Worker = {
      process: child,
      outcomes: [],
      ends: [],
      opened: 0,
      isKilled: false,
      exit: undefined,
    };
    let isReady = false;
    child.on('message', (report: Report) => {
      if (report.is === 'ready') isReady = true;
      else if (report.is === 'open') worker.opened = sessions;
      else if (report.is === 'ended') worker.ends.push(report.reason);
      else if (report.is === 'at') void meet(worker, report);
      else if (report.round === round) worker.outcomes.push(report);
    });
    child.on('exit', (code, signal) => (worker.exit = { code, signal }));
    workers.push(worker);
    await until(() => isReady || worker.exit !== undefined, 'a worker that is ready');
    return worker;
  }

  async function meet(worker: Worker, { point, number }: Report & { readonly is: 'at' }): Promise<void> {
    const mishap = mishaps.get(point);
    mishaps.delete(point);
    const standMs = (await mishap?.(worker)) ?? 0;
    order(worker, { do: 'go on', number, standMs });
  }

  async function open(worker: Worker, tokens?: RotatingServer['tokens']): Promise<void> {
    order(worker, { do: 'open', key: `customer-${sessions}`, ...(tokens && { tokens }) });
    await until(
      () => worker.opened === sessions || worker.exit !== undefined,
      'a worker that has the session',
    );
  }

  function presentations(): number[] {
    const counts = new Map<string, number>();
    for (const token of api.presented.slice(presentedBefore)) counts.set(token, (counts.get(token) ?? 0) + 1);
    return [...counts.values()].sort((a, b) => b - a);
  }

  function expectNoHarm(outcomes: readonly Outcome[]): void {
    expect(outcomes).to.have.length(alive().length * CALLS);
    expect(Math.max(...outcomes.map(({ longest }) => longest))).to.be.below(LONGEST_WAIT);
    expect(presentations()[0] ?? 1, 'a refresh token was presented twice').to.equal(1);
    expect([api.reused(), fleet.ends()]).to.deep.equal([false, []]);
    // No process ends by itself, as it would after a rejection that nobody handled.
    expect(workers.flatMap(({ exit, isKilled }) => (exit && !isKilled ? [exit] : []))).to.deep.equal([]);
  }

  const fleet: Fleet = {
    get api() {
      return api;
    },
    workers,
    order,
    presentations,
    expectNoHarm,
    async login() {
      sessions += 1;
      presentedBefore = api.presented.length;
      for (const { ends } of workers) ends.length = 0;
      const [first, ...others] = alive();
      await open(first!, api.login());
      await Promise.all(others.map((worker) => open(worker)));
    },
    async round(forMs = 15_000) {
      round += 1;
      for (const { outcomes } of workers) outcomes.length = 0;
      api.expire();
      for (const worker of alive())
        for (let calls = 0; calls < CALLS; calls += 1) order(worker, { do: 'call', round, forMs });
      const isOver = () => alive().every(({ outcomes }) => outcomes.length === CALLS);
      await until(isOver, 'outcomes of all calls');
      return alive().flatMap(({ outcomes }) => outcomes);
    },
    at: (point, mishap) => void mishaps.set(point, mishap),
    met: () => mishaps.size === 0,
    kill(worker) {
      worker.isKilled = true;
      worker.process.kill('SIGKILL');
      return 0;
    },
    async replace() {
      await open(await begin());
    },
    ends: () => workers.flatMap(({ ends }) => ends),
    expectAllWell(outcomes) {
      expect(outcomes.filter(({ worked }) => !worked)).to.deep.equal([]);
      expectNoHarm(outcomes);
    },
  };
  return fleet;
}
