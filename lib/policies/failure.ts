// A failed attempt on its way through the policies. Not an Error: most of them never reach a caller.
import type { IAxiosRetryConfigExtended } from 'axios-retry';
import { NO_BODY, type ErrorBody } from '../contract/answer.js';
import type { Cause } from '../contract/codes.js';
import { classify, type FailureTable } from '../contract/classify.js';
import type { FailureRow, Reaction } from '../contract/failure-row.js';
import type { Call } from './call.js';

/**
 * What travels the wire in place of a config: the call, which knows the request, and what axios-retry writes down.
 * The request itself stays as the caller's interceptors left it, and no attempt starts by copying it.
 */
export interface WireConfig {
  readonly call: Call;
  /** What ends a backoff; set when one begins. */
  signal?: AbortSignal;
  'axios-retry'?: IAxiosRetryConfigExtended;
}

/** What an attempt brought back that failed. */
export interface Evidence {
  readonly status?: number | undefined;
  readonly body?: ErrorBody | undefined;
  /** How long the server asked to wait, ms. */
  readonly told?: number | undefined;
  readonly requestId?: string | undefined;
}

export class Failure {
  /** Once a signal has aborted, axios replaces whatever an adapter rejects with, save what it takes for a cancellation. */
  readonly __CANCEL__ = true;
  /** axios-retry finds its state and the request to repeat here. */
  readonly config: WireConfig;
  readonly row: FailureRow;
  readonly status: number | undefined;
  readonly body: ErrorBody;
  readonly told: number | undefined;
  readonly requestId: string | undefined;
  /** What the system calls the trouble, e.g. `ECONNRESET`. */
  code: string | undefined;
  /** How long the caller should wait before asking again, ms; differs from `told` when a policy knows better. */
  retryAfter: number | undefined;
  /** The refresh that it waits for, where a refused access token is behind it. */
  renewal: Promise<void> | undefined;
  /** Why a policy gave up; set once, and then the failure is final. */
  because: string | undefined;

  constructor(config: WireConfig, row: FailureRow, evidence: Evidence = {}) {
    this.config = config;
    this.row = row;
    this.status = evidence.status;
    this.body = evidence.body ?? NO_BODY;
    this.told = evidence.told;
    this.requestId = evidence.requestId;
    this.retryAfter = evidence.told;
  }

  /** What is still to be done about it. */
  get reaction(): Reaction {
    return this.because === undefined ? this.row.reaction : 'fail';
  }

  /** Should one escape, where a user cleared our interceptor: nothing of the request shows. */
  toJSON(): object {
    return { code: this.row.code, status: this.status, because: this.because ?? this.row.because };
  }

  [Symbol.for('nodejs.util.inspect.custom')](): object {
    return this.toJSON();
  }

  /** Attempts of its call after which the server may have carried it out. */
  get unclear(): number {
    return this.config.call.unclear;
  }

  /** Throws it, made final, where the body of its call has been sent and cannot be again. */
  mustBeReplayable(): void {
    if (this.config.call.facts.body === 'once')
      throw this.giveUp('Not sent again: the body is a stream and can be sent only once.');
  }

  /** Makes it final. */
  giveUp(because: string, retryAfter = this.retryAfter): this {
    this.because = because;
    this.retryAfter = retryAfter;
    return this;
  }
}

/** The failure of a call that ended without an answer, or with one (of `status`) that cannot be read. */
export function failureOf(
  config: WireConfig,
  cause: Cause,
  table: FailureTable,
  auth = config.call.facts.identity.mode,
  status?: number,
  message?: string,
): Failure {
  const { operation } = config.call.facts;
  const row = classify({ operation, auth, cause, body: NO_BODY }, table);
  return new Failure(config, row, { status, ...(message && { body: { ...NO_BODY, message } }) });
}
