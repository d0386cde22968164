import { expect } from 'chai';
import { parseFaults } from '../../lib/sandbox/fault-parser.js';

describe('sandbox: fault rules', () => {
  const BAD: [rule: unknown, message: RegExp][] = [
    [null, /must be an object, got null/],
    ['drop', /must be an object, got "drop"/],
    [{}, /one of status, row, drop, .* is missing/],
    [{ on: 'login' }, /is missing/],
    [{ status: 503, drop: 'after' }, /only one of status, drop can be had/],
    [{ statuss: 503 }, /there is no field "statuss"; there is on, times/],
    [{ status: 503, constructor: 1 }, /there is no field "constructor"; there is on, times/],
    [JSON.parse('{"status":503,"__proto__":{}}'), /there is no field "__proto__"/],
    [{ status: '503' }, /"status" must be a whole number of 200 to 599; got "503"/],
    [{ status: 99 }, /"status" must be/],
    [{ status: 503, on: 'logn' }, /"on" must be "any", the beginning of a path, or one of register, login/],
    [{ status: 503, times: 0 }, /"times" must be a whole number of 1 or more, or "always"; got 0/],
    [{ status: 503, after: -1 }, /"after" must be/],
    [{ status: 503, headers: { 'bad name': 'x' } }, /"headers" must be/],
    [{ status: 503, headers: { 'retry-after': 3 } }, /"headers" must be/],
    [{ status: 503, headers: { x: 'a\nb' } }, /"headers" must be/],
    [{ status: 503, html: 'yes' }, /"html" must be true or false/],
    [{ drop: 'between' }, /"drop" must be "before" or "after"; got "between"/],
    [{ drop: 'before', body: {} }, /"body" does not go with drop/],
    [{ stall: false }, /"stall" must be true; got false/],
    [{ delay: 2 ** 31 }, /"delay" must be a whole number of ms, 0 to 2147483647/],
    [{ delay: NaN }, /"delay" must be/],
    [{ rateLimit: 3 }, /"rateLimit" must be \{ limit/],
    [{ rateLimit: { limit: 1 } }, /"rateLimit" must be/],
    [{ rateLimit: { limit: 1, per: 1, retryAfter: 'soon' } }, /"rateLimit" must be/],
    [{ rateLimit: { limit: 1, per: 1, window: 2 } }, /"rateLimit" must be/],
    [{ rateLimit: { limit: 1, per: 1 }, times: 2 }, /"times" does not go with rateLimit/],
    [{ status: 503, body: () => 1, times: () => 1 }, /"times" must be/],
  ];
  for (const [rule, message] of BAD)
    it(`refuse ${JSON.stringify(rule)} with a clear message`, () => {
      expect(() => parseFaults(rule)).to.throw(TypeError, message);
    });

  it('are refused by name where what was given cannot be shown', () => {
    const cycle: Record<string, unknown> = { limit: 1 };
    cycle['per'] = cycle;
    expect(() => parseFaults({ rateLimit: cycle })).to.throw(TypeError, /"rateLimit" must be .*; got a value of type object/);
    expect(() => parseFaults(1n)).to.throw(TypeError, /^fault: must be an object, got a value of type bigint/);
  }); // prettier-ignore

  it('say which rule of a list is bad', () => {
    expect(() => parseFaults([{ status: 503 }, { drop: 'x' }])).to.throw(TypeError, /^fault 1: /);
  });

  it('may have fields that are undefined', () => {
    expect(parseFaults({ status: 503, times: undefined, html: undefined, drop: undefined })).to.have.length(
      1,
    );
  });

  it('take delay beside any other fault, which then gives the kind', () => {
    const kinds = parseFaults([{ delay: 1 }, { delay: 1, stall: true }]).map(({ kind }) => kind);
    expect(kinds).to.deep.equal(['delay', 'stall']);
  });
});
