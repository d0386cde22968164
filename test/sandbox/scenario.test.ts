// Scenarios: their steps, their mistakes, and that the schema and the sandbox are of one mind about what is one.
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import axios from 'axios';
import { expect } from 'chai';
import fc from 'fast-check';
import { renderSchema } from '../../docs/scenario-schema.js';
import { resolveOptions } from '../../lib/sandbox/options.js';
import { DEMO, startSandbox, type Sandbox, type Scenario } from '../../lib/sandbox/index.js';
import { ADA, basic, type TokenPair } from './caller.js';

const SCHEMA = readFileSync(new URL('../../scenarios/schema.json', import.meta.url), 'utf8');
const { email } = DEMO.customer;

describe('sandbox: a scenario', () => {
  let sandbox: Sandbox | undefined;
  let time = 0;
  const start = async (scenario: Scenario) => {
    time = 1_700_000_000_000;
    sandbox = await startSandbox({ scenario, now: () => time });
    return axios.create({ baseURL: sandbox.url, validateStatus: null, headers: basic() });
  };
  afterEach(() => sandbox?.close());

  it('has its steps in force from the start, or once they are due, counted from the first request', async () => {
    const http = await start({
      title: 'a minute of trouble',
      steps: [
        { at: 60_000, heal: true },
        { faults: { on: 'login', row: 'gateway', times: 'always' } },
        { at: 90_000, faults: [{ on: 'login', row: 'api-exception' }], deactivate: email },
      ],
    });
    const login = () => http.post('/auth/login', ADA).then(({ status }) => status);
    time += 500_000; // nobody asked anything yet
    expect(sandbox!.faults()).to.deep.equal([{ kind: 'row', on: 'login', left: 'always' }]);
    const statuses = [await login()];
    for (const pause of [59_999, 1, 29_999, 1, 0]) {
      time += pause;
      statuses.push(await login());
    }
    expect(statuses).to.deep.equal([502, 502, 200, 200, 500, 403]);
  });

  it('begins anew with reset()', async () => {
    const http = await start({
      title: 'a revoked token',
      steps: [
        { at: 1_000, revoke: email },
        { at: 2_000, expire: true },
      ],
    });
    for (let round = 0; round < 2; round += 1) {
      const tokens = (await http.post<TokenPair>('/auth/login', ADA)).data;
      const headers = { authorization: `Bearer ${tokens.access_token}` };
      const call = async () => (await http.get('/orders', { headers })).status;
      expect(await call()).to.equal(200);
      time += 1_000;
      expect(await call()).to.equal(401);
      sandbox!.reset();
    }
  });

  it('answers as the example of a row does, with headers of its own beside', async () => {
    const faults = { on: 'login', row: 'too-many-attempts', headers: { 'Retry-After': '7' } } as const;
    const http = await start({ title: 'a limit', steps: [{ faults }] });
    const { status, headers } = await http.post('/auth/login', ADA);
    expect([status, headers['retry-after']]).to.deep.equal([429, '7']);
  });

  it('sets what no option sets otherwise, and a clock that is fast', () => {
    const scenario = {
      title: 'x',
      sandbox: { generation: 9, keyCase: 'lower', lifetimes: { access: 5, refresh: 6 }, clock: 3_600_000 },
    } as const;
    const settings = resolveOptions({ scenario, keyCase: 'upper', lifetimes: { refresh: 7 } });
    expect(settings).to.deep.include({
      generation: 9,
      keyCase: 'upper',
      lifetimes: { access: 5, refresh: 7 },
    });
    expect(settings.now() - Date.now()).to.be.closeTo(3_600_000, 1_000);
  });

  const BAD: [scenario: unknown, message: RegExp][] = [
    [null, /^scenario: the options must be an object; got null/],
    [{}, /^scenario: title must be a text that is not empty; got undefined/],
    [{ title: 'x', step: [] }, /^scenario: there is no option step; known are \$schema, title, sandbox, steps/],
    [{ title: 'x', steps: {} }, /^scenario: steps must be a list of steps; got \{\}/],
    [{ title: 'x', steps: [null] }, /^scenario: steps\[0\] must be an object; got null/],
    [{ title: 'x', steps: [{ at: -1 }] }, /^scenario: steps\[0\]\.at must be a whole number from 0 up; got -1/],
    [{ title: 'x', steps: [{}, { faults: { status: 1 } }] }, /^scenario: steps\[1\]\.faults: "status" must be/],
    [{ title: 'x', steps: [{ revoke: 'nobody@example.com' }] }, /steps\[0\] names nobody@.* no customer; there is ada@/],
    [{ title: 'x', sandbox: { clock: 'fast' } }, /^scenario: sandbox\.clock must be a whole number of ms; got "fast"/],
    [{ title: 'x', sandbox: { kid: 'three' } }, /^sandbox: kid must be one of none, one, two, got three/],
    [{ title: 'x', sandbox: { customers: [{ email: 1 }] } }, /^sandbox: customers\[0\]\.email must be a text/],
    [{ title: 'x', play: { calls: 0 } }, /^scenario: play\.calls must be a whole number from 1 to 10000; got 0/],
    [{ title: 'x', expect: { session: 'lost' } }, /^scenario: expect\.session must be 'live', 'ended' or 'none'; got "lost"/],
    [{ title: 'x', expect: { outcomes: { ok: -1 } } }, /^scenario: expect\.outcomes must be an object of outcomes/],
  ]; // prettier-ignore
  for (const [scenario, message] of BAD)
    it(`is refused in one clear line: ${JSON.stringify(scenario)}`, () => {
      expect(() => resolveOptions({ scenario: scenario as Scenario }))
        .to.throw(TypeError, message)
        .with.property('message')
        .that.does.not.contain('\n');
    });
});

