// Answers to the browser: JSON that nobody stores or guesses the type of.
import type { ErrorBody } from '../contract/answer.js';
import type { Kind } from '../contract/codes.js';
import { EXAMPLES } from '../contract/examples.js';
import type { AuthError, SessionInfo } from '../index.js';
import type { Refusal } from './refusals.js';

const SAFE = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  // Should a page ever be answered here, it can do nothing.
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
  'cross-origin-resource-policy': 'same-origin',
} as const;

type Fields = Readonly<Record<string, string>>;

/** Bytes as they are; none where the status has no body. */
export function answer(status: number, body: BodyInit | null = null, headers: Fields = {}): Response {
  const bare = status === 204 || status === 205 || status === 304;
  return new Response(bare ? null : body, { status, headers: { ...headers, ...SAFE } });
}

export function answerJson(status: number, body: unknown, headers: Fields = {}): Response {
  return answer(status, JSON.stringify(body), { ...headers, 'content-type': 'application/json' });
}

export function answerRefusal({ status, key, message, headers, details = [] }: Refusal): Response {
  return answerJson(status, bodyOf({ key, message, details }), headers);
}

/** Nobody is signed in, or the request speaks of another session than its cookie: the browser's session is over. */
export function answerNoSession(): Response {
  const { status, body } = EXAMPLES['invalid-token'];
  return answerJson(status, body);
}

/** Where the API gave no answer of its own that could be passed on. */
const WITHOUT_ANSWER: Readonly<Partial<Record<Kind, number>>> = {
  'rate-limit': 429,
  unavailable: 503,
  unreachable: 503,
  interrupted: 503,
  aborted: 503,
  closed: 503,
  timeout: 504,
  deadline: 504,
};

/** Asks for credentials of no known kind: a 401 that says nothing about the session, and opens no dialogue. */
const CHALLENGE = { 'www-authenticate': 'Backend' } as const;

/**
 * A failure in the words of the API, so that the browser's client finds the row of the failure table that the backend
 * found: the status that came, or one that says as much.
 * @param live the call was made for a session, and that goes on
 */
export function answerFailure(error: AuthError<string>, live: boolean): Response {
  const { code, kind, status, retryAfter } = error;
  const wait: Fields =
    retryAfter === undefined ? {} : { 'retry-after': String(Math.max(0, Math.ceil(retryAfter / 1_000))) };
  if (code === 'INVALID_CLIENT') {
    const { status: refused, body } = EXAMPLES['invalid-client'];
    return answerJson(refused, bodyOf({ key: body.error, message: error.userMessage, details: [] }));
  }
  const answered = status !== undefined && status >= 400 && status <= 599;
  if (!answered) {
    const { userMessage: message } = error; // what happened between here and the API is nobody's business there
    return answerJson(WITHOUT_ANSWER[kind] ?? 502, bodyOf({ key: code, message, details: [] }), wait);
  }
  if (status === 401 && live) {
    // The keyless body makes it a challenge of something else than the API: the session is kept there too.
    return answerJson(status, bodyOf({ message: error.userMessage, details: [] }), CHALLENGE);
  }
  // What a server says of its own trouble is for its makers.
  const told = status < 500 ? error : { key: error.key, message: error.userMessage, details: [] };
  return answerJson(status, bodyOf(told), wait);
}

/** The fields of an error body; `undefined` is as good as absent. */
type Told = { readonly [K in keyof ErrorBody]: ErrorBody[K] | undefined };

/** The error body of the contract, as `readErrorBody()` reads it. */
function bodyOf({ key, message, description, hint, context, details }: Told): Record<string, unknown> {
  return {
    error: key,
    message,
    error_description: description,
    hint,
    context: context ?? null,
    ...(details && details.length > 0 && { errors: details }),
  };
}

/** The list of sessions, as `readSessions()` reads it. */
export function answerSessions(sessions: readonly SessionInfo[]): Response {
  const rows = sessions.map(({ id, ip, userAgent, createdAt, updatedAt, expiresAt }) => ({
    id,
    ip,
    user_agent: userAgent,
    created_at: createdAt,
    updated_at: updatedAt,
    expires_at: expiresAt,
  }));
  return answerJson(200, rows);
}
