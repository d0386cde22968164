// policies/: the effects, one file each. They ask decide/ what to do and do it.
// This file: one logical call from its first step to its last, whatever the number of attempts in between.
import type { InternalAxiosRequestConfig } from 'axios';
import { spellingsOf } from '../contract/redact.js';
import type { Secret } from '../contract/secret.js';
import type { Endpoint, Operation, Repeats } from '../contract/endpoints.js';
import { routeOf } from '../decide/route.js';
import type { EndCause, Identity, Stoppable, Waiter } from '../ports.js';
import type { BodyKind } from './body.js';
import type { Gate } from './gate.js';
import type { Terms } from './governor.js';
import { secretsInHeader, secretsOf } from './secrets.js';
import type { Server } from './server.js';
import { follow } from './signals.js';
import type { Watched } from './watch.js';
import { NOWHERE } from './crowd.js';

/** What is known about a call when it begins. */
export interface CallFacts {
  readonly id: number;
  /** The request, after the caller's interceptors and transforms. */
  readonly request: InternalAxiosRequestConfig;
  readonly operation: Operation;
  readonly endpoint?: Endpoint | undefined;
  readonly identity: Identity;
  readonly method: string;
  /** The whole address, as it is sent. */
  readonly url: string;
  /** Scheme, host and port of `url`; `undefined` where it is no address. */
  readonly origin: string | undefined;
  /** Path without `baseURL`; the row's template for an operation. */
  readonly path: string;
  /** Name of the bucket. */
  readonly bucket: string;
  /** The bucket, and whose share of it: an address is in no event. */
  readonly lane: string;
  readonly customer?: { readonly ip: string; readonly userAgent?: string } | undefined;
  /** Most repeats. */
  readonly retries: number;
  readonly repeats: Repeats;
  /** Idempotency key that it was given, the same on every attempt. */
  readonly key?: string | undefined;
  /** It carries one, whoever wrote it. */
  readonly keyed: boolean;
  readonly priority: number;
  /** Longest wait for cooldowns and for the end of an outage, ms. */
  readonly patience: number;
  /** The policies of its client, as far as they are about more than one call. */
  readonly terms: Terms;
  readonly attemptTimeout: number;
  /** Total time, waiting included, ms. */
  readonly total: number;
  /** Whether the body can be sent again, as it is or made anew. */
  readonly body: BodyKind;
  /** An earlier call with the same input ended unclear. */
  readonly doubtful: boolean;
}

/** What a `CancelToken` of axios can do besides what its type says. */
interface Subscribable {
  subscribe(listener: (reason: unknown) => void): void;
  unsubscribe(listener: (reason: unknown) => void): void;
}

const NOTHING: readonly Secret[] = [];

/** Counts the calls of the process. */
let made = 0;

export class Call implements Waiter, Watched {
  /** Its place among all calls of the process, in the order in which they were made. */
  readonly place = (made += 1);
  readonly facts: CallFacts;
  readonly startedAt = performance.now();
  /** When the attempt under way takes too long, ms of `performance`. */
  attemptEndsAt = Infinity;
  /** Attempts sent so far. */
  attempts = 0;
  /** Failures after which the server may have carried the call out. */
  unclear = 0;
  /** When the last attempt left. */
  sentAt = 0;
  /** Time spent waiting for cooldowns and outages, ms. */
  waited = 0;
  /** How often the server limited it. */
  limits = 0;
  /** Where it has a place just now. */
  gate: Gate | undefined;
  server: Server | undefined;
  /** Epoch of the gate when the last attempt left, or when it began to wait there. */
  epoch = 0;
  /** It waits at a gate that was closed when it came. */
  closed = false;
  /** It waits for the end of an outage. */
  held = false;
  /** Its last attempt left during an outage, to try for others who wait whether the server is back. */
  tries = false;
  /** Cuts of the server's window when the last attempt left. */
  cuts = 0;
  /** Its next attempt, or the one under way, was paid for from the budget of repeats. */
  paid = false;
  /** Version of the tokens that the last attempt carried. */
  version = 0;
  /** What the attempts carried, one for each version of the tokens. */
  carried: readonly Secret[] = NOTHING;
  /** When those tokens were granted. */
  grantedAt = 0;
  /** When the attempt left that was the first to be refused with a 401. */
  refusedSince: number | undefined;
  /** Why it may not leave, found out while it waited. */
  refusal: unknown;
  ended: EndCause | undefined;
  /** The caller's reason for an abort. */
  reason: unknown;
  /** Among the calls that are not over. */
  seat = NOWHERE;
  #holder: Stoppable | undefined;
  #controller: AbortController | undefined;
  #unfollow: (() => void) | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(facts: CallFacts) {
    this.facts = facts;
  }

  /** Listens to the caller's signal. */
  begin(): void {
    const signal = this.facts.request.signal as AbortSignal | undefined;
    if (signal) this.#unfollow = follow(signal, () => this.end('aborted', signal.reason));
    const token = this.facts.request.cancelToken as Subscribable | undefined;
    const listener = (reason: unknown) => this.end('aborted', reason);
    token?.subscribe(listener);
    if (token) this.#unsubscribe = () => token.unsubscribe(listener);
  }

  /** Stops every wait of the call at once. */
  end(cause: EndCause, reason?: unknown): void {
    if (this.ended) return;
    this.ended = cause;
    this.reason = reason;
    this.#holder?.stop(cause);
    this.#controller?.abort();
  }

  /** Stops the attempt or the whole call if its time is up. Says when to look again. */
  check(now: number): number {
    if (now >= this.endsAt) this.end('deadline');
    else if (now >= this.attemptEndsAt) this.#holder?.stop('timeout');
    return this.ended ? Infinity : Math.min(this.endsAt, this.attemptEndsAt);
  }

  /** An attempt leaves. */
  leaves(): void {
    this.attempts += 1;
    this.sentAt = performance.now();
    this.attemptEndsAt = this.sentAt + this.facts.attemptTimeout;
  }

  /** It is over. */
  isBack(): void {
    this.attemptEndsAt = Infinity;
    this.#holder = undefined;
  }

  /** Lets go of every listener. */
  finish(): void {
    this.#unfollow?.();
    this.#unsubscribe?.();
  }

  heldBy(what: Stoppable | undefined): void {
    this.#holder = what;
  }

  /** A signal for code that knows only signals; made when first asked for. */
  get signal(): AbortSignal {
    const controller = (this.#controller ??= new AbortController());
    if (this.ended) controller.abort();
    return controller.signal;
  }

  /** The deadline, ms of `performance`. */
  get endsAt(): number {
    return this.startedAt + this.facts.total;
  }

  /** Time left until the deadline, ms. */
  get left(): number {
    return this.endsAt - performance.now();
  }

  /** Every value that must not show up in an error of the call. */
  get secrets(): string[] {
    const known = [...secretsOf(this.facts.request), ...this.carried.flatMap(secretsInHeader)];
    return [...new Set(known.flatMap(spellingsOf))];
  }

  /** What every event of the call tells. */
  get label() {
    const { id, operation, method, origin, path, bucket } = this.facts;
    return { at: Date.now(), call: id, operation, method, origin, route: routeOf(path), bucket };
  }
}
