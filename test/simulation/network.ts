// What the clients of a run reach: the authorization server and the API behind it, over a network that loses things.
import {
  AxiosError,
  AxiosHeaders,
  type AxiosAdapter,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios';
import { checkBack, checkDeparture, noteStrain } from './call-checks.js';
import { readBody } from './body.js';
import type { Fate } from './faults.js';
import { checkBearer, checkRefresh } from './session-checks.js';
import { SLACK, TIMEOUT, type Client, type Ending, type Send, type World } from './world.js';

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

interface Exchange {
  readonly config: InternalAxiosRequestConfig;
  readonly client: Client;
  readonly fate: Fate;
  readonly line: string;
  /** The server gets it, if it is there and says anything. */
  readonly act: () => Said | 'refused' | 'silent';
  readonly over?: (how: Ending, said: Said | undefined) => void;
}

const UNCLEAR: Readonly<Partial<Record<Fate['name'], Said>>> = {
  unavailable: { status: 503, data: '' },
  failed: { status: 500, data: '' },
  limited: { status: 429, data: '', headers: { 'retry-after': '2' } },
  page: { status: 200, data: '<html>Welcome to the hotel</html>' },
  'unknown client': { status: 401, data: { error: 'invalid_client' } },
};

/** Fates by which the answer of the server arrives. */
const TOLD: ReadonlySet<Fate['name']> = new Set(['answered', 'stranger', 'twice']);

/** What the sender heard. */
const answerOf = (how: Ending, said: Said | undefined) =>
  said ? said.status : how === 'refused' || how === 'lost' ? how : 'left';

/** @param clientOf by the name that a client sends along */
export function networkOf(clientOf: (name: string) => Client, world: World): AxiosAdapter {
  const { server, journal, faults, api } = world;

  function exchange({ config, client, fate, line, act, over }: Exchange): Promise<AxiosResponse> {
    const { name } = client;
    journal.say(`${name} → ${line}${fate.name === 'answered' ? '' : ` (${fate.name})`}`);
    return new Promise((resolve, reject) => {
      const signal = config.signal as AbortSignal;
      let waits = true;
      /** After that moment a server does not carry out what nobody waits for any more. */
      let until = Infinity;
      const end = (how: Ending, settle: () => void, said?: Said) => {
        if (!waits) return;
        waits = false;
        signal.removeEventListener('abort', stop);
        noteStrain(world, client, answerOf(how, said));
        over?.(how, said);
        settle();
      };
      const broken = (code: string) =>
        end(code === 'ECONNREFUSED' ? 'refused' : 'lost', () => {
          journal.say(`${name} ← ${line}: ${code}`);
          reject(new AxiosError(code, code, config));
        });
      const stop = () => {
        until = performance.now() + SLACK - 50;
        end(client.closed ? 'closed' : 'timeout', () => {
          journal.say(`${name} stops waiting for ${line}`);
          reject(new AxiosError('canceled', 'ERR_CANCELED', config));
        });
      };
      const answer = (said: Said) => {
        const { status, data, headers = {}, heard } = said;
        const settle = () => {
          journal.say(`${name} ← ${line}: ${status}`);
          heard?.();
          resolve({ status, data, statusText: '', headers: AxiosHeaders.from({ ...headers }), config });
        };
        end('answered', settle, said);
      };
      signal.addEventListener('abort', stop, { once: true });
      if (fate.name === 'refused') {
        world.later(fate.before, () => broken('ECONNREFUSED'));
        return;
      }
      // It goes on over there, whether or not anybody waits for it here.
      world.later(fate.before, () => {
        const acts = fate.acts && performance.now() < until;
        const said = acts ? act() : undefined;
        if (acts && fate.name === 'twice') act();
        if (acts && !TOLD.has(fate.name)) journal.say(`the server gets ${line}`);
        const told = TOLD.has(fate.name) ? said : UNCLEAR[fate.name];
        if (fate.name === 'silent' || told === 'silent') return;
        world.later(fate.after, () => {
          if (typeof told === 'object') answer(told);
          else broken(told === 'refused' ? 'ECONNREFUSED' : 'ECONNRESET');
        });
      });
    });
  }

  /** An answer that carries new tokens, or says that the token is dead. */
  function refresh(config: InternalAxiosRequestConfig, client: Client): Promise<AxiosResponse> {
    const { refresh_token: token } = JSON.parse(String(config.data)) as { refresh_token: string };
    const sent = checkRefresh(world, client, token);
    const fate = faults.refresh(TIMEOUT);
    const bare = world.plan.rotation === 'none' && faults.coin() < 0.5;
    return exchange({
      config,
      client,
      fate: fate.name === 'cut' ? { ...fate, name: 'answered' } : fate,
      line: `refresh ${token.replace(/^.*-refresh-/, '')}`,
      act() {
        const minted = server.refresh(token);
        if (!minted) return { status: 401, data: { error: 'invalid_grant' } };
        minted.family.lost = true; // until somebody hears of it
        const pair = fate.name === 'stranger' ? server.login('mallory') : minted;
        const data = server.bodyOf(pair, bare);
        if (fate.name === 'cut') return { status: 200, data: JSON.stringify(data).slice(0, 40) };
        return {
          status: 200,
          data,
          heard() {
            if (pair !== minted) sent.era.mixed = true;
            else delete minted.family.lost;
            sent.brought = pair;
            client.worked.push(sent);
          },
        };
      },
      over(how) {
        sent.over = { at: performance.now(), how };
        if (how === 'closed') sent.era.family.cut = true;
      },
    });
  }

  async function call(config: InternalAxiosRequestConfig, client: Client): Promise<AxiosResponse> {
    const headers = AxiosHeaders.from(config.headers);
    const number = Number(headers.get('x-call'));
    const made = world.all.get(number);
    if (!made?.request) throw new Error('A call left that nobody made.');
    const authorization = String(headers.get('Authorization'));
    const pair = made.session && checkBearer(world, made, authorization.replace('Bearer ', ''));
    const key = headers.get('Idempotency-Key')?.toString();
    const send: Send = { pair, at: performance.now(), body: undefined, key };
    checkDeparture(world, made, send);
    const body = await readBody(config.data);
    if (body !== made.request.body)
      journal.broken('R2', `${number} sends ${String(body)} and not ${String(made.request.body)}`);
    const { request } = made;
    const fate = faults.call();
    return exchange({
      config,
      client,
      fate,
      line: `${made.what} ${number}${pair ? ` with ${pair.name}` : ''}`,
      act() {
        const customer = pair ? `${pair.family.subject}${pair.family.id}` : 'app';
        const met = api.receive(customer, request.group);
        if (met.is === 'answer') return { status: met.status, data: '', headers: met.headers };
        if (met.is !== 'taken') return met.is;
        const answer = (status: number, data: unknown): Said => ({ status, data, headers: met.headers });
        if (pair && (api.refusesNow || !server.isGood(pair)))
          return {
            ...answer(401, { error: 'invalid_token' }),
            heard: () => void world.refused.add(pair),
          };
        if (request.final)
          return {
            ...answer(request.final.status, request.final.body),
            heard: () => void (send.final = true),
          };
        send.acted = true;
        return answer(200, { call: number, family: pair?.family.id });
      },
      over(how, said) {
        checkBack(world, made, send, answerOf(how, said), said?.headers);
      },
    });
  }

  function logout(
    config: InternalAxiosRequestConfig,
    client: Client,
    bearer: string,
  ): Promise<AxiosResponse> {
    const line = `logout with ${server.pairOf(bearer)?.name ?? 'an unknown token'}`;
    return exchange({
      config,
      client,
      fate: faults.call(),
      line,
      act: () => (server.logout(bearer) ? { status: 204, data: '' } : { status: 401, data: {} }),
      over(how) {
        const pair = server.pairOf(bearer);
        const era = pair && world.eraOf(pair);
        if (era && how === 'closed') era.untold = true; // its client is closed before the server has heard
      },
    });
  }

  function login(config: InternalAxiosRequestConfig, client: Client): Promise<AxiosResponse> {
    const { email } = JSON.parse(String(config.data)) as { email: string };
    const pair = server.login(email.replace(/@.*/, ''));
    const act = () => ({ status: 200, data: server.bodyOf(pair, false) });
    const fate = { name: 'answered', acts: true, before: 5, after: 5 } as const;
    return exchange({ config, client, fate, line: 'login', act });
  }

  return (config) => {
    const url = config.url ?? '';
    const headers = AxiosHeaders.from(config.headers);
    const authorization = headers.get('Authorization');
    if (!url.startsWith(BASE)) {
      if (authorization) journal.broken('I16', 'a credential left for a foreign origin');
      return Promise.resolve({ status: 200, data: {}, statusText: '', headers: {}, config });
    }
    const client = clientOf(String(headers.get('x-client')));
    if (url.endsWith('/oauth/token')) return refresh(config, client);
    if (url.endsWith('/auth/login')) return login(config, client);
    if (url.endsWith('/auth/logout'))
      return logout(config, client, String(authorization).replace('Bearer ', ''));
    return call(config, client);
  };
}
