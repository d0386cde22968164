// contract/words: the table as people read it, on the command line and in docs/errors.md.
import { expect } from 'chai';
import { statusMatches } from '../../lib/contract/classify.js';
import { CODES } from '../../lib/contract/codes.js';
import { EXAMPLES, type Example } from '../../lib/contract/examples.js';
import { FAILURES } from '../../lib/contract/failures.js';
import type { FailureRow, When } from '../../lib/contract/failure-row.js';
import { CARRIED, mayRepeat, onTheWire, rowsAbout, spell, told } from '../../lib/contract/words.js';

const rowOf = (id: string) => FAILURES.find((row) => row.id === id)!;
const ids = (word: string) => rowsAbout(word).map(({ id }) => id);

describe('A row in words', () => {
  it('may be repeated where its reaction does that at all and the server has not carried it out', () => {
    const said = (reaction: FailureRow['reaction'], processed: FailureRow['processed']) =>
      mayRepeat({ ...rowOf('gateway'), reaction, processed });
    expect(said('fail', 'no')).to.equal('no');
    expect(said('accept', 'no')).to.equal('no');
    expect(said('retry', 'no')).to.equal('yes');
    expect(said('cooldown', 'unknown')).to.equal('if the operation may');
    expect(said('refresh', 'yes')).to.equal('no');
  });

  it('matches in ways that are spelled out, each value set apart', () => {
    const all: When = {
      status: [418, 451],
      key: ['a', 'b'],
      hint: ['c'],
      details: true,
      json: true,
      challenge: 'foreign',
      auth: ['bearer'],
      operation: ['login'],
      cause: ['lost'],
    };
    expect(spell(all, (value) => `<${value}>`)).to.equal(
      'status <418>, <451>; key <a>, <b>; hint <c>; the body names fields; the body is a JSON object; ' +
        'it asks for credentials of another kind; auth <bearer>; operation <login>; cause <lost>',
    );
    expect(spell({ status: '4xx' })).to.equal('status 4xx');
    expect(spell({})).to.equal('anything else');
  });

  it('is told with all that there is to say, in columns, without blanks at the ends of lines', () => {
    const row = rowOf('password-reset-hash-expired');
    const example: Example = EXAMPLES['password-reset-hash-expired'];
    const { kind, userMessage } = CODES[row.code];
    const [first, ...others] = [
      `${example.operation} with ${CARRIED[example.auth]}`,
      ...onTheWire(example).split('\n'),
    ];
    const indented = (line: string) => (line ? `           ${line}` : '');
    expect(told(row).split('\n')).to.deep.equal([
      `${row.code} (${kind}), by the row ${row.id}`,
      `  when     ${spell(row.when[0])}`,
      `           or ${spell(row.when[1]!)}`,
      `  then     ${row.reaction}`,
      `  repeat   ${mayRepeat(row)}`,
      `  because  ${row.because}`,
      `  customer ${userMessage}`,
      `  proof    ${row.proof}`,
      `  example  ${first}`,
      ...others.map(indented),
    ]);
  });

  it('is told where there is no answer, and where it ends the session', () => {
    expect(told(rowOf('deadline'))).to.match(/\n {2}example {2}.+, cause deadline; no answer to show$/);
    const ends = FAILURES.filter((row: FailureRow) => row.session === 'end');
    expect(ends).not.to.have.length(0);
    for (const row of FAILURES)
      expect(told(row).includes(', and the session ends\n'), row.id).to.equal(ends.includes(row));
  });
});

describe('An answer as it stands on the wire', () => {
  const like = EXAMPLES['gateway'];

  it('has its status, its headers and its body', () => {
    expect(onTheWire({ ...like, status: 418, headers: { 'x-a': '1' }, body: { a: 1 } })).to.equal(
      'HTTP/1.1 418\ncontent-type: application/json\nx-a: 1\n\n{\n  "a": 1\n}',
    );
    expect(onTheWire({ ...like, status: 418, headers: {}, body: 'plain' })).to.equal('HTTP/1.1 418\n\nplain');
    expect(onTheWire({ ...like, status: 418, headers: {}, body: undefined })).to.equal('HTTP/1.1 418');
  });
});

describe('The rows about a word', () => {
  it('are those that its answer may lead to: of a status up to the first that asks for nothing else', () => {
    const asksFor = ({ status, ...more }: When, given: string) =>
      Object.keys(more).length === 0 && (!status || statusMatches(status, Number(given)));
    for (const status of ['400', '401', '404', '500', '599', '302']) {
      const found = ids(status);
      expect(
        found.map((id) => rowOf(id).when.some((way: When) => asksFor(way, status))),
        status,
      ).to.deep.equal([...found.slice(1).map(() => false), true]);
      const order = found.map((id) => FAILURES.findIndex((row) => row.id === id));
      expect(order).to.deep.equal([...order].sort((a, b) => a - b));
    }
  });

  it('are no others', () => {
    expect(ids('406')).to.deep.equal(['password-reset-hash-expired', 'rejected']);
    expect(ids('424')).to.deep.equal(['api-exception']);
  });

  it('are found by id, code and key in any case, and there are none of what is nothing', () => {
    const row = rowOf('user-not-found');
    for (const word of [row.id, row.code, row.code.toLowerCase(), row.id.toUpperCase()])
      expect(ids(word)).to.include(row.id);
    const keyed = FAILURES.flatMap(({ id, when }) =>
      (when as readonly When[]).flatMap(({ key = [] }) => key.map((each) => [id, each] as const)),
    );
    for (const [id, key] of keyed) expect(ids(key.toUpperCase()), key).to.include(id);
    for (const word of ['teapot', '999', '4010', '']) expect(ids(word), word).to.deep.equal([]);
  });
});
