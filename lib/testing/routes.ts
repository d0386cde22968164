// Which operation of the endpoint table a request is, or which other route of the API.
import type { Endpoint, EndpointName } from '../contract/endpoints.js';
import { isRecord } from '../contract/error-body.js';

export type Endpoints = Readonly<Record<EndpointName, Endpoint>>;

/** A request, as far as it says where it belongs. */
export interface Addressed {
  readonly method: string;
  /** Below the base URL, without query. */
  readonly path: string;
  readonly body: unknown;
}

/** Whether a path fits a template such as `/orders/{id}`. */
export function fits(template: string, path: string): boolean {
  const [wanted, given] = [template.split('/'), path.split('/')];
  return (
    wanted.length === given.length &&
    wanted.every((segment, at) => (/^\{\w+\}$/.test(segment) ? given[at] !== '' : segment === given[at]))
  );
}

/** The operation that a request belongs to. Those that share an address differ in what they send. */
export function operationOf(
  endpoints: Endpoints,
  { method, path, body }: Addressed,
): EndpointName | undefined {
  return operationsAt(endpoints, method, path).find((name) =>
    Object.entries(endpoints[name].fixed ?? {}).every(
      ([field, value]) => isRecord(body) && body[field] === value,
    ),
  );
}

/** The operations at an address. */
export function operationsAt(endpoints: Endpoints, method: string, path: string): EndpointName[] {
  return (Object.keys(endpoints) as EndpointName[]).filter(
    (name) => endpoints[name].method.toUpperCase() === method && fits(endpoints[name].path, path),
  );
}
