// A body that a function makes for each attempt, and streams, which are used up (R4).
import { AsyncLocalStorage } from 'node:async_hooks';
import { PassThrough, Readable } from 'node:stream';
import axios, { type AxiosAdapter, type AxiosRequestHeaders } from 'axios';
import { expect } from 'chai';
import type { BodyFactory } from '../../lib/index.js';
import { transport } from '../support/transport.js';
import { virtualTime, watch } from '../support/virtual-time.js';
import { authBench, AT_ONCE, errorOf, httpBench, isRefresh, limit, tokensOf } from './clients.js';

const SECRET = 'hunter-of-secrets';
const sentBodies = ({ sent }: ReturnType<typeof httpBench>['wire']) => sent.map(({ data }) => data);

/** A function that makes numbered texts, and how often it was called. */
function counting(): BodyFactory & { readonly calls: number } {
  let calls = 0;
  return Object.defineProperty(() => `body ${(calls += 1)}`, 'calls', { get: () => calls }) as never;
}

describe('A function that makes a body', () => {
  const time = virtualTime();

  it('is called once for each attempt that leaves, whatever made it leave', async () => {
    const answers = [503, limit(1), 401, { fails: 'ECONNREFUSED' }, 200];
    const { resume, wire } = authBench(
      (sent) => (isRefresh(sent) ? { data: tokensOf(2) } : answers.shift()!),
      AT_ONCE,
    );
    const make = counting();
    expect(await time.finish(resume().http.put('/files/1', make))).to.include({ attempts: 5 });
    const calls = wire.sent.filter((sent) => !isRefresh(sent));
    expect(calls.map(({ data }) => data)).to.deep.equal([1, 2, 3, 4, 5].map((number) => `body ${number}`));
    expect(make.calls).to.equal(5);
  });

  it('is not called while its call waits for room, a cooldown or a backoff', async () => {
    const { http } = httpBench([{ after: 500 }, limit(5), { status: 503, headers: { 'retry-after': '5' } }], {
      cooldown: { concurrency: 1 },
    });
    watch(http.get('/orders'));
    const make = counting();
    const call = watch(http.put('/orders/1', make));
    const seen: number[] = [];
    for (const ms of [499, 1, 4_999, 1, 4_999, 1]) {
      await time.pass(ms);
      seen.push(make.calls);
    }
    expect(seen).to.deep.equal([0, 1, 1, 2, 2, 3]);
    expect(call.state).to.equal('resolved');
  });

  it('is called in the async context of its caller', async () => {
    const storage = new AsyncLocalStorage<string>();
    const { http } = httpBench([503, limit(1)]);
    const seen: (string | undefined)[] = [];
    const make = () => void seen.push(storage.getStore());
    await time.finish(storage.run('mine', () => http.put('/orders/1', make)));
    expect(seen).to.deep.equal(['mine', 'mine', 'mine']);
  });

  it('is what the interceptors of the user see, and what comes back with the response, to be sent again', async () => {
    const { http, wire } = httpBench([503, 200, 503], AT_ONCE);
    const seen: unknown[] = [];
    http.interceptors.request.use((config) => (seen.push(config.data), config));
    const make = counting();
    const response = await time.finish(http.put('/orders/1', make));
    expect(response.config.data).to.equal(make);
    expect(await time.finish(http.request(response.config))).to.include({ attempts: 2 });
    expect(seen).to.deep.equal([make, make]);
    expect(sentBodies(wire)).to.deep.equal(['body 1', 'body 2', 'body 3', 'body 4']);
  });

  it('does not let a POST be repeated that could do harm', async () => {
    const { http, wire } = httpBench([500]);
    const error = await errorOf(time.finish(http.post('/orders', counting())));
    expect(error).to.include({ status: 500, attempts: 1, ambiguous: true });
    expect(wire.sent).to.have.length(1);
  });

  it('has the transforms of its client run on what it makes, without the credential, anew for each attempt', async () => {
    const seen: string[][] = [];
    const label = (data: unknown, headers: AxiosRequestHeaders) => {
      seen.push(Object.keys(headers.toJSON()));
      if (seen.length === 1) headers.set('X-First', 'yes');
      return data;
    };
    const wire = transport([503]);
    const { resume } = authBench([], AT_ONCE, {
      axios: {
        adapter: wire.adapter,
        transformRequest: [label, ...[axios.defaults.transformRequest!].flat()],
      },
    });
    await time.finish(resume().http.put('/orders/1', () => ({ a: 1 })));
    expect(seen).to.have.length(2);
    expect(seen.flat()).not.to.include('Authorization');
    expect(sentBodies(wire)).to.deep.equal(['{"a":1}', '{"a":1}']);
    expect(wire.sent.map(({ headers }) => headers['x-first'])).to.deep.equal(['yes', undefined]);
    for (const { headers } of wire.sent)
      expect(headers).to.include({ authorization: 'Bearer at-1', 'content-type': 'application/json' });
  });
});

