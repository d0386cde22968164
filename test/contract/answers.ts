// Answers for the tests of the contract: read from an example, written by hand, or made up by fast-check.
import fc from 'fast-check';
import type { Answer, ErrorBody } from '../../lib/contract/answer.js';
import { ENDPOINTS, type AuthMode, type Operation } from '../../lib/contract/endpoints.js';
import { challengeOf } from '../../lib/contract/challenge.js';
import { readErrorBody } from '../../lib/contract/error-body.js';
import type { Example } from '../../lib/contract/examples.js';
import { FAILURES } from '../../lib/contract/failures.js';
import type { FailureRow, When } from '../../lib/contract/failure-row.js';

export const OPERATIONS = [...Object.keys(ENDPOINTS), 'request'] as readonly Operation[];
export const AUTH_MODES: readonly AuthMode[] = ['basic', 'bearer', 'none'];
export const ROWS: readonly FailureRow[] = FAILURES;

const WAYS: readonly When[] = ROWS.flatMap((row) => row.when);

/** Every value that some row waits for, so that made-up answers come near the rows. */
const known = <T>(of: (when: When) => readonly T[] | undefined): readonly T[] => [
  ...new Set(WAYS.flatMap((when) => of(when) ?? [])),
];

export const KEYS = known((when) => when.key);
export const HINTS = known((when) => when.hint);
const CAUSES = known((when) => when.cause);

/** The answer that an example describes, read as the wire would read it. */
export const answerOf = (example: Example): Answer => {
  const body = readErrorBody(example.body);
  return { ...example, body, challenge: challengeOf(example.headers?.['www-authenticate'], body) };
};

/** An answer from the fields that matter to a test. */
export const answer = (
  operation: Operation,
  auth: AuthMode,
  status: number | undefined,
  body: Partial<ErrorBody> = {},
): Answer => ({ operation, auth, ...(status !== undefined && { status }), body: { details: [], ...body } });

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const anyBody: fc.Arbitrary<ErrorBody> = fc.record({
  key: maybe(fc.oneof(fc.constantFrom(...KEYS), fc.string())),
  hint: maybe(fc.oneof(fc.constantFrom(...HINTS), fc.string())),
  details: fc.array(fc.record({ message: fc.string() }), { maxLength: 2 }),
});

/** Any answer at all: usual statuses and causes, absurd ones, and both at once. */
export const anyAnswer: fc.Arbitrary<Answer> = fc.record({
  operation: fc.constantFrom(...OPERATIONS),
  auth: fc.constantFrom(...AUTH_MODES),
  status: maybe(fc.oneof(fc.integer({ min: 100, max: 599 }), fc.integer(), fc.double())),
  cause: fc.option(fc.constantFrom(...CAUSES), { nil: undefined, freq: 1 }),
  challenge: maybe(fc.constant('foreign' as const)),
  body: anyBody,
});
