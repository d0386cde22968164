// Calls that wait, in order and by priority. p-queue keeps the order and only admits: a call that may leave holds no
// slot of it, so no wiring of policies can deadlock on it.
import PQueue from 'p-queue';
import type { Cause } from '../contract/codes.js';
import type { Call } from './call.js';
import type { Failure, WireConfig } from './failure.js';

/** Who owns a line says who may wait in it and what it means to be let go. */
export interface LineOwner {
  /** Why a call that waits since `since` should not wait any longer. */
  refusal(config: WireConfig, since: number): Failure | undefined;
  /** The failure of a call that ended while it waited. */
  ended(config: WireConfig, cause: Cause): Failure;
  /** The call may leave: its place is taken from now on. */
  admit(config: WireConfig): void;
  /** It waits no longer, whether it may leave or gives up. */
  left(config: WireConfig, since: number): void;
}

export interface Line {
  /** Calls that wait. */
  readonly size: number;
  /** Resolves when the call is let go; rejects with a `Failure`. */
  /** @param rank as `rankOf` has it */
  join(config: WireConfig, rank: number): Promise<void>;
  /** Lets the first `count` go. */
  release(count: number): void;
  /** Sends away whoever should not wait any longer. */
  askAll(): void;
}

/** More than the calls that can wait at a time differ in age. */
const MANY = 2 ** 32;

/**
 * Where a call stands: higher goes first. Calls of one priority keep the order in which they were made, however often
 * they have to wait again.
 * @param bonus between -1 and 1, for those who go before or behind the others of their priority
 */
export function rankOf({ facts, place }: Call, bonus: number, newestFirst = false): number {
  return facts.priority + bonus + (newestFirst ? place : -place) / MANY;
}

/** Shorter lines are not worth tidying. */
const TIDY_FROM = 64;

/** A call in a line. */
class Waiting {
  readonly since = performance.now();
  readonly config: WireConfig;
  readonly rank: number;
  readonly resolve: () => void;
  readonly reject: (failure: Failure) => void;

  constructor(config: WireConfig, rank: number, resolve: () => void, reject: (failure: Failure) => void) {
    this.config = config;
    this.rank = rank;
    this.resolve = resolve;
    this.reject = reject;
  }
}

export function createLine(owner: LineOwner): Line {
  const waiting = new Set<Waiting>();
  let queue = newQueue();

  function leave(one: Waiting): void {
    waiting.delete(one);
    one.config.call.heldBy(undefined);
    owner.left(one.config, one.since);
  }

  function go(one: Waiting): void {
    if (!waiting.has(one)) return; // taking a task out of the queue would have cost a search
    leave(one);
    owner.admit(one.config);
    one.resolve();
  }

  function giveUp(one: Waiting, failure: Failure): void {
    leave(one);
    tidy();
    one.reject(failure);
  }

  function enqueue(one: Waiting): void {
    void queue.add(() => go(one), { priority: one.rank });
  }

  /** A queue of many who have left is made anew from those who are there, in their order. */
  function tidy(): void {
    if (queue.size < 2 * waiting.size + TIDY_FROM) return;
    queue = newQueue();
    waiting.forEach(enqueue);
  }

  return {
    get size() {
      return waiting.size;
    },
    join: (config, rank) =>
      new Promise((resolve, reject) => {
        const one = new Waiting(config, rank, resolve, reject);
        waiting.add(one);
        config.call.heldBy({ stop: (cause) => giveUp(one, owner.ended(config, cause)) });
        enqueue(one);
      }),
    release(count) {
      const until = waiting.size - Math.min(count, waiting.size);
      // A task is over within its own tick, and those of who has left let nobody go: so this ends.
      while (waiting.size > until) {
        queue.concurrency = queue.pending + waiting.size - until;
        queue.start();
        queue.pause();
      }
    },
    askAll() {
      for (const one of [...waiting]) {
        const failure = owner.refusal(one.config, one.since);
        if (failure) giveUp(one, failure);
      }
    },
  };
}

const newQueue = () => new PQueue({ autoStart: false });
