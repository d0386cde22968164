// Calls that wait, in order and by priority. The queue of p-queue keeps the order, and nothing else: a call that may
// leave holds no slot of it, so no wiring of policies can deadlock on it.
import { PriorityQueue } from 'p-queue';
import type { Cause } from '../contract/codes.js';
import type { Stoppable } from '../ports.js';
import type { Call } from './call.js';
import { createCrowd, NOWHERE, type Member } from './crowd.js';
import type { Failure, WireConfig } from './failure.js';

/** Who owns a line says who may wait in it and what it means to be let go. */
export interface LineOwner {
  /** Why a call that waits since `since` should not wait any longer. */
  refusal(config: WireConfig, since: number): Failure | undefined;
  /** The failure of a call that ended while it waited. */
  ended(config: WireConfig, cause: Cause): Failure;
  /** It is the call's turn: its place is taken from now on, unless it has to wait in another line. */
  admit(config: WireConfig): Turn | undefined;
  /** It waits here no longer, whether it may leave or gives up. */
  left(config: WireConfig, since: number): void;
}

/** Resolves with the call when it need not wait any longer: it may leave, or `call.refusal` says why it may not. */
export type Turn = Promise<WireConfig>;

export interface Line {
  /** Calls that wait. */
  readonly size: number;
  /** @param rank as `rankOf` has it */
  join(config: WireConfig, rank: number): Turn;
  /** Lets the first ones go, as long as there are places. */
  release(places: () => number): void;
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

/** A call in a line. There may be very many, so it is one object and no closure. */
class Waiting implements Member, Stoppable {
  readonly since = performance.now();
  readonly rank: number;
  /** Those who have left are empty: taking them out of the queue would cost a search. */
  config: WireConfig | undefined;
  seat = NOWHERE;
  readonly resolve: (next: WireConfig | Turn) => void;
  readonly #stopped: (one: Waiting, cause: Cause) => void;

  constructor(
    config: WireConfig,
    rank: number,
    resolve: (next: WireConfig | Turn) => void,
    stopped: (one: Waiting, cause: Cause) => void,
  ) {
    this.config = config;
    this.rank = rank;
    this.resolve = resolve;
    this.#stopped = stopped;
  }

  stop(cause: Cause): void {
    this.#stopped(this, cause);
  }
}

/** It orders whatever it is given; only its types want functions. */
interface Queue {
  readonly size: number;
  enqueue(one: Waiting, options: { readonly priority: number }): void;
  dequeue(): Waiting | undefined;
}

const newQueue = () => new PriorityQueue() as unknown as Queue;

export function createLine(owner: LineOwner): Line {
  const waiting = createCrowd<Waiting>();
  let queue = newQueue();

  function leave(one: Waiting, config: WireConfig): void {
    one.config = undefined;
    waiting.remove(one);
    config.call.heldBy(undefined);
    owner.left(config, one.since);
  }

  function giveUp(one: Waiting, failure: Failure): void {
    const { config } = failure;
    leave(one, config);
    tidy();
    config.call.refusal = failure;
    one.resolve(config);
  }

  function stopped(one: Waiting, cause: Cause): void {
    if (one.config) giveUp(one, owner.ended(one.config, cause));
  }

  /** A queue of many who have left is made anew from those who are there, in their order. */
  function tidy(): void {
    if (queue.size < 2 * waiting.size + TIDY_FROM) return;
    queue = newQueue();
    const inOrder = waiting.all().sort((a, b) => b.rank - a.rank);
    for (const one of inOrder) queue.enqueue(one, { priority: one.rank });
  }

  return {
    get size() {
      return waiting.size;
    },
    join: (config, rank) =>
      new Promise((resolve) => {
        const one = new Waiting(config, rank, resolve, stopped);
        waiting.add(one);
        config.call.heldBy(one);
        queue.enqueue(one, { priority: rank });
      }),
    release(places) {
      while (waiting.size > 0 && places() > 0) {
        const one = queue.dequeue();
        if (!one) return;
        const { config } = one;
        if (!config) continue;
        leave(one, config);
        one.resolve(owner.admit(config) ?? config);
      }
    },
    askAll() {
      for (const one of waiting.all()) {
        const failure = one.config && owner.refusal(one.config, one.since);
        if (failure) giveUp(one, failure);
      }
    },
  };
}
