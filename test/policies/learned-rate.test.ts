// A server that limits by a bucket of tokens, as most do: everyone is served, few are refused, and not much later than
// somebody would manage who had been told the rate.
import { expect } from 'chai';
import type { Answer, Sent } from '../support/transport.js';
import { virtualTime } from '../support/virtual-time.js';
import { httpBench, limit } from './clients.js';

interface Limits {
  /** Calls per second that the server takes. */
  readonly rate: number;
  /** Calls that it takes at once, after a rest. */
  readonly burst: number;
  /** It says how long to wait. */
  readonly tells: boolean;
}

/** A server whose answers take 3 ms. */
function tokenBucket({ rate, burst, tells }: Limits) {
  let tokens = burst;
  let filledAt: number | undefined;
  const served: { url: string; at: number }[] = [];
  const script = ({ url, at }: Sent): Answer => {
    tokens = Math.min(burst, tokens + ((at - (filledAt ?? at)) / 1_000) * rate);
    filledAt = at;
    if (tokens < 1) return tells ? limit(1, { after: 3 }) : { status: 429, after: 3 };
    tokens -= 1;
    served.push({ url, at });
    return { after: 3 };
  };
  return { script, served };
}

/** Share of the pairs of calls that were served in another order than they were made. */
function disorder(served: readonly { url: string }[]): number {
  const places = served.map(({ url }) => Number(url.split('/').at(-1)));
  let wrong = 0;
  places.forEach((place, index) => {
    for (let later = index + 1; later < places.length; later += 1) if (places[later]! < place) wrong += 1;
  });
  return wrong / ((places.length * (places.length - 1)) / 2);
}

describe('Calls that all come at once to a server with a limit', () => {
  const time = virtualTime();

  for (const { name, calls, most, ...limits } of [
    {
      name: '200 a second, Retry-After 1 s',
      calls: 500,
      rate: 200,
      burst: 50,
      tells: true,
      most: { refused: 0.1, over: 1.75 },
    },
    {
      name: '200 a second, and no word of when',
      calls: 500,
      rate: 200,
      burst: 50,
      tells: false,
      most: { refused: 0.1, over: 1.25 },
    },
    {
      name: '50 a second, Retry-After 1 s',
      calls: 150,
      rate: 50,
      burst: 10,
      tells: true,
      most: { refused: 0.2, over: 1.7 },
    },
    {
      // As nginx has it by default. Two cooldowns, and the search from two calls a second upwards.
      name: '100 a second, one at a time, and no word of when',
      calls: 300,
      rate: 100,
      burst: 1,
      tells: false,
      most: { refused: 0.15, over: 3.5 },
    },
  ])
    it(`of ${name} are all served, with few refusals, soon and in order`, async () => {
      const server = tokenBucket(limits);
      const { http, wire } = httpBench(server.script, { cooldown: { maxWait: 60_000 } });
      const began = performance.now();
      await time.finish(Promise.all(Array.from({ length: calls }, (_, n) => http.get(`/orders/${n}`))));
      const took = performance.now() - began;
      const ideal = ((calls - limits.burst) / limits.rate) * 1_000;
      expect(server.served).to.have.length(calls);
      expect((wire.sent.length - calls) / calls, '429s per call').to.be.at.most(most.refused);
      expect(took / ideal, 'time over optimum').to.be.at.most(most.over);
      expect(disorder(server.served)).to.be.at.most(0.02);
    });
});
