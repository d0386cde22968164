// contract/redact: no secret survives in what is copied from the wire.
import { expect } from 'chai';
import fc from 'fast-check';
import { readErrorBody } from '../../lib/contract/error-body.js';
import {
  percentEncoded,
  redactText,
  redactValue,
  secretsIn,
  spellingsOf,
} from '../../lib/contract/redact.js';

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
    expect(redactText('an apple', ['app'])).to.equal('an apple');
    expect(redactText('an apple', ['appl'])).to.equal('an [secret]e');
  });

  it('are known in every spelling that URLs, forms, JSON and headers have for them', () => {
    const secret = 'pä"ss wö?rd~+/';
    const latin = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
    const json = JSON.stringify(secret).slice(1, -1);
    const base64 = Buffer.from(secret).toString('base64');
    expect(spellingsOf(secret)).to.have.members([
      secret,
      encodeURIComponent(secret),
      new URLSearchParams([['x', secret]]).toString().slice(2),
      json,
      latin(secret),
      latin(json),
      base64,
      base64.replace(/=+$/, ''),
      Buffer.from(secret).toString('base64url'),
    ]);
    expect(percentEncoded('a\ud800b'), 'half a pair').to.equal('a%EF%BF%BDb');
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
    expect(redactValue({ a: [[[[1]]]] })).to.deep.equal({ a: [[['…']]] });
    expect(redactValue(Array(99).fill(1))).to.have.length(50);
    expect(redactText('x'.repeat(1_000))).to.have.length(1_000);
    expect(redactText('x'.repeat(1_001))).to.equal(`${'x'.repeat(1_000)}…`);
  });

  it('has what JSON has no place for as text, and no functions', () => {
    expect(redactValue({ big: 7n, code: () => 1, none: null })).to.deep.equal({
      big: '7',
      code: undefined,
      none: null,
    });
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
    for (const odd of ['password', null, 7, undefined]) expect(secretsIn(odd)).to.deep.equal([]);
    expect(secretsIn(new Uint8Array([1, 2]))).to.deep.equal([]);
  });

  it('are looked for four levels deep', () => {
    const deep = (levels: number): unknown => (levels === 0 ? { token: 't' } : { a: deep(levels - 1) });
    expect(secretsIn(deep(3))).to.deep.equal(['t']);
    expect(secretsIn(deep(4))).to.deep.equal([]);
  });
});