describe('scenarios/schema.json', () => {
  const fits = new Ajv({ strict: false }).compile(JSON.parse(SCHEMA) as object);

  it('is fresh', async () => {
    expect(SCHEMA === (await renderSchema()), 'stale: run `npx tsx docs/scenario-schema.ts`').to.equal(true);
  });

  it('and the sandbox are of one mind about any scenario', function () {
    this.timeout(60_000);
    let accepted = 0;
    fc.assert(
      fc.property(scenarios, (scenario) => {
        const verdict = fits(scenario);
        let message = '';
        try {
          resolveOptions({ scenario: scenario as unknown as Scenario });
        } catch (error) {
          message = (error as Error).message;
        }
        if (verdict) accepted += 1;
        expect(message === '', `${message} ${JSON.stringify(fits.errors)}`).to.equal(verdict);
      }),
      { numRuns: 3_000 },
    );
    expect(accepted, 'of 3000 that fit').to.be.within(300, 2_700);
  });
});

/** One of what fits, and now and then of what does not. */
const among = (fit: readonly unknown[], unfit: readonly unknown[]): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom(...fit) },
    { weight: 1, arbitrary: fc.oneof(fc.constantFrom(...unfit), fc.jsonValue({ maxDepth: 1 })) },
  );
/** An object with some of these fields, now and then with a stranger, or no object at all. */
const some = (fields: Record<string, fc.Arbitrary<unknown>>, requiredKeys: string[] = []) => {
  const record = fc.record(fields, { requiredKeys });
  return fc.oneof(
    { weight: 40, arbitrary: record },
    { weight: 1, arbitrary: record.map((known) => ({ ...known, stranger: 1 })) },
    { weight: 1, arbitrary: fc.record(fields, { requiredKeys: [] }) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 1 }) },
  );
};
const name = among(['a', 'b c'], ['']);
const count = among([0, 1, 7, 599], [0.5, -1, '3']);

const window = some(
  { limit: count, per: among([1, 9], [0]), retryAfter: among([1, 'date', 'none'], ['soon']) },
  ['limit', 'per'],
);
const headers = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.dictionary(fc.constantFrom('a', 'Retry-After'), fc.constantFrom('1', '\u00e9')),
  },
  {
    weight: 1,
    arbitrary: fc.dictionary(fc.constantFrom('b c', '', 'a'), fc.constantFrom('a\nb', '\u20ac', '1')),
  },
);
const KINDS: Record<string, fc.Arbitrary<unknown>> = {
  delay: count,
  status: among([200, 503], [199, 600]),
  row: among(['gateway', 'user-deactivated'], ['aborted', 'nonsense']),
  drop: among(['before', 'after'], ['between']),
  stall: among([true], [false]),
  truncate: among([true], [1]),
  html200: among([true], [null]),
  garbage: among([true], [false]),
  rateLimit: window,
};
const kind = fc.constantFrom(...Object.keys(KINDS));
const scope = {
  on: among(['any', 'login', '/orders'], ['logins', '']),
  after: count,
  delay: count,
};
const times = among([1, 'always'], [0, 'never']);
const fault = fc.oneof(
  { weight: 20, arbitrary: kind.chain((each) => some({ ...scope, [each]: KINDS[each]! }, [each])) },
  {
    weight: 5,
    arbitrary: some(
      { ...scope, times, status: KINDS.status!, headers, html: among([true], ['yes']), body: fc.jsonValue() },
      ['status'],
    ),
  },
  { weight: 5, arbitrary: some({ ...scope, times, row: KINDS.row!, headers }, ['row']) },
  // What does not go together.
  {
    weight: 1,
    arbitrary: kind.chain((each) =>
      some({ times, headers, html: fc.constant(true), [each]: KINDS[each]! }, [each]),
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(kind, kind)
      .chain(([one, other]) => some({ [one]: KINDS[one]!, [other]: KINDS[other]! }, [one, other])),
  },
);
const step = some({
  at: count,
  heal: among([true], [false]),
  faults: fc.oneof(fault, fc.array(fault, { maxLength: 2 })),
  expire: among([true], ['yes']),
  revoke: fc.constant(email),
  deactivate: fc.constant(email),
});
const WHO = { email: fc.constant(email), password: name, firstName: name, lastName: name, gender: name };
const person = some({ ...WHO, deactivated: among([true, false], [1]) }, Object.keys(WHO));
const sandbox = {
  clients: fc.array(some({ id: name, secret: name }, ['id', 'secret']), { maxLength: 1 }),
  shopId: count,
  lifetimes: some({ access: count, refresh: count }),
  generation: among([8, 9], [7]),
  keyCase: among(['upper'], ['camel']),
  kid: among(['none', 'two'], [2]),
  lockout: some({ failures: count, for: count }),
  clock: among([0, -5], ['x', 0.5]),
};
const title = among(['x'], ['']);
const scenarios = fc.oneof(
  some({ $schema: name, title, steps: fc.array(step, { maxLength: 2 }) }, ['title']),
  some({ title, sandbox: some(sandbox) }, ['title']),
  some({ title, sandbox: some({ customers: fc.array(person, { maxLength: 2 }) }) }, ['title']),
  some(
    {
      title,
      play: some({ email: name, password: name, calls: among([1, 9], [0]), every: count, path: among(['/'], ['x']), method: name, policies: among([{}], [[]]) }),
      expect: some({ outcomes: fc.dictionary(fc.constantFrom('ok', 'X'), count), refreshes: count, sent: count, session: among(['live', 'none'], ['gone']) }),
    },
    ['title'],
  ),
); // prettier-ignore
