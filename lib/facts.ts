// What is known about a call when it begins, worked out from its config when somebody asks: most is asked for by few.
import type { InternalAxiosRequestConfig } from 'axios';
import { repeatsOf, type AuthMode, type Operation } from './contract/endpoints.js';
import type { OperationOptions, RequestOptions } from './begin.js';
import { groupOf } from './decide/route.js';
import type { Resolved } from './options.js';
import type { CallFacts } from './policies/call.js';
import { keepBody, type BodyKind } from './policies/body.js';
import { destinationOf, pathIn } from './policies/destination.js';
import type { Identity } from './ports.js';

/** What a bucket can be named by. */
export interface BucketRequest {
  /** The operation, or `'request'` for a call through an axios instance. */
  readonly operation: Operation;
  /** As the call names it, such as `get`. */
  readonly method: string;
  /** Scheme, host and port; `undefined` where the address cannot be read. */
  readonly origin: string | undefined;
  /** Path without query, relative to `baseURL` where it is. */
  readonly path: string;
  /** Whose call it is. */
  readonly auth: AuthMode;
}

/** What all calls of an instance have in common. */
export interface Caller extends Pick<Resolved, 'policies' | 'bucket' | 'terms'> {
  readonly identity: Identity;
  /** The last bucket that was named, and after what: the next call often shares it. */
  last?: { readonly after: string; readonly origin: string; readonly bucket: string };
}

export class Facts implements CallFacts {
  readonly id: number;
  readonly request: InternalAxiosRequestConfig;
  readonly url: string;
  readonly origin: string | undefined;
  readonly body: BodyKind;
  readonly key: string | undefined;
  readonly #caller: Caller;
  readonly #own: OperationOptions | undefined;
  readonly #wishes: RequestOptions | undefined;
  #bucket: string | undefined;

  constructor(
    id: number,
    request: InternalAxiosRequestConfig,
    caller: Caller,
    own: OperationOptions | undefined,
    wishes: RequestOptions | undefined,
  ) {
    this.id = id;
    this.request = request;
    // What is checked now is what is sent later, whatever becomes of the config.
    ({ url: this.url, origin: this.origin } = destinationOf(request));
    this.body = keepBody(request);
    const key = wishes?.idempotencyKey;
    this.key = key === true ? crypto.randomUUID() : key;
    this.#caller = caller;
    this.#own = own;
    this.#wishes = wishes;
    if (caller.bucket) this.#bucket = this.#nameBucket(); // code of the user runs before the call begins, or fails it
  }

  get keyed() {
    return this.key !== undefined || this.request.headers.has('Idempotency-Key');
  }
  get operation() {
    return this.#own?.operation ?? 'request';
  }
  get endpoint() {
    return this.#own?.endpoint;
  }
  get doubtful() {
    return this.#own?.doubtful ?? false;
  }
  get identity() {
    return this.#caller.identity;
  }
  get terms() {
    return this.#caller.terms;
  }
  get method() {
    return this.request.method ?? 'get';
  }
  get path() {
    return this.endpoint?.path ?? pathIn(this.request);
  }
  get bucket() {
    return (this.#bucket ??= this.#nameBucket());
  }
  get lane() {
    return this.customer ? `${this.bucket} ${this.customer.ip}` : this.bucket;
  }
  get customer() {
    return this.#wishes?.customer;
  }
  get retries() {
    const retry = this.#wishes?.retry;
    return retry === false ? 0 : (retry?.retries ?? this.#caller.policies.retry.retries);
  }
  get repeats() {
    return repeatsOf(this.endpoint, this.method);
  }
  get priority() {
    return this.#wishes?.priority ?? 0;
  }
  get patience() {
    const { maxWait } = this.terms.cooldown;
    return Math.min(maxWait, this.endpoint?.patience ?? maxWait);
  }
  get attemptTimeout() {
    return this.request.timeout || this.#caller.policies.timeout.attempt;
  }
  get total() {
    return this.#wishes?.deadline ?? this.#caller.policies.timeout.total;
  }

  #nameBucket(): string {
    const { operation, method, origin = '', identity } = this;
    const caller = this.#caller;
    const path = pathIn(this.request);
    const named =
      this.#wishes?.bucket ??
      caller.bucket?.({ operation, method, origin: this.origin, path, auth: identity.mode });
    if (named !== undefined) return `${origin} ${named}`;
    const after = this.#own ? operation : path;
    if (caller.last?.after === after && caller.last.origin === origin) return caller.last.bucket;
    const bucket = `${origin} ${identity.key} ${this.#own ? operation : groupOf(path)}`;
    caller.last = { after, origin, bucket };
    return bucket;
  }
}
