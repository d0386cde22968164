// Checks what a 2xx carries before anyone relies on it: a captive portal answers 200 too.
import { isRecord } from './error-body.js';
import { Secret } from './secret.js';

/** A token response, checked. */
export interface TokenSet {
  readonly accessToken: Secret;
  /** Absent where the server keeps the old one. */
  readonly refreshToken?: Secret;
  /** Lifetime of the access token from the moment of the answer, ms, if the server said it. */
  readonly expiresIn?: number;
}

/** One login of the customer, as the API lists it. */
export interface SessionInfo {
  /** Equals the `jti` of its access token; the id for `revoke()`. */
  readonly id: string;
  /** The address that the login came from, if the API tells it. */
  readonly ip?: string;
  /** The browser or app that logged in, as it named itself. */
  readonly userAgent?: string;
  /** When the login was; absent where the API sends no date that can be read, like the next two. */
  readonly createdAt?: Date;
  /** When the API last changed it. */
  readonly updatedAt?: Date;
  /** When the login ends by itself. */
  readonly expiresAt?: Date;
}

/** What was read, or `undefined` where the body is not what was promised. */
export type Read<T> = { readonly value: T } | undefined;

/** A body that does not matter; but a web page is not the answer of an API. */
export function readNothing(data: unknown): Read<undefined> {
  return typeof data === 'string' && data.trimStart().startsWith('<') ? undefined : { value: undefined };
}

/** Reads a token response (RFC 6749 section 5.1). */
export function readTokens(data: unknown): Read<TokenSet> {
  if (!isRecord(data) || !isText(data.access_token)) return undefined;
  if (isText(data.token_type) && data.token_type.toLowerCase() !== 'bearer') return undefined;
  const seconds = secondsOf(data.expires_in);
  const tokens = {
    accessToken: new Secret(data.access_token),
    ...(isText(data.refresh_token) && { refreshToken: new Secret(data.refresh_token) }),
    ...(seconds !== undefined && { expiresIn: seconds * 1_000 }),
  };
  return { value: tokens };
}

/** A number or its text. An object is none: converting it could throw. */
function secondsOf(value: unknown): number | undefined {
  const seconds = typeof value === 'number' || isText(value) ? Number(value) : NaN;
  return seconds > 0 && Number.isFinite(seconds) ? seconds : undefined;
}

/** Reads the list of sessions. */
export function readSessions(data: unknown): Read<SessionInfo[]> {
  if (!Array.isArray(data) || !data.every((item) => isRecord(item) && isText(item.id))) return undefined;
  const sessions = data.map((item: Record<string, unknown>) => ({
    id: String(item.id),
    ...(isText(item.ip) && { ip: item.ip }),
    ...(isText(item.user_agent) && { userAgent: item.user_agent }),
    ...withDate('createdAt', item.created_at),
    ...withDate('updatedAt', item.updated_at),
    ...withDate('expiresAt', item.expires_at),
  }));
  return { value: sessions };
}

/** The API writes two formats into one object: `YYYY-MM-DD HH:MM:SS`, taken as UTC, and ISO 8601. */
function withDate<K extends string>(name: K, value: unknown): { [P in K]?: Date } {
  if (!isText(value)) return {};
  const date = new Date(
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(value) ? `${value.replace(' ', 'T')}Z` : value,
  );
  return Number.isNaN(date.getTime()) ? {} : ({ [name]: date } as { [P in K]?: Date });
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