const FAILING: readonly (readonly [name: string, make: BodyFactory, because: RegExp])[] = [
  [
    'throws',
    () => {
      throw Object.assign(new Error(SECRET), { code: 'EMFILE' });
    },
    /The function that makes its body failed\.$/,
  ],
  [
    'rejects',
    () => Promise.reject(Object.assign(new Error(SECRET), { code: 'EMFILE', config: { data: SECRET } })),
    /It was reported as EMFILE\. The function that makes its body failed\.$/,
  ],
  ['rejects with nothing', () => Promise.reject(undefined), /The function that makes its body failed\.$/],
  ['gives what JSON cannot say', () => ({ [SECRET]: 1n }), /What the function made cannot be sent\.$/],
  ['gives a function', () => () => SECRET, /What the function made cannot be sent\.$/],
  [
    'gives a stream that was destroyed',
    () => new PassThrough().destroy(),
    /gave a stream that was used already\.$/,
  ],
  ['gives a stream that somebody reads', () => lockedStream(), /gave a stream that was used already\.$/],
];

function lockedStream(): ReadableStream {
  const stream = new Blob([SECRET]).stream();
  stream.getReader();
  return stream;
}

describe('A function that fails to make a body', () => {
  const time = virtualTime();

  for (const [name, make, because] of FAILING)
    it(`since it ${name} ends the call with a typed error, nothing is sent, and nothing of it shows`, async () => {
      const { http, wire, told, heard } = httpBench([], { cooldown: { concurrency: 1 } });
      const error = await errorOf(http.put('/orders/1', make));
      expect(error).to.include({ code: 'INVALID_REQUEST', kind: 'configuration', attempts: 0 });
      expect(error).to.include({ ambiguous: false, retryable: false });
      expect(error.because).to.match(because);
      expect(error.cause).to.equal(undefined);
      expect(JSON.stringify([error, error.stack, told])).not.to.contain(SECRET);
      expect([wire.sent.length, heard('attempt').length, time.timers]).to.deep.equal([0, 0, 0]);
      expect(await http.get('/orders'), 'the one place is free again').to.include({ status: 200 });
    });

  it('for a repeat tells how often the call was sent, and that this left its outcome open', async () => {
    const { http, wire } = httpBench([{ fails: 'ECONNRESET' }], AT_ONCE);
    let calls = 0;
    const make = () => {
      if ((calls += 1) > 1) throw new Error(SECRET);
      return 'body';
    };
    const once = { holdfast: { idempotencyKey: true as const } };
    const error = await errorOf(time.finish(http.post('/orders', make, once)));
    expect(error).to.include({ code: 'INVALID_REQUEST', attempts: 1, ambiguous: true });
    expect(wire.sent).to.have.length(1);
  });
});

