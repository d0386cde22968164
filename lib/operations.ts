// The operations: from camelCase input to a request of its endpoint row, and from the answer to a `Result`.
import axios, { type AxiosInstance, type AxiosRequestConfig, type AxiosResponse } from 'axios';
import { isAuthError, type AuthErrorOf } from './contract/auth-error.js';
import { isSuccess } from './contract/answer.js';
import type { Endpoint, ENDPOINTS, EndpointName } from './contract/endpoints.js';
import type { CodesOf } from './contract/failure-types.js';
import type { Result } from './contract/result.js';
import { percentEncoded } from './contract/redact.js';
import { isBrowser } from './decide/surroundings.js';
import { OperationOptions, type RequestOptions } from './begin.js';
import type { DoubtBook } from './doubts.js';

/** What any operation can be told besides its input. */
export interface OperationCallOptions extends Pick<
  RequestOptions,
  'deadline' | 'idempotencyKey' | 'priority' | 'customer'
> {
  /** Ends the operation at once, wherever it waits. */
  readonly signal?: AbortSignal;
}

/** What an operation can fail with; `C` are codes of a config's own rows. */
export type OperationError<Op extends EndpointName, C extends string = never> = AuthErrorOf<CodesOf<Op> | C>;

/** Largest body of a successful answer, bytes: tokens and session lists are small, and a stranger's page is not. */
const LARGEST_ANSWER = 1024 * 1024;

export interface OperationContext {
  readonly endpoints: Readonly<Record<EndpointName, Endpoint>>;
  readonly shopId: number | undefined;
  readonly doubts: DoubtBook;
}

type Input = Readonly<Record<string, unknown>>;

/** What an operation brings, as its row reads it. */
type ValueOf<Op extends EndpointName> = NonNullable<ReturnType<(typeof ENDPOINTS)[Op]['read']>>['value'];

/** Carries out one operation. */
export async function operate<Op extends EndpointName>(
  { endpoints, shopId, doubts }: OperationContext,
  http: AxiosInstance,
  operation: Op,
  given: object,
  options: OperationCallOptions = {},
): Promise<Result<ValueOf<Op>, OperationError<Op>>> {
  const endpoint = endpoints[operation];
  const input: Input = { ...given };
  checkInput(operation, endpoint, input);
  const doubt = doubts.about(operation, endpoint, input);
  const { signal, ...request } = options;
  const own = new OperationOptions(operation, endpoint, request, doubt.open);
  try {
    await http.request({
      ...requestOf(endpoint, input, shopId),
      ...(signal && { signal }),
      ...own.asConfig,
    });
  } catch (thrown) {
    // A wrong argument, or an interceptor of the user: nothing that the wire did.
    if (!own.outcome || 'response' in own.outcome || !isAuthError(own.outcome.error)) throw thrown;
  }
  // Interceptors may return what they like; what came of the operation was noted before they saw it.
  const { outcome } = own;
  if (!outcome) throw new TypeError(`${operation}: an interceptor answered in place of the request.`);
  if ('error' in outcome) {
    const error = outcome.error as OperationError<Op>;
    doubt.settle(error.ambiguous, false);
    return { ok: false, error };
  }
  doubt.settle(false, true);
  const { status, attempts = 1, data } = outcome.response as AxiosResponse<unknown>;
  const found = endpoint.read(data);
  if (!found) throw new TypeError(`${operation}: an interceptor changed the body of the answer.`);
  return { ok: true, value: found.value as ValueOf<Op>, status, attempts };
}

/** @throws TypeError naming the field; what was given is not shown, for it may be a password */
function checkInput(
  operation: EndpointName,
  { body = {}, optional = {}, path }: Endpoint,
  input: Input,
): void {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
  const given = Object.keys(optional).filter((name) => input[name] !== undefined);
  for (const name of [...Object.keys(body), ...given, ...inPath]) {
    const value = input[name];
    const fits =
      typeof value === 'string' && value !== '' && !(inPath.includes(name) && /^\.{1,2}$/.test(value));
    if (!fits) throw new TypeError(`${operation}: ${name} must be a text that is not empty.`);
  }
}

/** The request of an operation: method, path, auth mode and body as its row says. */
export function requestOf(endpoint: Endpoint, input: Input, shopId: number | undefined): AxiosRequestConfig {
  const named = Object.entries({ ...endpoint.body, ...endpoint.optional });
  const fields = named.filter(([name]) => input[name] !== undefined);
  const body = {
    ...endpoint.fixed,
    ...Object.fromEntries(fields.map(([name, wireName]) => [wireName, input[name]])),
    ...(endpoint.shop === 'body' && shopId !== undefined && { shop_id: shopId }),
  };
  return {
    method: endpoint.method,
    url: endpoint.path.replace(/\{(\w+)\}/g, (_, name: string) => percentEncoded(String(input[name]))),
    ...(Object.keys(body).length > 0 && { data: endpoint.encoding === 'form' ? formOf(body) : body }),
    headers: {
      Accept: 'application/json',
      ...(endpoint.shop === 'header' && shopId !== undefined && { 'X-Shop-Id': String(shopId) }),
    },
    // The contract fixes these, whatever defaults the user gave axios.
    responseType: 'json',
    transformRequest: axios.defaults.transformRequest,
    transformResponse: axios.defaults.transformResponse,
    validateStatus: isSuccess,
    // With a limit, axios takes the 204 of a browser's fetch for a failure.
    maxContentLength: isBrowser(globalThis) ? -1 : LARGEST_ANSWER,
  };
}

const formOf = (body: object) =>
  new URLSearchParams(Object.entries(body).map(([name, value]) => [name, String(value)]));
