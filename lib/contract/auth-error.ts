// The one error class of holdfast, discriminated by `code`. Built from an allow-list: no axios object, header, body
// or token can be reached from it.
import type { Detail, ErrorBody } from './answer.js';
import type { FailureCode, Kind } from './codes.js';
import type { Operation } from './endpoints.js';
import { isRetryable, kindOf, userMessageOf } from './classify.js';
import type { FailureRow } from './failure-row.js';

/** Everything an error says; the same fields as on the class. */
export interface AuthErrorFields<C extends string = FailureCode> {
  /** Row of the failure table that explains the answer; its domain code. */
  readonly code: C;
  /** Family of the code. */
  readonly kind: Kind;
  /** HTTP status, if there was an answer. */
  readonly status?: number;
  /** A sentence for the customer, from the contract or from `messages` in the config. */
  readonly userMessage: string;
  /** `error` of the body, as sent. */
  readonly key?: string;
  /** `message` of the body, or the best substitute. For developers. */
  readonly message: string;
  /** `error_description` of the body. */
  readonly description?: string;
  /** `hint` of the body. */
  readonly hint?: string;
  /** `context` of the body, without secrets. */
  readonly context?: unknown;
  /** What the server says is wrong, field by field, if it said so. */
  readonly details: readonly Detail[];
  /** The operation that failed, or `'request'` for a call through an axios instance. */
  readonly operation: Operation;
  /** How often the call was sent. */
  readonly attempts: number;
  /** How long to wait before asking again, ms, if known. */
  readonly retryAfter?: number;
  /** Whether asking again later can help. */
  readonly retryable: boolean;
  /** Whether the server may have carried the call out all the same. */
  readonly ambiguous: boolean;
  /** The server's id of the request, for a support case. */
  readonly requestId?: string;
  /** Why the call ended so: the row's reason, and the policy's if one gave up. */
  readonly because: string;
}

/** What an error is built from and written as; nothing else of what it is given stays. */
const FIELDS = [
  'code',
  'kind',
  'userMessage',
  'message',
  'details',
  'operation',
  'attempts',
  'retryable',
  'ambiguous',
  'because',
  // Only where there is something to say:
  'status',
  'key',
  'description',
  'hint',
  'context',
  'retryAfter',
  'requestId',
] as const;

const BRAND = Symbol.for('holdfast.AuthError');

/** A failed call. Operations return it in a `Result`; axios instances reject with it. */
export class AuthError<C extends string = FailureCode> extends Error implements AuthErrorFields<C> {
  declare readonly code: C;
  declare readonly kind: Kind;
  declare readonly status?: number;
  declare readonly userMessage: string;
  declare readonly key?: string;
  declare readonly description?: string;
  declare readonly hint?: string;
  declare readonly context?: unknown;
  declare readonly details: readonly Detail[];
  declare readonly operation: Operation;
  declare readonly attempts: number;
  declare readonly retryAfter?: number;
  declare readonly retryable: boolean;
  declare readonly ambiguous: boolean;
  declare readonly requestId?: string;
  declare readonly because: string;

  constructor(fields: AuthErrorFields<C>) {
    super(fields.message);
    for (const name of FIELDS) if (fields[name] !== undefined) Object.assign(this, { [name]: fields[name] });
    Object.defineProperty(this, BRAND, { value: true });
  }

  override get name(): string {
    return 'AuthError';
  }

  /** The fields, as plain data; nothing that another tool hung on the error. */
  toJSON(): AuthErrorFields<C> {
    const present = FIELDS.filter((name) => this[name] !== undefined);
    return Object.fromEntries(present.map((name) => [name, this[name]])) as unknown as AuthErrorFields<C>;
  }
}

/** An `AuthError` for each code, so that a `switch` over `code` narrows. */
export type AuthErrorOf<C extends string> = C extends string ? AuthError<C> : never;

/**
 * Whether a caught value is an error of holdfast, from this copy of the package or another.
 * @param code only if it carries this code
 */
export function isAuthError<C extends string = FailureCode>(
  error: unknown,
  code?: C,
): error is AuthErrorOf<C> {
  if (typeof error !== 'object' || error === null || !(BRAND in error)) return false;
  return code === undefined || (error as { code?: unknown }).code === code;
}

/** Sentences for the customer in place of the contract's: a map by code, or a function (`undefined` keeps the default). */
export type Messages =
  | Readonly<Record<string, string>>
  | ((error: Omit<AuthErrorFields<string>, 'userMessage'>) => string | undefined);

/** What happened to a call, beyond its last answer. */
export interface Circumstances {
  readonly operation: Operation;
  readonly attempts: number;
  readonly ambiguous: boolean;
  readonly status?: number | undefined;
  readonly retryAfter?: number | undefined;
  readonly requestId?: string | undefined;
  /** Why a policy gave up, where one did. */
  readonly because?: string | undefined;
}

/** Builds the error of a call from the row that explains it, the body that came, and what happened around it. */
export function toAuthError(
  row: FailureRow,
  body: ErrorBody,
  { because, ...happened }: Circumstances,
  messages: Messages = {},
): AuthError {
  const fields = {
    code: row.code as FailureCode,
    kind: kindOf(row),
    ...body,
    message: body.message ?? body.description ?? row.because,
    retryable: isRetryable(row),
    because: because ? `${row.because} ${because}` : row.because,
    ...happened,
  };
  return new AuthError({ ...fields, userMessage: translate(fields, messages) ?? userMessageOf(row) });
}

/** A translator that throws must not replace the error it was asked about. */
function translate(fields: Omit<AuthErrorFields, 'userMessage'>, messages: Messages): string | undefined {
  if (typeof messages !== 'function')
    return Object.hasOwn(messages, fields.code) ? messages[fields.code] : undefined;
  try {
    return messages(fields);
  } catch {
    return undefined;
  }
}
