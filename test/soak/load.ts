// Calls of every kind against a sandbox that gets into trouble again and again, and what holds of them all the same: each
// settles, none is older than its deadline, and an order that succeeded was made exactly once.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import {
  createAuthClient,
  createGovernor,
  isAuthError,
  type AuthClient,
  type Session,
} from '../../lib/index.js';
import { DEMO, type FaultRule } from '../../lib/sandbox/index.js';
import { randomOf } from '../fuzz/mutate.js';
import type { Answered, Asked } from './sandbox-worker.js';

const SESSIONS = 8;
const DEADLINE = 3_000;
/** Settled calls are late where the machine is; what is older than this is stuck. */
const STUCK = DEADLINE + 20_000;
const MOST_ORDERS = 4_000_000;

/** What goes wrong, one after the other in no order. A page in the place of an order would be a lie about it. */
const TROUBLES: readonly FaultRule[] = [
  { status: 500, times: 3 },
  { status: 503, times: 8 },
  { status: 424, times: 2 },
  { status: 429, headers: { 'retry-after-ms': '150' }, times: 2 },
  { status: 429, headers: { 'retry-after': '1' } },
  { drop: 'before', times: 2 },
  { drop: 'after', times: 2 },
  { drop: 'after', on: 'createOrder', times: 2 },
  { drop: 'after', on: 'refresh' },
  { status: 503, on: 'refresh', times: 2 },
  { stall: true, times: 2 },
  { truncate: true, times: 2 },
  { delay: 300, times: 6 },
  { html200: true, on: 'login' },
  { garbage: true, on: 'refresh' },
];

export interface Look {
  readonly atMs: number;
  /** After a collection of garbage; 0 where it cannot be asked for. */
  readonly heap: number;
  readonly underWay: number;
  readonly sockets: number;
  readonly timers: number;
}

export interface Soaked {
  readonly seconds: number;
  readonly calls: number;
  /** By `ok` or the code of the error. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly sessions: { readonly begun: number; readonly ended: number };
  readonly attempts: number;
  /** Requests that the sandbox counted. */
  readonly received: number;
  readonly orders: { readonly succeeded: number; readonly unclear: number; readonly made: number };
  readonly looks: readonly Look[];
  /** ms, 50 and 99 of 100, and the longest. */
  readonly loopDelay: readonly number[];
  /** What did not hold; empty where all did. */
  readonly broken: readonly string[];
}

