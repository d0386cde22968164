// What a client of a run reaches: the authorization server and the API behind it, over a network that loses things.
import {
  AxiosError,
  AxiosHeaders,
  type AxiosAdapter,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios';
import type { Fate } from './faults.js';
import { checkCall, checkRefresh } from './checks.js';
import type { Pair } from './server.js';
import { SLACK, TIMEOUT, type Client, type World } from './world.js';

export const BASE = 'https://api.example.com';
export const ELSEWHERE = 'https://elsewhere.example.net';

/** What the server says, and who hears it. */
interface Said {
  readonly status: number;
  readonly data: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Called when the sender hears it. */
  readonly heard?: () => void;
}

/** How a sender stopped waiting. */
type Ending = 'answered' | 'broken' | 'timeout' | 'closed';

interface Exchange {
  readonly config: InternalAxiosRequestConfig;
  readonly fate: Fate;
  readonly line: string;
  /** The server carries it out. */
  readonly act: () => Said;
  readonly over?: (how: Ending, status: number | undefined) => void;
}

const UNCLEAR: Readonly<Partial<Record<Fate['name'], Said>>> = {
  unavailable: { status: 503, data: '' },
  failed: { status: 500, data: '' },
  limited: { status: 429, data: '', headers: { 'retry-after': '2' } },
  page: { status: 200, data: '<html>Welcome to the hotel</html>' },
  'unknown client': { status: 401, data: { error: 'invalid_client' } },
};

export function networkOf(client: () => Client, world: World): AxiosAdapter {
  const { server, journal, faults } = world;

  function exchange({ config, fate, line, act, over }: Exchange): Promise<AxiosResponse> {
    const { name } = client();
    journal.say(`${name} → ${line}${fate.name === 'answered' ? '' : ` (${fate.name})`}`);
    return new Promise((resolve, reject) => {
      const signal = config.signal as AbortSignal;
      let waits = true;
      /** After that moment a server does not carry out what nobody waits for any more. */
      let until = Infinity;
      const end = (how: Ending, settle: () => void, status?: number) => {
        if (!waits) return;
        waits = false;
        signal.removeEventListener('abort', stop);
        over?.(how, status);
        settle();
      };
      const broken = (code: string) =>
        end('broken', () => {
          journal.say(`${name} ← ${line}: ${code}`);
          reject(new AxiosError(code, code, config));
        });
      const stop = () => {
        until = performance.now() + SLACK - 50;
        end(client().closed ? 'closed' : 'timeout', () => {
          journal.say(`${name} stops waiting for ${line}`);
          reject(new AxiosError('canceled', 'ERR_CANCELED', config));
        });
      };
      const answer = ({ status, data, headers = {}, heard }: Said) => {
        const settle = () => {
          journal.say(`${name} ← ${line}: ${status}`);
          heard?.();
          resolve({ status, data, statusText: '', headers: AxiosHeaders.from({ ...headers }), config });
        };
        end('answered', settle, status);
      };
      signal.addEventListener('abort', stop, { once: true });
      if (fate.name === 'refused') {
        setTimeout(() => broken('ECONNREFUSED'), fate.before);
        return;
      }
      // It goes on over there, whether or not anybody waits for it here.
      setTimeout(() => {
        const said = fate.acts && performance.now() < until ? act() : undefined;
        if (said && fate.name !== 'answered') journal.say(`the server carries out ${line}`);
        const told = fate.name === 'answered' || fate.name === 'stranger' ? said : UNCLEAR[fate.name];
        if (fate.name === 'silent') return;
        setTimeout(() => (told ? answer(told) : broken('ECONNRESET')), fate.after);
      }, fate.before);
    });
  }

  /** An answer that carries new tokens, or says that the token is dead. */
  function refresh(config: InternalAxiosRequestConfig): Promise<AxiosResponse> {
    const { refresh_token: token } = JSON.parse(String(config.data)) as { refresh_token: string };
    const sent = checkRefresh(world, client(), token);
    const fate = faults.refresh(TIMEOUT);
    const bare = world.plan.rotation === 'none' && faults.coin() < 0.5;
    let minted: Pair | undefined;
    return exchange({
      config,
      fate,
      line: `refresh ${token.replace(/^.*-refresh-/, '')}`,
      act() {
        minted = server.refresh(token);
        if (!minted) return { status: 401, data: { error: 'invalid_grant' } };
        minted.family.lost = true; // until somebody hears of it
        const pair = fate.name === 'stranger' ? server.login('mallory') : minted;
        const own = minted;
        return {
          status: 200,
          data: server.bodyOf(pair, bare),
          heard() {
            if (pair !== own) sent.era.mixed = true;
            else delete own.family.lost;
            sent.brought = pair;
            client().worked.push(sent);
          },
        };
      },
      over(how) {
        sent.over = { at: performance.now(), how };
        if (how === 'closed') sent.era.family.cut = true;
      },
    });
  }

  function call(config: InternalAxiosRequestConfig, bearer: string): Promise<AxiosResponse> {
    const number = Number(AxiosHeaders.from(config.headers).get('x-call'));
    const { pair, send } = checkCall(world, number, bearer);
    return exchange({
      config,
      fate: faults.call(),
      line: `call ${number} with ${pair.name}`,
      act() {
        if (performance.now() >= world.refusesUntil && server.isGood(pair))
          return {
            status: 200,
            data: { family: pair.family.id, subject: pair.family.subject },
          };
        return {
          status: 401,
          data: { error: 'invalid_token' },
          heard: () => void world.refused.add(pair),
        };
      },
      over: (_, status) => void (send.answer = status ?? 'none'),
    });
  }

  function logout(config: InternalAxiosRequestConfig, bearer: string): Promise<AxiosResponse> {
    const line = `logout with ${server.pairOf(bearer)?.name ?? 'an unknown token'}`;
    return exchange({
      config,
      fate: faults.call(),
      line,
      act: () => (server.logout(bearer) ? { status: 204, data: '' } : { status: 401, data: {} }),
    });
  }

  function login(config: InternalAxiosRequestConfig): Promise<AxiosResponse> {
    const { email } = JSON.parse(String(config.data)) as { email: string };
    const pair = server.login(email.replace(/@.*/, ''));
    const act = () => ({ status: 200, data: server.bodyOf(pair, false) });
    return exchange({
      config,
      fate: { name: 'answered', acts: true, before: 5, after: 5 },
      line: 'login',
      act,
    });
  }

  return (config) => {
    const url = config.url ?? '';
    const authorization = AxiosHeaders.from(config.headers).get('Authorization');
    const bearer = String(authorization).replace('Bearer ', '');
    if (!url.startsWith(BASE)) {
      if (authorization) journal.broken('I16', 'a credential left for a foreign origin');
      return Promise.resolve({ status: 200, data: {}, statusText: '', headers: {}, config });
    }
    if (url.endsWith('/oauth/token')) return refresh(config);
    if (url.endsWith('/auth/login')) return login(config);
    if (url.endsWith('/auth/logout')) return logout(config, bearer);
    return call(config, bearer);
  };
}
