// What a client tells its listeners: in order, in full, without secrets, and without being disturbed by them.
import { expect } from 'chai';
import type { EventName } from '../../lib/index.js';
import { virtualTime, watch } from '../support/virtual-time.js';
import { authBench, AT_ONCE, errorOf, httpBench, isRefresh, limit, tokensOf, type Told } from './clients.js';

const names = (told: readonly Told[]) => told.map(({ name }) => name);

describe('The events of a call', () => {
  const time = virtualTime();

  it('come in the order in which things happen, each with what it tells', async () => {
    const { http, told } = httpBench([503, limit(2), 200], {
      retry: { backoff: { initial: 400, jitter: 'none' } },
    });
    const start = Date.now();
    await time.finish(http.get('/orders/42?full=1'));
    const { call, bucket } = told[0] as unknown as { call: number; bucket: string };
    const origin = 'https://api.example.com';
    const label = { call, operation: 'request', method: 'get', origin, route: '/orders/{id}', bucket };
    expect(call).to.be.a('number');
    expect(told).to.deep.equal([
      { name: 'attempt', at: start, ...label, attempt: 1 },
      {
        name: 'failure',
        at: start,
        ...label,
        attempt: 1,
        row: 'gateway',
        code: 'API_EXCEPTION',
        status: 503,
        reaction: 'retry',
        because: 'A gateway in front of the service could not get an answer from it.',
      },
      {
        name: 'retry',
        at: start,
        ...label,
        attempt: 1,
        code: 'API_EXCEPTION',
        status: 503,
        afterMs: 400,
        because: 'Repeated.',
      },
      { name: 'attempt', at: start + 400, ...label, attempt: 2 },
      {
        name: 'failure',
        at: start + 400,
        ...label,
        attempt: 2,
        row: 'too-many-attempts',
        code: 'TOO_MANY_ATTEMPTS',
        status: 429,
        reaction: 'cooldown',
        because: 'The server limits how often this may be called.',
      },
      {
        name: 'cooldown',
        at: start + 400,
        ...label,
        forMs: 2_000,
        because: 'The server limits how often this may be called.',
      },
      { name: 'queued', at: start + 400, ...label, reason: 'cooldown', depth: 1 },
      { name: 'attempt', at: start + 2_400, ...label, attempt: 3 },
      { name: 'settled', at: start + 2_400, ...label, ok: true, attempts: 3, ms: 2_400, status: 200 },
    ]);
  });

  it('tell why a call failed, in the words of its error', async () => {
    const { http, heard } = httpBench([500, 500], { ...AT_ONCE, retry: { ...AT_ONCE.retry, retries: 1 } });
    const error = await errorOf(time.finish(http.get('/orders')));
    const [settled] = heard('settled');
    expect(settled).to.include({ ok: false, attempts: 2, status: 500, code: 'API_EXCEPTION' });
    expect(error.because).to.contain(String(settled?.because));
    expect(settled?.because).to.contain('policies.retry.retries is used up');
  });

  it('tell the reason also where a full queue turned the call away', async () => {
    const { http, heard } = httpBench([limit(2)], { cooldown: { maxQueued: 1 } });
    const waiting = watch(http.get('/orders/1'));
    await time.flush();
    await errorOf(http.get('/orders/2'));
    expect(heard('settled')).to.have.length(1);
    expect(heard('settled')[0]).to.include({ ok: false, code: 'QUEUE_FULL', attempts: 0 });
    expect(heard('settled')[0]?.because).to.contain('policies.cooldown.maxQueued');
    await time.pass(2_000);
    expect(waiting.state).to.equal('resolved');
  });

  it('tell of a wait for room', async () => {
    const { http, heard } = httpBench(() => ({ after: 100 }), { cooldown: { concurrency: 1 } });
    await time.finish(Promise.all([1, 2, 3].map(() => http.get('/orders'))));
    expect(heard('queued').map(({ reason, depth }) => [reason, depth])).to.deep.equal([
      ['concurrency', 1],
      ['concurrency', 2],
    ]);
  });

  it('tell of one cooldown where many calls are limited together, and of another where it grows', async () => {
    const { http, heard } = httpBench([limit(2), limit(2), limit(1), limit(5)]);
    await time.finish(Promise.all([1, 2, 3, 4].map((n) => http.get(`/orders/${n}`))));
    expect(heard('cooldown').map(({ forMs }) => forMs)).to.deep.equal([2_000, 5_000]);
  });

  it('can be folded into a timeline: what each call did at any moment, from its first step to its last', async () => {
    const slow = { status: 503, after: 30 };
    const { http, told } = httpBench([slow, { after: 40 }, limit(2, { after: 20 }), 200], {
      retry: { backoff: { jitter: 'none', initial: 100 } },
    });
    const began = Date.now();
    await time.finish(http.get('/orders/1'));
    const second = http.get('/orders/2');
    await time.pass(50);
    await time.finish(Promise.all([second, http.get('/orders/3')]));

    /** What an event begins, and the next of the same call ends. */
    const BEGINS: Partial<Record<string, string>> = { attempt: 'sent', retry: 'backoff', queued: 'in line' };
    const lanes = new Map<unknown, [what: string, ms: number][]>();
    const open = new Map<unknown, { what: string; at: number }>();
    for (const { name, call, at, ms } of told as readonly {
      name: string;
      call: number;
      at: number;
      ms: number;
    }[]) {
      const what = BEGINS[name];
      const last = open.get(call);
      const lane = lanes.get(call) ?? [];
      lanes.set(call, lane);
      if (last && (what || name === 'settled')) lane.push([last.what, at - last.at]);
      if (what) open.set(call, { what, at });
      if (name === 'settled') expect(lane.reduce((sum, [, took]) => sum + took, 0)).to.equal(ms);
    }
    expect(Object.fromEntries(lanes)).to.deep.equal({
      1: [['sent', 30], ['backoff', 100], ['sent', 40]],
      2: [['sent', 20], ['in line', 2_000], ['sent', 0]],
      3: [['in line', 1_970], ['sent', 0]],
    }); // prettier-ignore
    expect(told.at(-1)).to.include({ name: 'settled', at: began + 170 + 2_020 });
  });

  it('end with exactly one `settled`, however the call ends', async () => {
    const { http, heard } = httpBench([200, 404, 'never', limit(1_000), 200]);
    const controller = new AbortController();
    const calls = [1, 2].map((n) => watch(http.get(`/a/${n}`)));
    calls.push(watch(http.get('/a/3', { signal: controller.signal })));
    calls.push(watch(http.get('/b/4')));
    await time.flush();
    controller.abort();
    await time.flush();
    calls.push(watch(http.get('/b/5')));
    await time.flush();
    expect(heard('settled').map(({ code }) => code ?? 'OK')).to.deep.equal([
      'OK', 'NOT_FOUND', 'TOO_MANY_ATTEMPTS', 'ABORTED', 'TOO_MANY_ATTEMPTS',
    ]); // prettier-ignore
    expect(new Set(heard('settled').map(({ call }) => call)).size).to.equal(calls.length);
  });

  it('carry nothing secret (I17)', async () => {
    const { auth, resume, told } = authBench((sent) => {
      if (isRefresh(sent)) return { data: tokensOf(2) };
      return sent.url.includes('login') ? { data: tokensOf(7) } : sent.headers.authorization === 'Bearer at-1' ? 401 : limit(0); // prettier-ignore
    });
    await time.finish(auth.login({ email: 'ada@example.com', password: 'p4ssw0rd' }));
    await errorOf(
      time.finish(resume().http.get('/orders/77777?token=q-secret', { holdfast: { deadline: 5_000 } })),
    );
    expect(new Set(names(told))).to.include.keys([
      'attempt',
      'refresh',
      'cooldown',
      'settled',
      'sessionStarted',
    ]);
    expect(JSON.stringify(told)).not.to.match(
      /[ar]t-\d|app-secret|p4ssw0rd|ada@|q-secret|77777|Basic|Bearer/,
    );
  });
});

