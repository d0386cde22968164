// contract/secret: a secret may be used but never seen.
import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { format, inspect } from 'node:util';
import { expect } from 'chai';
import { Secret } from '../../lib/contract/secret.js';

const VALUE = 'top-secret-value';
const secret = new Secret(VALUE);

const printed = (...args: unknown[]) => {
  let out = '';
  const sink = new Writable({
    write(chunk, _encoding, done) {
      out += String(chunk);
      done();
    },
  });
  new Console(sink).log(...args);
  return out;
};

describe('A secret', () => {
  it('is given by reveal() alone', () => {
    expect(secret.reveal()).to.equal(VALUE);
  });

  for (const [way, show] of Object.entries<() => string>({
    'String()': () => String(secret),
    'a template': () => `${secret}`, // eslint-disable-line @typescript-eslint/restrict-template-expressions
    concatenation: () => '> '.concat(secret as unknown as string),
    'JSON.stringify': () => JSON.stringify(secret),
    'JSON of an object around it': () => JSON.stringify({ deep: [{ secret }] }),
    'util.inspect': () => inspect(secret),
    'util.inspect of an object around it': () => inspect({ a: { secret } }, { depth: 9, showHidden: true }),
    'util.inspect of a map': () => inspect(new Map([[secret, secret]])),
    'console.log': () => printed(secret, { secret }),
    'console.log with formats': () => printed('%s %o %O %j', secret, secret, secret, secret),
    'util.format': () => format('%s', secret),
  }))
    it(`prints as [secret] through ${way}`, () => {
      expect(show()).to.contain('[secret]').and.not.contain(VALUE);
    });

  for (const [way, copy] of Object.entries<() => unknown>({
    spread: () => ({ ...(secret as object) }),
    'Object.assign': () => Object.assign({}, secret),
    structuredClone: () => structuredClone(secret),
    'its own keys': () => Reflect.ownKeys(secret),
    'Object.entries': () => Object.entries(secret),
    'inspection without custom functions': () => inspect(secret, { customInspect: false, showHidden: true }),
    'a number': () => Number(secret),
  }))
    it(`is not carried along by ${way}`, () => {
      expect(inspect(copy(), { showHidden: true, depth: 9 })).not.to.contain(VALUE);
    });
});
