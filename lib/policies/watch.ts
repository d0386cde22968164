// The calls of a client that are not over, and one timer for the time of them all: most calls end long before theirs
// is up, and a timer of its own would cost each of them more than the gate.
import type { EndCause } from '../ports.js';
import { alarm } from './alarm.js';
import { createCrowd, type Member } from './crowd.js';

export interface Watched extends Member {
  /** Ends what takes too long. Says when to look again, ms of `performance`. */
  check(now: number): number;
  end(cause: EndCause): void;
}

export interface Watch {
  add(call: Watched): void;
  remove(call: Watched): void;
  /** Looks at all calls at `moment` at the latest, or a little later where many calls are over time. */
  wakeBy(moment: number): void;
  endAll(cause: EndCause): void;
}

/** Timers count whole ms: half of one more or less is as good. */
const HALF = 0.5;
/** Where so many calls are over time one after another, they are looked at together, each ms. */
const LOOKED_AT_IN_A_MS = 2_000;

export function createWatch(): Watch {
  const calls = createCrowd<Watched>();
  let next = Infinity;
  const timer = alarm(look);

  function look(): void {
    const now = performance.now();
    next = Infinity;
    let earliest = Infinity;
    for (const call of calls.all()) earliest = Math.min(earliest, call.check(now + HALF));
    wakeBy(Math.max(earliest, now + calls.size / LOOKED_AT_IN_A_MS));
  }

  function wakeBy(moment: number): void {
    if (moment >= next) return;
    next = moment;
    timer.at(moment - HALF, performance.now());
  }

  return {
    add: (call) => calls.add(call),
    remove(call) {
      calls.remove(call);
      if (calls.size > 0) return;
      timer.off();
      next = Infinity;
    },
    wakeBy,
    endAll(cause) {
      for (const call of calls.all()) call.end(cause);
    },
  };
}
