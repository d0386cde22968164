// The suite that every coordinator has to pass: the contract step by step, and then whole clients on it.
import type { Awaitable, Coordinator } from '../index.js';
import { CLIENT_CASES } from './client-cases.js';
import { CLAIM_CASES } from './claim-cases.js';
import { CONTRACT_CASES } from './contract-cases.js';

/** Two coordinators over one store that is empty at first, as two processes or two tabs have them. */
export interface Stage {
  /** The cases play both against each other. */
  readonly coordinators: readonly [Coordinator, Coordinator];
  /** Gives back what was opened. */
  readonly close?: () => Awaitable<unknown>;
}

/** Options of `coordinatorConformance()`. */
export interface ConformanceOptions {
  /** Called for each case. */
  readonly stage: () => Awaitable<Stage>;
  /** Lets so many ms pass on the coordinator's clock and on ours; default: waits. */
  readonly pass?: (ms: number) => PromiseLike<unknown>;
}

/** One test of the suite, for any test runner. */
export interface ConformanceCase {
  /** What holds, as a sentence. */
  readonly name: string;
  /** Rejects with an `Error` that says what does not. */
  readonly run: () => Promise<void>;
}

/** What a case works with. */
export interface Ground {
  readonly one: Coordinator;
  readonly two: Coordinator;
  readonly pass: (ms: number) => PromiseLike<unknown>;
}

/** A case by its name. */
export type Cases = Readonly<Record<string, (ground: Ground) => Promise<void>>>;

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * The cases that an adapter of the coordinator contract has to pass, for any test runner:
 * `for (const { name, run } of coordinatorConformance({ stage })) it(name, run);`
 * Some wait for a few seconds, unless `pass` lets time pass otherwise.
 */
export function coordinatorConformance({
  stage,
  pass = wait,
}: ConformanceOptions): readonly ConformanceCase[] {
  return Object.entries({ ...CONTRACT_CASES, ...CLAIM_CASES, ...CLIENT_CASES }).map(([name, carryOut]) => ({
    name,
    async run() {
      const { coordinators, close } = await stage();
      try {
        await carryOut({ one: coordinators[0], two: coordinators[1], pass });
      } finally {
        await close?.();
      }
    },
  }));
}
