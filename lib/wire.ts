// The wire: the path of one call, top to bottom, and the only file that knows its order. It has the shape of an axios
// instance as far as axios-retry needs one, but no config is merged and no transform runs twice; nobody else can add
// to it. It is the adapter of the public instances, so their users' interceptors run once for each call.
import axios, {
  type AxiosAdapter,
  type AxiosInstance,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios';
import type { FailureTable } from './contract/classify.js';
import { withHeaders } from './events.js';
import { authorize, type Departure } from './policies/authorize.js';
import type { Call } from './policies/call.js';
import type { Clock } from './policies/clock.js';
import { installCooldown } from './policies/cooldown.js';
import { Failure, failureOf, type WireConfig } from './policies/failure.js';
import type { Traffic } from './policies/governor.js';
import type { Turn } from './policies/line.js';
import { letGo, makeBody, type MadeBody } from './policies/made-body.js';
import { judge, judgeSilence, passageOf } from './policies/judge.js';
import { beginRefresh, installRefresh, withoutToken } from './policies/refresh.js';
import { installRetry } from './policies/retry.js';
import { isSilence, NoAnswer, transmit, type Transport } from './policies/transport.js';
import { createWatch } from './policies/watch.js';
import type { RetryPolicy } from './decide/retry.js';
import type { EventMap } from './ports.js';

export interface WireOptions {
  readonly table: FailureTable;
  /** The table has rows that may find fault with a 2xx. */
  readonly strict: boolean;
  readonly retry: RetryPolicy;
  readonly traffic: Traffic;
  /** Origins that may receive a credential. */
  readonly origins: ReadonlySet<string>;
  /** Those that are the client's own, if these are others. */
  readonly own?: ReadonlySet<string>;
  readonly transport: Transport;
  /** Hears the answers of those origins, and so learns what time it is there. */
  readonly clock?: Clock;
}

export interface Wire {
  /** An axios adapter that sends each call as the one that `begin` makes of it. */
  adapter(begin: (config: InternalAxiosRequestConfig, id: number) => Call): AxiosAdapter;
  /** Ends every call that waits or is under way, and all later ones. */
  readonly close: () => void;
}

/** The rejected half of an interceptor; none of the policies looks at successes. */
type Policy = (failure: unknown) => Promise<AxiosResponse>;

export function createWire(options: WireOptions): Wire {
  const { table, traffic } = options;
  const watch = createWatch();
  let calls = 0;
  let closed = false;

  // axios-retry repeats by calling this as an axios instance: `wire(config)`. Of its two interceptors only the one for
  // failures is run: the other writes down times that `shouldResetTimeout` makes it ignore.
  const { interceptors, defaults } = new axios.Axios({});
  const wire = Object.assign((config: WireConfig) => attempt(config), {
    interceptors,
    defaults,
  }) as unknown as AxiosInstance;

  installRetry(wire, options.retry, traffic); //     500, 424, 502-504, no connection: again, later
  installCooldown(wire); //                          429: back to the gate, which is closed for everyone
  installRefresh(wire, table); //                    401 of a bearer call: once more, with a newer token

  const handlers = (interceptors.response.handlers ?? []).map(({ rejected }) => rejected as Policy);

  /** With a current token to its turn; `undefined`: at once. Resolves like a `Turn`. */
  function enter(config: WireConfig): Turn | undefined {
    const { call } = config;
    const hold = call.facts.identity.ready(call);
    if (!hold) return queue(config);
    traffic.leave(config, 'unsent'); // a place that it was given meanwhile
    return hold.then(
      () => queue(config) ?? config,
      (thrown: unknown) => {
        call.refusal = withoutToken(config, thrown, table);
        return config;
      },
    );
  }

  /** A call that waited for its turn leaves with the token of that moment, so it may have to wait for one again. */
  const queue = (config: WireConfig) => traffic.enter(config)?.then(again);
  const again = (config: WireConfig) => (config.call.refusal ? config : (enter(config) ?? config));

  /** Why a call that need not wait any longer may not leave. */
  function refusalTo(config: WireConfig): unknown {
    const { call } = config;
    const refusal = call.refusal ?? (call.ended && failureOf(config, call.ended, table));
    call.refusal = undefined;
    return refusal;
  }

  /** Makes the attempt ready, tells of it and counts it. */
  function depart(call: Call, body: MadeBody | undefined): Departure | NoAnswer {
    if (call.facts.origin === undefined) return new NoAnswer('unsendable');
    const departure = authorize(call, options.origins, body);
    call.facts.identity.emit('attempt', () => leaving(call, departure));
    if (call.ended) return new NoAnswer(call.ended); // by a listener
    call.leaves();
    watch.wakeBy(call.attemptEndsAt);
    return departure;
  }

  /** Until it leaves, listeners of ours may add headers to what goes to an origin of the client's own. */
  function leaving(call: Call, { config: { headers } }: Departure): EventMap['attempt'] {
    const event = { ...call.label, attempt: call.attempts + 1 };
    if (!(options.own ?? options.origins).has(call.facts.origin ?? '')) return event;
    return withHeaders(event, (name, value) => {
      if (call.attempts < event.attempt) headers.set(name, value, false);
    });
  }

  function hear({ facts: { origin = '' }, sentAt }: Call, answer: AxiosResponse): void {
    if (options.clock && options.origins.has(origin)) options.clock.heard(answer, sentAt);
  }

  /** One attempt with the policies around it; a policy that sends again comes through here. */
  const attempt = (config: WireConfig) => inTurn(config, send);

  /** Goes on when it is the call's turn. It has no frame before: there may be very many who wait. */
  function inTurn(config: WireConfig, go: (config: WireConfig) => Promise<AxiosResponse>) {
    const turn = config.call.ended ? undefined : enter(config);
    return turn ? turn.then(go) : go(config);
  }

  /** A call that is let go leaves and is judged. */
  async function send(config: WireConfig): Promise<AxiosResponse> {
    const { call } = config;
    const breaker = call.facts.endpoint?.ends ? undefined : traffic.breaker(call);
    const refusal = refusalTo(config) ?? breaker?.refusal(config);
    if (refusal) {
      traffic.leave(config, 'unsent');
      return react(refusal);
    }
    let outcome: AxiosResponse | Failure | undefined;
    try {
      const body = call.facts.body === 'kept' ? undefined : await makeBody(call);
      const departure = isSilence(body) ? body : depart(call, body);
      const answer = isSilence(departure) ? departure : await transmit(options.transport, departure, call);
      call.isBack();
      if (!isSilence(answer)) hear(call, answer);
      if (body && !isSilence(body)) letGo(body, isSilence(answer) ? undefined : answer);
      const auth = isSilence(departure) ? 'none' : departure.auth;
      outcome = isSilence(answer)
        ? judgeSilence(config, auth, answer, table)
        : (judge(config, auth, answer, table, options.strict) ?? answer);
      if (outcome instanceof Failure) {
        if (!isSilence(departure)) told(outcome);
        beginRefresh(noted(outcome));
      }
    } finally {
      // Also where a `validateStatus` of the user throws: a place in the gate, or a try of the breaker, is given back.
      breaker?.record(config, outcome);
      traffic.leave(config, outcome ? passageOf(outcome) : 'unknown');
    }
    return outcome instanceof Failure ? react(outcome) : outcome;
  }

  /** What the policies make of a failure. */
  function react(failure: unknown): Promise<AxiosResponse> {
    return handlers.reduce(
      (answer: Promise<AxiosResponse>, handle) => answer.catch(handle),
      Promise.reject(failure as Failure),
    );
  }

  /** A call from its first step to its last. */
  function live(config: WireConfig): Promise<AxiosResponse> {
    const { call } = config;
    watch.add(call);
    watch.wakeBy(Math.min(call.endsAt, call.startedAt + call.facts.attemptTimeout));
    traffic.earn(call);
    call.begin();
    if (closed) call.end('closed');
    return inTurn(config, finish);
  }

  /** It leaves, and ends. */
  async function finish(config: WireConfig): Promise<AxiosResponse> {
    const { call } = config;
    try {
      const response = await send(config);
      if (call.ended) throw noted(failureOf(config, call.ended, table)); // axios would drop the answer, and who sent it
      settled(call, { ok: true, status: response.status });
      response.attempts = call.attempts;
      response.config = call.facts.request; // as the caller's interceptors knew it
      return response;
    } catch (failure) {
      settled(call, { ok: false, ...(failure instanceof Failure && said(failure)) });
      throw failure;
    } finally {
      call.finish();
      watch.remove(call);
    }
  }

  return {
    adapter: (begin) => (config) => {
      calls += 1;
      return live({ call: begin(config, calls) });
    },
    close() {
      closed = true;
      watch.endAll('closed');
      traffic.release();
    },
  };
}

/** Counts the failures after which nobody knows whether the server carried the call out. */
function noted(failure: Failure): Failure {
  const { call } = failure.config;
  if (call.attempts > 0 && failure.row.processed === 'unknown') call.unclear += 1;
  return failure;
}

/** Tells which row of the failure table an attempt failed by. */
function told(failure: Failure): void {
  const { call } = failure.config;
  call.facts.identity.emit('failure', () => ({
    ...call.label,
    attempt: call.attempts,
    row: failure.row.id,
    reaction: failure.reaction,
    ...said(failure),
  }));
}

/** What an event says of a failure. */
const said = ({ status, row, because }: Failure) => ({
  ...(status !== undefined && { status }),
  code: row.code,
  because: because ?? row.because,
});

function settled(
  call: Call,
  outcome: { ok: boolean; status?: number; code?: string; because?: string },
): void {
  call.facts.identity.emit('settled', () => ({
    ...call.label,
    ...outcome,
    attempts: call.attempts,
    ms: Math.round(performance.now() - call.startedAt),
  }));
}