describe('The events of a session', () => {
  const time = virtualTime();
  const script = (sent: Parameters<typeof isRefresh>[0]) =>
    isRefresh(sent) ? { data: tokensOf(2) } : sent.headers.authorization === 'Bearer at-1' ? 401 : 200;

  it('reach the listeners of the session and those of its client, in order', async () => {
    const { resume, told } = authBench(script);
    const session = resume();
    const own: EventName[] = [];
    for (const name of ['attempt', 'refresh', 'settled', 'sessionEnded'] as const)
      session.on(name, () => void own.push(name));
    await time.finish(session.http.get('/orders'));
    await time.finish(session.logout());
    const expected = [
      'attempt',
      'refresh',
      'refresh',
      'attempt',
      'settled',
      'sessionEnded',
      'attempt',
      'settled',
    ];
    expect(own).to.deep.equal(expected);
    // The refresh itself is a call of the client, made with the credentials of the application.
    expect(names(told)).to.deep.equal([
      'sessionStarted', 'attempt', 'failure', 'refresh', 'attempt', 'settled', 'refresh', 'attempt', 'settled',
      'sessionEnded', 'attempt', 'settled',
    ]); // prettier-ignore
  });

  it('name their session, and nobody hears of another session than their own', async () => {
    const { resume, heard } = authBench(script);
    const [one, other] = [resume(), resume()];
    const heardByOther: unknown[] = [];
    for (const name of ['attempt', 'refresh', 'settled', 'sessionEnded'] as const)
      other.on(name, (event) => void heardByOther.push(event));
    await time.finish(one.refresh());
    await time.finish(one.logout());
    expect(heardByOther).to.deep.equal([]);
    expect(heard('refresh', 'sessionEnded').map(({ session }) => session)).to.deep.equal(
      Array(3).fill(one.key),
    );
    expect(heard('sessionStarted').map(({ session }) => session)).to.deep.equal([one.key, other.key]);
  });

  it('tell of its end once, with the reason', async () => {
    const { resume, heard } = authBench();
    const session = resume();
    await time.finish(Promise.all([session.logout(), session.logout(), session.revoke()]));
    expect(heard('sessionEnded')).to.have.length(1);
    expect(heard('sessionEnded')[0]).to.include({ reason: 'logout', because: 'logout() was called.' });
  });
});

