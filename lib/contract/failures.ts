// The failure table: the one source of everything said about an answer. `classify()`, the error types, the sandbox,
// docs/errors.md and the tests read it. First match wins; the last row matches everything.
import { FINAL } from './rows/final.js';
import { NO_ANSWER } from './rows/no-answer.js';
import { TROUBLE } from './rows/trouble.js';
import { UNAUTHORIZED } from './rows/unauthorized.js';

export const FAILURES = [...NO_ANSWER, ...UNAUTHORIZED, ...FINAL, ...TROUBLE] as const;

/** Any of the built-in rows. */
export type BuiltInRow = (typeof FAILURES)[number];
