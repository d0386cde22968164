// policies/transport, policies/call: the time of an attempt, and of a whole call.
import { expect } from 'chai';
import { LONGEST } from '../../lib/decide/retry-after.js';
import type { PolicyOptions } from '../../lib/index.js';
import { gaps, type Answer } from '../support/transport.js';
import { virtualTime, watch } from '../support/virtual-time.js';
import { AT_ONCE, authBench, errorOf, httpBench, isRefresh, limit, MINUTE } from './clients.js';

const DAY = 24 * 60 * MINUTE;
const ONCE = { holdfast: { retry: false } } as const;

describe('The time of an attempt', () => {
  const time = virtualTime();

  it('ends it, and the error says so', async () => {
    const { http, wire } = httpBench(['never'], { timeout: { attempt: 1_000 } });
    const call = watch(http.get('/orders', ONCE));
    await time.pass(999);
    expect(call.state).to.equal('pending');
    await time.pass(1);
    expect(call.error).to.include({ code: 'TIMEOUT', kind: 'timeout', attempts: 1, retryable: true });
    expect(call.error).not.to.have.property('status');
    expect(wire.sent[0]?.signal.aborted).to.equal(true);
    expect(time.timers).to.equal(0);
  });

  it('ends it also where the adapter does not listen, and its late answer changes nothing', async () => {
    for (const late of [{ status: 200 }, { fails: 'ECONNRESET' }]) {
      const { http, wire } = httpBench([{ ...late, deaf: true, after: 30_000 }, 200], {
        ...AT_ONCE,
        timeout: { attempt: 1_000 },
      });
      const start = performance.now();
      const response = await time.finish(http.get('/orders'));
      expect(response).to.include({ status: 200, attempts: 2 });
      expect(performance.now() - start).to.equal(1_000);
      await time.pass(MINUTE);
      expect(wire.sent).to.have.length(2);
    }
  });

  it('does not end it where all stood still, and the answer came meanwhile', async () => {
    const { http } = httpBench([{ after: 900 }], { timeout: { attempt: 1_000 } });
    const call = watch(http.get('/orders', ONCE));
    await time.flush();
    await time.sleep(MINUTE);
    await time.flush();
    expect(call.value).to.include({ status: 200, attempts: 1 });
    expect(time.timers).to.equal(0);
  });

  it('ends it a moment later where all stood still, and no answer came', async () => {
    const { http } = httpBench(['never'], { timeout: { attempt: 1_000 } });
    const call = watch(http.get('/orders', ONCE));
    await time.flush();
    await time.sleep(MINUTE / 2);
    expect(call.state).to.equal('pending');
    await time.pass(100);
    expect(call.error).to.include({ code: 'TIMEOUT', attempts: 1 });
    expect(time.timers).to.equal(0);
  });

  it('does not run while the call waits for room', async () => {
    const { http, wire } = httpBench(() => ({ after: 900 }), {
      timeout: { attempt: 1_000 },
      cooldown: { concurrency: 1 },
    });
    await time.finish(Promise.all([1, 2, 3, 4, 5].map((n) => http.get(`/orders/${n}`, ONCE))));
    expect(gaps(wire)).to.deep.equal([900, 900, 900, 900]);
  });

  it('does not run while the call waits for a cooldown, a backoff or a refresh', async () => {
    const slow: Answer = { after: 900 };
    const { http } = httpBench([limit(20), slow], { timeout: { attempt: 1_000 } });
    await time.finish(http.get('/orders', ONCE));
    const busy: Answer = { status: 503, headers: { 'retry-after': '20' } };
    const { http: other } = httpBench([busy, slow], { timeout: { attempt: 1_000 } });
    await time.finish(other.get('/orders'));
    const { resume } = authBench((sent) => (isRefresh(sent) ? { ...NEW, after: 900 } : slow), {
      timeout: { attempt: 1_000 },
    });
    const session = resume({ expiresIn: 1 });
    await time.pass(2);
    await time.finish(session.http.get('/orders', ONCE));
  });

  it('begins anew with each attempt', async () => {
    const { http, wire } = httpBench(['never', 'never', { after: 900 }], {
      ...AT_ONCE,
      timeout: { attempt: 1_000 },
    });
    await time.finish(http.get('/orders'));
    expect(gaps(wire)).to.deep.equal([1_000, 1_000]);
  });

  it('is the timeout of a request where it has one, shorter or longer', async () => {
    const { http } = httpBench(['never', { after: 15_000 }]);
    const short = watch(http.get('/orders', { timeout: 300, ...ONCE }));
    await time.pass(300);
    expect(short.error).to.include({ code: 'TIMEOUT' });
    expect(await time.finish(http.get('/orders', { timeout: 20_000, ...ONCE }))).to.include({ status: 200 });
  });

  it('may be longer than any timer', async () => {
    const waits = watchTimers();
    const { http, wire } = httpBench(() => ({ after: 500 }));
    for (const timeout of [2 ** 31, 3_000_000_000, Number.MAX_SAFE_INTEGER, Infinity])
      expect(await time.finish(http.get('/orders', { timeout, ...ONCE })), `${timeout}`).to.include({
        status: 200,
      });
    expect(wire.sent).to.have.length(4);
    expect(waits.filter((ms) => !(ms <= LONGEST))).to.deep.equal([]);
  });
});

