// What the cases of the contract begin with: a new session, and seats at it.
import { Secret } from '../contract/secret.js';
import type { Claim, Grant, Seat } from '../index.js';
import type { Ground } from './conformance.js';
import { must, same } from './expect.js';

/** A name that no other case has, should stores outlive their case. */
export const newKey = () => `conformance-${crypto.randomUUID()}`;

export const grant = (number: number, more: Partial<Grant> = {}): Grant => ({
  tokens: { accessToken: new Secret(`at-${number}`), refreshToken: new Secret(`rt-${number}`) },
  lifetime: 3_600_000,
  subject: 'ada',
  ...more,
});

export const FIRST = { gen: 1, ver: 1 };
export const SECOND = { gen: 1, ver: 2 };
export const LEASE = 400;
export const CLAIM = { seen: FIRST, lease: LEASE, eager: false };
export const LOGOUT = { reason: 'logout', because: 'logout() was called.' } as const;

/** Seats of both coordinators at the record of one new session. */
export async function begun({ one, two }: Ground): Promise<{ a: Seat; b: Seat }> {
  const key = newKey();
  const [a, b] = [one.open(key), two.open(key)];
  same(await a.begin(grant(1), false), FIRST, 'begin()');
  return { a, b };
}

export async function tokensAt(seat: Seat): Promise<unknown> {
  const seen = await seat.load();
  if (!seen) return 'no record';
  if ('end' in seen) return seen.end.reason;
  const { gen, ver, grant: held } = seen;
  const { accessToken, refreshToken } = held.tokens;
  return [gen, ver, accessToken.reveal(), refreshToken?.reveal()];
}

export async function fenceOf(claim: PromiseLike<Claim<Grant>> | Claim<Grant>): Promise<number> {
  const got = await claim;
  must(got.is === 'claimed', `A claim was expected to succeed, got ${JSON.stringify(got)}.`);
  return got.fence;
}

export const isOf = async (claim: PromiseLike<Claim<Grant>> | Claim<Grant>) => (await claim).is;
