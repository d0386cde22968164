// One process of a fleet (fleet.ts): holds the session, makes calls when told to, and asks at each point of a refresh
// whether it may go on.
import axios, { type AxiosAdapter } from 'axios';
import { createAuthClient, isAuthError, type Coordinator, type Session } from '../../lib/index.js';
import { redisCoordinator } from '../../lib/redis/index.js';
import { DRIVERS } from './drivers.js';

/** Where a process can be in a refresh. */
export type Point = 'claimed' | 'marked' | 'answered' | 'saved';

export interface Start {
  readonly driver: keyof typeof DRIVERS;
  readonly redis: string;
  readonly api: string;
  readonly keys: readonly { readonly id: string; readonly secret: string }[];
  readonly nameSecret: string;
}

export type Order =
  /** Begins the session with these tokens, or finds it. */
  | {
      readonly do: 'open';
      readonly key: string;
      readonly tokens?: { readonly accessToken: string; readonly refreshToken: string };
    }
  /** A call, until it works or for so many ms. */
  | { readonly do: 'call'; readonly round: number; readonly forMs: number }
  | { readonly do: 'log out' }
  /** From a point, after the whole process stood still for so many ms. */
  | { readonly do: 'go on'; readonly number: number; readonly standMs: number };

/** Codes of the calls before the one that worked, or of the one that was final. */
export interface Outcome {
  readonly codes: readonly string[];
  readonly worked: boolean;
  readonly longest: number;
}

export type Report =
  | { readonly is: 'ready' }
  | { readonly is: 'open' }
  | { readonly is: 'at'; readonly point: Point; readonly number: number }
  | { readonly is: 'ended'; readonly reason: string }
  | ({ readonly is: 'outcome'; readonly round: number } & Outcome);

const start = JSON.parse(process.argv[2]!) as Start;
const tell = (report: Report) => process.send!(report);

const waits = new Map<number, () => void>();
let asked = 0;

function at(point: Point): Promise<void> {
  const number = (asked += 1);
  tell({ is: 'at', point, number });
  return new Promise((resolve) => waits.set(number, resolve));
}

function goOn({ number, standMs }: Order & { readonly do: 'go on' }): void {
  if (standMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, standMs);
  waits.get(number)?.();
  waits.delete(number);
}

const { client } = await DRIVERS[start.driver](start.redis);
const inner = redisCoordinator(client, { keys: start.keys, nameSecret: start.nameSecret });
const coordinator: Coordinator = {
  open(key) {
    const seat = inner.open(key);
    return {
      ...seat,
      async claim(terms) {
        const claim = await seat.claim(terms);
        if (claim.is === 'claimed') await at('claimed');
        return claim;
      },
      async mark(fence, lease) {
        const ok = await seat.mark(fence, lease);
        if (ok) await at('marked');
        return ok;
      },
      async commit(version, grant) {
        const ok = await seat.commit(version, grant);
        if (ok) await at('saved');
        return ok;
      },
    };
  },
};

const adapter: AxiosAdapter = async (config) => {
  const response = await axios.getAdapter('http')(config);
  if (config.url?.endsWith('/oauth/token') && config.method === 'post') await at('answered');
  return response;
};

const auth = createAuthClient({
  baseURL: start.api,
  axios: { adapter },
  coordinator,
  policies: { refresh: { timeout: 1_000, rotation: 'strict', limit: { refreshes: 1_000, per: 1_000 } } },
});
auth.on('sessionEnded', ({ reason }) => tell({ is: 'ended', reason }));

let session: Session<'SESSION_UNAVAILABLE'> | undefined;

async function open({ key, tokens }: Order & { readonly do: 'open' }): Promise<void> {
  if (tokens) session = auth.resume(tokens, { key });
  else {
    const found = await auth.resume(key);
    if (!found.ok || !found.value) throw new Error('The session is not there.');
    session = found.value;
  }
  await session.accessToken();
  tell({ is: 'open' });
}

/** Calls until it works, as far as the failure says that it may. */
async function call({ round, forMs }: Order & { readonly do: 'call' }): Promise<void> {
  const codes: string[] = [];
  const began = performance.now();
  let longest = 0;
  while (performance.now() - began < forMs) {
    const sent = performance.now();
    const code = await session!.http.get<unknown>('/orders').then(
      () => undefined,
      (error: unknown) => (isAuthError(error) ? error.code : String(error)),
    );
    longest = Math.max(longest, performance.now() - sent);
    if (code === undefined) return void tell({ is: 'outcome', round, codes, worked: true, longest });
    codes.push(code);
    if (code !== 'SESSION_UNAVAILABLE' && code !== 'OUTCOME_UNKNOWN') break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  tell({ is: 'outcome', round, codes, worked: false, longest });
}

process.on('message', (order: Order) => {
  if (order.do === 'open') void open(order);
  else if (order.do === 'call') void call(order);
  else if (order.do === 'go on') goOn(order);
  else void session!.logout();
});
tell({ is: 'ready' });
