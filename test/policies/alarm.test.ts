// policies/alarm: one timer that is moved rather than made anew.
import { expect } from 'chai';
import { LONGEST } from '../../lib/decide/retry-after.js';
import { alarm } from '../../lib/policies/alarm.js';
import { virtualTime } from '../support/virtual-time.js';

describe('An alarm', () => {
  const time = virtualTime();

  it('for a moment later than any timer can wait does not ring at once, but when the timer is over (R12)', async () => {
    const rung: number[] = [];
    const one = alarm(() => rung.push(performance.now()));
    const now = performance.now();
    one.at(now + 2 * LONGEST, now);
    await time.pass(60_000);
    expect(rung).to.deep.equal([]);
    await time.pass(LONGEST);
    expect(rung).to.deep.equal([now + LONGEST]);
  });
});
