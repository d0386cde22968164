// decide/retry-after: how long the server asks to wait.
import { expect } from 'chai';
import fc from 'fast-check';
import { LONGEST, retryAfterMs, type WaitHeaders } from '../../lib/decide/retry-after.js';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const after = (value: string | undefined, more: WaitHeaders = {}) =>
  retryAfterMs({ 'retry-after': value, ...more }, NOW);

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** A moment in the three forms that RFC 9110 allows. */
function formsOf(at: number): { imf: string; rfc850: string; asctime: string } {
  const imf = new Date(at).toUTCString();
  const [day = '', month = '', year = '', clock = ''] = imf.split(' ').slice(1);
  const weekday = DAYS[new Date(at).getUTCDay()] ?? '';
  return {
    imf,
    rfc850: `${weekday}, ${day}-${month}-${year.slice(2)} ${clock} GMT`,
    asctime: `${weekday.slice(0, 3)} ${month} ${day.replace(/^0/, ' ')} ${clock} ${year}`,
  };
}

describe('The time to wait', () => {
  it('is read from seconds', () => {
    expect(after('120')).to.equal(120_000);
    expect(after(' 7 ')).to.equal(7_000);
    expect(after('1.5')).to.equal(1_500);
    expect(after('0')).to.equal(0);
  });

  it('is read from ms first, rounded up', () => {
    expect(after('120', { 'retry-after-ms': '250' })).to.equal(250);
    expect(after(undefined, { 'retry-after-ms': '250.2' })).to.equal(251);
    expect(after('2', { 'retry-after-ms': 'soon' })).to.equal(2_000);
  });

  it('is read from the three forms of an HTTP-date, as the RFC writes them', () => {
    const told = '1994-11-06T08:49:37Z';
    const now = Date.parse(told) - 90_000;
    for (const form of [
      'Sun, 06 Nov 1994 08:49:37 GMT',
      'Sunday, 06-Nov-94 08:49:37 GMT',
      'Sun Nov  6 08:49:37 1994',
    ])
      expect(retryAfterMs({ 'retry-after': form }, now), form).to.equal(90_000);
  });

  it('is the same in all three forms, for any moment', () => {
    const second = fc.integer({ min: 0, max: 365 * 24 * 3_600 });
    fc.assert(
      fc.property(second, (seconds) => {
        const { imf, rfc850, asctime } = formsOf(NOW + seconds * 1_000);
        const expected = Math.min(LONGEST, seconds * 1_000);
        expect([after(imf), after(rfc850), after(asctime)]).to.deep.equal([expected, expected, expected]);
      }),
    );
  });

  it('is judged by the Date of the server, however wrong our own clock is', () => {
    const date = 'Sun, 22 Nov 2026 03:00:00 GMT';
    const headers = { 'retry-after': 'Sun, 22 Nov 2026 03:00:30 GMT', date };
    fc.assert(
      fc.property(fc.integer({ min: -(10 ** 13), max: 10 ** 13 }), (now) => {
        expect(retryAfterMs(headers, now)).to.equal(30_000);
      }),
    );
  });

  it('is judged by our own clock where the Date of the server is missing or broken', () => {
    const inAMinute = formsOf(NOW + 60_000).imf;
    expect(after(inAMinute)).to.equal(60_000);
    expect(after(inAMinute, { date: 'yesterday' })).to.equal(60_000);
  });

  it('is now where the date is past', () => {
    expect(after(formsOf(NOW - 1_000).imf)).to.equal(0);
    expect(after(formsOf(NOW - 10 ** 10).asctime)).to.equal(0);
  });

  for (const garbage of [
    '',
    ' ',
    'soon',
    '-1',
    '+5',
    '1e3',
    '0x10',
    'Infinity',
    'NaN',
    '10 s',
    '5,',
    '.5',
    '٣',
    '2026-11-22T12:01:00Z',
    'Sun, 22 Nov 2026 12:01:00 PST',
    'Sun, 22 Nov 2026 12:01:00',
    'Sun, 22 Nov 2026',
    'Xyz, 22 Nov 2026 12:01:00 GMT',
    'Sun, 22 Foo 2026 12:01:00 GMT',
    'Sun, 99 Nov 2026 12:01:00 GMT',
    'Sun, 22 Nov 2026 99:01:00 GMT',
    '[object Object]',
  ])
    // prettier-ignore
    it(`cannot be read from '${garbage}'`, () => {
      expect(after(garbage)).to.equal(undefined);
    });

  it('is unknown where no header speaks of it', () => {
    expect(retryAfterMs({}, NOW)).to.equal(undefined);
    expect(retryAfterMs({ date: formsOf(NOW).imf }, NOW)).to.equal(undefined);
  });

  it('is never longer than a timer can wait', () => {
    for (const huge of ['3000000', '99999999999999999999', '9'.repeat(400)])
      expect(after(huge)).to.equal(LONGEST);
    expect(after(undefined, { 'retry-after-ms': '9'.repeat(400) })).to.equal(LONGEST);
    expect(after('Fri, 31 Dec 9999 23:59:59 GMT')).to.equal(LONGEST);
    expect(LONGEST).to.equal(2 ** 31 - 1);
  });

  it('is nothing or a whole number within its bounds, whatever the headers say', () => {
    const digits = fc.stringMatching(/^[\d.\s+\-eE]{0,12}$/);
    const dates = fc
      .tuple(fc.integer({ min: -(10 ** 14), max: 10 ** 14 }), fc.constantFrom('imf', 'rfc850', 'asctime'))
      .map(([at, form]) => formsOf(at)[form as 'imf']);
    const value = fc.option(fc.oneof(fc.string(), digits, dates), { nil: undefined });
    const headers = fc.record({ 'retry-after': value, 'retry-after-ms': value, date: value });
    fc.assert(
      fc.property(headers, fc.integer({ min: 0, max: 10 ** 14 }), (said, now) => {
        const ms = retryAfterMs(said, now);
        if (ms === undefined) return;
        expect(ms).to.be.within(0, LONGEST);
        expect(Number.isInteger(ms)).to.equal(true);
      }),
      { numRuns: 3_000 },
    );
  });
});
