// One attempt over the real adapter. It settles at once when its time is up, body included, or when its call ends,
// whether or not the adapter listens.
import axios, { type AxiosAdapter, type AxiosRequestConfig, type AxiosResponse } from 'axios';
import { isSuccess } from '../contract/answer.js';
import { causeOf, codeOf, toldByMock } from '../contract/cause.js';
import type { Cause } from '../contract/codes.js';
import { BODY_LIMIT } from '../contract/error-body.js';
import type { Departure } from './authorize.js';
import type { Call } from './call.js';
import { destinationOf, pathIn } from './destination.js';
import { LazyStop, StopSignal } from './stop-signal.js';

/** What axios takes as `adapter`: a name, a function, or several to choose from. */
export type Transport = NonNullable<AxiosRequestConfig['adapter']>;

/** An attempt without a usable answer. */
export class NoAnswer {
  readonly cause: Cause;
  /** What the system calls it, e.g. `ECONNRESET`. */
  readonly code: string | undefined;
  /** Why, where more is known than the cause. */
  readonly because: string | undefined;

  constructor(cause: Cause, code?: string, because?: string) {
    this.cause = cause;
    this.code = code;
    this.because = because;
  }
}

export const isSilence = (answer: unknown): answer is NoAnswer => answer instanceof NoAnswer;

/** Sends one attempt. Resolves with an answer of any status, or with none. */
export function transmit(
  transport: Transport,
  { config }: Departure,
  call: Call,
): Promise<AxiosResponse | NoAnswer> {
  config.cancelToken = undefined;
  config.timeout = 0;
  config.maxRedirects = 0;
  config.validateStatus = null;
  const stop = attachSignal(config, transport);
  return new Promise((resolve) => {
    call.heldBy({
      stop(cause) {
        resolve(new NoAnswer(cause));
        stop.abort();
      },
    });
    const failed = (error: unknown) => resolve(refusalIn(error) ?? silenceOf(error, transport, config));
    send(transport, config).then((response?: AxiosResponse) => {
      if (!response) failed(response);
      else if (isRedirected(response, config)) resolve(new NoAnswer('redirected'));
      else if (isSuccess(response.status)) resolve(response);
      else withReadableBody(response).then(resolve, failed);
      if (config.responseType === 'stream' && !response?.data) stop.abort(); // no stream tells that it has ended
    }, failed);
  });
}

/**
 * What an adapter threw. One of axios' own that has no request and no code to show could not make the request, unless
 * the class for it was taken away.
 */
function silenceOf(error: unknown, transport: Transport, { env }: Departure['config']): NoAnswer {
  const [cause, code] = [causeOf(error), codeOf(error)];
  const neverMade =
    code === undefined &&
    typeof transport !== 'function' &&
    !(error as Thrown | undefined)?.request &&
    (env?.Request as unknown) !== null;
  return new NoAnswer(cause === 'lost' && neverMade ? 'unsendable' : cause, code, toldByMock(error));
}

/** Gives the attempt a signal of its own. */
function attachSignal(config: Departure['config'], transport: Transport): StopSignal | LazyStop {
  // A stream is read after the call has settled; the caller's own signal goes on to end it.
  const lasting = config.responseType === 'stream' ? (config.signal as AbortSignal | undefined) : undefined;
  if (typeof transport !== 'function') return (config.signal = new StopSignal(lasting));
  const stop = new LazyStop(lasting);
  stop.attachTo(config);
  return stop;
}

function send(transport: Transport, config: Departure['config']): Promise<AxiosResponse> {
  try {
    const adapter: AxiosAdapter =
      typeof transport === 'function' ? transport : axios.getAdapter(transport, config);
    return Promise.resolve(adapter(config));
  } catch (error) {
    return Promise.reject(error);
  }
}

/** What the adapters hang on errors and answers, as far as we look at it. */
interface Thrown {
  readonly response?: AxiosResponse;
  readonly request?: {
    readonly res?: { readonly statusCode?: number; readonly headers?: Record<string, string> };
    /** XMLHttpRequest: where the answer came from. */
    readonly responseURL?: string;
  };
}

/** Adapters that reject for a status carry the answer; one that is too large is still an answer if it is a refusal. */
function refusalIn(error: unknown): AxiosResponse | undefined {
  const { response, request } = (typeof error === 'object' && error !== null ? error : {}) as Thrown;
  if (response && !isSuccess(response.status)) return response;
  const status = request?.res?.statusCode;
  return status !== undefined && !isSuccess(status) && causeOf(error) === 'oversized'
    ? ({ status, headers: request?.res?.headers ?? {}, data: '' } as AxiosResponse)
    : undefined;
}

/** A browser's fetch hides the status of a redirect; its XMLHttpRequest follows each one, and cannot be kept from it. */
function isRedirected({ status, request }: AxiosResponse, sent: Departure['config']): boolean {
  const url = (request as Thrown['request'])?.responseURL;
  return status === 0 || (!!url && placeOf({ url }) !== placeOf(sent));
}

function placeOf(sent: AxiosRequestConfig): string {
  return `${destinationOf(sent).origin} ${pathIn(sent)}`;
}

/** A refusal explains itself in its body, so it is read even where the caller asked for a stream or a blob. */
async function withReadableBody(response: AxiosResponse): Promise<AxiosResponse> {
  const data: unknown = response.data;
  if (typeof data !== 'object' || data === null) return response;
  if (data instanceof Blob) response.data = data.size <= BODY_LIMIT ? await data.text() : '';
  else if (Symbol.asyncIterator in data) response.data = await collect(data as AsyncIterable<unknown>);
  else if (data instanceof ReadableStream) response.data = await collect(chunksOf(data));
  return response;
}

/** Not every browser can iterate a stream. */
async function* chunksOf(stream: ReadableStream): AsyncGenerator {
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel();
  }
}

/** What breaks off is read as far as it goes: the status has been told. */
async function collect(stream: AsyncIterable<unknown>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const chunk of stream) {
      text += typeof chunk === 'string' ? chunk : decoder.decode(chunk as Uint8Array, { stream: true });
      if (text.length > BODY_LIMIT) break; // leaving the loop ends the stream
    }
  } catch {
    return text;
  }
  return text;
}
