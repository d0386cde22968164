// The options of `redisCoordinator()`: a bad one is told by its name, and no secret with it.
import { expect } from 'chai';
import { redisCoordinator, type RedisClient, type RedisOptions } from '../../lib/redis/index.js';
import { KEY, NAME_SECRET } from './server.js';

const GOOD: RedisOptions = { keys: [KEY], nameSecret: NAME_SECRET };

/** Has the methods by which it is known, and no more. */
const client = { evalsha: () => undefined, duplicate: () => undefined } as unknown as RedisClient;

function complaint(options: unknown, at: unknown = client): string {
  try {
    redisCoordinator(at as RedisClient, options as RedisOptions);
  } catch (error) {
    expect(error).to.be.instanceOf(TypeError);
    return (error as Error).message;
  }
  return 'none';
}

describe('The options of redisCoordinator()', () => {
  it('may be the two that are needed', () => {
    expect(complaint(GOOD)).to.equal('none');
  });

  it('are refused by name, with what was given and what is allowed, and without a secret', () => {
    for (const [given, says] of [
      [
        { ...GOOD, idel: 1 },
        'there is no option idel; known are keys, nameSecret, prefix, idle, tombstone, timeout',
      ],
      [{ keys: [KEY] }, 'nameSecret must be a text of at least 32 characters; got undefined'],
      [
        { ...GOOD, nameSecret: 'short' },
        'nameSecret must be a text of at least 32 characters; got a value of type string',
      ],
      [{ ...GOOD, keys: KEY }, 'keys must be a list of { id, secret }, at least one; got "object"'],
      [{ ...GOOD, keys: KEY.secret }, 'keys must be a list of { id, secret }, at least one; got "string"'],
      [{ ...GOOD, keys: [] }, 'keys must be a list of { id, secret }, at least one; got []'],
      [{ ...GOOD, keys: [KEY.secret] }, 'keys[0] must be an object { id, secret }; got "string"'],
      [
        { ...GOOD, keys: [{ id: 'k1', secret: 'short' }] },
        'keys[0].secret must be a text of at least 32 characters; got a value of type string',
      ],
      [
        { ...GOOD, keys: [{ ...KEY, id: 'a.b' }] },
        `keys[0].id must be letters, digits, '_' and '-', up to 32; got "a.b"`,
      ],
      [{ ...GOOD, keys: [KEY, KEY] }, 'keys[1].id must be another one than those before it; got "k1"'],
      [{ ...GOOD, keys: [{ ...KEY, kid: 1 }] }, 'there is no option keys[0].kid; known are id, secret'],
      [
        { ...GOOD, prefix: 'a{b}' },
        `prefix must be letters, digits, '_', '-', ':' and '.', up to 64; got "a{b}"`,
      ],
      [{ ...GOOD, idle: 5 }, 'idle must be a number of ms from 60000 to 315360000000; got 5'],
      [{ ...GOOD, tombstone: '1' }, 'tombstone must be a number of ms from 60000 to 315360000000; got "1"'],
      [{ ...GOOD, timeout: 0 }, 'timeout must be a number of ms from 1 to 60000; got 0'],
    ] as const)
      expect(complaint(given)).to.equal(`redisCoordinator: ${says}.`);
  });

  it('come after a client, of one of the two packages', () => {
    for (const wrong of [null, 'redis://localhost', {}, { get: () => undefined }])
      expect(complaint(GOOD, wrong)).to.match(/client must be a client of ioredis or redis; got /);
  });
});
