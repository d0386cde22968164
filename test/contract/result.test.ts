// contract/result: an operation returns what the wire did; only a bug throws.
import { expect } from 'chai';
import { toAuthError } from '../../lib/contract/auth-error.js';
import { asResult, unwrap } from '../../lib/contract/result.js';
import { ROWS } from './answers.js';

const error = toAuthError(ROWS[0]!, { details: [] }, { operation: 'login', attempts: 1, ambiguous: false });

const caught = (act: () => void): unknown => {
  try {
    act();
  } catch (thrown) {
    return thrown;
  }
  return undefined;
};

describe('unwrap', () => {
  it('gives the value of a success, even an empty one', () => {
    expect(unwrap({ ok: true, value: 7 })).to.equal(7);
    expect(unwrap({ ok: true, value: null })).to.equal(null);
  });

  it('throws the very error of a failure', () => {
    expect(
      caught(() => {
        unwrap({ ok: false, error });
      }),
    ).to.equal(error);
  });
});

describe('asResult', () => {
  it('makes a success of a promise that is kept', async () => {
    expect(await asResult(Promise.resolve('v'))).to.deep.equal({ ok: true, value: 'v' });
  });

  it('makes a failure of a promise that rejects with an error of ours', async () => {
    expect(await asResult(Promise.reject(error))).to.deep.equal({ ok: false, error });
  });

  it('rejects with anything else: that is a bug, not an outcome', async () => {
    const bug = new TypeError('x is not a function');
    const outcome = await asResult(Promise.reject(bug)).catch((thrown: unknown) => thrown);
    expect(outcome).to.equal(bug);
  });
});
