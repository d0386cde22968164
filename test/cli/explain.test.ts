import { expect } from 'chai';
import { classify } from '../../lib/contract/classify.js';
import { CODES } from '../../lib/contract/codes.js';
import { readErrorBody } from '../../lib/contract/error-body.js';
import { EXAMPLES, type Example } from '../../lib/contract/examples.js';
import { FAILURES } from '../../lib/contract/failures.js';
import { rowsAbout } from '../../lib/contract/words.js';
import { run } from './run.js';

describe('holdfast explain, the command', () => {
  it('tells the row of a status: code, reaction, reason, and what the customer reads', async () => {
    const [row] = rowsAbout('406');
    const { code, out, err } = await run('explain', '406').done;
    expect([code, err]).to.deep.equal([0, '']);
    const { body }: Example = EXAMPLES[row!.id];
    for (const part of [row!.id, row!.code, row!.because, CODES[row!.code].userMessage, 'HTTP/1.1 406'])
      expect(out).to.contain(part);
    expect(out.replaceAll(/\s/g, '')).to.contain(JSON.stringify(body).replaceAll(' ', ''));
  });

  it('tells every row that a key may lead to, and that the first that fits decides', async () => {
    const { out } = await run('explain', 'INVALID_REQUEST').done;
    expect(out).to.match(/^3 rows may explain INVALID_REQUEST; the first that fits decides\.\n/);
    expect(out.match(/, by the row (\S+)/g)).to.have.length(3);
  });

  it('lists all rows where nothing is asked for', async () => {
    const { out } = await run('explain').done;
    expect(out.trim().split('\n')).to.have.length(FAILURES.length);
  });

  it('answers what the contract does not have with one clear line and 2', async () => {
    for (const args of [['teapot'], ['700'], ['406', '409']]) {
      const { code, out, err } = await run('explain', ...args).done;
      expect([code, out], args.join(' ')).to.deep.equal([2, '']);
      expect(err).to.match(/^holdfast: .*(?:explain alone lists what it has|explain takes one .*)\n$/);
    }
  });

  for (const { id, code } of FAILURES)
    it(`finds ${id} by its id, its code, and the status and key of its example`, () => {
      const found = (word: string) => rowsAbout(word).map((row) => row.id);
      expect(found(id)).to.include(id);
      expect(found(code)).to.include(id);
      const { operation, auth, status, body, cause }: Example = EXAMPLES[id];
      if (status === undefined || cause !== undefined) return;
      expect(found(String(status))).to.include(id);
      const answer = { operation, auth, status, body: readErrorBody(body) };
      const { key } = answer.body;
      const byKey = classify({ ...answer, body: readErrorBody(undefined) }).id !== id;
      if (byKey && key !== undefined && /^[a-z_]+$/i.test(key)) expect(found(key)).to.include(id);
    });
});
