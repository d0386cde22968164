// More calls than a server can take, from many clients of one process: it is kept busy with what it can answer in time.
import { expect } from 'chai';
import { createHttpClient } from '../../lib/index.js';
import { transport, type Answer, type Sent } from '../support/transport.js';
import { virtualTime } from '../support/virtual-time.js';
import { BASE } from './clients.js';

/** Calls that the server works off in a second, one after another. */
const CAPACITY = 200;
/** Most calls that wait at the server. */
const BACKLOG = 50;
const INSTANCES = 50;
const IN_TIME = 2_000;

/** @param refusalCosts the work of a refusal, as a share of that of an answer */
function busyServer(refusalCosts: number) {
  let freeAt = 0;
  return ({ at }: Sent): Answer => {
    const work = 1_000 / CAPACITY;
    freeAt = Math.max(freeAt, at);
    const isFull = (freeAt - at) / work >= BACKLOG;
    freeAt += isFull ? work * refusalCosts : work;
    return isFull ? { status: 503, after: 1 } : { after: freeAt - at };
  };
}

/** So many times the capacity, for so long, ms. */
type Load = readonly (readonly [times: number, ms: number])[];

const LOADS: readonly {
  readonly name: string;
  readonly load: Load;
  readonly refusalCosts: number;
  readonly goodput: number;
}[] = [
  { name: 'as much as it can take', load: [[1, 4_000]], refusalCosts: 0.1, goodput: 0.99 },
  { name: 'twice as much', load: [[2, 4_000]], refusalCosts: 0.1, goodput: 0.95 },
  { name: 'three times as much', load: [[3, 4_000]], refusalCosts: 0.1, goodput: 0.95 },
  {
    name: 'four times as much for a while',
    load: [
      [0.8, 1_000],
      [4, 1_500],
      [0.8, 3_000],
    ],
    refusalCosts: 0.3,
    goodput: 0.97,
  },
];

describe('A server that is asked for', () => {
  const time = virtualTime();

  for (const { name, load, refusalCosts, goodput } of LOADS)
    it(`${name} goes on to answer what it can, and nobody is left without an answer`, async () => {
      const wire = transport(busyServer(refusalCosts));
      const clients = Array.from({ length: INSTANCES }, () =>
        createHttpClient({
          baseURL: BASE,
          axios: { adapter: wire.adapter },
          policies: { timeout: { total: IN_TIME } },
        }),
      );
      const ends: Promise<number | undefined>[] = [];
      const call = async () => {
        const began = performance.now();
        const served = await clients[ends.length % INSTANCES]!.get('/orders').then(
          () => true,
          () => false,
        );
        const took = performance.now() - began;
        expect(took, 'time until it was known').to.be.at.most(IN_TIME + 1);
        return served ? performance.now() : undefined;
      };
      let next = performance.now();
      let possible = 0;
      for (const [times, ms] of load) {
        possible += (Math.min(1, times) * CAPACITY * ms) / 1_000;
        for (const until = next + ms; next < until; next += 1_000 / (CAPACITY * times)) {
          await time.pass(Math.max(0, next - performance.now()));
          ends.push(call());
        }
      }
      const over = performance.now();
      const served = (await time.finish(Promise.all(ends))).filter((at) => at !== undefined && at <= over);
      expect(served.length / possible, 'goodput').to.be.at.least(goodput);
      expect(wire.sent.length / ends.length, 'sends per call').to.be.at.most(1.1);
      for (const client of clients) client.close();
      expect(time.timers).to.equal(0);
    });
});