interface Soak {
  readonly seconds: number;
  readonly perSecond: number;
  readonly lookEveryMs: number;
  readonly seed: number;
  /** Default 400. */
  readonly troubleEveryMs?: number;
  readonly told?: (look: Look, calls: number) => void;
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

async function startWorker(): Promise<{ url: string; child: ChildProcess; ask(asked: Asked): void }> {
  const child = fork(new URL('./sandbox-worker.ts', import.meta.url), { execArgv: ['--import', 'tsx'] });
  const [{ url }] = (await once(child, 'message')) as [Answered];
  return { url: url!, child, ask: (asked) => void child.send(asked) };
}

/** What became of an order: a byte for each, so that a long run leaves nothing on the heap. */
const ORDER = { failed: 1, unclear: 2, made: 3 } as const;

export async function soak(options: Soak): Promise<Soaked> {
  const { seconds, perSecond, lookEveryMs, seed, troubleEveryMs = 400, told } = options;
  const worker = await startWorker();
  const random = randomOf(seed);
  const orders = new Uint8Array(MOST_ORDERS);
  const underWay = new Map<number, { readonly kind: string; readonly since: number }>();
  const outcomes: Record<string, number> = {};
  const looks: Look[] = [];
  const broken = new Set<string>();
  const began = performance.now();
  const tally = { calls: 0, attempts: 0, orders: 0, begun: 0, ended: 0 };
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const stray = (error: unknown) => void broken.add(`nobody caught ${String(error)}`);
  process.on('unhandledRejection', stray);

  function client(): AuthClient {
    const auth = createAuthClient({
      baseURL: worker.url,
      credentials: { clientId: DEMO.client.id, clientSecret: DEMO.client.secret },
      shopId: DEMO.shopId,
      governor: createGovernor(),
      policies: {
        timeout: { attempt: 400, total: DEADLINE },
        retry: { backoff: { initial: 20, max: 400 } },
        cooldown: { maxWait: 2_000 },
        refresh: { timeout: 2_000, limit: { refreshes: 20, per: 30_000 } },
      },
    });
    auth.on('attempt', () => (tally.attempts += 1));
    auth.on('sessionStarted', () => (tally.begun += 1));
    auth.on('sessionEnded', () => (tally.ended += 1));
    return auth;
  }

  /** One call, watched until it settles; its end is one that the contract has. */
  async function call<T>(kind: string, run: () => Promise<T>): Promise<T | undefined> {
    const id = (tally.calls += 1);
    underWay.set(id, { kind, since: performance.now() });
    const count = (name: string) => (outcomes[name] = (outcomes[name] ?? 0) + 1);
    try {
      const value = await run();
      const failed = (value as { readonly error?: unknown } | undefined)?.error;
      if (failed !== undefined) throw failed;
      count('ok');
      return value;
    } catch (error) {
      if (isAuthError(error)) count(error.code);
      else broken.add(`${kind} ended with ${String(error)}`);
      return undefined;
    } finally {
      underWay.delete(id);
    }
  }

  async function order({ http }: Session, keyed: boolean, signal: AbortSignal | undefined): Promise<void> {
    const number = (tally.orders += 1);
    orders[number] = ORDER.unclear;
    await call('order', async () => {
      try {
        const holdfast = keyed ? { idempotencyKey: true as const } : {};
        await http.post('/orders', { number }, { signal, holdfast });
        orders[number] = ORDER.made;
      } catch (error) {
        if (isAuthError(error) && !error.ambiguous) orders[number] = ORDER.failed;
        throw error;
      }
    });
  }

  function anyCall(session: Session): Promise<unknown> {
    const chance = random();
    const controller = random() < 0.07 ? new AbortController() : undefined;
    const signal = controller?.signal;
    if (controller) setTimeout(() => controller.abort(), random() * 60);
    if (chance < 0.12) return order(session, false, signal);
    if (chance < 0.22) return order(session, true, signal);
    if (chance < 0.24) return call('refresh', () => session.refresh());
    if (chance < 0.29) return call('validate', () => session.validate({ signal }));
    return call('read', () => session.http.get('/orders/1', { signal }));
  }

  const login = (auth: AuthClient) =>
    call('login', () => auth.login({ email: DEMO.customer.email, password: DEMO.customer.password }));

  /** A client that comes, makes a few calls and leaves, now and then in the middle of them. */
  async function visit(): Promise<void> {
    const auth = client();
    const result = await login(auth);
    if (result?.ok) {
      const calls = Array.from({ length: 3 }, () => anyCall(result.value));
      if (random() < 0.7) await Promise.all(calls);
      if (random() < 0.5) await call('logout', () => result.value.logout());
    }
    auth.close();
  }

  function look(): void {
    const collect = (globalThis as { gc?: () => void }).gc;
    collect?.();
    collect?.();
    const resources = process.getActiveResourcesInfo();
    const countOf = (name: string) => resources.filter((each) => each === name).length;
    const now = performance.now();
    const seen = {
      atMs: Math.round(now - began),
      heap: collect ? process.memoryUsage().heapUsed : 0,
      underWay: underWay.size,
      sockets: countOf('TCPSocketWrap'),
      timers: countOf('Timeout'),
    };
    looks.push(seen);
    for (const { kind, since } of underWay.values())
      if (now - since > STUCK) broken.add(`a ${kind} is stuck`);
    if (seen.timers > 8 * seen.underWay + 300) broken.add(`${seen.timers} timers for ${seen.underWay} calls`);
    if (seen.sockets > 600) broken.add(`${seen.sockets} sockets`);
    told?.(seen, tally.calls);
  }

  const main = client();
  const held: (Session | undefined)[] = Array.from({ length: SESSIONS }, () => undefined);
  const pending = new Set<Promise<unknown>>();
  const go = (work: Promise<unknown>) => {
    const watched = work.catch(stray).finally(() => pending.delete(watched));
    pending.add(watched);
  };
  const beginAt = async (place: number) => {
    const result = await login(main);
    if (result?.ok) held[place] = result.value;
  };

  const every = { trouble: troubleEveryMs, visit: 700, expire: 30_000, look: lookEveryMs };
  const next = { trouble: 1_000, visit: 0, expire: every.expire, look: 0 };
  const beginning = new Set<number>();
  const due = (name: keyof typeof every, now: number) => {
    if (now < next[name]) return false;
    next[name] = now + every[name];
    return true;
  };
  let sent = 0;
  for (let now = 0; now < seconds * 1_000; now = performance.now() - began) {
    if (due('trouble', now)) worker.ask({ fault: TROUBLES[Math.floor(random() * TROUBLES.length)]! });
    if (due('expire', now)) worker.ask({ expire: true });
    if (due('visit', now)) go(visit());
    for (; sent < (now / 1_000) * perSecond; sent += 1) {
      const place = sent % SESSIONS;
      const session = held[place];
      if (session?.state.status === 'live') go(anyCall(session));
      else if (!beginning.has(place)) {
        beginning.add(place);
        go(beginAt(place).finally(() => beginning.delete(place)));
      }
    }
    if (due('look', now)) look();
    await pause(10);
  }

  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), STUCK)));
  const settled = Promise.all([...pending]).then(() => true);
  if (!(await Promise.race([settled, late]))) broken.add(`${underWay.size} calls never settled`);
  clearTimeout(timer);
  delay.disable();
  main.close();
  const answered = once(worker.child, 'message') as Promise<[Answered]>;
  worker.ask({ orders: true });
  const [{ counts, orders: made = [] }] = await answered;
  worker.child.disconnect();
  process.off('unhandledRejection', stray);

  const times = new Uint8Array(tally.orders + 1);
  for (const number of made) times[number]! += 1;
  const numbers = { succeeded: 0, unclear: 0, made: made.length };
  for (let number = 1; number <= tally.orders; number += 1) {
    const [ended, count] = [orders[number], times[number]!];
    if (ended === ORDER.made) numbers.succeeded += 1;
    if (ended === ORDER.unclear) numbers.unclear += 1;
    if (ended === ORDER.made && count !== 1) broken.add(`an order that succeeded was made ${count} times`);
    if (ended === ORDER.failed && count !== 0)
      broken.add(`an order that failed for sure was made ${count} times`);
    if (count > 1) broken.add(`an order was made ${count} times`);
  }
  const received = counts?.received ?? NaN;
  if (!(received <= tally.attempts)) broken.add(`${received} requests of ${tally.attempts} attempts`);
  return {
    seconds,
    calls: tally.calls,
    outcomes,
    sessions: { begun: tally.begun, ended: tally.ended },
    attempts: tally.attempts,
    received,
    orders: numbers,
    looks,
    loopDelay: [delay.percentile(50), delay.percentile(99), delay.max].map((ns) => Math.round(ns / 1e5) / 10),
    broken: [...broken],
  };
}
