// What a client sent, for assertions: everything can be looked at but secrets, which can only be compared.
import type { ENDPOINTS, EndpointName, Operation } from '../contract/endpoints.js';
import { redactText } from '../contract/redact.js';
import type { Received } from './nock.js';
import { sealed, type SentSecret } from './sealed.js';

/** Fields of the endpoint table that are secrets. */
export type SecretField = 'password' | 'new_password' | 'refresh_token' | 'code' | 'code_verifier' | 'hash';

type Row<Op extends EndpointName> = (typeof ENDPOINTS)[Op];
type FieldsOf<Op extends EndpointName> =
  | (Row<Op> extends { readonly body: infer Body } ? Extract<Body[keyof Body], string> : never)
  | (Row<Op> extends { readonly fixed: infer Fixed } ? Extract<keyof Fixed, string> : never)
  | (Row<Op> extends { readonly shop: 'body' } ? 'shop_id' : never);
type OptionalOf<Op extends EndpointName> =
  Row<Op> extends { readonly optional: infer Fields } ? Extract<Fields[keyof Fields], string> : never;
type Sent<Field> = Field extends SecretField ? SentSecret : string | number;

/** The body of a call, by the names of the wire. */
export type SentBody<Op extends Operation> = Op extends EndpointName
  ? [FieldsOf<Op>] extends [never]
    ? undefined
    : { readonly [Field in FieldsOf<Op>]: Sent<Field> } & {
        readonly [Field in OptionalOf<Op>]?: Sent<Field>;
      }
  : unknown;

/** A call that reached the mock. */
export interface Call<Op extends Operation = Operation> {
  /** `'request'` for what is no operation. */
  readonly operation: Operation;
  /** In capitals. */
  readonly method: string;
  /** Below the base URL, without the query. */
  readonly path: string;
  /** Values that stand under the name of a secret are sealed, here and below. */
  readonly query: Readonly<Record<string, string | SentSecret>>;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | SentSecret>> & { readonly authorization?: SentSecret };
  /** By the names of the wire, secrets sealed; `undefined` where nothing was sent. */
  readonly body: SentBody<Op>;
}

/** @param path below the base URL; `undefined` where it is not below it */
export function seenBy(operation: Operation, request: Received, url: URL, path = url.pathname): Call {
  return {
    operation,
    method: request.method,
    path: redactText(path),
    query: sealed(Object.fromEntries(url.searchParams)) as Call['query'],
    headers: sealed(request.headers) as Call['headers'],
    body: sealed(request.body),
  };
}
