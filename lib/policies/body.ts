// What a request sends, attempt after attempt. Bytes and forms are copied when the call begins, so that a repeat sends
// what the first attempt did; a function makes a body for each attempt; a stream gives its bytes once.
import axios, { type AxiosRequestTransformer, type InternalAxiosRequestConfig } from 'axios';

/** A body that is made for each attempt, at once or later: `http.put(url, () => createReadStream(path))`. */
export type BodyFactory = () => unknown;

/** Sent again as it is, made for each attempt, or sent only once. */
export type BodyKind = 'kept' | 'made' | 'once';

/** Our copies, which nobody else can change. */
const COPIES = new WeakSet<object>();

/** One transform in place of those of an instance, which run on a body of ours, or on one that a function made. */
export function toBody(transforms: readonly AxiosRequestTransformer[]): AxiosRequestTransformer {
  return function (given: unknown, headers) {
    if (typeof given === 'function') {
      // What it makes says its type; without this axios would call it a form.
      if (!headers.has('Content-Type')) headers.set('Content-Type', null);
      return given;
    }
    let data = given;
    if (typeof given === 'object' && given !== null) {
      data = copyOf(given);
      // A form is of no use as anything else, yet with the fetch adapter axios labels it as what it is not.
      if (data instanceof FormData && !headers.has('Content-Type'))
        headers.setContentType('multipart/form-data');
      if (headers.has('Content-Type', 'multipart/form-data')) asWebForm(this, given);
    }
    for (const transform of transforms) data = transform.call(this, data, headers) as unknown;
    return data;
  };
}

/** Settles what is sent when a call begins. */
export function keepBody(config: InternalAxiosRequestConfig): BodyKind {
  const data: unknown = config.data;
  if (typeof data === 'function') return 'made';
  if (typeof data !== 'object' || data === null) return 'kept';
  if (isOnce(data)) return 'once';
  if (!COPIES.has(data)) config.data = copyOf(data); // a transform of the request's own took the place of ours
  return 'kept';
}

/** A stream gives its bytes once. */
export function isOnce(data: object): boolean {
  return 'pipe' in data || 'getReader' in data || (Symbol.asyncIterator in data && !(data instanceof Blob));
}

/** A copy of what a caller could still change; a view is cut out, since axios would send the whole buffer behind it. */
function copyOf(data: object): object {
  const bytes = bytesOf(data);
  const copy = bytes ? bytes.slice().buffer : data instanceof FormData ? copyOfForm(data) : data;
  if (copy !== data) COPIES.add(copy);
  return copy;
}

function bytesOf(data: object): Uint8Array | undefined {
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  // By its tag: a buffer may come from another realm, and not every browser lets pages name the shared kind.
  return /^\[object (?:Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(data))
    ? new Uint8Array(data as ArrayBuffer)
    : undefined;
}

/** Files in a form cannot change, so only the list of its fields is copied. */
function copyOfForm(form: FormData): FormData {
  const copy = new FormData();
  for (const [name, value] of form) copy.append(name, value as string);
  return copy;
}

/**
 * In Node axios makes a stream of an object that is to be sent as a form, and a stream can be sent only once. A form of
 * the web can be sent again; only where a stream is in it, or the caller chose otherwise, axios has its way.
 */
function asWebForm(config: InternalAxiosRequestConfig, data: object): void {
  const { env, formSerializer } = config;
  const isDefault = env?.FormData === axios.defaults.env?.FormData && !formSerializer?.visitor;
  if (isDefault && !holdsStream(data)) config.env = { ...env, FormData };
}

function holdsStream(value: unknown, seen = new Set<unknown>()): boolean {
  if (typeof value !== 'object' || value === null || seen.has(value)) return false;
  seen.add(value);
  if (isOnce(value)) return true;
  const isVisited = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  return isVisited && Object.values(value).some((each) => holdsStream(each, seen));
}
