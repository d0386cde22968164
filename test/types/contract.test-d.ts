// Tests of types: `tsc` runs them, nothing runs at run time. A wrong type is a compile error here, and so is a right
// one that was expected to be refused.
import { isAuthError, type AuthError, type AuthErrorOf } from '../../lib/contract/auth-error.js';
import type { Code, FailureCode, Kind } from '../../lib/contract/codes.js';
import type { EndpointName, Operation } from '../../lib/contract/endpoints.js';
import type { EXAMPLES } from '../../lib/contract/examples.js';
import type { CodesOf } from '../../lib/contract/failure-types.js';
import type { BuiltInRow } from '../../lib/contract/failures.js';
import type { FailureRow } from '../../lib/contract/failure-row.js';
import { unwrap, type Result } from '../../lib/contract/result.js';
import type { Secret } from '../../lib/contract/secret.js';

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- two generic functions compare exactly
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type IsAny<T> = 0 extends 1 & T ? true : false;
type Has<Union, Member> = [Member] extends [Union] ? true : false;
type Expect<T extends true> = T;
type Refuse<T extends false> = T;

/** What any call may end with, whatever it is. */
type Anywhere =
  | 'ABORTED'
  | 'DEADLINE_EXCEEDED'
  | 'CLIENT_CLOSED'
  | 'CIRCUIT_OPEN'
  | 'QUEUE_FULL'
  | 'INVALID_REQUEST'
  | 'NOT_MOCKED'
  | 'CONNECTION_FAILED'
  | 'CONNECTION_LOST'
  | 'TIMEOUT'
  | 'INVALID_RESPONSE'
  | 'INVALID_CLIENT'
  | 'USER_DEACTIVATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'TOO_MANY_ATTEMPTS'
  | 'VALIDATION_FAILED'
  | 'API_EXCEPTION'
  | 'UNEXPECTED_REDIRECT'
  | 'REQUEST_REJECTED'
  | 'UNEXPECTED_ANSWER';

/** What a call with a session may end with on top: its own 401, and all that its refresh may end with. */
type WithSession =
  | Anywhere
  | 'INVALID_TOKEN'
  | 'SESSION_ENDED'
  | 'REFRESH_LIMITED'
  | 'OUTCOME_UNKNOWN'
  | 'SESSION_UNAVAILABLE'
  | 'UNAUTHORIZED'
  | 'UNSUPPORTED_GRANT_TYPE';

// The union of each operation, exactly.
export type Unions = [
  Expect<Equal<CodesOf<'login'>, Anywhere | 'UNAUTHORIZED' | 'USER_NOT_FOUND'>>,
  Expect<Equal<CodesOf<'register'>, Anywhere | 'UNAUTHORIZED' | 'USER_ALREADY_EXISTS'>>,
  Expect<Equal<CodesOf<'guestLogin'>, CodesOf<'login'> | 'USER_ALREADY_EXISTS'>>,
  Expect<Equal<CodesOf<'sendPasswordResetEmail'>, CodesOf<'login'>>>,
  Expect<Equal<CodesOf<'updatePasswordByHash'>, CodesOf<'login'> | 'PASSWORD_RESET_HASH_EXPIRED'>>,
  Expect<
    Equal<CodesOf<'exchangeCode'>, Anywhere | 'UNAUTHORIZED' | 'UNSUPPORTED_GRANT_TYPE' | 'INVALID_GRANT'>
  >,
  Expect<Equal<CodesOf<'refresh'>, Anywhere | 'UNAUTHORIZED' | 'UNSUPPORTED_GRANT_TYPE' | 'INVALID_TOKEN'>>,
  Expect<Equal<CodesOf<'validate'>, WithSession>>,
  Expect<Equal<CodesOf<'listSessions'>, WithSession>>,
  Expect<Equal<CodesOf<'revoke'>, WithSession>>,
  Expect<Equal<CodesOf<'logout'>, WithSession>>,
  Expect<Equal<CodesOf<'updatePassword'>, WithSession | 'USER_NOT_FOUND'>>,
  // A call of one's own may meet every failure.
  Expect<Equal<CodesOf<'request'>, FailureCode>>,
];

type OnlyIn<C extends Code> = { [Op in EndpointName]: C extends CodesOf<Op> ? Op : never }[EndpointName];

