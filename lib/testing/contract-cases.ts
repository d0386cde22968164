// The coordinator contract, step by step: each case is one promise of `Seat`.
import { Secret } from '../contract/secret.js';
import type { Claim, Grant, Seat } from '../index.js';
import type { Cases, Ground } from './conformance.js';
import { must, same } from './expect.js';

let names = 0;
/** A name that no other case has, should stores outlive their case. */
const newKey = () => `conformance-${(names += 1)}-${Math.random().toString(36).slice(2)}`;

const grant = (number: number, more: Partial<Grant> = {}): Grant => ({
  tokens: { accessToken: new Secret(`at-${number}`), refreshToken: new Secret(`rt-${number}`) },
  lifetime: 3_600_000,
  subject: 'ada',
  ...more,
});

const FIRST = { gen: 1, ver: 1 };
const SECOND = { gen: 1, ver: 2 };
const LEASE = 400;
const CLAIM = { seen: FIRST, lease: LEASE, eager: false };
const LOGOUT = { reason: 'logout', because: 'logout() was called.' } as const;

/** Seats of both coordinators at the record of one new session. */
async function begun({ one, two }: Ground): Promise<{ a: Seat; b: Seat }> {
  const key = newKey();
  const [a, b] = [one.open(key), two.open(key)];
  same(await a.begin(grant(1)), FIRST, 'begin()');
  return { a, b };
}

async function tokensAt(seat: Seat): Promise<unknown> {
  const seen = await seat.load();
  if (!seen) return 'no record';
  if ('end' in seen) return seen.end.reason;
  const { gen, ver, grant: held } = seen;
  const { accessToken, refreshToken } = held.tokens;
  return [gen, ver, accessToken.reveal(), refreshToken?.reveal()];
}

async function fenceOf(claim: PromiseLike<Claim<Grant>> | Claim<Grant>): Promise<number> {
  const got = await claim;
  must(got.is === 'claimed', `A claim was expected to succeed, got ${JSON.stringify(got)}.`);
  return got.fence;
}

