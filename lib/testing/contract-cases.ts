// The coordinator contract, step by step: how sessions begin, how they are seen, and how they end.
import { Secret } from '../contract/secret.js';
import type { Grant } from '../index.js';
import type { Cases } from './conformance.js';
import { must, same } from './expect.js';
import {
  begun,
  CLAIM,
  fenceOf,
  FIRST,
  grant,
  isOf,
  LEASE,
  LOGOUT,
  newKey,
  SECOND,
  tokensAt,
} from './shared-session.js';

export const CONTRACT_CASES: Cases = {
  async 'A session that began is seen by all, with everything that was given'(ground) {
    const { a, b } = await begun(ground);
    for (const seat of [a, b]) same(await tokensAt(seat), [1, 1, 'at-1', 'rt-1'], 'load()');
    const seen = await b.load();
    must(seen !== undefined && 'grant' in seen, 'load() lost the tokens.');
    same([seen.grant.lifetime, seen.grant.subject], [3_600_000, 'ada'], 'lifetime and subject');
    must(seen.age >= 0 && seen.age < 5_000, `Tokens of this moment cannot be ${seen.age} ms old.`);
  },

  async 'Tokens grow older'(ground) {
    const { b } = await begun(ground);
    await ground.pass(500);
    const seen = await b.load();
    must(
      seen !== undefined && 'age' in seen && seen.age >= 490,
      'After 500 ms the tokens are younger than that.',
    );
  },

  async 'Whatever a token looks like, it comes back as it was'({ one, two }) {
    const odd: Grant[] = [
      { tokens: { accessToken: new Secret('a') } },
      {
        tokens: { accessToken: new Secret('ä"\\\n\u{1f511}'), refreshToken: new Secret('{}') },
        subject: 'ž"',
      },
      { tokens: { accessToken: new Secret('x'.repeat(8_192)), expiresIn: 0 }, lifetime: 0.5 },
    ];
    for (const given of odd) {
      const key = newKey();
      await one.open(key).begin(given, false);
      const seen = await two.open(key).load();
      must(seen !== undefined && 'grant' in seen, 'load() lost the tokens.');
      const { tokens, lifetime, subject } = seen.grant;
      same(
        [tokens.accessToken.reveal(), tokens.refreshToken?.reveal(), lifetime, subject],
        [
          given.tokens.accessToken.reveal(),
          given.tokens.refreshToken?.reveal(),
          given.lifetime,
          given.subject,
        ],
        'The grant',
      );
    }
  },

  async 'A session that nobody began is no session, and not one that ended'({ one }) {
    const seat = one.open(newKey());
    same(await seat.load(), undefined, 'load()');
    same(await isOf(seat.claim(CLAIM)), 'lost', 'claim()');
    same(await seat.commit(FIRST, grant(2)), false, 'commit()');
    same(await seat.mark(1, LEASE), false, 'mark()');
    same(await seat.end({ gen: 1 }, LOGOUT), undefined, 'end()');
    await seat.cool(1, 100, false);
    same(await seat.load(), undefined, 'load() after all of these');
  },

  async 'Sessions keep apart'(ground) {
    const [{ a }, { b: other }] = [await begun(ground), await begun(ground)];
    await a.end({ gen: 1 }, LOGOUT);
    same(await tokensAt(other), [1, 1, 'at-1', 'rt-1'], 'The other session');
    same(await isOf(other.claim(CLAIM)), 'claimed', 'Its claim');
  },

  async 'A login in place of a session counts its generation up, and holders of the old one hear of it'(
    ground,
  ) {
    const { a, b } = await begun(ground);
    same(await b.begin(grant(7), false), { gen: 2, ver: 1 }, 'begin()');
    const got = await a.claim(CLAIM);
    must(got.is === 'newer' && 'grant' in got.seen, `Expected newer tokens, got ${JSON.stringify(got)}.`);
    same([got.seen.gen, got.seen.grant.tokens.accessToken.reveal()], [2, 'at-7'], 'What is newer');
    same(await a.commit(FIRST, grant(2)), false, 'A commit to the old one');
    same(await a.end({ gen: 1 }, LOGOUT), undefined, 'An end of the old one');
  },

  async 'Tokens from elsewhere join a session that is there, and begin one that is not or is over'(ground) {
    const { a, b } = await begun(ground);
    same(await b.begin(grant(7), true), FIRST, 'begin() of a session that is there');
    same(await tokensAt(a), [1, 1, 'at-1', 'rt-1'], 'load()');
    await a.end({ gen: 1 }, LOGOUT);
    same(await b.begin(grant(8), true), { gen: 2, ver: 1 }, 'begin() of one that is over');
    const fresh = ground.one.open(newKey());
    same(await fresh.begin(grant(9), true), FIRST, 'begin() of one that is not there');
    same(await tokensAt(fresh), [1, 1, 'at-9', 'rt-9'], 'load() of that');
  },

  async 'One call ends a session, and gets its last tokens; all see why'(ground) {
    const { a, b } = await begun(ground);
    await a.commit(FIRST, grant(2));
    const ends = await Promise.all([
      a.end({ gen: 1 }, LOGOUT),
      b.end({ gen: 1 }, LOGOUT),
      a.end({ gen: 1 }, LOGOUT),
    ]);
    const last = ends.flatMap((end) => (end ? [[end.ver, end.grant?.tokens.refreshToken?.reveal()]] : []));
    same(last, [[2, 'rt-2']], 'The one call that ended it got its last tokens');
    const seen = await b.load();
    must(seen !== undefined && 'end' in seen, 'load() does not tell of the end.');
    same([seen.end.reason, seen.end.because], [LOGOUT.reason, LOGOUT.because], 'The end');
    must(!('grant' in seen), 'Tokens outlived their session.');
    const got = await b.claim({ ...CLAIM, seen: SECOND });
    must(got.is === 'newer' && 'end' in got.seen, `Expected to hear of the end, got ${JSON.stringify(got)}.`);
    same(await a.commit(SECOND, grant(3)), false, 'A commit after the end');
  },

  async 'A verdict about tokens ends them only if they are the current ones'(ground) {
    const { a, b } = await begun(ground);
    await a.commit(FIRST, grant(2));
    const verdict = { reason: 'expired', because: 'It is dead.', by: 7 } as const;
    same(await b.end(FIRST, verdict), undefined, 'end() of older tokens');
    same(await tokensAt(b), [1, 2, 'at-2', 'rt-2'], 'load()');
    must((await b.end(SECOND, verdict)) !== undefined, 'end() of the current tokens was refused.');
    const seen = await a.load();
    same(seen && 'end' in seen && seen.end, verdict, 'The end');
  },

  async 'A claim under way does not outlive its session'(ground) {
    const { a, b } = await begun(ground);
    const fence = await fenceOf(a.claim(CLAIM));
    await b.end({ gen: 1 }, LOGOUT);
    same(await a.mark(fence, LEASE), false, 'mark()');
    await a.cool(fence, 0, true);
    same(await tokensAt(a), 'logout', 'load()');
  },

  async 'After the end a login begins another generation'(ground) {
    const { a, b } = await begun(ground);
    await a.end({ gen: 1 }, LOGOUT);
    same(await b.begin(grant(5), false), { gen: 2, ver: 1 }, 'begin()');
    same(await tokensAt(a), [2, 1, 'at-5', 'rt-5'], 'load()');
  },

  async 'Hints reach only who listens'(ground) {
    const { a, b } = await begun(ground);
    let hints = 0;
    const stop = b.subscribe(() => (hints += 1));
    await a.commit(FIRST, grant(2));
    await ground.pass(500);
    stop();
    const heard = hints;
    await a.commit(SECOND, grant(3));
    await ground.pass(500);
    same(hints, heard, 'Hints after unsubscribing');
  },
};
