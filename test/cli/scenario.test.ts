import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axios from 'axios';
import { expect } from 'chai';
import { readScenario, shippedScenarios } from '../../lib/cli/files.js';
import { compare, play } from '../../lib/cli/scenario.js';
import type { Ending } from '../../lib/cli/scenario.js';
import { ADA, basic } from '../sandbox/caller.js';
import { run } from './run.js';

const HOME = new URL('../../', import.meta.url);

describe('holdfast scenario, the command', function () {
  this.timeout(120_000);
  let folder: string;
  const file = async (name: string, content: unknown) => {
    const path = join(folder, name);
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('lists the scenarios that ship, each with what it is about', async () => {
    const { code, out } = await run('scenario').done;
    const names = shippedScenarios(HOME);
    expect(code).to.equal(0);
    expect(names).to.have.length.of.at.least(10);
    expect(out.trim().split('\n')).to.deep.equal(
      names.map((name) => `${name.padEnd(20)}${readScenario(name, HOME).title}`),
    );
  });

  it('tells how one ended, and ends with 0 where that was expected', async () => {
    const { code, out, err } = await run('scenario', 'captive-portal').done;
    expect([code, err]).to.deep.equal([0, '']);
    expect(out).to.match(
      /calls +1 INVALID_RESPONSE\n.*\n.*refreshes +0\n.*session +none\n.*\nas expected\n$/,
    );
  });

  it('ends with 1 where a scenario ends otherwise than it says, and names what is different', async () => {
    const path = await file('bug.json', {
      title: 'a bug report',
      steps: [{ faults: { on: 'listOrders', row: 'not-found' } }],
      play: { calls: 3 },
      expect: { outcomes: { ok: 3 }, refreshes: 0, session: 'live' },
    });
    const { code, out } = await run('scenario', path).done;
    expect(code).to.equal(1);
    expect(out).to.match(/calls +(?:1 NOT_FOUND, 2 ok|2 ok, 1 NOT_FOUND)\n/);
    expect(out).to.match(/not as expected:\n {2}calls: 3 ok expected\n$/);
  });

  it('compares only what a scenario expects', () => {
    const ending: Ending = { outcomes: { ok: 2 }, refreshes: 1, sent: 3, session: 'live', ms: 9 };
    expect(compare({}, ending)).to.deep.equal([]);
    expect(compare({ outcomes: { ok: 2, X: 0 }, refreshes: 1, sent: 3, session: 'live' }, ending)).to.deep.equal([]);
    expect(compare({ outcomes: { X: 2 }, refreshes: 0, sent: 2, session: 'ended' }, ending)).to.deep.equal([
      'calls: 2 X expected',
      'refreshes: 0 expected',
      'sent: 2 expected at most',
      'session: ended expected',
    ]);
  }); // prettier-ignore

  it('answers a mistake with one clear line on stderr and 2', async () => {
    const cases: [arg: string, line: RegExp][] = [
      ['outrage', /there is no scenario "outrage"; there is .*outage.*, or \.\/a-file\.json/],
      [join(folder, 'none.json'), /scenario .*none\.json: there is no such file\n/],
      [await file('broken.json', '{'), /scenario .*broken\.json: .*JSON/],
      [await file('odd.json', { title: 'x', calls: 3 }), /scenario .*odd\.json: there is no option calls; known are .*play/],
      [await file('fault.json', { title: 'x', steps: [{ faults: [{ status: 503 }, { drop: 'x' }] }] }), /fault\.json: steps\[0\]\.faults\[1\]: "drop" must be/],
      [await file('far.json', { title: 'x', play: { policies: { retry: { retries: -1 } } } }), /policies\.retry\.retries must be/],
    ]; // prettier-ignore
    for (const [arg, line] of cases) {
      const { code, out, err } = await run('scenario', arg).done;
      expect([code, out], arg).to.deep.equal([2, '']);
      expect(err).to.match(/^holdfast: [^\n]*\n$/).and.match(line); // prettier-ignore
    }
  });

  it('is what the sandbox takes with --scenario too, while other flags go before it', async () => {
    const { child, done } = run('sandbox', '--port', '0', '--scenario', 'deactivated', '--key-case', 'lower');
    const url = await new Promise<string>((resolve) => {
      child.stdout!.once('data', (line: Buffer) => resolve(/http:\S+/.exec(line.toString())![0]));
    });
    const { status, data } = await axios.post<{ error: string }>(`${url}/auth/login`, ADA, {
      validateStatus: null,
      headers: basic(),
    });
    expect([status, data.error]).to.deep.equal([403, 'user_deactivated']);
    child.kill('SIGTERM');
    expect((await done).code).to.equal(0);
  });
});

describe('The scenarios that ship', function () {
  this.timeout(60_000);
  const endings = new Map<string, Promise<Ending>>();
  before(() => {
    // They mostly wait, so that some are played at once.
    const lanes = Array.from({ length: 4 }, () => Promise.resolve<unknown>(undefined));
    for (const [index, name] of shippedScenarios(HOME).entries()) {
      const ending = lanes[index % lanes.length]!.then(() => play(readScenario(name, HOME)));
      endings.set(name, ending);
      lanes[index % lanes.length] = ending.catch(() => undefined);
    }
  });

  for (const name of shippedScenarios(HOME))
    it(`end as they say: ${name}`, async () => {
      const ending = await endings.get(name)!;
      expect(compare(readScenario(name, HOME).expect!, ending), JSON.stringify(ending)).to.deep.equal([]);
    });
});
