// The first step of a call: from the config of a request to everything that is known about the call.
import type { AxiosRequestConfig, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { bad, check, known, number, text, whole, type Rule } from './check-options.js';
import type { Endpoint, Operation } from './contract/endpoints.js';
import { isRecord } from './contract/error-body.js';
import { LONGEST } from './decide/retry-after.js';
import { Facts, type Caller } from './facts.js';
import { Call } from './policies/call.js';

/** What a single request may ask for: `http.get(url, { holdfast: { … } })`. */
export interface RequestOptions {
  /** `false`: no repeats after a failure; or how many at most. A limited call still waits for its cooldown. */
  readonly retry?: false | { readonly retries: number };
  /** Name of the bucket whose limit the request shares, in place of what the client's `bucket` says. */
  readonly bucket?: string;
  /** Higher goes first where calls wait. Default 0. */
  readonly priority?: number;
  /** `true` makes one; the same key goes with every attempt, so that a POST may be repeated. */
  readonly idempotencyKey?: true | string;
  /**
   * The end customer behind a call that a backend makes. The address keeps the limits of one customer from those of
   * another, and both are handed on to the API as `x-original-client-ip` and `x-original-user-agent`.
   */
  readonly customer?: { readonly ip: string; readonly userAgent?: string };
  /** Total time of the call, ms, in place of `policies.timeout.total`. */
  readonly deadline?: number;
}

/** Where an operation of ours travels in its config: out of the way of what users write there. */
const OWN = Symbol('holdfast.operation');

/** What an operation of ours adds. A class, because axios copies plain objects and passes instances on. */
export class OperationOptions {
  readonly operation: Operation;
  readonly endpoint: Endpoint;
  readonly request: RequestOptions;
  /** An earlier call with the same input ended unclear. */
  readonly doubtful: boolean;
  /** What came of it, before any interceptor of the user could change its shape. */
  outcome: { readonly response: AxiosResponse } | { readonly error: unknown } | undefined;

  /** The field of a config that carries it. */
  get asConfig(): AxiosRequestConfig {
    return { [OWN]: this } as AxiosRequestConfig;
  }

  constructor(operation: Operation, endpoint: Endpoint, request: RequestOptions, doubtful: boolean) {
    this.operation = operation;
    this.endpoint = endpoint;
    this.request = request;
    this.doubtful = doubtful;
  }
}

declare module 'axios' {
  interface AxiosRequestConfig {
    /** Wishes of this request to holdfast. */
    holdfast?: RequestOptions;
  }
  interface AxiosResponse {
    /** How often the call was sent, if it was sent through holdfast. */
    attempts?: number;
  }
}

/** @throws TypeError where `holdfast` asks for something that does not exist */
export function beginCall(config: InternalAxiosRequestConfig, id: number, caller: Caller): Call {
  const own = ownOf(config);
  const wishes = own || config.holdfast ? { ...own?.request, ...config.holdfast } : undefined;
  if (wishes) checkWishes(wishes);
  const given: unknown = config.url;
  if (given instanceof URL) config.url = given.href; // axios takes one, whatever its type says
  if (config.params instanceof URLSearchParams) config.params = new URLSearchParams(config.params);
  return new Call(new Facts(id, config, caller, own, wishes));
}

/** The operation that a request belongs to, if it is one of ours. */
export function ownOf(config: AxiosRequestConfig | undefined): OperationOptions | undefined {
  return (config as { readonly [OWN]?: OperationOptions } | undefined)?.[OWN];
}

function checkWishes(wishes: RequestOptions): void {
  const maker = 'holdfast';
  known(maker, wishes, ['retry', 'bucket', 'priority', 'idempotencyKey', 'customer', 'deadline']);
  const { retry, bucket, priority, idempotencyKey, customer, deadline } = wishes;
  if (retry !== undefined && retry !== false) {
    if (!isRecord(retry)) bad(maker, 'retry', 'false or an object', retry);
    known(maker, retry, ['retries'], 'retry.');
    check(maker, 'retry.retries', retry.retries, whole(0, 100));
  }
  if (bucket !== undefined) check(maker, 'bucket', bucket, text);
  if (customer !== undefined) {
    known(maker, customer, ['ip', 'userAgent'], 'customer.');
    check(maker, 'customer.ip', customer.ip, address);
    if (customer.userAgent !== undefined) check(maker, 'customer.userAgent', customer.userAgent, headerText);
  }
  if (priority !== undefined) check(maker, 'priority', priority, number(-1e6, 1e6));
  if (deadline !== undefined) check(maker, 'deadline', deadline, number(1, LONGEST, ' of ms'));
  if (idempotencyKey !== undefined && idempotencyKey !== true && !headerText.accepts(idempotencyKey))
    bad(maker, 'idempotencyKey', `true or ${headerText.says}`, idempotencyKey);
}

const address: Rule = {
  says: 'an IP address',
  accepts: (value) => typeof value === 'string' && /^[\da-f.:]{2,45}$/i.test(value),
};
const headerText: Rule = {
  says: 'a text of printable ASCII characters',
  accepts: (value) => typeof value === 'string' && /^[ -~]{1,1000}$/.test(value),
};