const NEW = { data: { access_token: 'at-2', refresh_token: 'rt-2', expires_in: 3_600 } };

describe('The deadline of a call', () => {
  const time = virtualTime();
  const total = { timeout: { total: 5_000 } };

  it('ends it while it is under way', async () => {
    const { http, wire } = httpBench(['never'], total);
    const call = watch(http.get('/orders'));
    await time.pass(4_999);
    expect(call.state).to.equal('pending');
    await time.pass(1);
    expect(call.error).to.include({ code: 'DEADLINE_EXCEEDED', kind: 'deadline', attempts: 1 });
    expect(wire.sent[0]?.signal.aborted).to.equal(true);
    expect(time.timers).to.equal(0);
  });

  it('ends it also where the adapter does not listen', async () => {
    const { http, wire } = httpBench([{ deaf: true, after: MINUTE }], total);
    const call = watch(http.get('/orders'));
    await time.pass(5_000);
    expect(call.error).to.include({ code: 'DEADLINE_EXCEEDED' });
    await time.pass(MINUTE);
    expect(wire.sent).to.have.length(1);
  });

  it('spans all attempts and the waits between them', async () => {
    const slow: Answer = { status: 503, after: 1_500 };
    const { http, wire } = httpBench([slow, slow, slow, slow], {
      ...total,
      retry: { retries: 10, backoff: { initial: 500, factor: 1, jitter: 'none' } },
    });
    const start = performance.now();
    const error = await errorOf(time.finish(http.get('/orders')));
    expect(error).to.include({ code: 'DEADLINE_EXCEEDED', attempts: 3 });
    expect(performance.now() - start).to.equal(5_000);
    expect(wire.sent).to.have.length(3);
  });

  it('ends it while it waits for room, and nothing is sent', async () => {
    const { http, wire } = httpBench(['never'], {
      timeout: { attempt: MINUTE, total: 5_000 },
      cooldown: { concurrency: 1 },
    });
    const [first, second] = [watch(http.get('/orders/1')), watch(http.get('/orders/2'))];
    await time.pass(5_000);
    expect(first.error).to.include({ code: 'DEADLINE_EXCEEDED', attempts: 1 });
    expect(second.error).to.include({ code: 'DEADLINE_EXCEEDED', attempts: 0, ambiguous: false });
    expect(wire.sent).to.have.length(1);
    expect(time.timers).to.equal(0);
  });

  it('counts what came before an attempt: queue, cooldown and refresh', async () => {
    const { resume, wire } = authBench(
      (sent) => {
        if (isRefresh(sent)) return { ...NEW, after: 1_000 };
        return sent.number === 1 ? 401 : sent.number === 3 ? limit(2) : 'never';
      },
      { timeout: { total: 5_000 } },
    );
    const call = watch(resume().http.get('/orders'));
    await time.pass(4_999);
    expect(call.state).to.equal('pending');
    expect(wire.sent).to.have.length(4);
    await time.pass(1);
    expect(call.error).to.include({ code: 'DEADLINE_EXCEEDED', attempts: 3 });
  });

  it('ends a wait for a refresh, which goes on for the others', async () => {
    const { resume } = authBench((sent) => (isRefresh(sent) ? { ...NEW, after: 3_000 } : 200));
    const session = resume({ expiresIn: 1 });
    await time.pass(2);
    const short = watch(session.http.get('/orders', { holdfast: { deadline: 1_000 } }));
    const long = watch(session.http.get('/orders'));
    await time.pass(1_000);
    expect(short.error).to.include({ code: 'DEADLINE_EXCEEDED', attempts: 0 });
    await time.pass(2_000);
    expect(long.state).to.equal('resolved');
    expect(session.state).to.include({ status: 'live', version: 2 });
  });

  it('is set for one request by its options', async () => {
    const { http } = httpBench(() => 'never');
    const short = watch(http.get('/orders', { holdfast: { deadline: 500 } }));
    await time.pass(500);
    expect(short.error).to.include({ code: 'DEADLINE_EXCEEDED' });
    const long = watch(http.get('/orders', { timeout: 2 ** 32, holdfast: { deadline: 2 ** 31 - 1 } }));
    await time.pass(2 ** 31 - 2);
    expect(long.state).to.equal('pending');
    await time.pass(1);
    expect(long.error).to.include({ code: 'DEADLINE_EXCEEDED' });
  });

  it('is not waited for where a repeat could not begin in time', async () => {
    const { http } = httpBench([{ status: 503, after: 4_800 }], {
      ...total,
      retry: { backoff: { initial: 500, jitter: 'none' } },
    });
    const call = watch(http.get('/orders'));
    await time.pass(4_800);
    expect(call.error).to.include({ code: 'API_EXCEPTION', status: 503, attempts: 1 });
  });
});

