// contract/classify: from an answer to the row that explains it.
import { expect } from 'chai';
import fc from 'fast-check';
import {
  classify,
  failureTable,
  isRetryable,
  kindOf,
  statusMatches,
  userMessageOf,
} from '../../lib/contract/classify.js';
import { CODES } from '../../lib/contract/codes.js';
import { EXAMPLES, type Example } from '../../lib/contract/examples.js';
import { FAILURES } from '../../lib/contract/failures.js';
import type { FailureRow } from '../../lib/contract/failure-row.js';
import { VARIANTS } from '../../lib/contract/variants.js';
import { answer, answerOf, anyAnswer, KEYS, ROWS } from './answers.js';

describe('The failure table', () => {
  it('has one example for each row, in the order of the rows', () => {
    expect(Object.keys(EXAMPLES)).to.deep.equal(FAILURES.map((row) => row.id));
  });

  for (const [row, example] of Object.entries<Example>(EXAMPLES))
    it(`reads its example of "${row}" as that row`, () => {
      expect(classify(answerOf(example)).id).to.equal(row);
    });

  for (const variant of VARIANTS)
    it(`reads as "${variant.row}" ${variant.about}`, () => {
      expect(classify(answerOf(variant)).id).to.equal(variant.row);
    });

  it('means a hundred statuses by a class of them', () => {
    const matched = Array.from({ length: 700 }, (_, status) => status).filter((one) =>
      statusMatches('4xx', one),
    );
    expect([matched[0], matched.at(-1), matched.length]).to.deep.equal([400, 499, 100]);
  });

  it('gives every row its own id and a reason that is a sentence', () => {
    expect(new Set(ROWS.map((row) => row.id)).size).to.equal(ROWS.length);
    for (const row of ROWS) expect(row.because, row.id).to.match(/^[A-Z].*\.$/s);
  });

  it('has a row for every code of the contract', () => {
    expect([...new Set(ROWS.map((row) => row.code))]).to.have.members(Object.keys(CODES));
  });

  it('repeats nothing that was carried out', () => {
    for (const row of ROWS.filter((each) => each.processed === 'yes'))
      expect(row.reaction, row.id).to.be.oneOf(['accept', 'fail']);
  });
});

describe('Classification', () => {
  it('gives a row for whatever comes, and never throws', () => {
    fc.assert(fc.property(anyAnswer, (each) => ROWS.includes(classify(each))));
  });

  it('gives the same row for the same answer', () => {
    fc.assert(fc.property(anyAnswer, (each) => classify(each) === classify(structuredClone(each))));
  });

  it('compares keys without case, outer blanks and a final dot', () => {
    const spellings = (key: string) => [key.toUpperCase(), key.toLowerCase(), ` ${key} `, `${key}.`];
    fc.assert(
      fc.property(anyAnswer, fc.constantFrom(...KEYS), (each, key) => {
        const rows = spellings(key).map((spelt) => classify({ ...each, body: { ...each.body, key: spelt } }));
        expect(new Set(rows).size).to.equal(1);
      }),
    );
  });

  it('lets a cause outrank the status: a body that broke off behind a 200 is no success', () => {
    expect(classify({ ...answer('login', 'basic', 200), cause: 'lost' }).id).to.equal('lost');
  });

  it('calls an answer that fits nothing unexpected', () => {
    expect(classify(answer('request', 'none', undefined)).code).to.equal('UNEXPECTED_ANSWER');
    expect(classify(answer('request', 'none', NaN)).code).to.equal('UNEXPECTED_ANSWER');
  });
});

describe('Rows of a config', () => {
  const own: FailureRow = {
    id: 'payment-required',
    when: [{ status: [402, 404] }],
    code: 'CARD_DECLINED',
    reaction: 'fail',
    processed: 'no',
    because: 'The card was declined.',
    proof: 'ours',
  };

  it('come before the built-in ones', () => {
    const table = failureTable([own]);
    expect(classify(answerOf(EXAMPLES['user-not-found']), table)).to.equal(own);
    expect(table).to.have.length(FAILURES.length + 1);
  });

  it('take the place of the built-in row with the same id, and no other', () => {
    const replaced = {
      ...own,
      id: 'too-many-attempts',
      when: [{ status: [429] }],
      reaction: 'fail',
    } as const;
    const table = failureTable([replaced]);
    expect(table.map((row) => row.id)).to.deep.equal(FAILURES.map((row) => row.id));
    expect(classify(answerOf(EXAMPLES['too-many-attempts']), table)).to.equal(replaced);
    expect(classify(answerOf(EXAMPLES.conflict), table).id).to.equal('conflict');
  });

  it('leave the built-in table as it was', () => {
    failureTable([own]);
    expect(classify(answerOf(EXAMPLES['user-not-found'])).id).to.equal('user-not-found');
  });

  it('keep classification total, even when they replace the last row by one that matches nothing', () => {
    const table = failureTable([{ ...own, id: 'unexpected', when: [] }]);
    fc.assert(fc.property(anyAnswer, (each) => typeof classify(each, table).id === 'string'));
    expect(classify(answer('request', 'none', undefined), table).code).to.equal('UNEXPECTED_ANSWER');
  });

  it('fall back to a rejection for a code that the contract does not know', () => {
    expect(kindOf(own)).to.equal('rejected');
    expect(userMessageOf(own)).to.equal('Your request could not be processed.');
    expect(isRetryable(own)).to.equal(false);
  });

  it('may bring a kind and a sentence of their own', () => {
    const polite: FailureRow = { ...own, kind: 'rate-limit', userMessage: 'Later, please.' };
    expect([kindOf(polite), userMessageOf(polite), isRetryable(polite)]).to.deep.equal([
      'rate-limit',
      'Later, please.',
      true,
    ]);
  });

  it('may use a code that is a property of every object', () => {
    expect(userMessageOf({ ...own, code: 'constructor' })).to.equal('Your request could not be processed.');
  });
});
