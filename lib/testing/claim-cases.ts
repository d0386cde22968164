// The coordinator contract, step by step: who refreshes, and what becomes of that.
import type { Cases } from './conformance.js';
import { must, same } from './expect.js';
import { begun, CLAIM, fenceOf, FIRST, grant, isOf, LEASE, SECOND, tokensAt } from './shared-session.js';

export const CLAIM_CASES: Cases = {
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
};
