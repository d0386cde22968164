// decide/held-up: a timer that rings far too late says that everything stood still.
import { expect } from 'chai';
import { moreTime } from '../../lib/decide/held-up.js';

describe('A timer that rings late', () => {
  it('waits on for a tenth of a second if it was held up for a second or more', () => {
    const more = [5_000, 5_999, 6_000, 60_000].map((now) => moreTime(5_000, now));
    expect(more).to.deep.equal([0, 0, 100, 100]);
  });
});
