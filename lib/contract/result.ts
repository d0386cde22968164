// Results: an operation never throws for what the wire did.
import { isAuthError, type AuthError } from './auth-error.js';

/** A success with its value, HTTP status and number of attempts; or a failure with its error. */
export type Result<T, E = AuthError> =
  | { readonly ok: true; readonly value: T; readonly status: number; readonly attempts: number }
  | { readonly ok: false; readonly error: E };

/** The value of a success; throws the error of a failure. */
export function unwrap<T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown },
): T {
  if (result.ok) return result.value;
  throw result.error;
}

/**
 * Turns a promise that rejects with an `AuthError`, such as that of an axios instance of holdfast, into a `Result`.
 * Anything else that it rejects with is a bug and rejects here too.
 */
export async function asResult<T>(
  promise: PromiseLike<T>,
): Promise<{ readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: AuthError }> {
  try {
    return { ok: true, value: await promise };
  } catch (error) {
    if (isAuthError(error)) return { ok: false, error };
    throw error;
  }
}
