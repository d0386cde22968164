// contract/answer: which answers are successes.
import { expect } from 'chai';
import { isSuccess } from '../../lib/contract/answer.js';

describe('A success', () => {
  it('has a status of 200 to 299', () => {
    const successes = Array.from({ length: 600 }, (_, status) => status).filter(isSuccess);
    expect([successes[0], successes.at(-1), successes.length]).to.deep.equal([200, 299, 100]);
  });
});
