// What the sandbox can be asked: the rows of the contract's endpoint table and a few routes of its own, and which
// of them a request means.
import { ENDPOINTS, type AuthMode, type Endpoint, type EndpointName } from '../contract/endpoints.js';

/** Path of `baseURL`. */
export const BASE_PATH = '/v1';

interface Row {
  readonly method: string;
  readonly path: string;
  readonly auth: AuthMode;
}

/** Beyond the contract: the key set, and a protected resource for bearer calls to try. */
const OWN_ROWS = {
  jwks: { method: 'get', path: '/.well-known/jwks.json', auth: 'none' },
  listOrders: { method: 'get', path: `${BASE_PATH}/orders`, auth: 'bearer' },
  getOrder: { method: 'get', path: `${BASE_PATH}/orders/{orderId}`, auth: 'bearer' },
  createOrder: { method: 'post', path: `${BASE_PATH}/orders`, auth: 'bearer' },
  /** The token endpoint with a grant type that no row of the contract has. */
  token: { method: 'post', path: BASE_PATH + ENDPOINTS.refresh.path, auth: 'basic' },
  /** Everything else. */
  unknown: { method: '', path: '', auth: 'none' },
} as const satisfies Record<string, Row>;

type OwnOperation = keyof typeof OWN_ROWS;

/** What a request to the sandbox means. */
export type SandboxOperation = EndpointName | OwnOperation;

export const OPERATIONS = [...Object.keys(ENDPOINTS), ...Object.keys(OWN_ROWS)] as SandboxOperation[];

/** The contract's row of an operation, if it has one. */
export function endpointOf(operation: SandboxOperation): Endpoint | undefined {
  return operation in ENDPOINTS ? ENDPOINTS[operation as EndpointName] : undefined;
}

/** What a call of this operation must carry. */
export function authOf(operation: SandboxOperation): AuthMode {
  return endpointOf(operation)?.auth ?? OWN_ROWS[operation as OwnOperation].auth;
}

interface Candidate {
  readonly operation: SandboxOperation;
  readonly method: string;
  readonly segments: readonly string[];
  readonly fixed: readonly (readonly [string, string])[];
}

// Contract rows come first: they share the token endpoint's path with `token`, which takes what they leave.
const CANDIDATES: readonly Candidate[] = OPERATIONS.map((operation) => {
  const endpoint = endpointOf(operation);
  const row = endpoint ?? OWN_ROWS[operation as OwnOperation];
  return {
    operation,
    method: row.method.toUpperCase(),
    segments: ((endpoint ? BASE_PATH : '') + row.path).split('/'),
    fixed: Object.entries(endpoint?.fixed ?? {}),
  };
});

/** What a request means, and the values of the `{names}` in its path. */
export function findOperation(
  method: string,
  path: string,
  body: Readonly<Record<string, unknown>> | undefined,
): { operation: SandboxOperation; params: Record<string, string> } {
  for (const { operation, segments, fixed, ...row } of CANDIDATES) {
    if (row.method !== method || fixed.some(([field, value]) => body?.[field] !== value)) continue;
    const params = matchPath(segments, path.split('/'));
    if (params) return { operation, params };
  }
  return { operation: 'unknown', params: {} };
}

function matchPath(
  segments: readonly string[],
  given: readonly string[],
): Record<string, string> | undefined {
  if (segments.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const value = given[index] ?? '';
    if (segment.startsWith('{') && value !== '') params[segment.slice(1, -1)] = decode(value);
    else if (segment !== value) return undefined;
  }
  return params;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // a malformed escape names nothing we know
  }
}
