// browser/: its options, and the record as text. What it does among tabs is in test/chromium/tabs.test.ts.
import { expect } from 'chai';
import { recordOfText, textOfRecord } from '../../lib/browser/record-text.js';
import { browserCoordinator, type TabEnding } from '../../lib/browser/index.js';
import type { SessionRecord } from '../../lib/decide/record.js';
import { unwrap } from '../../lib/index.js';
import type { Grant } from '../../lib/session/coordinator.js';
import { grantOf } from '../../lib/session/grant.js';
import { coordinatorConformance } from '../../lib/testing/index.js';
import { ADA, useStage } from '../integration/stage.js';
import { tokenSet } from '../session/tokens.js';
import { virtualTime } from '../support/virtual-time.js';

describe('browserCoordinator()', () => {
  it('says which option is bad, what was given and what is allowed', () => {
    const make = (options: object) => () => browserCoordinator(options);
    expect(make({ storage: 'local' })).to.throw(
      "browserCoordinator: storage must be 'memory' or 'indexeddb'; got \"local\".",
    );
    expect(make({ name: '' })).to.throw('browserCoordinator: name must be a text that is not empty');
    expect(make({ prefix: 'x' })).to.throw('there is no option prefix');
    expect(make({ onEnded: 'x' })).to.throw('browserCoordinator: onEnded must be a function');
    expect(make({ storage: 'indexeddb' }), 'here, where there is none').to.throw(
      "'memory' where there is no IndexedDB",
    );
  });
});

describe('browserCoordinator() in a worker', () => {
  before(() => Object.assign(globalThis, { indexedDB: {} }));
  after(() => Reflect.deleteProperty(globalThis, 'indexedDB'));

  it('says that it needs a page, whose waking up it has to notice', () => {
    expect(() => browserCoordinator({ storage: 'indexeddb' })).to.throw("'memory' outside of a page");
  });
});

describe('The coordinator of a single tab', function () {
  this.timeout(20_000);
  const time = virtualTime();
  const stage = () => {
    const coordinator = browserCoordinator();
    return { coordinators: [coordinator, coordinator] as const, close: () => coordinator.close() };
  };
  for (const { name, run } of coordinatorConformance({ stage, pass: time.pass })) it(name, run);
});

describe('onEnded of a single tab', () => {
  const stage = useStage();

  it('is told once of each session that is held there, and why it is over', async () => {
    const { url } = await stage.sandbox();
    const ends: TabEnding[] = [];
    const coordinator = browserCoordinator({ onEnded: (end) => void ends.push(end) });
    const auth = stage.client(url, { coordinator });
    const one = unwrap(await auth.login(ADA, { key: 'till' }));
    const other = unwrap(await auth.login(ADA, { key: 'till' }));
    await other.logout();
    await one.logout();
    expect(ends.map(({ session, reason }) => [session, reason])).to.deep.equal([
      [one.key, 'replaced'],
      [other.key, 'logout'],
    ]);
    expect(ends[1]?.because).to.equal('logout() was called.');
  });
});

describe('A record in the storage of a browser', () => {
  const NOW = Date.parse('2026-11-22T12:00:00Z');
  const record: SessionRecord<Grant> = {
    gen: 2,
    ver: 3,
    fence: 7,
    grant: grantOf(tokenSet({ access: 'at-1', refresh: 'rt-1', expiresIn: 60_000 }), true),
    grantedAt: NOW - 5_000,
    intent: { fence: 7, phase: 'sent', at: NOW - 100, until: NOW + 2_000 },
    doubt: NOW - 300,
    coolUntil: NOW + 500,
  };

  it('comes back as it was', () => {
    const [{ grant, ...rest }, moved] = recordOfText(textOfRecord(record, NOW), NOW + 10);
    expect(moved).to.equal(false);
    const { grant: given, ...wanted } = record;
    expect(rest).to.deep.equal(wanted);
    expect(grant?.tokens.refreshToken?.reveal()).to.equal(given?.tokens.refreshToken?.reveal());
    expect(grant?.lifetime).to.equal(60_000);
  });

  it('holds nobody up for an hour where the clock was set back by one', () => {
    const back = NOW - 3_600_000;
    const [read, moved] = recordOfText(textOfRecord(record, NOW), back);
    const { intent, coolUntil, grantedAt, doubt } = read;
    expect(intent?.until).to.equal(back + 2_000);
    expect([coolUntil, grantedAt, doubt]).to.deep.equal([back + 500, back - 5_000, back - 300]);
    expect(moved, 'to be written anew').to.equal(true);
    const [later] = recordOfText(textOfRecord(read, back), back + 1_500);
    expect(later.intent?.until, 'and from then on time passes').to.equal(back + 2_000);
  });

  it('that is damaged is trouble, and tells nothing of what is in it', () => {
    const text = textOfRecord(record, NOW);
    const damaged = [
      text.slice(0, -5),
      'null',
      '{}',
      7,
      text.replace('"gen":2', '"gen":"2"'),
      text.replace('sent', 'begun'),
      text.replace('"grant":"', '"grant":"x'),
      text.replace(/"doubt":\d+/, '"doubt":{}'),
      JSON.stringify({ gen: 1, ver: 1, fence: 0, grantedAt: 0, savedAt: 0, end: { reason: 1 } }),
    ];
    for (const each of damaged)
      expect(() => recordOfText(each, NOW), String(each))
        .to.throw(Error)
        .with.property('message')
        .that.does.not.match(/at-1|rt-1/);
  });
});
