// The operations: from camelCase input to a request of its endpoint row, and from the answer to a `Result`.
import axios, { type AxiosInstance, type AxiosRequestConfig } from 'axios';
import { NO_BODY } from './contract/answer.js';
import { isAuthError, toAuthError, type AuthErrorOf } from './contract/auth-error.js';
import { classify } from './contract/classify.js';
import type { Endpoint, EndpointName } from './contract/endpoints.js';
import type { CodesOf } from './contract/failure-types.js';
import type { Read } from './contract/success-body.js';
import type { Result } from './contract/result.js';
import { OperationOptions, type RequestOptions } from './begin.js';
import type { DoubtBook } from './doubts.js';
import type { Resolved } from './options.js';

/** What any operation can be told besides its input. */
export interface OperationCallOptions extends Pick<
  RequestOptions,
  'deadline' | 'idempotencyKey' | 'priority'
> {
  /** Ends the operation at once, wherever it waits. */
  readonly signal?: AbortSignal;
}

/** What an operation can fail with; `C` are codes of a config's own rows. */
export type OperationError<Op extends EndpointName, C extends string = never> = AuthErrorOf<CodesOf<Op> | C>;

/** Largest body of a successful answer, bytes: tokens and session lists are small, and a stranger's page is not. */
const LARGEST_ANSWER = 1024 * 1024;

export interface OperationContext extends Pick<Resolved, 'table' | 'messages'> {
  readonly endpoints: Readonly<Record<EndpointName, Endpoint>>;
  readonly shopId: number | undefined;
  readonly doubts: DoubtBook;
}

type Input = Readonly<Record<string, unknown>>;

/**
 * Carries out one operation.
 * @param read turns the body of a success into the value; `undefined` means that it is not what was promised
 */
export async function operate<T, Op extends EndpointName>(
  { endpoints, shopId, doubts, table, messages }: OperationContext,
  http: AxiosInstance,
  operation: Op,
  input: Input,
  options: OperationCallOptions,
  read: (data: unknown) => Read<T>,
): Promise<Result<T, OperationError<Op>>> {
  const endpoint = endpoints[operation];
  const doubt = doubts.about(operation, endpoint, input);
  const { signal, ...request } = options;
  const own = new OperationOptions(operation, endpoint, request, doubt.open);
  try {
    const response = await http.request({
      ...requestOf(endpoint, input, shopId),
      ...(signal && { signal }),
      holdfast: own,
    });
    doubt.settle(false);
    const { status, attempts = 1 } = response;
    const found = read(response.data);
    if (found) return { ok: true, value: found.value, status, attempts };
    const row = classify({ operation, auth: endpoint.auth, cause: 'unreadable', body: NO_BODY }, table);
    const happened = { operation, attempts, ambiguous: endpoint.repeats === 'never', status };
    return { ok: false, error: toAuthError(row, NO_BODY, happened, messages) as OperationError<Op> };
  } catch (error) {
    if (!isAuthError(error)) throw error; // a user's interceptor, or a wrong argument
    doubt.settle(error.ambiguous);
    return { ok: false, error: error as OperationError<Op> };
  }
}

/** The request of an operation: method, path, auth mode and body as its row says. */
export function requestOf(endpoint: Endpoint, input: Input, shopId: number | undefined): AxiosRequestConfig {
  const fields = Object.entries(endpoint.body ?? {}).filter(([name]) => input[name] !== undefined);
  const body = {
    ...endpoint.fixed,
    ...Object.fromEntries(fields.map(([name, wireName]) => [wireName, input[name]])),
    ...(endpoint.shop === 'body' && shopId !== undefined && { shop_id: shopId }),
  };
  return {
    method: endpoint.method,
    url: endpoint.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(input[name]))),
    ...(Object.keys(body).length > 0 && { data: body }),
    headers: {
      Accept: 'application/json',
      ...(endpoint.shop === 'header' && shopId !== undefined && { 'X-Shop-Id': String(shopId) }),
    },
    // The contract fixes these, whatever defaults the user gave axios.
    responseType: 'json',
    transformRequest: axios.defaults.transformRequest,
    transformResponse: axios.defaults.transformResponse,
    validateStatus: (status) => status >= 200 && status < 300,
    maxContentLength: LARGEST_ANSWER,
  };
}
