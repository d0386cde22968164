// A request that returns a `Result` typed by the schema it is checked with.
import type { AxiosInstance, AxiosRequestConfig } from 'axios';
import { check, type Rule } from './check-options.js';
import { NO_BODY } from './contract/answer.js';
import { isAuthError, toAuthError, type AuthErrorOf } from './contract/auth-error.js';
import { classify } from './contract/classify.js';
import { repeatsOf, type AuthMode } from './contract/endpoints.js';
import type { CodesOf } from './contract/failure-types.js';
import type { Result } from './contract/result.js';
import { redactText, secretsIn, spellingsOf } from './contract/redact.js';
import type { Resolved } from './options.js';
import { secretsOf } from './policies/secrets.js';

/** The part of Standard Schema (version 1) that we call; zod, valibot and arktype schemas fit. */
export interface Schema<T> {
  /**
   * What the specification asks for: `validate` gets the body of the answer and gives a value or issues, at once or later.
   */
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => Checked<T> | Promise<Checked<T>>;
    readonly types?: { readonly input: unknown; readonly output: T } | undefined;
  };
}

type Checked<T> =
  | { readonly value: T; readonly issues?: undefined }
  | {
      readonly issues: readonly {
        readonly message: string;
        readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
      }[];
    };

/** A request with the schema that its answer must fit. */
export type SchemaRequest<T> = AxiosRequestConfig & { readonly schema: Schema<T> };

/** What such a request can fail with; `C` are codes of a config's own rows. */
export type RequestError<C extends string = never> = AuthErrorOf<CodesOf<'request'> | C>;

const aSchema: Rule = {
  says: 'a Standard Schema',
  accepts: (value) =>
    typeof (value as Partial<Schema<unknown>> | undefined)?.['~standard']?.validate === 'function',
};

/**
 * Sends a request and checks the body of its success; one that does not fit is `INVALID_RESPONSE` with the details.
 * @throws TypeError if the schema is none, before anything is sent
 */
export async function requestChecked<T>(
  http: AxiosInstance,
  auth: AuthMode,
  { schema, ...config }: SchemaRequest<T>,
  { table, messages }: Pick<Resolved, 'table' | 'messages'>,
): Promise<Result<T, RequestError>> {
  check('request', 'schema', schema, aSchema);
  try {
    const response = await http.request<unknown>(config);
    const { status, attempts = 1 } = response;
    const checked = await checkedBy(schema, response.data);
    if (!checked.issues) return { ok: true, value: checked.value, status, attempts };
    const operation = 'request';
    const row = classify({ operation, auth, cause: 'unreadable', body: NO_BODY }, table);
    // Validators quote what they refuse, and name the keys of maps.
    const secrets = [...secretsOf(response.config), ...secretsIn(response.data)].flatMap(spellingsOf);
    const details = checked.issues.map(({ message, path }) => ({
      message: redactText(message, secrets),
      ...(path && {
        field: redactText(
          path.map((step) => String(typeof step === 'object' ? step.key : step)).join('.'),
          secrets,
        ),
      }),
    }));
    const ambiguous = repeatsOf(undefined, config.method ?? 'get') === 'never';
    const happened = { operation, attempts, ambiguous, status } as const;
    return { ok: false, error: toAuthError(row, { details }, happened, messages) as RequestError };
  } catch (error) {
    if (isAuthError(error)) return { ok: false, error: error as RequestError };
    throw error;
  }
}

/**
 * A schema that throws, as a transform in it may, refuses the answer like one that says what is wrong. Only the name of
 * the error is told: its message may quote a piece of a secret, which nobody could recognise.
 */
async function checkedBy<T>(schema: Schema<T>, value: unknown): Promise<Checked<T>> {
  try {
    return await schema['~standard'].validate(value);
  } catch (thrown) {
    return {
      issues: [{ message: `Schema threw: ${thrown instanceof Error ? thrown.name : typeof thrown}` }],
    };
  }
}
