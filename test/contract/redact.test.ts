// contract/redact: no secret survives in what is copied from the wire.
import { expect } from 'chai';
import fc from 'fast-check';
import { readErrorBody } from '../../lib/contract/error-body.js';
import { redactText, redactValue, secretsIn } from '../../lib/contract/redact.js';

const JWT = 'eyJ0eXAiOiJKV1QifQ.eyJzdWIiOiIxIn0.c2lnbmF0dXJl';
const REFRESH = `def50200${'0a1b2c3d'.repeat(8)}`;

describe('Secrets echoed by a server', () => {
  it('are replaced in every field of an error body', () => {
    const password = 'correct horse battery';
    const body = {
      error: password,
      message: `No user for ${password}.`,
      error_description: password,
      hint: `${password}${password}`,
      context: { input: [{ given: password }], [password]: 1 },
      errors: [{ field: password, message: `${password} is too long.` }],
    };
    const read = JSON.stringify(readErrorBody(body, [password]));
    expect(read).not.to.contain(password);
    expect(read).to.contain('No user for [secret].');
  });

  it('are replaced whole where one contains another', () => {
    const secrets = ['hunter', 'hunter2-and-more'];
    for (const order of [secrets, [...secrets].reverse()])
      expect(redactText('You sent hunter2-and-more.', order)).to.equal('You sent [secret].');
  });

  it('leave no piece where a long text is cut', () => {
    const secret = 'a-very-secret-value';
    for (let at = 970; at <= 1_000; at += 1)
      expect(redactText(`${'.'.repeat(at)}${secret}`, [secret])).not.to.contain('a-very');
  });

  it('are gone whatever surrounds them', () => {
    const secret = fc.stringMatching(/^[A-Z0-9]{4,40}$/);
    fc.assert(
      fc.property(
        fc.array(secret, { minLength: 1, maxLength: 3 }),
        fc.array(fc.string()),
        (secrets, noise) => {
          const text = noise.flatMap((each, index) => [each, secrets[index % secrets.length]]).join(' ');
          const shown = JSON.stringify([redactText(text, secrets), redactValue({ deep: [text] }, secrets)]);
          for (const each of secrets) expect(shown).not.to.contain(each);
        },
      ),
    );
  });

  it('that are too short to tell from words are left', () => {
    expect(redactText('an apple', ['a'])).to.equal('an apple');
  });
});

describe('What looks like a credential', () => {
  for (const [name, text] of Object.entries({
    'a JWT': `token ${JWT} expired`,
    'a refresh token': `token ${REFRESH} expired`,
    'a bearer header': 'Authorization: Bearer abcdef123456',
    'a basic header': 'authorization: basic Y2xpZW50OnNlY3JldA==',
  }))
    it(`is replaced though nobody named it: ${name}`, () => {
      const out = redactText(text);
      expect(out).to.contain('[secret]');
      expect(out).not.to.match(/eyJ|def50200|abcdef|Y2xp/);
    });

  it('is replaced under a telling name, at any depth', () => {
    const value = { a: { new_password: 'x', Authorization: 'y', api_key: 'z' }, refresh_token: 'w', ok: 'v' };
    expect(redactValue(value)).to.deep.equal({
      a: { new_password: '[secret]', Authorization: '[secret]', api_key: '[secret]' },
      refresh_token: '[secret]',
      ok: 'v',
    });
  });

  it('does not include the reasons of a validation, which stand under the name of the field', () => {
    expect(redactValue({ password: ['Too short.'] })).to.deep.equal({ password: ['Too short.'] });
  });
});

describe('A redacted copy', () => {
  it('is bounded in depth and width', () => {
    const deep = { a: { b: { c: { d: { e: 'gone' } } } } };
    expect(redactValue(deep)).to.deep.equal({ a: { b: { c: { d: '…' } } } });
    expect(redactValue(Array(99).fill(1))).to.have.length(50);
  });

  it('shares nothing with the original', () => {
    const context = { list: [1] };
    expect(redactValue(context)).to.deep.equal(context);
    expect(redactValue(context)).not.to.equal(context);
    expect((redactValue(context) as typeof context).list).not.to.equal(context.list);
  });
});

describe('The secrets of a request body', () => {
  it('are the texts under a telling name', () => {
    const body = { email: 'a@b.c', password: 'p1', new_password: 'p2', nested: { hash: 'h', code: 'c' } };
    expect(secretsIn(body)).to.deep.equal(['p1', 'p2', 'h', 'c']);
    expect(secretsIn('password')).to.deep.equal([]);
  });
});
