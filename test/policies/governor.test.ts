// policies/governor: what the clients of a process share about a server, and what keeps them apart.
import { expect } from 'chai';
import {
  createAuthClient,
  createGovernor,
  createHttpClient,
  type HttpClientOptions,
} from '../../lib/index.js';
import { times, transport, type Script } from '../support/transport.js';
import { virtualTime, watch } from '../support/virtual-time.js';
import { BASE, errorOf, limit, paths } from './clients.js';

describe('Clients of one process', () => {
  const time = virtualTime();

  /** Clients that reach the same server. */
  function together(script: Script, ...options: Partial<HttpClientOptions>[]) {
    const wire = transport(script);
    const clients = options.map((more) =>
      createHttpClient({ baseURL: BASE, axios: { adapter: wire.adapter }, ...more }),
    );
    return { wire, clients };
  }

  it('share the cooldowns of a server: what one was told, the others need not be told', async () => {
    const { wire, clients } = together([limit(3)], {}, {});
    const [one, other] = clients.map((client, n) => client.get(`/orders/${n}`)) as [
      Promise<unknown>,
      Promise<unknown>,
    ];
    await time.finish(one);
    await time.finish(other);
    const third = createHttpClient({ baseURL: BASE, axios: { adapter: wire.adapter } });
    await third.get('/orders/3');
    expect(times(wire)).to.deep.equal([0, 0, 3_000, 3_000]);
  });

  it('share its window: two hundred of them do not send two hundred first calls to an unknown server', async () => {
    const { wire, clients } = together(() => ({ after: 60 }), ...Array<object>(200).fill({}));
    await time.finish(Promise.all(clients.map((client) => client.get('/orders'))));
    expect(times(wire).filter((at) => at === 0)).to.have.length(16);
  });

  it('share its retry budget', async () => {
    const budget = { ratio: 0, floorPerSecond: 0.001, burst: 5 };
    const policies = { timeout: { total: 5_000 }, retry: { budget } };
    const { wire, clients } = together(() => 503, ...Array<object>(8).fill({ policies }));
    await time.finish(Promise.all(clients.map((client, n) => errorOf(client.get(`/orders/${n}`)))));
    expect(wire.sent).to.have.length(8 + 5);
  });

  it('share nothing between servers: a limit of one origin is not one of another', async () => {
    const { wire, clients } = together(
      ({ url }) => (url.startsWith(BASE) ? limit(20) : 200),
      {},
      {
        baseURL: 'https://other.example.com',
      },
    );
    const [limited, other] = clients;
    watch(limited!.get('/orders'));
    await time.flush();
    await other!.get('/orders');
    expect(paths(wire)).to.have.length(2);
  });

  it('share nothing where they have governors of their own, or transports of their own', async () => {
    const apart = together(() => limit(20), { governor: createGovernor() }, { governor: createGovernor() });
    for (const client of apart.clients) watch(client.get('/orders'));
    await time.flush();
    expect(apart.wire.sent).to.have.length(2);

    const [first, second] = [together(() => limit(20), {}), together(() => limit(20), {})];
    for (const { clients } of [first, second]) watch(clients[0]!.get('/orders'));
    await time.flush();
    expect([first.wire.sent.length, second.wire.sent.length]).to.deep.equal([1, 1]);
  });

  it('share with others of their governor also where they are of another kind', async () => {
    const wire = transport([limit(20)]);
    const shared = { baseURL: BASE, axios: { adapter: wire.adapter }, bucket: () => 'all' };
    const auth = createAuthClient({ ...shared, credentials: { clientId: 'a', clientSecret: 'b' } });
    const http = createHttpClient(shared);
    watch(auth.http.get('/orders'));
    await time.flush();
    watch(http.get('/orders'));
    await time.pass(19_000);
    expect(wire.sent).to.have.length(1);
    auth.close();
    http.close();
  });

  it('leave nothing behind once all of them are closed, and something as long as one is not', async () => {
    const { wire, clients } = together([limit(20)], {}, {});
    const [one, other] = clients as [HttpClient, HttpClient];
    watch(one.get('/orders'));
    await time.flush();
    watch(other.get('/orders')); // it has called that server too
    one.close();
    const later = createHttpClient({ baseURL: BASE, axios: { adapter: wire.adapter } });
    watch(later.get('/orders'));
    await time.flush();
    expect(wire.sent, 'still limited').to.have.length(1);
    other.close();
    later.close();
    const fresh = createHttpClient({ baseURL: BASE, axios: { adapter: wire.adapter } });
    expect((await fresh.get('/orders')).status).to.equal(200);
    await time.flush();
    expect(time.timers).to.equal(0);
  });

  it('remember a server as long as it is called, and forget it some time after, when there are many', async () => {
    const budget = { ratio: 0, floorPerSecond: 0.001, burst: 1 };
    const wire = transport(({ url }) => (url.includes('server-0.') ? 503 : 200));
    const http = createHttpClient({
      baseURL: BASE,
      axios: { adapter: wire.adapter },
      policies: { timeout: { total: 5_000 }, retry: { budget } },
    });
    const others = async (from: number) => {
      for (let n = from; n < from + 255; n += 1) await http.get(`https://server-${n}.example.com/`);
    };
    const attempts = async () =>
      ((await errorOf(time.finish(http.get('https://server-0.example.com/')))) as { attempts: number })
        .attempts;
    expect(await attempts(), 'the repeat that is saved up').to.equal(2);
    await others(1);
    expect(await attempts(), 'it is spent').to.equal(1);
    await time.pass(59_000);
    await others(1_000);
    expect(await attempts()).to.equal(1);
    await time.pass(61_000);
    await others(2_000);
    expect(await attempts(), 'of a server that is known no more').to.equal(2);
    http.close();
  });

  it('do not hold each other up by a closed client: its places are given back', async () => {
    const { wire, clients } = together(() => 'never', {}, {});
    const [one, other] = clients as [HttpClient, HttpClient];
    const ended = Array.from({ length: 40 }, () => errorOf(one.get('/orders')));
    await time.flush();
    expect(wire.underWay).to.equal(16);
    one.close();
    for (const error of await Promise.all(ended)) expect(error).to.include({ code: 'CLIENT_CLOSED' });
    watch(other.get('/orders'));
    await time.flush();
    expect(wire.sent).to.have.length(17);
    other.close();
  });

  it('are told where the governor they are given is none', () => {
    const governor = {} as ReturnType<typeof createGovernor>;
    expect(() => createHttpClient({ baseURL: BASE, governor })).to.throw(
      TypeError,
      'createHttpClient: governor must be one made by createGovernor(); got {}.',
    );
    expect(() => createHttpClient({ baseURL: BASE, governor: null as never })).to.throw(
      TypeError,
      'governor',
    );
  });
});

type HttpClient = ReturnType<typeof createHttpClient>;
