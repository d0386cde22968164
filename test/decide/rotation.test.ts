// decide/rotation: what may be presented a second time.
import { expect } from 'chai';
import { mayPresentAgain, type Rotation } from '../../lib/decide/rotation.js';

const GRACE = 10_000;

describe('A refresh token whose answer was lost', () => {
  const may = (rotation: Rotation, doubtFor: number, usable: boolean) =>
    mayPresentAgain({ rotation, grace: GRACE }, doubtFor, usable);

  it('may be presented again to any server once the access token is no use', () => {
    for (const rotation of ['none', 'grace', 'parent-of-active', 'single-use', 'strict'] as const)
      expect(may(rotation, 2 * GRACE, false), rotation).to.equal(true);
  });

  it('is not presented to a strict server while there is something to lose, and to those that take no offence it is', () => {
    expect(may('strict', 0, true)).to.equal(false);
    for (const rotation of ['none', 'parent-of-active', 'single-use'] as const)
      expect(may(rotation, 2 * GRACE, true), rotation).to.equal(true);
  });

  it('is presented within the grace of a server, and not when it is over', () => {
    expect([0, GRACE - 1, GRACE, GRACE + 1].map((ms) => may('grace', ms, true))).to.deep.equal([
      true,
      true,
      false,
      false,
    ]);
  });
});
