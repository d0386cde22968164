// Fault rules: what may be ordered to go wrong, as plain data.
import type { SandboxOperation } from './operations.js';
import type { AnsweredRow } from './replies.js';

/** A limit on how often the requests a rule is for are let through, in fixed windows. */
export interface RateLimit {
  /** Requests that a window lets pass; the rest of it are answered with 429. */
  readonly limit: number;
  /** Length of a window, ms. */
  readonly per: number;
  /** Default: the seconds left in the window. */
  readonly retryAfter?: number | 'date' | 'none';
}

interface FaultScope {
  /** An operation, the beginning of a path (with or without `/v1`), or `'any'`, the default. */
  readonly on?: SandboxOperation | 'any' | `/${string}`;
  /** How many requests it hits. Default 1. A rate limit stays on. */
  readonly times?: number | 'always';
  /** How many requests it lets pass first. Default 0. */
  readonly after?: number;
  /** Holds the answer back, ms, alone or with any other fault. The request itself is processed at once. */
  readonly delay?: number;
}

/** One order for trouble. */
export type FaultRule = FaultScope &
  (
    | { readonly delay: number }
    | {
        /** Answered in place of processing. Without `body`: the contract's example for the status. */
        readonly status: number;
        readonly headers?: Readonly<Record<string, string>>;
        readonly body?: unknown;
        readonly html?: boolean;
      }
    /** Answered in place of processing, as the example of this row of the failure table. */
    | { readonly row: AnsweredRow; readonly headers?: Readonly<Record<string, string>> }
    /** The socket is destroyed, before or after the request was processed. */
    | { readonly drop: 'before' | 'after' }
    /** Processed; headers and half the body, then silence until the client leaves. */
    | { readonly stall: true }
    /** Processed; half the body, then the end of the connection. */
    | { readonly truncate: true }
    /** Not processed; a 200 that is an HTML page, as a captive portal sends it. */
    | { readonly html200: true }
    /** The same page, said to be JSON. */
    | { readonly garbage: true }
    | { readonly rateLimit: RateLimit }
  );

/** What a fault does to a request. */
export type FaultKind =
  'status' | 'row' | 'drop' | 'stall' | 'truncate' | 'html200' | 'garbage' | 'rateLimit' | 'delay';

/** A checked rule with its gaps filled: `parseFaults()` makes these. */
export interface Fault {
  readonly kind: FaultKind;
  readonly on: string;
  readonly times: number;
  readonly after: number;
  readonly delay: number;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly html: boolean;
  readonly row: AnsweredRow | undefined;
  readonly drop: 'before' | 'after';
  readonly rateLimit: RateLimit | undefined;
}

/** What is left of an order. */
export interface FaultInForce {
  /** What it does to a request. */
  readonly kind: FaultKind;
  /** An operation, the beginning of a path, or `any`. */
  readonly on: string;
  /** How many requests it will still hit; 0: it is used up. */
  readonly left: number | 'always';
}