describe('A function that takes its time to make a body', () => {
  const time = virtualTime();

  /** A body that comes when it is told to. */
  function slow(): { readonly make: BodyFactory; readonly come: (body: unknown) => void } {
    let come: (body: unknown) => void = () => undefined;
    const promise = new Promise<unknown>((resolve) => (come = resolve));
    return { make: () => promise, come };
  }

  it('holds its call up no longer than to its deadline', async () => {
    const { http, wire } = httpBench([], { timeout: { attempt: 1_000, total: 5_000 } });
    const call = watch(http.put('/orders/1', slow().make));
    await time.pass(4_999);
    expect(call.state).to.equal('pending');
    await time.pass(1);
    expect(call.error).to.include({ code: 'DEADLINE_EXCEEDED', attempts: 0, ambiguous: false });
    expect([wire.sent.length, time.timers]).to.deep.equal([0, 0]);
  });

  it('is left at once by an abort or a close, and what it makes too late is let go', async () => {
    const reason = new Error('left');
    for (const [code, end] of [
      ['ABORTED', (controller: AbortController) => controller.abort(reason)],
      ['CLIENT_CLOSED', (_: AbortController, http: { close: () => void }) => http.close()],
    ] as const) {
      const { http, wire } = httpBench();
      const controller = new AbortController();
      const { make, come } = slow();
      const call = watch(http.put('/orders/1', make, { signal: controller.signal }));
      await time.flush();
      end(controller, http);
      await time.flush();
      expect(call.error).to.include({ code, attempts: 0 });
      if (code === 'ABORTED') expect(call.error).to.have.property('cause', reason);
      const late = Readable.from(['late']);
      come(late);
      await time.flush();
      expect(late.destroyed).to.equal(true);
      expect([wire.sent.length, time.timers]).to.deep.equal([0, 0]);
    }
  });

  it('gives the time of an attempt to sending alone', async () => {
    const { http } = httpBench([{ after: 900 }], { timeout: { attempt: 1_000 } });
    const { make, come } = slow();
    const call = watch(http.put('/orders/1', make, { holdfast: { retry: false } }));
    await time.pass(2_000);
    come('body');
    await time.pass(900);
    expect(call.state).to.equal('resolved');
  });
});

describe('A stream that was made for an attempt', () => {
  const time = virtualTime();

  it('is let go where the attempt brought no answer, and only there', async () => {
    const { http } = httpBench(['never', { fails: 'ECONNRESET' }, 503, 200], {
      ...AT_ONCE,
      timeout: { attempt: 1_000 },
    });
    const made: PassThrough[] = [];
    await time.finish(http.put('/files/1', () => (made.push(new PassThrough()), made.at(-1))));
    expect(made.map(({ destroyed }) => destroyed)).to.deep.equal([true, true, false, false]);
  });

  it('is let go where its connection is closed by the time that the answer is read', async () => {
    const request = { closed: true };
    const adapter: AxiosAdapter = (config) =>
      Promise.resolve({ status: 413, statusText: '', data: '', headers: {}, config, request });
    const { http } = httpBench([], {}, { axios: { adapter } });
    const made = new PassThrough();
    expect(await errorOf(http.put('/files/1', () => made))).to.include({ status: 413 });
    expect(made.destroyed).to.equal(true);
  });

  it('is cancelled where it is one of the web', async () => {
    const { http } = httpBench([{ fails: 'ECONNREFUSED' }], AT_ONCE);
    let cancelled = 0;
    const make = () => new ReadableStream({ cancel: () => void (cancelled += 1) });
    expect(await time.finish(http.put('/files/1', make))).to.include({ attempts: 2 });
    expect(cancelled).to.equal(1);
  });
});

describe('A stream that gave its bytes already', () => {
  virtualTime();

  for (const [name, stream] of [
    ['was destroyed', () => new PassThrough().destroy()],
    ['was read to its end', readToItsEnd],
    ['is being read by somebody', lockedStream],
  ] as const)
    it(`since it ${name} is not sent: the server would get nothing, and say that all is well`, async () => {
      const { http, wire } = httpBench();
      const error = await errorOf(http.put('/files/1', await stream()));
      expect(error).to.include({ code: 'INVALID_REQUEST', attempts: 0, ambiguous: false });
      expect(error.because).to.match(/The stream in its body was used already\.$/);
      expect(wire.sent).to.have.length(0);
    });
});

async function readToItsEnd(): Promise<Readable> {
  const stream = new Readable({ read: () => void stream.push(null), autoDestroy: false });
  for await (const chunk of stream) expect.fail(`read ${String(chunk)}`);
  expect(stream).to.include({ readableEnded: true });
  return stream;
}
