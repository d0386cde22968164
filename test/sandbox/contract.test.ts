import { readdir, readFile } from 'node:fs/promises';
import type { AxiosResponse } from 'axios';
import { expect } from 'chai';
import { CODES } from '../../lib/contract/codes.js';
import { ENDPOINTS, type Endpoint, type EndpointName } from '../../lib/contract/endpoints.js';
import { FAILURES } from '../../lib/contract/failures.js';
import { ADA, basic, bearer, GOOD_BODIES, rowOf, startCaller, type Caller } from './caller.js';

const ROWS = Object.entries(ENDPOINTS) as [EndpointName, Endpoint][];

describe('sandbox: the contract', () => {
  let sandbox: Caller;
  before(async () => {
    sandbox = await startCaller();
  });
  after(() => sandbox.close());

  for (const [name, { method, path, auth, fixed }] of ROWS) {
    const call = (headers: Record<string, string>) =>
      sandbox.send(method, path.replace('{tokenId}', 'x'), GOOD_BODIES[name] ?? fixed, headers);

    it(`serves ${name} and asks it for ${auth} credentials, and for the right ones`, async () => {
      const { access_token: token } = await sandbox.login();
      const wrong =
        auth === 'basic'
          ? [{}, bearer(token), basic('demo-client', 'wrong'), basic('nobody'), { authorization: 'Basic' }]
          : [{}, basic(), bearer('wrong'), { authorization: token }];
      for (const headers of wrong) {
        const answer = await call(headers);
        const expected =
          auth === 'basic' ? 'invalid-client' : name === 'logout' ? 'logout-already-done' : 'invalid-token';
        expect(rowOf(name, answer), JSON.stringify(answer.data)).to.equal(expected);
      }
      expect(sandbox.counts().operations[name].received).to.be.at.least(wrong.length);
    });
  }

  it('knows no other path: such a call meets the page of a wrong host', async () => {
    for (const [method, path] of [
      ['get', '/auth/login'],
      ['post', '/auth/logins'],
      ['get', '/oauth/tokens/'],
      ['delete', '/oauth/tokens/%E0%A4%A'],
      ['get', `${sandbox.origin}/auth/login`],
      ['get', sandbox.origin],
    ] as const) {
      const answer = await sandbox.send(method, path, undefined, basic());
      if (method === 'delete') expect(rowOf('revoke', answer)).to.equal('invalid-token');
      else expect(rowOf('request', answer), path).to.equal('not-found');
    }
  });

  for (const keyCase of ['upper', 'lower'] as const)
    it(`writes every key in ${keyCase} case if told to, faults included`, async () => {
      const other = await startCaller({ keyCase });
      try {
        const answers: AxiosResponse<unknown>[] = [
          await other.send('post', '/auth/login', { ...ADA, password: 'wrong' }, basic()),
          await other.send('post', '/auth/login', ADA, basic('nobody')),
          await other.refresh('nonsense'),
          await other.send('get', '/orders', undefined, bearer('nonsense')),
        ];
        other.fault({ status: 500 });
        answers.push(await other.send('get', '/orders', undefined, bearer('nonsense')));
        for (const { data } of answers) {
          const { error } = data as { error: string };
          expect(error).to.equal(keyCase === 'upper' ? error.toUpperCase() : error.toLowerCase());
        }
        expect(rowOf('refresh', answers[2]!)).to.equal('dead-refresh-token');
      } finally {
        await other.close();
      }
    });

  it('writes no key or message of the contract itself: each fact has one source', async () => {
    const folder = new URL('../../lib/sandbox/', import.meta.url);
    const ids = new Set<string>(FAILURES.map(({ id }) => id.toUpperCase())); // a row may be called as its key is
    const facts = Object.entries(CODES)
      .filter(([code]) => !ids.has(code))
      .flatMap(([code, { userMessage }]) => [code, userMessage]);
    for (const file of await readdir(folder)) {
      const source = (await readFile(new URL(file, folder), 'utf8')).replace(/^import .*$/gm, '');
      for (const fact of facts)
        expect(source.match(new RegExp(`'${fact}'|"${fact}"`, 'i')), `${fact} in ${file}`).to.equal(null);
    }
  });

  it('names the bad option at the start', async () => {
    const cases: [object, RegExp][] = [
      [{ port: -1 }, /port/],
      [{ generation: 7 }, /generation must be one of 8, 9, got 7/],
      [{ keyCase: 'camel' }, /keyCase/],
      [{ host: 7 }, /host must be a text/],
      [{ now: 5 }, /now must be a function; got 5/],
      [{ port: Object.create(null) as unknown }, /port must be a whole number of 0 to 65535, got \{\}/],
      [{ shopId: 'x'.repeat(5_000) }, /shopId must be .*, got x{80}$/],
      [{ kid: 'three' }, /kid/],
      [{ lifetimes: { access: NaN } }, /lifetimes\.access/],
      [{ lockout: { failures: 1.5 } }, /lockout\.failures/],
      [{ faults: [{ status: 503 }, { drop: 'maybe' }] }, /fault 1: "drop"/],
    ];
    for (const [options, message] of cases) {
      const error = await startCaller(options).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).to.be.instanceOf(TypeError);
      expect((error as Error).message).to.match(message);
    }
  });
});
