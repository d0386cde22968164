// The ledger: what was asked and answered, in numbers and as a bounded log. Holds no token, password or body.
import { createHash } from 'node:crypto';
import type { AuthMode } from '../contract/endpoints.js';
import { redactText } from '../contract/redact.js';
import type { Call } from './call.js';
import type { FaultKind } from './fault-rules.js';
import { OPERATIONS, type SandboxOperation } from './operations.js';
import { textIn } from './fields.js';

/** What came to one operation. */
export interface OperationCounts {
  /** Requests, those included that a fault hit. */
  readonly received: number;
  /** By status; `none` counts requests that got no complete answer. */
  readonly answered: Readonly<Record<string, number>>;
  /** Most requests under way at one time. */
  readonly maxConcurrency: number;
}

/** What came to the sandbox since its start or `reset()`. */
export interface Counts {
  /** Requests to the API, those included that a fault hit. */
  readonly received: number;
  /** Most requests under way at one time. */
  readonly maxConcurrency: number;
  /** The same for each operation. */
  readonly operations: Readonly<Record<SandboxOperation, OperationCounts>>;
  /** How often refresh tokens were presented, how many different ones, and how often one that was seen before. */
  readonly refreshTokens: {
    readonly presented: number;
    readonly distinct: number;
    readonly repeated: number;
  };
  /** Orders made, replays by Idempotency-Key not counted. */
  readonly ordersMade: number;
}

/** One request, as `requests()` has it. */
export interface LoggedRequest {
  /** What it asked for. */
  readonly operation: SandboxOperation;
  /** In capitals. */
  readonly method: string;
  /** Without the query; secrets in it are masked. */
  readonly path: string;
  /** Since the start of the sandbox or its last `reset()`. */
  readonly atMs: number;
  /** What the request carried. */
  readonly auth: AuthMode;
  /** Absent while there is no answer, and for good where none was completed. */
  readonly status?: number;
  /** The fault that hit it. */
  readonly fault?: FaultKind;
}

/** One request under way. */
export interface Visit {
  /** Call before the last byte leaves, so that no client can read the counts too early. */
  answered(status: number | 'none', fault?: FaultKind): void;
  /** Once the request is no longer under way. */
  left(): void;
}

interface Tally {
  received: number;
  answered: Record<string, number>;
  maxConcurrency: number;
}

const LOG_LIMIT = 1_000;

export function createLedger({ now }: { readonly now: () => number }) {
  const underWay = new Map<SandboxOperation | 'all', number>();
  let startedAt = now();
  let tallies = new Map<SandboxOperation | 'all', Tally>();
  let log: { -readonly [Field in keyof LoggedRequest]: LoggedRequest[Field] }[] = [];
  let presentations = new Map<string, number>();

  function tally(name: SandboxOperation | 'all'): Tally {
    const known = tallies.get(name) ?? { received: 0, answered: {}, maxConcurrency: underWay.get(name) ?? 0 };
    tallies.set(name, known);
    return known;
  }

  function step(name: SandboxOperation | 'all', by: 1 | -1): void {
    const count = (underWay.get(name) ?? 0) + by;
    underWay.set(name, count);
    tally(name).maxConcurrency = Math.max(tally(name).maxConcurrency, count);
  }

  return {
    arrived(call: Call): Visit {
      const { operation, method, auth } = call;
      const path = redactText(call.path); // a client with a bug may put a token there
      const mine = tally(operation);
      const entry: (typeof log)[number] = {
        operation,
        method,
        path,
        atMs: now() - startedAt,
        auth: auth.mode,
      };
      log.push(entry);
      if (log.length > LOG_LIMIT) log.shift();
      for (const name of ['all', operation] as const) {
        step(name, 1);
        tally(name).received += 1;
      }
      if (operation === 'refresh') {
        const digest = createHash('sha256').update(textIn(call.body, 'refresh_token')).digest('base64');
        presentations.set(digest, (presentations.get(digest) ?? 0) + 1);
      }
      let isUnderWay = true;
      return {
        answered(status, fault) {
          mine.answered[status] = (mine.answered[status] ?? 0) + 1;
          if (status !== 'none') entry.status = status;
          if (fault) entry.fault = fault;
        },
        left() {
          if (!isUnderWay) return;
          isUnderWay = false;
          for (const name of ['all', operation] as const) step(name, -1);
        },
      };
    },

    counts(): Omit<Counts, 'ordersMade'> {
      const presented = [...presentations.values()].reduce((sum, count) => sum + count, 0);
      const { received, maxConcurrency } = tally('all');
      const operations = OPERATIONS.map((name) => [
        name,
        { ...tally(name), answered: { ...tally(name).answered } },
      ]);
      return {
        received,
        maxConcurrency,
        operations: Object.fromEntries(operations) as Counts['operations'],
        refreshTokens: { presented, distinct: presentations.size, repeated: presented - presentations.size },
      };
    },

    requests: (): LoggedRequest[] => log.map((entry) => ({ ...entry })),

    /** Forgets everything but what is under way. */
    reset(): void {
      startedAt = now();
      tallies = new Map();
      log = [];
      presentations = new Map();
    },
  };
}
