// The demo: `npm run demo` as a person starts it, and what it says when the sandbox is not what it should be.
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import axios from 'axios';
import { expect } from 'chai';
import { CHAPTERS } from '../docs/examples/demo/chapters.js';
import { tell, type Chapter } from '../docs/examples/demo/tell.js';
import { startSandbox, type FaultRule } from '../lib/sandbox/index.js';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** Every chapter with the sentence that it is about. */
const STORY: readonly (readonly [title: string, sentence: string])[] = [
  ['Ada logs in', 'one login, answered 200'],
  ['A wrong password', 'Your email address or password is incorrect. Please try again.'],
  ['A customer who was deactivated', 'Your customer account has been deactivated.'],
  ['A reset link that has expired', 'This link has expired or has already been used.'],
  ['An e-mail address that is taken', 'An account with this email address already exists.'],
  ['Fifty calls with an expired token, and one refresh', 'with one refresh'],
  ['An outage of one second', 'ten of ten succeeded'],
  ['An order whose answer is lost', 'two orders were asked for, and two were made'],
  ['A server that takes 12 calls a second', 'nothing was sent during the cooldown'],
  ['A session that is revoked elsewhere, and ends once', 'the session ended once'],
];

describe('The demo', () => {
  it('tells its story, exits 0 and leaves nothing behind', async function () {
    this.timeout(40_000);
    const before = readdirSync(ROOT).sort();
    const startedAt = performance.now();
    // Rejects unless the process ends by itself, with 0.
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import=tsx', 'docs/examples/demo.ts'],
      {
        cwd: ROOT,
      },
    );
    expect(performance.now() - startedAt, 'ms').to.be.below(30_000);
    expect(readdirSync(ROOT).sort()).to.deep.equal(before);
    const [, url = ''] = /sandbox at (\S+)/.exec(stdout) ?? [];
    const after: unknown = await axios.get(url).catch((error: unknown) => error);
    expect(after, 'the port is free again').to.have.property('code', 'ECONNREFUSED');

    const flat = stdout.replace(/\n {20}/g, ' ');
    for (const [index, [title, sentence]] of STORY.entries()) {
      const chapter = flat.slice(flat.indexOf(`\n${index + 1}. ${title}`)).split('\n\n')[0];
      expect(chapter, title).to.include(sentence);
    }
    expect(stdout).to.not.include('✗');
    expect(stdout.trimEnd().split('\n').at(-1)).to.match(/^All as told: 10 chapters, \d+ checks, /);
    for (const line of stdout.split('\n')) expect(line.length, line).to.be.at.most(100);
    expect(stdout, 'no colours where nobody sees them').to.not.include('\u001b');
  });

  it('has a test for every chapter', () => {
    const titles = CHAPTERS.map(({ title }) => title);
    expect(titles).to.have.length(STORY.length);
    for (const [index, [title]] of STORY.entries()) expect(titles[index]).to.include(title);
  });

  it('is coloured where asked, and says the same', async () => {
    const lines: string[] = [];
    await tell([chapter('A wrong')], {
      start: startSandbox,
      write: (line) => lines.push(line),
      colours: true,
    });
    expect(lines.join('\n'))
      .to.match(/\u001b\[36mapp .*\u001b\[0m/)
      .and.include('\u001b[32m      ✓  the code');
  });

  const SABOTAGE: readonly (readonly [about: string, title: string, fault: FaultRule])[] = [
    ['a login takes two tries', 'Ada logs in', { on: 'login', status: 500 }],
    ['a wrong password is a server error', 'A wrong password', { on: 'login', status: 500, times: 9 }],
    ['the refresh fails', 'Fifty calls', { on: 'refresh', status: 403 }],
    ['a call of fifty fails', 'Fifty calls', { on: '/orders', status: 404, after: 60 }],
    ['nobody can log in', 'An outage', { on: 'login', status: 404 }],
    ['nothing is limited', 'A server that takes', { on: '/orders', status: 418, times: 'always' }],
    ['another refresh token is dead', 'A session that is revoked', { on: 'refresh', drop: 'after' }],
  ];
  for (const [about, title, fault] of SABOTAGE)
    it(`exits 1 and names the chapter where ${about}`, async () => {
      const { code, text } = await told([chapter(title)], [fault]);
      expect(code, text).to.equal(1);
      expect(text).to.include('✗');
      expect(text.split('\n').at(-1)).to.match(new RegExp(`^Not as told \\(1 chapter, .*\\): 1\\. ${title}`));
    });

  it('goes on after a chapter that is not as told', async () => {
    const { code, text } = await told(
      [chapter('A wrong'), chapter('A customer')],
      [{ on: 'login', status: 403 }],
    );
    expect(code).to.equal(1);
    expect(text)
      .to.include('✓')
      .and.to.match(/Not as told \(2 chapters, .*\): 1\. A wrong password$/);
  });

  it('knows when the server saw more than the client told', async () => {
    const quiet: Chapter = {
      title: 'Somebody else calls',
      play: ({ sandbox }) => axios.get(sandbox.url, { validateStatus: null }),
    };
    const { code, text } = await told([quiet]);
    expect(code).to.equal(1);
    expect(text).to.include('1 request at the server, as the client told: expected 1, saw 0');
  });
});

const chapter = (title: string) => CHAPTERS.find((each) => each.title.startsWith(title))!;

/** Plays chapters against a sandbox whose faults come back with every reset. */
async function told(chapters: readonly Chapter[], faults: readonly FaultRule[] = []) {
  const lines: string[] = [];
  const code = await tell(chapters, {
    start: (options) => startSandbox({ ...options, faults }),
    write: (line) => lines.push(line),
  });
  return { code, text: lines.join('\n') };
}