// The same, read by code: who can fail with what.
export type Owners = [
  Expect<Equal<OnlyIn<'PASSWORD_RESET_HASH_EXPIRED'>, 'updatePasswordByHash'>>,
  Expect<Equal<OnlyIn<'USER_ALREADY_EXISTS'>, 'register' | 'guestLogin'>>,
  Expect<Equal<OnlyIn<'INVALID_GRANT'>, 'exchangeCode'>>,
  Expect<Equal<OnlyIn<'SUCCESS'>, never>>,
  Expect<
    Equal<
      OnlyIn<'INVALID_TOKEN'>,
      'refresh' | 'updatePassword' | 'validate' | 'listSessions' | 'revoke' | 'logout'
    >
  >,
  Refuse<Has<CodesOf<'login'>, 'INVALID_TOKEN'>>,
  Refuse<Has<CodesOf<'login'>, 'SESSION_ENDED'>>,
  Refuse<Has<CodesOf<'request'>, 'SUCCESS'>>,
  Expect<Has<CodesOf<'validate'>, CodesOf<'refresh'>>>,
];

// Nothing fell back to `any` or widened to `string`.
export type Pins = [
  Refuse<IsAny<CodesOf<Operation>>>,
  Refuse<Equal<CodesOf<'login'>, string>>,
  Refuse<IsAny<AuthErrorOf<CodesOf<'login'>>['code']>>,
  Refuse<IsAny<BuiltInRow['id']>>,
  Refuse<Equal<BuiltInRow['id'], string>>,
  Expect<Equal<keyof typeof EXAMPLES, BuiltInRow['id']>>,
  Expect<Equal<AuthError['kind'], Kind>>,
  Expect<Equal<AuthError['context'], unknown>>,
  Expect<Equal<ReturnType<Secret['reveal']>, string>>,
  Expect<Equal<AuthErrorOf<'TIMEOUT'>['code'], 'TIMEOUT'>>,
];

type LoginError = AuthErrorOf<CodesOf<'login'>>;

/** A switch over every code of an operation needs no default that can be reached. */
export function everyCase(error: LoginError): string {
  switch (error.code) {
    case 'USER_NOT_FOUND':
    case 'USER_DEACTIVATED':
    case 'VALIDATION_FAILED':
      return error.userMessage;
    case 'TOO_MANY_ATTEMPTS':
    case 'CIRCUIT_OPEN':
    case 'QUEUE_FULL':
      return `${error.userMessage} (${error.retryAfter ?? 0} ms)`;
    case 'INVALID_CLIENT':
    case 'INVALID_REQUEST':
    case 'UNAUTHORIZED':
    case 'UNEXPECTED_REDIRECT':
    case 'NOT_MOCKED':
    case 'NOT_FOUND':
    case 'FORBIDDEN':
    case 'CONFLICT':
    case 'REQUEST_REJECTED':
      return 'ours to fix';
    case 'API_EXCEPTION':
    case 'INVALID_RESPONSE':
    case 'UNEXPECTED_ANSWER':
    case 'CONNECTION_FAILED':
    case 'CONNECTION_LOST':
    case 'TIMEOUT':
    case 'DEADLINE_EXCEEDED':
      return 'later';
    case 'ABORTED':
    case 'CLIENT_CLOSED':
      return '';
    default: {
      const none: never = error;
      return none;
    }
  }
}

/** A forgotten case does not compile. */
export function missingCase(
  code: CodesOf<'updatePasswordByHash'> & ('USER_NOT_FOUND' | 'FORBIDDEN'),
): string {
  switch (code) {
    case 'USER_NOT_FOUND':
      return 'unknown';
    default: {
      // @ts-expect-error 'FORBIDDEN' is left over
      const none: never = code;
      return none;
    }
  }
}

export function narrowing(error: LoginError, result: Result<number, LoginError>, caught: unknown): void {
  if (error.code === 'USER_DEACTIVATED') error satisfies AuthError<'USER_DEACTIVATED'>;
  // @ts-expect-error login cannot end with this
  if (error.code === 'PASSWORD_RESET_HASH_EXPIRED') return;
  // @ts-expect-error a success has no error
  result.error;
  // @ts-expect-error a failure has no value
  result.value;
  if (result.ok) result.value satisfies number;
  else result.error.code satisfies CodesOf<'login'>;
  unwrap(result) satisfies number;
  if (isAuthError(caught)) caught.code satisfies FailureCode;
  if (isAuthError(caught, 'TIMEOUT')) caught.code satisfies 'TIMEOUT';
}

/** An error is read, not written. */
export function readOnly(error: AuthError): void {
  // @ts-expect-error the code is read-only
  error.code = 'TIMEOUT';
  // @ts-expect-error the sentence is read-only
  error.userMessage = '';
}

const row = {
  id: 'card-declined',
  when: [{ status: [402] }],
  code: 'CARD_DECLINED',
  reaction: 'fail',
  processed: 'no',
  because: 'The card was declined.',
  proof: 'ours',
} as const;

/** A row of a config may carry a code of its own, but no reaction of its own. */
export const own: FailureRow = row;
// @ts-expect-error there is no such reaction
export const odd: FailureRow = { ...row, reaction: 'panic' };
// @ts-expect-error there is no such status class
export const class3: FailureRow = { ...row, when: [{ status: '3xx' }] };
