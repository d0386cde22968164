// The timeline's data: from events to lanes, bursts and figures, and to words.
import { expect } from 'chai';
import { gateOf, sentenceOf, ticks, titleOf } from '../../lib/playground/page/figures.js';
import { act, EMPTY, hear, type View } from '../../lib/playground/page/timeline.js';
import { outcomeOf, rowsOf, storyOf } from '../../lib/playground/page/words.js';
import type { Told } from '../../lib/playground/protocol.js';

const label = (call: number, at: number, operation = 'request') => ({ at, call, operation, method: 'get', route: '/orders', bucket: 'b' }) as const; // prettier-ignore
const attempt = (call: number, at: number, attempt = 1, operation = 'request') =>
  ({ name: 'attempt', event: { ...label(call, at, operation), attempt } }) as Told;
const failure = (call: number, at: number, row: string, reaction: string, status = 500) =>
  ({
    name: 'failure',
    event: { ...label(call, at), attempt: 1, row, code: 'C', status, reaction, because: 'b' },
  }) as Told;
const retry = (call: number, at: number) =>
  ({
    name: 'retry',
    event: { ...label(call, at), attempt: 1, code: 'C', afterMs: 50, because: 'b' },
  }) as Told;
const queued = (call: number, at: number, reason: 'cooldown' | 'concurrency') =>
  ({ name: 'queued', event: { ...label(call, at), reason, depth: 1 } }) as Told;
const settled = (
  call: number,
  at: number,
  ms: number,
  more: object = { ok: true, status: 200 },
  operation = 'request',
) => ({ name: 'settled', event: { ...label(call, at, operation), attempts: 1, ms, ...more } }) as Told;
const refresh = (at: number, phase: string, version: number) =>
  ({ name: 'refresh', event: { at, session: 's', phase, version } }) as Told;
const started = { name: 'sessionStarted', event: { at: 0, session: 's' } } as Told;

const after = (...events: readonly Told[]): View => events.reduce(hear, EMPTY);
const laneOf = (view: View, call = 1) =>
  view.bursts.flatMap(({ lanes }) => lanes).find((lane) => lane.call === call)!;
const shape = (view: View, call = 1) =>
  laneOf(view, call).stretches.map(({ is, from, to }) => [is, from, to]);

describe('A lane of the timeline', () => {
  it('shows attempts, backoff and the row that fired, one after the other without a gap', () => {
    const view = after(attempt(1, 0), failure(1, 10, 'gateway', 'retry', 503), retry(1, 10), attempt(1, 60, 2), settled(1, 70, 70)); // prettier-ignore
    expect(shape(view)).to.deep.equal([['sent', 0, 10], ['backoff', 10, 60], ['sent', 60, 70]]); // prettier-ignore
    expect(rowsOf(laneOf(view))).to.equal('gateway');
    expect(outcomeOf(laneOf(view))).to.equal('✓ 200');
    expect(storyOf(laneOf(view))).to.contain(
      'attempt 1 10 ms, failed by gateway (503); backoff 50 ms; attempt 2',
    );
  });

  it('waits for a token after a 401, and for the limit after a 429', () => {
    expect(shape(after(attempt(1, 0), failure(1, 5, 'invalid-token', 'refresh')))).to.deep.equal([
      ['sent', 0, 5],
      ['token', 5, undefined],
    ]);
    const limited = after(attempt(1, 0), failure(1, 5, 'too-many-attempts', 'cooldown'), queued(1, 5, 'cooldown'), attempt(1, 905, 2), settled(1, 910, 910)); // prettier-ignore
    expect(shape(limited)).to.deep.equal([['sent', 0, 5], ['cooldown', 5, 905], ['sent', 905, 910]]); // prettier-ignore
  });

  it('waited for a token where nothing was heard of it at its beginning', () => {
    expect(shape(after(attempt(1, 40), settled(1, 50, 50)))).to.deep.equal([['token', 0, 40], ['sent', 40, 50]]); // prettier-ignore
  });

  it('tells the code of a failure, and why it is final', () => {
    const view = after(attempt(1, 0), failure(1, 5, 'gateway', 'retry'), settled(1, 5, 5, { ok: false, code: 'API_EXCEPTION', because: 'No more.' })); // prettier-ignore
    expect(outcomeOf(laneOf(view))).to.equal('✕ API_EXCEPTION');
    expect(storyOf(laneOf(view))).to.contain('failed: No more.');
  });
});

describe('A burst of the timeline', () => {
  it('holds calls that live together; what comes after a pause begins another, on top', () => {
    const view = after(
      attempt(1, 0),
      attempt(2, 5),
      settled(1, 10, 10),
      settled(2, 10, 5),
      attempt(3, 5_000),
    );
    expect(view.bursts.map(({ lanes }) => lanes.map(({ call }) => call))).to.deep.equal([[3], [1, 2]]);
  });

  it('begins with what somebody asked for, even while others live, and has its title', () => {
    const view = hear(act(after(attempt(1, 0)), 'Outage'), attempt(2, 5));
    expect(view.bursts.map(titleOf)).to.deep.equal(['Outage', '1 call']);
    expect(hear(view, attempt(3, 6)).bursts).to.have.length(2);
  });

  it('counts calls, rows and refreshes; the refresh itself is no call of anybody', () => {
    const view = after(started, attempt(1, 0), failure(1, 5, 'invalid-token', 'refresh'), refresh(5, 'started', 1), attempt(2, 6, 1, 'refresh'), refresh(9, 'succeeded', 2), settled(2, 9, 3, undefined, 'refresh'), attempt(1, 9, 2), settled(1, 20, 20)); // prettier-ignore
    expect(sentenceOf(view.bursts[0]!)).to.equal('1 call: 1 succeeded, 0 failed, 1 refresh, 20 ms.');
    expect(view.bursts[0]!.rows).to.deep.equal({ 'invalid-token': 1 });
    expect(view.session).to.deep.equal({ key: 's', status: 'live', version: 2 });
  });

  it('keeps a login apart from the calls after it', () => {
    const view = after(attempt(1, 0, 1, 'login'), settled(1, 5, 5, undefined, 'login'), attempt(2, 6));
    expect(view.bursts.map(titleOf)).to.deep.equal(['1 call', 'login']);
  });
});

describe('The figures of the timeline', () => {
  it('tell how long the gate is closed, and who waits at it', () => {
    const cooldown = { name: 'cooldown', event: { ...label(1, 100), forMs: 2_000, because: 'b' } } as Told;
    const view = after(attempt(1, 90), cooldown, queued(1, 100, 'cooldown'), queued(2, 110, 'concurrency'));
    expect(gateOf(view, 600)).to.deep.equal({ opensIn: 1_500, waiting: 2 });
    expect(gateOf(view, 9_000).opensIn).to.equal(0);
  });

  it('have an axis of round marks, as many as there is room for', () => {
    expect(ticks(354, 5)).to.deep.equal([0, 100, 200, 300]);
    expect(ticks(2_900, 3)).to.deep.equal([0, 1_000, 2_000]);
    for (const span of [100, 250, 999, 12_345]) expect(ticks(span, 6).length).to.be.within(2, 7);
  });

  it('know nothing of another session', () => {
    const ended = {
      name: 'sessionEnded',
      event: { at: 1, session: 'other', reason: 'logout', because: 'b' },
    } as Told;
    expect(after(started, ended).session?.status).to.equal('live');
  });
});
