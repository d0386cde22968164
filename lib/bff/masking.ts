// Answers that do not tell who has an account.
import type { AuthError } from '../index.js';
import { answer, answerFailure, answerJson } from './answers.js';
import { EXAMPLES } from '../contract/examples.js';
import type { OpenOperation } from './routes.js';

type Say = (error: AuthError<string>) => Response;

/** The refusal of details that are not valid, without saying which. */
const notValid: Say = () => {
  const { status, body } = EXAMPLES['validation-failed'];
  return answerJson(status, { message: body.message });
};

const linkIsUsed: Say = () => {
  const { status, body } = EXAMPLES['password-reset-hash-expired'];
  return answerJson(status, body);
};

/** By operation and code: what is said in place of the truth. `login` needs none: a wrong password answers the same. */
const MASKS: Readonly<Partial<Record<OpenOperation, Readonly<Record<string, Say>>>>> = {
  register: { USER_ALREADY_EXISTS: notValid },
  guestLogin: { USER_ALREADY_EXISTS: notValid, USER_DEACTIVATED: notValid },
  sendPasswordResetEmail: { USER_NOT_FOUND: () => answer(204), USER_DEACTIVATED: () => answer(204) },
  updatePasswordByHash: { USER_NOT_FOUND: linkIsUsed, USER_DEACTIVATED: linkIsUsed },
};

/** The answer to a failed operation; masked where accounts are. */
export function answerOpenFailure(
  operation: OpenOperation,
  error: AuthError<string>,
  masked: boolean,
): Response {
  const row = MASKS[operation];
  const mask = masked && row && Object.hasOwn(row, error.code) ? row[error.code] : undefined;
  return mask ? mask(error) : answerFailure(error, false);
}