describe('A listener', () => {
  const time = virtualTime();
  const ALL = ['attempt', 'queued', 'retry', 'cooldown', 'refresh', 'settled', 'sessionEnded'] as const;

  it('that throws or rejects changes nothing, neither for the call nor for other listeners', async () => {
    const answers = [503, limit(1), 401];
    const { auth, resume, told } = authBench(
      (sent) => (isRefresh(sent) ? { data: tokensOf(2) } : (answers.shift() ?? 200)),
      AT_ONCE,
    );
    const session = resume();
    const later: EventName[] = [];
    for (const name of ALL) {
      session.on(name, () => {
        throw new Error('a listener threw');
      });
      session.on(name, () => Promise.reject(new Error('a listener rejected')) as unknown as undefined);
      session.on(name, () => void later.push(name));
      auth.on(name, () => {
        throw new Error('a listener threw');
      });
    }
    expect(await time.finish(session.http.get('/orders'))).to.include({ status: 200, attempts: 4 });
    expect(await time.finish(session.logout())).to.include({ ok: true });
    expect(new Set(later)).to.deep.equal(new Set(ALL));
    expect(names(told)).to.include.members([...ALL]);
  });

  it('that never settles holds nothing up', async () => {
    const { http } = httpBench([503], AT_ONCE);
    for (const name of ALL) http.on(name, () => new Promise<void>(() => undefined) as unknown as undefined);
    expect(await time.finish(http.get('/orders'))).to.include({ status: 200, attempts: 2 });
  });

  it('cannot change what the others hear', async () => {
    const { http } = httpBench();
    const heard: unknown[] = [];
    http.on('settled', (event) => void Object.assign(event, { ok: false }));
    http.on('settled', ({ ok }) => void heard.push(ok));
    await http.get('/orders');
    expect(heard).to.deep.equal([true]);
  });

  it('that is taken off hears no more, and the others still do', async () => {
    const { http } = httpBench();
    const counts = [0, 0];
    const off = http.on('settled', () => void (counts[0]! += 1));
    http.on('settled', () => void (counts[1]! += 1));
    await http.get('/orders');
    off();
    off();
    await http.get('/orders');
    expect(counts).to.deep.equal([1, 2]);
  });

  it('that takes itself off while it is told keeps nobody else from hearing', async () => {
    const { http } = httpBench();
    const heard: string[] = [];
    const off = http.on('settled', () => {
      heard.push('once');
      off();
    });
    http.on('settled', () => void heard.push('always'));
    await http.get('/orders');
    await http.get('/orders');
    expect(heard).to.deep.equal(['once', 'always', 'always']);
  });
});
