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
import type { AuthMode } from './contract/endpoints.js';
import { authorize } from './policies/authorize.js';
import type { Call } from './policies/call.js';
import { installCooldown } from './policies/cooldown.js';
import { Failure, failureOf, type WireConfig } from './policies/failure.js';
import type { Traffic } from './policies/governor.js';
import { letGo, makeBody, type MadeBody } from './policies/made-body.js';
import { judge, judgeSilence, passageOf } from './policies/judge.js';
import { beginRefresh, installRefresh, withoutToken } from './policies/refresh.js';
import { installRetry } from './policies/retry.js';
import { NoAnswer, transmit, type Transport } from './policies/transport.js';
import { createWatch } from './policies/watch.js';
import type { RetryPolicy } from './decide/retry.js';

export interface WireOptions {
  readonly table: FailureTable;
  /** The table has rows that may find fault with a 2xx. */
  readonly strict: boolean;
  readonly retry: RetryPolicy;
  readonly traffic: Traffic;
  /** Origins that may receive a credential. */
  readonly origins: ReadonlySet<string>;
  readonly transport: Transport;
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

  /** One attempt with the policies around it; a policy that sends again comes through here. */
  function attempt(config: WireConfig): Promise<AxiosResponse> {
    return pass(config).catch((failure: unknown) =>
      handlers.reduce(
        (answer: Promise<AxiosResponse>, handle) => answer.catch(handle),
        Promise.reject(failure),
      ),
    );
  }

  /** Through the gate with a current token, out, back, and judged. */
  async function pass(config: WireConfig): Promise<AxiosResponse> {
    const { call } = config;
    if (call.ended) throw failureOf(config, call.ended, table);
    await enter(config);
    const breaker = traffic.breaker(call);
    const refusal = breaker?.refusal(config);
    if (refusal) {
      traffic.leave(config, 'unsent');
      throw refusal;
    }
    let outcome: AxiosResponse | Failure | undefined;
    try {
      outcome = await send(config);
      if (outcome instanceof Failure) beginRefresh(outcome);
    } finally {
      // Also where a `validateStatus` of the user throws: a place in the gate, or a try of the breaker, is given back.
      breaker?.record(config, outcome);
      traffic.leave(config, outcome ? passageOf(outcome) : 'unknown');
    }
    if (outcome instanceof Failure) throw outcome;
    return outcome;
  }

  /** A call that waited for its turn leaves with the token of that moment, so it may have to wait for one again. */
  async function enter(config: WireConfig): Promise<void> {
    const { identity } = config.call.facts;
    for (;;) {
      const hold = identity.ready(config.call);
      if (hold) {
        traffic.leave(config, 'unsent'); // a place that it was given meanwhile
        await tokensFor(config, hold);
      }
      const turn = traffic.enter(config);
      if (!turn) return;
      await turn;
    }
  }

  async function tokensFor(config: WireConfig, hold: Promise<unknown>): Promise<void> {
    try {
      await hold;
    } catch (thrown) {
      throw withoutToken(config, thrown, table);
    }
  }

  async function send(config: WireConfig): Promise<AxiosResponse | Failure> {
    const { call } = config;
    let auth: AuthMode = 'none';
    let body: MadeBody | undefined;
    let response: AxiosResponse;
    try {
      if (call.facts.origin === undefined) throw new NoAnswer('unsendable');
      if (call.facts.body !== 'kept') body = await makeBody(call);
      const departure = authorize(call, options.origins, body);
      auth = departure.auth;
      call.facts.identity.emit('attempt', () => ({ ...call.label, attempt: call.attempts + 1 }));
      if (call.ended) throw new NoAnswer(call.ended); // by a listener
      call.leaves();
      watch.wakeBy(call.attemptEndsAt);
      response = await transmit(options.transport, departure, call);
    } catch (thrown) {
      if (body) letGo(body);
      return noted(judgeSilence(config, auth, thrown, table));
    } finally {
      call.isBack();
    }
    if (body) letGo(body, response);
    return noted(judge(config, auth, response, table, options.strict)) ?? response;
  }

  return {
    adapter: (begin) => async (config) => {
      calls += 1;
      const call = begin(config, calls);
      watch.add(call);
      watch.wakeBy(Math.min(call.endsAt, call.startedAt + call.facts.attemptTimeout));
      try {
        traffic.earn(call);
        call.begin();
        if (closed) call.end('closed');
        const response = await attempt({ call });
        if (call.ended) throw noted(failureOf({ call }, call.ended, table)); // axios would drop the answer, and who sent it
        settled(call, { ok: true, status: response.status });
        response.attempts = call.attempts;
        response.config = config; // as the caller's interceptors knew it
        return response;
      } catch (failure) {
        if (failure instanceof Failure) {
          const { status, row, because } = failure;
          settled(call, {
            ok: false,
            ...(status !== undefined && { status }),
            code: row.code,
            because: because ?? row.because,
          });
        }
        throw failure;
      } finally {
        call.finish();
        watch.remove(call);
      }
    },
    close() {
      closed = true;
      watch.endAll('closed');
      traffic.release();
    },
  };
}

/** Counts the failures after which nobody knows whether the server carried the call out. */
function noted<F extends Failure | undefined>(failure: F): F {
  const call = failure?.config.call;
  if (call && call.attempts > 0 && failure.row.processed === 'unknown') call.unclear += 1;
  return failure;
}

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
