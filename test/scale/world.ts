// What all simulated clients have in common.
import { NO_BODY } from '../../lib/contract/answer.js';
import { classify } from '../../lib/contract/classify.js';
import { DEFAULTS, type Policies } from '../../lib/options.js';
import { randomFrom } from '../../lib/testing/trouble.js';
import type { Time } from './calendar.js';
import { Call, type Kind } from './call.js';
import type { Service } from './service.js';
import { Tally } from './tally.js';

/** What a client does besides repeating. */
export interface Mode {
  /** Repeats are paid for from the budget of the process. */
  readonly budget: boolean;
  /** Backoff has full jitter, and tries come at random moments. */
  readonly jitter: boolean;
  /**
   * Calls pass the window of the server and the gate of their bucket: they are held back in an outage and during a
   * cooldown, and follow at a pace. Without it each call waits for what it was told itself.
   */
  readonly pacing: boolean;
  /** Tokens are refreshed before they expire; spread: not at the same age. */
  readonly ahead: 'no' | 'together' | 'spread';
}

/** Changes to the retry policy. */
export type Retry = Partial<Policies['retry']>;

export class World {
  readonly calendar: Time;
  readonly tally = new Tally();
  readonly random: () => number;
  readonly service: Service;
  readonly mode: Mode;
  readonly policies: Policies;
  #calls = 0;

  constructor(calendar: Time, seed: number, service: Service, mode: Mode, changes: Retry = {}) {
    const retry = { ...DEFAULTS.retry, ...changes };
    this.calendar = calendar;
    const jitter = mode.jitter ? 'full' : 'none';
    this.random = randomFrom(seed);
    this.service = service;
    this.mode = mode;
    this.policies = { ...DEFAULTS, retry: { ...retry, backoff: { ...retry.backoff, jitter } } };
  }

  get now(): number {
    return this.calendar.now;
  }

  /** For what is random so that processes do not do it together. */
  get apart(): number {
    return this.mode.jitter ? this.random() : 1;
  }

  call(kind: Kind, done: (ok: boolean) => void): Call {
    this.#calls += 1;
    this.tally.began();
    return new Call(this.#calls, this.now, kind, done);
  }

  over(call: Call, ok: boolean): void {
    if (call.isOver) return;
    call.isOver = true;
    this.tally.settled(this.now, ok, this.now - call.startedAt);
    call.done(ok);
  }

  /** Up to so much, ms. */
  between(least: number, most: number): number {
    return least + this.random() * (most - least);
  }
}

const ROWS = new Map(
  [200, 429, 503].map((status) => [
    status,
    classify({ operation: 'request', auth: 'none', status, body: NO_BODY }),
  ]),
);
export const rowOf = (status: number) => ROWS.get(status)!;