describe('A wait of years', () => {
  const time = virtualTime();
  const YEARS = '300000000'; // seconds: more than nine years, and more ms than a timer can count
  const PATIENT: PolicyOptions = {
    timeout: { attempt: LONGEST, total: LONGEST },
    cooldown: { maxWait: LONGEST },
    breaker: { enabled: true, window: LONGEST, openFor: LONGEST },
  };
  const ASKED: Readonly<Record<string, Answer>> = {
    'a 429': { status: 429, headers: { 'retry-after': YEARS } },
    'a 429 with a date': { status: 429, headers: { 'retry-after': 'Fri, 31 Dec 9999 23:59:59 GMT' } },
    'a 503': { status: 503, headers: { 'retry-after': YEARS } },
    'a 503 in ms': { status: 503, headers: { 'retry-after-ms': '9'.repeat(300) } },
    'a RateLimit that is used up': { status: 429, headers: { ratelimit: `"default";r=0;t=${YEARS}` } },
  };

  for (const [name, answer] of Object.entries(ASKED)) {
    it(`that ${name} asks for is refused at once, and leaves no timer (R12, R16)`, async () => {
      const { http, wire } = httpBench([answer]);
      const error = await errorOf(http.get('/orders'));
      expect(error).to.include({ attempts: 1, retryAfter: LONGEST });
      expect(time.timers).to.equal(0);
      const next = watch(http.get('/orders'));
      await time.flush();
      if (name.includes('429') || name.includes('RateLimit'))
        expect(next.error).to.include({ code: 'TOO_MANY_ATTEMPTS', attempts: 0 });
      expect(wire.sent.length).to.be.at.most(2);
    });

    it(`that ${name} asks for sends nothing early to whoever would wait for so long`, async () => {
      const waits = watchTimers();
      const { http, wire } = httpBench([answer], PATIENT);
      const calls = [
        watch(http.get('/orders', { timeout: Infinity })),
        watch(http.put('/orders/1', { a: 1 })),
      ];
      await time.flush();
      const sent = wire.sent.length;
      await time.pass(20 * DAY);
      expect(wire.sent).to.have.length(sent);
      http.close();
      await time.flush();
      for (const { state } of calls) expect(state).not.to.equal('pending');
      expect(waits.filter((ms) => !(ms <= LONGEST))).to.deep.equal([]);
      expect(time.timers).to.equal(0);
    });
  }

  it('that a token may be used sets no timer of that length', async () => {
    const waits = watchTimers();
    const { resume } = authBench((sent) => (isRefresh(sent) ? NEW : 200));
    const session = resume({ expiresIn: Number.MAX_SAFE_INTEGER });
    expect(await time.finish(session.http.get('/orders'))).to.include({ status: 200 });
    expect(waits.filter((ms) => !(ms <= LONGEST))).to.deep.equal([]);
    expect(time.timers).to.equal(0);
  });
});

describe('The time of a refresh', () => {
  const time = virtualTime();

  it('is its own, whatever the calls have that wait for it', async () => {
    const { resume, wire } = authBench((sent) => (isRefresh(sent) ? 'never' : 200), {
      refresh: { timeout: 4_000 },
    });
    const session = resume({ expiresIn: 1 });
    await time.pass(2);
    const call = watch(session.http.get('/orders'));
    await time.pass(3_999);
    expect(call.state).to.equal('pending');
    await time.pass(1);
    expect(call.state).to.equal('rejected');
    expect(session.state.status).to.equal('live');
    expect(wire.sent.filter((sent) => !isRefresh(sent))).to.have.length(0);
    expect(time.timers).to.equal(0);
  });
});

/** Every time that a timer was set for, ms. */
function watchTimers(): number[] {
  const waits: number[] = [];
  const set = globalThis.setTimeout; // the clock of the test puts the real one back
  globalThis.setTimeout = ((callback: () => void, ms = 0) => {
    waits.push(ms);
    return set(callback, ms);
  }) as typeof setTimeout;
  return waits;
}
