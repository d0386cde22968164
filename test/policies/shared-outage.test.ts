// An outage met by two hundred clients of one process: one governor stands between them and the server.
import { expect } from 'chai';
import { createHttpClient } from '../../lib/index.js';
import { transport } from '../support/transport.js';
import { virtualTime } from '../support/virtual-time.js';
import { BASE } from './clients.js';

const INSTANCES = 200;
const PER_SECOND = 250;
const OUTAGE = 3_000;
const AFTER = 3_000;

/** The value that this share of the values does not exceed. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))]!;
}

interface Logged {
  readonly from: number;
  to?: number;
}

/** When each client had its first answer after the outage, ms. */
function backAfter(calls: readonly Logged[]): number[] {
  const back = Array<number>(INSTANCES).fill(Infinity);
  for (const [index, { to }] of calls.entries()) {
    const client = (index + 1) % INSTANCES;
    if (to! >= OUTAGE) back[client] = Math.min(back[client]!, to! - OUTAGE);
  }
  return back;
}

describe('An outage of three seconds that two hundred clients meet together', () => {
  const time = virtualTime();

  it('is met by few sends, fails nobody, and ends soon and without a rush', async () => {
    const began = performance.now();
    const now = () => performance.now() - began;
    const wire = transport(() => ({ status: now() < OUTAGE ? 500 : 200, after: 4 }));
    const clients = Array.from({ length: INSTANCES }, () =>
      createHttpClient({ baseURL: BASE, axios: { adapter: wire.adapter } }),
    );
    const calls: Logged[] = [];
    const ends: Promise<unknown>[] = [];
    while (now() < OUTAGE + AFTER) {
      const call: Logged = { from: now() };
      const client = clients[calls.push(call) % INSTANCES]!;
      ends.push(client.get('/orders').then(() => (call.to = now())));
      await time.pass(1_000 / PER_SECOND);
    }
    await time.finish(Promise.all(ends)); // nobody was rejected

    const sentAt = wire.sent.map(({ at }) => at - began);
    const during = calls.filter(({ from }) => from < OUTAGE);
    const later = calls.flatMap(({ from, to }) => (from < OUTAGE ? [] : to! - from));
    expect(sentAt.filter((at) => at < OUTAGE).length / during.length, 'sends per call').to.be.at.most(0.2);
    expect(quantile(backAfter(calls), 0.5), 'half of the clients are back').to.be.at.most(400);
    expect(quantile(backAfter(calls), 0.99), 'nearly all clients are back').to.be.at.most(900);
    expect(Math.max(...during.map(({ to }) => to!)), 'everybody is served').to.be.at.most(OUTAGE + 2_500);
    expect(quantile(later, 0.5), 'calls that came afterwards took').to.be.at.most(5);
    expect(quantile(later, 0.98), 'nearly all of them').to.be.at.most(500);

    const slots = Array.from(
      { length: AFTER / 100 },
      (_, slot) => sentAt.filter((at) => Math.floor((at - OUTAGE) / 100) === slot).length,
    );
    const mean = slots.reduce((sum, one) => sum + one, 0) / slots.length;
    expect(Math.max(...slots) / mean, 'busiest tenth of a second').to.be.at.most(1.8);
    for (const client of clients) client.close();
    expect(time.timers).to.equal(0);
  });
});

describe('Two hundred clients that call at once, and are refused once each for a moment', () => {
  const time = virtualTime();

  it('are all served, and do not come back in a herd', async () => {
    const began = performance.now();
    const seen = new Set<string>();
    const wire = transport(({ url, at }) => {
      const isNew = !seen.has(url);
      seen.add(url);
      return { status: isNew && at - began < 500 ? 503 : 200, after: 3 };
    });
    const clients = Array.from({ length: INSTANCES }, () =>
      createHttpClient({ baseURL: BASE, axios: { adapter: wire.adapter } }),
    );
    await time.finish(Promise.all(clients.map((client, n) => client.get(`/orders/${n}`)))); // nobody was rejected
    const slots: number[] = [];
    const once = new Set<string>();
    for (const { url, at } of wire.sent) {
      const slot = Math.floor((at - began) / 100);
      if (once.has(url) || at - began >= 500) slots[slot] = (slots[slot] ?? 0) + 1;
      once.add(url);
    }
    const again = slots.reduce((sum, count) => sum + count, 0);
    expect(Math.max(...slots.filter(Boolean)) / again, 'share of the busiest tenth of a second').to.be.below(
      0.16,
    );
    for (const client of clients) client.close();
  });
});
