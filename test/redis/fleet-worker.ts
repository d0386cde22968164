// One process of the fleet in fleet.test.ts: holds the session, makes calls when told to, and dies or stops where told to.
import axios, { type AxiosAdapter } from 'axios';
import { Redis } from 'ioredis';
import { createAuthClient, isAuthError, type Coordinator, type Session } from '../../lib/index.js';
import { redisCoordinator } from '../../lib/redis/index.js';

/** Where a process can be in a refresh. */
export type Point = 'claimed' | 'marked' | 'answered' | 'saved';

export interface Start {
  readonly redis: string;
  readonly api: string;
  readonly key: string;
  readonly keys: readonly { readonly id: string; readonly secret: string }[];
  readonly nameSecret: string;
  /** For the first of them. */
  readonly tokens?: { readonly accessToken: string; readonly refreshToken: string };
}

export type Report =
  | { readonly is: 'ready' }
  /** It gets its signal now. */
  | { readonly is: 'armed' }
  | { readonly is: 'ended'; readonly reason: string }
  /** Codes of the calls before the one that worked, or of the one that was final. */
  | {
      readonly is: 'outcome';
      readonly codes: readonly string[];
      readonly worked: boolean;
      readonly longest: number;
    };

const start = JSON.parse(process.argv[2]!) as Start;
const tell = (report: Report) => process.send!(report);
const redis = new Redis(start.redis);
redis.on('error', () => undefined);

/** The first process that comes to an armed point gets the signal. */
async function at(point: Point): Promise<void> {
  const signal = await redis.getdel(`armed:${point}`);
  if (signal === null) return;
  await new Promise((resolve) => process.send!({ is: 'armed' } satisfies Report, resolve));
  process.kill(process.pid, signal);
}

const inner = redisCoordinator(redis, { keys: start.keys, nameSecret: start.nameSecret });
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
  if (config.url?.endsWith('/oauth/token')) await at('answered');
  return response;
};

const auth = createAuthClient({
  baseURL: start.api,
  axios: { adapter },
  coordinator,
  policies: { refresh: { timeout: 1_000, rotation: 'strict', limit: { refreshes: 1_000, per: 1_000 } } },
});
auth.on('sessionEnded', ({ reason }) => tell({ is: 'ended', reason }));

async function open(): Promise<Session<'SESSION_UNAVAILABLE'>> {
  if (start.tokens) return auth.resume(start.tokens, { key: start.key });
  const found = await auth.resume(start.key);
  if (!found.ok || !found.value) throw new Error('The session is not there.');
  return found.value;
}

const session = await open();
await session.accessToken();

/** Calls until it works, as far as the failure says that it may. */
async function call(): Promise<Report> {
  const codes: string[] = [];
  const began = performance.now();
  let longest = 0;
  while (performance.now() - began < 15_000) {
    const asked = performance.now();
    const code = await session.http.get<unknown>('/orders').then(
      () => undefined,
      (error: unknown) => (isAuthError(error) ? error.code : String(error)),
    );
    longest = Math.max(longest, performance.now() - asked);
    if (code === undefined) return { is: 'outcome', codes, worked: true, longest };
    codes.push(code);
    if (code !== 'SESSION_UNAVAILABLE' && code !== 'OUTCOME_UNKNOWN') break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { is: 'outcome', codes, worked: false, longest };
}

process.on('message', () => void call().then(tell));
tell({ is: 'ready' });
