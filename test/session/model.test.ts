// Whole clients under commands that fast-check draws, in virtual time, with faults that a seed decides: the invariants of
// a session hold whatever happens. MODEL_RUNS sets how many runs each seed makes.
import { memoryCoordinator } from '../../lib/index.js';
import { virtualTime, type VirtualTime } from '../support/virtual-time.js';
import { runModel } from './model/run.js';
import type { Setting } from './model/world.js';

const RUNS = Number(process.env.MODEL_RUNS ?? 60);
const SEEDS = process.env.MODEL_SEED === undefined ? [1, 2] : [Number(process.env.MODEL_SEED)];

function inMemory(time: VirtualTime): Setting {
  return {
    open() {
      const coordinator = memoryCoordinator({ idle: 3_600_000 });
      return { coordinators: [coordinator, coordinator] };
    },
    pass: (ms) => time.finish(new Promise((resolve) => setTimeout(resolve, ms))),
    jump: time.jump,
  };
}

describe('Two clients that share a session', function () {
  this.timeout(600_000);
  const time = virtualTime();

  for (const seed of SEEDS) {
    it(`keep every invariant on a store that is well, whatever the server and the network do: seed ${seed}`, () =>
      runModel({ setting: inMemory(time), store: false, seed, runs: RUNS }));

    it(`keep every invariant on a store in trouble: seed ${seed}`, () =>
      runModel({ setting: inMemory(time), store: true, seed, runs: RUNS }));
  }
});
