// decide/quota: a server may say that its quota is used up before it refuses a call.
import { expect } from 'chai';
import fc from 'fast-check';
import { serializeList } from 'structured-headers';
import { LONGEST } from '../../lib/decide/retry-after.js';
import { quotaWaitMs } from '../../lib/decide/quota.js';

const NOW = Date.UTC(2026, 10, 22);

describe('A quota that is used up', () => {
  it('says in the RateLimit header when it fills again', () => {
    expect(quotaWaitMs({ ratelimit: '"default";r=0;t=30' }, NOW)).to.equal(30_000);
    expect(quotaWaitMs({ ratelimit: '"default";r=0;t=0' }, NOW)).to.equal(0);
  });

  it('waits for the longest of several policies that are used up', () => {
    expect(quotaWaitMs({ ratelimit: '"burst";r=0;t=2, "day";r=0;t=60, "week";r=5;t=900' }, NOW)).to.equal(
      60_000,
    );
  });

  it('says so in the X-RateLimit headers, in seconds or as a date', () => {
    const headers = (reset: string) => ({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset });
    expect(quotaWaitMs(headers('7'), NOW)).to.equal(7_000);
    expect(quotaWaitMs(headers(String(NOW / 1_000 + 9)), NOW)).to.equal(9_000);
    expect(quotaWaitMs(headers(String(NOW / 1_000 - 9)), NOW), 'a date in the past').to.equal(0);
    const early = 1_000_000_000; // seconds that are a date from here on
    expect(quotaWaitMs(headers(String(early)), early * 1_000 - 500)).to.equal(500);
    expect(quotaWaitMs(headers(String(early - 1)), 0)).to.equal(Math.min(LONGEST, (early - 1) * 1_000));
  });

  it('is used up when the answer is a refusal, whatever it says is left', () => {
    const headers = { 'x-ratelimit-remaining': '3', 'x-ratelimit-reset': '4' };
    expect(quotaWaitMs(headers, NOW)).to.equal(undefined);
    expect(quotaWaitMs(headers, NOW, true)).to.equal(4_000);
  });

  it('says nothing while something is left, or without a time', () => {
    for (const headers of [
      {},
      { ratelimit: '"default";r=1;t=30' },
      { ratelimit: '"default";r=0' },
      { 'x-ratelimit-remaining': '0' },
      { 'x-ratelimit-remaining': '2', 'x-ratelimit-reset': '5' },
    ])
      expect(quotaWaitMs(headers, NOW)).to.equal(undefined);
  });

  it('says nothing where it is malformed', () => {
    for (const ratelimit of [
      '',
      'limit=10, remaining=0',
      '"default";r=0;t=abc',
      '"d";r=0;t=-1',
      '(a b);r=0;t=1',
      '"d";r=0;t=1.5s',
      '"d"r=0;t=1',
      '"d;r=0;t=1',
      '€',
    ])
      expect(quotaWaitMs({ ratelimit }, NOW), ratelimit).to.equal(undefined);
  });

  it('is read from any list of structured fields, whatever else its members carry', () => {
    const text = fc.stringMatching(/^[ -~]{0,8}$/);
    const bytes = fc.uint8Array({ maxLength: 6 }).map(({ buffer }) => buffer);
    const others = fc.dictionary(
      fc.stringMatching(/^[a-q*][a-z\d_.*-]{0,3}$/), // neither r nor t
      fc.oneof(text, bytes, fc.boolean(), fc.integer({ min: -999, max: 999 })),
    );
    const member = fc.record({ name: text, left: fc.nat(1), seconds: fc.nat(99), others });
    fc.assert(
      fc.property(fc.array(member, { minLength: 1, maxLength: 4 }), (members) => {
        const ratelimit = serializeList(
          members.map(({ name, left, seconds, others: before }) => [
            name,
            new Map(Object.entries({ ...before, r: left, t: seconds })),
          ]),
        );
        const waits = members.filter(({ left }) => left === 0).map(({ seconds }) => seconds * 1_000);
        const longest = waits.length > 0 ? Math.max(...waits) : undefined;
        expect(quotaWaitMs({ ratelimit }, NOW), ratelimit).to.equal(longest);
      }),
    );
  });

  it('never throws, and never waits longer than a timer can, whatever the headers say', () => {
    const text = fc.option(fc.string(), { nil: undefined });
    fc.assert(
      fc.property(text, text, text, fc.boolean(), (ratelimit, remaining, reset, refused) => {
        const headers = { ratelimit, 'x-ratelimit-remaining': remaining, 'x-ratelimit-reset': reset };
        const wait = quotaWaitMs(headers, NOW, refused);
        expect(wait === undefined || (wait >= 0 && wait <= LONGEST)).to.equal(true);
      }),
    );
    expect(quotaWaitMs({ ratelimit: '"d";r=0;t=999999999999999' }, NOW)).to.equal(LONGEST);
  });
});