const isOf = async (claim: PromiseLike<Claim<Grant>> | Claim<Grant>) => (await claim).is;

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
      await one.open(key).begin(given);
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
    same(await b.begin(grant(7)), { gen: 2, ver: 1 }, 'begin()');
    const got = await a.claim(CLAIM);
    must(got.is === 'newer' && 'grant' in got.seen, `Expected newer tokens, got ${JSON.stringify(got)}.`);
    same([got.seen.gen, got.seen.grant.tokens.accessToken.reveal()], [2, 'at-7'], 'What is newer');
    same(await a.commit(FIRST, grant(2)), false, 'A commit to the old one');
    same(await a.end({ gen: 1 }, LOGOUT), undefined, 'An end of the old one');
  },

  async 'Of many claims at once one succeeds; the others hear for how long at most'(ground) {
    const { a, b } = await begun(ground);
    const claims = await Promise.all(
      Array.from({ length: 40 }, async (_, index) => (index % 2 ? a : b).claim(CLAIM)),
    );
    same(claims.filter(({ is }) => is === 'claimed').length, 1, 'Claims that succeeded');
    for (const claim of claims)
      must(
        claim.is === 'claimed' || (claim.is === 'busy' && claim.ms > 0 && claim.ms <= LEASE),
        `Expected busy for at most ${LEASE} ms, got ${JSON.stringify(claim)}.`,
      );
  },

  async 'A claim lapses, and the next one has a higher fence'(ground) {
    const { a, b } = await begun(ground);
    const first = await fenceOf(a.claim(CLAIM));
    await ground.pass(LEASE / 2);
    same(await isOf(b.claim(CLAIM)), 'busy', 'A claim before the lease is over');
    await ground.pass(LEASE);
    const second = await b.claim(CLAIM);
    must(
      second.is === 'claimed' && second.fence > first,
      `Expected a fence above ${first}, got ${JSON.stringify(second)}.`,
    );
    same(second.doubtFor, undefined, 'The doubt about a token that was never sent');
    same(await a.mark(first, LEASE), false, 'mark() of the lapsed claim');
    same(await b.mark(second.fence, LEASE), true, 'mark() of the new one');
  },

  async 'A lapsed claim cannot be marked, even if nobody came after it'(ground) {
    const { a } = await begun(ground);
    const fence = await fenceOf(a.claim(CLAIM));
    await ground.pass(LEASE + 100);
    same(await a.mark(fence, LEASE), false, 'mark()');
  },

  async 'To mark a claim begins its lease anew, as often as it is asked for'(ground) {
    const { a, b } = await begun(ground);
    const fence = await fenceOf(a.claim(CLAIM));
    for (let round = 0; round < 3; round += 1) {
      await ground.pass(LEASE * 0.6);
      same(await a.mark(fence, LEASE), true, `mark() ${round}`);
    }
    same(await isOf(b.claim(CLAIM)), 'busy', 'A claim meanwhile');
  },

  async 'Whose sending lapsed leaves the refresh token in doubt, since it was sent'(ground) {
    const { a, b } = await begun(ground);
    const fence = await fenceOf(a.claim(CLAIM));
    await a.mark(fence, LEASE);
    await ground.pass(LEASE + 100);
    const next = await b.claim(CLAIM);
    must(
      next.is === 'claimed' && next.doubtFor !== undefined && next.doubtFor >= LEASE,
      `Expected a doubt of ${LEASE} ms or more, got ${JSON.stringify(next)}.`,
    );
  },

  async 'New tokens are everybody\u2019s, and free the way for the next refresh'(ground) {
    const { a, b } = await begun(ground);
    const fence = await fenceOf(a.claim(CLAIM));
    await a.mark(fence, LEASE);
    same(await a.commit(FIRST, grant(2)), true, 'commit()');
    same(await tokensAt(b), [1, 2, 'at-2', 'rt-2'], 'load()');
    const old = await b.claim(CLAIM);
    must(
      old.is === 'newer' && 'grant' in old.seen && old.seen.ver === 2,
      `Expected newer tokens, got ${JSON.stringify(old)}.`,
    );
    const next = await b.claim({ ...CLAIM, seen: SECOND });
    must(
      next.is === 'claimed' && next.doubtFor === undefined,
      `Expected a claim without doubt, got ${JSON.stringify(next)}.`,
    );
  },

  async 'Who saves first is right: a second commit in place of the same tokens is refused'(ground) {
    const { a, b } = await begun(ground);
    const saved = await Promise.all([
      a.commit(FIRST, grant(2)),
      b.commit(FIRST, grant(3)),
      a.commit(FIRST, grant(4)),
    ]);
    same(saved.filter(Boolean).length, 1, 'Commits that succeeded');
    same(await tokensAt(a), await tokensAt(b), 'What both see');
  },

  async 'Who is late may save still, as long as nobody else has'(ground) {
    const { a, b } = await begun(ground);
    const fence = await fenceOf(a.claim(CLAIM));
    await a.mark(fence, LEASE);
    await ground.pass(LEASE + 100);
    const other = await fenceOf(b.claim(CLAIM));
    same(await a.commit(FIRST, grant(2)), true, 'commit() of the late one');
    same(await b.mark(other, LEASE), false, 'mark() of the one who came after');
    same(await b.commit(FIRST, grant(3)), false, 'Its commit');
  },

  async 'After a failure nobody claims for as long as it says, save who asks by name'(ground) {
    const { a, b } = await begun(ground);
    await a.cool(await fenceOf(a.claim(CLAIM)), 300, false);
    const early = await b.claim(CLAIM);
    must(
      early.is === 'cooling' && early.ms > 0 && early.ms <= 300,
      `Expected to cool, got ${JSON.stringify(early)}.`,
    );
    const eager = await b.claim({ ...CLAIM, eager: true });
    must(
      eager.is === 'claimed' && eager.doubtFor === undefined,
      `Expected a claim, got ${JSON.stringify(eager)}.`,
    );
    await b.cool(eager.fence, 300, false);
    await ground.pass(400);
    same(await isOf(a.claim(CLAIM)), 'claimed', 'A claim after the cooldown');
  },

  async 'A failure that may have used the token says so to all who come after, until there are new ones'(
    ground,
  ) {
    const { a, b } = await begun(ground);
    const fence = await fenceOf(a.claim(CLAIM));
    await a.mark(fence, LEASE);
    await a.cool(fence, 0, true);
    await ground.pass(50);
    const next = await b.claim(CLAIM);
    must(
      next.is === 'claimed' && (next.doubtFor ?? 0) >= 40,
      `Expected a doubt, got ${JSON.stringify(next)}.`,
    );
    await b.cool(next.fence, 0, false);
    const again = await a.claim(CLAIM);
    must(again.is === 'claimed' && again.doubtFor !== undefined, 'The doubt went away without new tokens.');
    await a.commit(FIRST, grant(2));
    const fresh = await b.claim({ ...CLAIM, seen: SECOND });
    must(
      fresh.is === 'claimed' && fresh.doubtFor === undefined,
      'The doubt outlived the tokens that it was about.',
    );
  },

  async 'To give back a claim that lapsed takes nothing from its successor'(ground) {
    const { a, b } = await begun(ground);
    const fence = await fenceOf(a.claim(CLAIM));
    await ground.pass(LEASE + 100);
    await fenceOf(b.claim(CLAIM));
    await a.cool(fence, 60_000, true);
    same(await isOf(a.claim(CLAIM)), 'busy', 'claim()');
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
    same(await b.begin(grant(5)), { gen: 2, ver: 1 }, 'begin()');
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
