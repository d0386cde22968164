// Whole clients on a coordinator, in front of a server that takes a refresh token once and kills the session otherwise.
import {
  createAuthClient,
  isAuthError,
  unwrap,
  type AuthClient,
  type Coordinator,
  type Session,
} from '../index.js';
import type { Cases, Ground } from './conformance.js';
import { must, same } from './expect.js';
import { newKey } from './shared-session.js';
import { strictServer, type StrictServer } from './strict-server.js';
import { randomFrom, troubled } from './trouble.js';

const REFRESH_TAKES = 100;
const BASE = 'https://conformance.example.com';
/** Short, so that what has to be waited out is. */
const POLICIES = {
  refresh: { timeout: 500, rotation: 'strict', limit: { refreshes: 1_000, per: 1_000 } },
} as const;

interface Holder {
  readonly auth: AuthClient<'SESSION_UNAVAILABLE'>;
  readonly session: Session<'SESSION_UNAVAILABLE'>;
}

const clientOf = (coordinator: Coordinator, { adapter }: StrictServer) =>
  createAuthClient({ baseURL: BASE, policies: POLICIES, axios: { adapter }, coordinator });

/** Lets time pass until the promise settles. */
async function settled<T>(promise: PromiseLike<T>, { pass }: Ground): Promise<T> {
  const wait = { over: false };
  const end = () => void (wait.over = true);
  promise.then(end, end);
  for (let waits = 0; !wait.over && waits < 3_000; waits += 1) await pass(20);
  must(wait.over, 'Something that was asked for a minute ago is still not settled.');
  return promise;
}

/** One session, held by a client at each coordinator. */
async function shared(ground: Ground, one: Coordinator = ground.one, two: Coordinator = ground.two) {
  const server = strictServer(REFRESH_TAKES);
  const [first, second] = [clientOf(one, server), clientOf(two, server)];
  const key = newKey();
  const here = first.resume(server.tokens, { key });
  await settled(here.accessToken(), ground);
  const there = unwrap(await settled(second.resume(key), ground));
  must(there !== undefined, 'The second client does not find the session of the first.');
  const holders: readonly [Holder, Holder] = [
    { auth: first, session: here },
    { auth: second, session: there },
  ];
  const close = () => {
    for (const { auth } of holders) auth.close();
  };
  return { server, key, holders, close };
}

const textOf = (outcome: unknown) => (typeof outcome === 'string' ? outcome : 'an answer');
const codeOf = (error: unknown) => (isAuthError(error) ? error.code : String(error));

export const CLIENT_CASES: Cases = {
  async 'Two clients with ten calls each on an expired token refresh once, round after round'(ground) {
    const { server, holders, close } = await shared(ground);
    for (let round = 1; round <= 3; round += 1) {
      server.expire();
      const calls = holders.flatMap(({ session }) =>
        Array.from({ length: 10 }, (_, number) => session.http.get<unknown>(`/orders/${number}`)),
      );
      const answers = await settled(Promise.all(calls), ground);
      same([...new Set(answers.map(({ status }) => status))], [200], 'Answers');
      same(server.presented.length, round, 'Refreshes');
    }
    same(server.dead, false, 'The server lost the session');
    close();
  },

  async 'A logout ends the session for the other client, and is told once'(ground) {
    const { server, holders, close } = await shared(ground);
    const [first, second] = holders;
    let told = 0;
    for (const { auth } of holders) auth.on('sessionEnded', () => (told += 1));
    await settled(first.session.logout(), ground);
    const failure = await settled(
      second.session.refresh().then((result) => (result.ok ? 'a refresh that worked' : result.error.code)),
      ground,
    );
    same(failure, 'SESSION_ENDED', 'What the other gets');
    same([told, server.presented.length], [1, 0], 'Ends told, and refreshes');
    close();
  },

  async 'A logout during a refresh wins, and what the refresh brought is revoked'(ground) {
    const { server, holders, close } = await shared(ground);
    const [first, second] = holders;
    const refreshing = first.session.refresh();
    while (server.presented.length === 0) await ground.pass(5);
    await settled(second.session.logout(), ground);
    same((await settled(refreshing, ground)).ok, false, 'The refresh succeeded');
    for (let waits = 0; waits < 100 && server.revoked.length < 2; waits += 1) await ground.pass(20);
    must(server.revoked.includes('at-2'), `at-2 stays valid; revoked were ${server.revoked.join(', ')}.`);
    close();
  },

  async 'A client that stops in the middle of a refresh leaves the session to the other'(ground) {
    const { server, key, holders, close } = await shared(ground);
    const silent = clientOf(ground.one, { ...server, adapter: () => new Promise(() => undefined) });
    const stopped = unwrap(await settled(silent.resume(key), ground));
    must(stopped !== undefined, 'The third client does not find the session.');
    const lost = stopped.refresh();
    await ground.pass(50);
    server.expire();
    // Nobody knows that its token never left: it is in doubt, and presented once it is of no use otherwise.
    for (const { session } of holders) {
      const answer = await settled(session.http.get<unknown>('/orders').catch(codeOf), ground);
      must(
        typeof answer === 'object' || answer === 'OUTCOME_UNKNOWN',
        `Expected an answer or OUTCOME_UNKNOWN, got ${textOf(answer)}.`,
      );
    }
    await ground.pass(2_000);
    for (const { session } of holders)
      same((await settled(session.http.get<unknown>('/orders'), ground)).status, 200, 'The answer later');
    same([server.presented.length, server.dead], [1, false], 'Presentations, and whether the session died');
    silent.close();
    await settled(lost, ground);
    close();
  },

  async 'With a store in trouble no refresh token is presented twice, nobody is logged out, and all settle'(
    ground,
  ) {
    for (const seed of [3, 8]) {
      const trouble = { random: randomFrom(seed), share: 0, slow: 30 };
      const { server, holders, close } = await shared(
        ground,
        troubled(ground.one, trouble),
        troubled(ground.two, trouble),
      );
      trouble.share = 0.3;
      for (let round = 0; round < 5; round += 1) {
        server.expire();
        const calls = holders.flatMap(({ session }) =>
          Array.from({ length: 5 }, () => session.http.get<unknown>('/orders').catch(codeOf)),
        );
        for (const outcome of await settled(Promise.all(calls), ground))
          must(
            typeof outcome === 'object' || ['SESSION_UNAVAILABLE', 'OUTCOME_UNKNOWN'].includes(outcome),
            `Seed ${seed}: a call failed with ${textOf(outcome)}; presented were ${server.presented.join(', ')}.`,
          );
        // New tokens may still be on their way to the store, and are not to expire before anybody has them.
        while (holders.some(({ session }) => session.state.status === 'refreshing')) await ground.pass(20);
      }
      trouble.share = 0;
      await ground.pass(3_000);
      for (const { session } of holders) {
        const answer = await settled(session.http.get<unknown>('/orders'), ground);
        same(answer.status, 200, `Seed ${seed}: the answer once the store is well`);
      }
      const { presented, dead } = server;
      same([new Set(presented).size, dead], [presented.length, false], `Seed ${seed}: tokens presented once`);
      close();
    }
  },
};
