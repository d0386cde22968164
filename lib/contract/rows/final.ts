// Rows of the failure table for answers that speak of the customer or of the request.
import type { BuiltIn } from '../failure-row.js';

export const FINAL = [
  // Terminal domain answers: never repeated, never refreshed.
  {
    id: 'user-deactivated',
    when: [{ status: [403], key: ['user_deactivated'] }],
    code: 'USER_DEACTIVATED',
    reaction: 'fail',
    processed: 'no',
    because: 'The account was blocked or deactivated.',
    proof: 'documented',
  },
  {
    id: 'forbidden',
    when: [{ status: [403] }],
    code: 'FORBIDDEN',
    reaction: 'fail',
    processed: 'no',
    because:
      'Only the key says that an account is deactivated; without it the caller or its address is blocked.',
    proof: 'inferred',
  },
  {
    id: 'user-not-found',
    when: [
      {
        status: [404],
        key: ['user_not_found'],
        operation: [
          'login',
          'guestLogin',
          'sendPasswordResetEmail',
          'updatePasswordByHash',
          'updatePassword',
          'request',
        ],
      },
      { status: [400], key: ['invalid_grant'], operation: ['login'] }, // the password grant of OAuth 2.0
    ],
    code: 'USER_NOT_FOUND',
    reaction: 'fail',
    processed: 'no',
    because: 'No user matches the given details; a wrong password answers the same.',
    proof: 'documented',
  },
  {
    id: 'not-found',
    when: [{ status: [404] }],
    code: 'NOT_FOUND',
    reaction: 'fail',
    processed: 'no',
    because: 'Without its key a 404 does not speak of a user: check baseURL and path.',
    proof: 'inferred',
  },
  {
    id: 'password-reset-hash-expired',
    when: [
      { status: [406], operation: ['updatePasswordByHash'] },
      { status: [406], key: ['password_reset_hash_expired'], operation: ['request'] },
    ],
    code: 'PASSWORD_RESET_HASH_EXPIRED',
    reaction: 'fail',
    processed: 'no',
    alsoAfterSuccess: true,
    because: 'The reset hash has expired or was used.',
    proof: 'documented',
  },
  {
    id: 'user-already-exists',
    when: [
      { status: [409], operation: ['register', 'guestLogin'] },
      { status: [409], key: ['user_already_exists'], operation: ['request'] },
    ],
    code: 'USER_ALREADY_EXISTS',
    reaction: 'fail',
    processed: 'no',
    alsoAfterSuccess: true,
    because: 'The e-mail address belongs to an account.',
    proof: 'documented',
  },
  {
    id: 'conflict',
    when: [{ status: [409] }],
    code: 'CONFLICT',
    reaction: 'fail',
    processed: 'no',
    because: 'The call conflicts with the state of the server.',
    proof: 'inferred',
  },

  // Rate limit.
  {
    id: 'too-many-attempts',
    when: [{ status: [429] }],
    code: 'TOO_MANY_ATTEMPTS',
    reaction: 'cooldown',
    processed: 'no',
    because: 'The server limits how often this may be called.',
    proof: 'documented',
  },

  // Validation.
  {
    id: 'validation-failed',
    when: [{ status: [422] }, { status: [400], key: ['validation_error'] }, { status: [400], details: true }],
    code: 'VALIDATION_FAILED',
    reaction: 'fail',
    processed: 'no',
    because: 'The server named fields that are missing or not valid.',
    proof: 'documented',
  },
  {
    id: 'invalid-request',
    when: [{ status: [400] }],
    code: 'INVALID_REQUEST',
    reaction: 'fail',
    processed: 'no',
    because: 'The server could not make sense of the request: a parameter is missing or malformed.',
    proof: 'documented',
  },
] as const satisfies readonly BuiltIn[];
