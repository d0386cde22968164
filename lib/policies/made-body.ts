// The body of one attempt, where it is not simply that of the call: made by a function, or a stream that is used up.
import { AxiosHeaders, type AxiosRequestHeaders, type AxiosResponse } from 'axios';
import { codeOf } from '../contract/cause.js';
import type { Cause } from '../contract/codes.js';
import { isOnce, type BodyFactory } from './body.js';
import type { Call } from './call.js';
import { alsoSent } from './secrets.js';
import { NoAnswer } from './transport.js';

/** What takes the place of the body and the headers of the call. */
export interface MadeBody {
  readonly data: unknown;
  readonly headers: AxiosRequestHeaders;
}

/** Streams that left once, for whatever call. */
const SPENT = new WeakSet<object>();

/** Makes the body of the next attempt; `undefined` where it is a stream that the caller gave. Never rejects. */
export async function makeBody(call: Call): Promise<MadeBody | NoAnswer | undefined> {
  try {
    return await made(call);
  } catch (thrown) {
    return thrown instanceof NoAnswer ? thrown : new NoAnswer('unsendable');
  }
}

async function made(call: Call): Promise<MadeBody | undefined> {
  const { request, body } = call.facts;
  if (body === 'made') return serialized(call, await madeFor(call));
  spend(request.data as object, 'The stream in its body was used already.');
  return undefined;
}

/** Lets go of a stream that was made for an attempt: now, or once the connection of its answer is done with it. */
export function letGo({ data }: MadeBody, response?: AxiosResponse): void {
  const connection = response?.request as Connection | undefined;
  if (!response || connection?.closed) release(data);
  else if (typeof connection?.once === 'function') connection.once('close', () => release(data));
}

interface Connection {
  readonly closed?: boolean;
  readonly once?: (event: 'close', listener: () => void) => unknown;
}

/** What the function of the caller gives, but not for longer than the call lasts. */
function madeFor(call: Call): Promise<unknown> {
  const ending = new Promise<never>((_, reject) => {
    call.heldBy({ stop: (cause) => reject(new NoAnswer(cause)) });
  });
  const make = call.facts.request.data as BodyFactory;
  // Within a promise, because it may throw at once as well as later.
  const making = new Promise((resolve) => resolve(make())).then(
    (data) => (call.ended ? end(call.ended, data) : data),
    (thrown: unknown) => {
      throw unsendable('The function that makes its body failed.', thrown);
    },
  );
  return Promise.race([making, ending]);
}

/** It came too late. */
function end(cause: Cause, data: unknown): never {
  release(data);
  throw new NoAnswer(cause);
}

/** The same as axios makes of a body that it is given. */
function serialized(call: Call, made: unknown): MadeBody {
  const { request } = call.facts;
  const headers = Object.assign(new AxiosHeaders(), request.headers);
  if (headers.get('Content-Type') === null) headers.delete('Content-Type');
  alsoSent(request, made);
  let data = made;
  try {
    if (typeof made === 'function') throw new TypeError('A function makes no function.');
    const config = { ...request, headers };
    for (const transform of [request.transformRequest ?? []].flat())
      data = transform.call(config, data, headers) as unknown;
  } catch (thrown) {
    release(made);
    throw unsendable('What the function made cannot be sent.', thrown);
  }
  if (/^(?:post|put|patch)$/.test(call.facts.method))
    headers.setContentType('application/x-www-form-urlencoded', false);
  if (typeof data === 'object' && data !== null && isOnce(data))
    spend(data, 'The function that makes its body gave a stream that was used already.');
  return { data, headers };
}

/** A stream that has given its bytes would send nothing, and nobody would notice. */
function spend(stream: object, because: string): void {
  const { destroyed, readableEnded, locked } = stream as Partial<Record<string, unknown>>;
  if (SPENT.has(stream) || destroyed || readableEnded || locked) throw unsendable(because);
  SPENT.add(stream);
}

const unsendable = (because: string, thrown?: unknown) => new NoAnswer('unsendable', codeOf(thrown), because);

interface Releasable {
  readonly on?: (event: 'error', listener: () => void) => unknown;
  readonly destroy?: () => unknown;
  readonly locked?: boolean;
  readonly cancel?: () => Promise<unknown>;
}

/** A file stays open until its stream ends or is destroyed. */
function release(data: unknown): void {
  if (typeof data !== 'object' || data === null || !isOnce(data)) return;
  const stream = data as Releasable;
  stream.on?.('error', () => undefined); // of a file that could not even be opened
  stream.destroy?.();
  if (stream.locked === false) stream.cancel?.().catch(() => undefined);
}
