// Tests of the public types, as a user of the package meets them: `tsc` runs them, nothing runs at run time.
import type { AxiosInstance } from 'axios';
import {
  asResult,
  createAuthClient,
  createHttpClient,
  isAuthError,
  unwrap,
  type AuthClient,
  type AuthError,
  type AuthErrorOf,
  type BodyFactory,
  type CodesOf,
  type EndpointName,
  type EventMap,
  type FailureCode,
  type FailureRow,
  type HttpClient,
  type LoginError,
  type OperationError,
  type RequestOptions,
  type Result,
  type Schema,
  type Session,
  type SessionInfo,
  type SessionState,
  type Tokens,
} from '../../lib/index.js';

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- two generic functions compare exactly
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type IsAny<T> = 0 extends 1 & T ? true : false;
type Has<Union, Member> = [Member] extends [Union] ? true : false;
type Expect<T extends true> = T;
type Refuse<T extends false> = T;

/** What a call ends with, by the name of the method. */
type Ending<Owner, Method extends keyof Owner> = Owner[Method] extends (...args: never[]) => Promise<infer R>
  ? R
  : never;
type ErrorOf<R> = R extends { readonly ok: false; readonly error: infer E } ? E : never;
type CodeOf<R> = ErrorOf<R> extends { readonly code: infer C } ? C : never;
type ValueOf<R> = R extends { readonly ok: true; readonly value: infer V } ? V : never;

declare const auth: AuthClient;
declare const session: Session;

// --- Unions: exactly those of the contract, for every operation of both handles. -----------------------------------
type Unions = {
  [Op in Extract<EndpointName, keyof AuthClient>]: Equal<CodeOf<Ending<AuthClient, Op>>, CodesOf<Op>>;
} & {
  [Op in Exclude<Extract<EndpointName, keyof Session>, 'refresh'>]: Equal<
    CodeOf<Ending<Session, Op>>,
    CodesOf<Op>
  >;
};
export type EveryUnionIsKnown = Expect<Equal<Unions[keyof Unions], true>>;

export type Login = [
  Expect<Equal<ErrorOf<Ending<AuthClient, 'login'>>, LoginError>>,
  Expect<Equal<LoginError, OperationError<'login'>>>,
  Expect<Has<LoginError['code'], 'USER_NOT_FOUND' | 'USER_DEACTIVATED' | 'TOO_MANY_ATTEMPTS'>>,
  Refuse<Has<LoginError['code'], 'USER_ALREADY_EXISTS'>>,
  Expect<Has<CodeOf<Ending<Session, 'refresh'>>, CodesOf<'refresh'> | 'SESSION_ENDED'>>,
  Refuse<Equal<LoginError['code'], string>>,
];

// --- Values, and no `any` among them. -------------------------------------------------------------------------------
export type Values = [
  Expect<Equal<ValueOf<Ending<AuthClient, 'register' | 'login' | 'guestLogin'>>, Session>>,
  Expect<Equal<ValueOf<Ending<AuthClient, 'updatePasswordByHash' | 'exchangeCode'>>, Session>>,
  Expect<Equal<ValueOf<Ending<AuthClient, 'sendPasswordResetEmail'>>, undefined>>,
  Expect<
    Equal<
      ValueOf<Ending<Session, 'refresh' | 'validate' | 'updatePassword' | 'revoke' | 'logout'>>,
      undefined
    >
  >,
  Expect<Equal<ValueOf<Ending<Session, 'listSessions'>>, SessionInfo[]>>,
  Expect<Equal<Ending<Session, 'accessToken'>, string>>,
  Expect<Equal<ReturnType<Session['tokens']>, Tokens>>,
  Expect<Equal<ReturnType<AuthClient['resume']>, Session>>,
  Expect<Equal<Session['state'], SessionState>>,
  Expect<Equal<(AuthClient | Session)['http'], AxiosInstance>>,
  Expect<Has<AxiosInstance, HttpClient>>,
];

type IsAnyIn<T> = { [K in keyof T]-?: IsAny<T[K]> }[keyof T];
interface Anys {
  readonly error: IsAnyIn<AuthError>;
  readonly tokens: IsAnyIn<Tokens>;
  readonly info: IsAnyIn<SessionInfo>;
  readonly state: IsAnyIn<SessionState>;
  readonly session: IsAnyIn<Session>;
  readonly client: IsAnyIn<AuthClient>;
  readonly wishes: IsAnyIn<RequestOptions>;
  readonly failures: IsAny<ErrorOf<Ending<AuthClient, keyof AuthClient & EndpointName>>>;
  readonly values: IsAny<ValueOf<Ending<Session, keyof Session & EndpointName>>>;
  readonly events: { [E in keyof EventMap]: IsAnyIn<EventMap[E]> }[keyof EventMap];
}
export type NoAny = Refuse<Anys[keyof Anys]>;

// --- What a caller writes. ------------------------------------------------------------------------------------------
export async function narrowing(): Promise<void> {
  const login = await auth.login({ email: '', password: '' });
  // @ts-expect-error a result has no value before it is looked at
  login.value;
  if (login.ok) {
    login.value satisfies Session;
    login.attempts satisfies number;
    // @ts-expect-error a success has no error
    login.error;
    return;
  }
  login.error.code satisfies CodesOf<'login'>;
  if (login.error.code === 'TOO_MANY_ATTEMPTS') login.error satisfies AuthError<'TOO_MANY_ATTEMPTS'>;
  // @ts-expect-error login cannot end with this
  if (login.error.code === 'PASSWORD_RESET_HASH_EXPIRED') return;
  // @ts-expect-error a failure has no value
  login.value;
}

/** Every code of a login; the default cannot be reached. */
export function exhaustive(error: LoginError): string {
  switch (error.code) {
    case 'USER_NOT_FOUND':
    case 'USER_DEACTIVATED':
    case 'VALIDATION_FAILED':
    case 'TOO_MANY_ATTEMPTS':
    case 'CIRCUIT_OPEN':
    case 'QUEUE_FULL':
      return error.userMessage;
    case 'API_EXCEPTION':
    case 'CONNECTION_FAILED':
    case 'CONNECTION_LOST':
    case 'TIMEOUT':
    case 'DEADLINE_EXCEEDED':
    case 'INVALID_RESPONSE':
    case 'UNEXPECTED_ANSWER':
      return 'later';
    case 'ABORTED':
    case 'CLIENT_CLOSED':
      return '';
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
    default: {
      const none: never = error;
      return none;
    }
  }
}

/** A forgotten one is left over. */
export function forgotten(error: AuthErrorOf<'TIMEOUT' | 'ABORTED'>): never {
  if (error.code === 'ABORTED') throw error;
  // @ts-expect-error 'TIMEOUT' was forgotten
  const none: never = error;
  return none;
}

/** What a customer may do needs a session; what the application may do does not hang on one. */
export type Handles = [
  // A bearer operation needs a session ...
  Expect<Equal<Extract<keyof AuthClient, keyof Session>, 'http' | 'on' | 'request'>>,
  // ... and a session does nothing in the name of the application.
  Refuse<Has<keyof Session, 'login'>>,
];

export function handles(): void {
  // @ts-expect-error a bearer operation needs a session
  auth.validate;
  // @ts-expect-error the state is read, not written
  session.state = { status: 'live', version: 1 };
}

export function inputs(): void {
  void auth.register({ firstName: '', lastName: '', email: '', gender: 'n', password: '' });
  // @ts-expect-error a field is missing
  void auth.register({ firstName: '', lastName: '', email: '', gender: 'n' });
  // @ts-expect-error there is no such gender
  void auth.register({ firstName: '', lastName: '', email: '', gender: 'x', password: '' });
  // @ts-expect-error tokens need an access token
  void auth.resume({ refreshToken: '' });
  void auth.exchangeCode({ code: '' }, { deadline: 1, priority: 1, signal: AbortSignal.abort() });
  // @ts-expect-error how often a login is repeated is its row's business
  void auth.login({ email: '', password: '' }, { retry: false });
}

export function requestOptions(): void {
  const http = createHttpClient({ baseURL: 'https://api.example.com' });
  void http.get('/orders', { holdfast: { retry: { retries: 2 }, bucket: 'x', priority: 1, deadline: 5 } });
  void session.http.post('/orders', {}, { holdfast: { retry: false, idempotencyKey: true } });
  // @ts-expect-error there is no such wish
  void http.get('/orders', { holdfast: { retries: 2 } });
  // @ts-expect-error `true` is no number of repeats
  void http.get('/orders', { holdfast: { retry: true } });
  http.on('retry', ({ afterMs }) => void (afterMs satisfies number).toFixed());
  // @ts-expect-error there is no such event
  http.on('retried', () => undefined);
}

export function clientOptions(): void {
  const credentials = { clientId: '', clientSecret: '' };
  createAuthClient({ baseURL: '', credentials, shopId: 1, policies: { timeout: { attempt: 1 } } });
  createAuthClient({ baseURL: '', endpoints: { refresh: { path: '/token', encoding: 'form' } } });
  createAuthClient({ baseURL: '', endpoints: { logout: { auth: 'basic' } } });
  // @ts-expect-error an address is needed
  createAuthClient({ credentials });
  // @ts-expect-error both halves are needed
  createAuthClient({ baseURL: '', credentials: { clientId: '' } });
  // @ts-expect-error there is no such option
  createAuthClient({ baseURL: '', retries: 3 });
  // @ts-expect-error there is no such policy
  createAuthClient({ baseURL: '', policies: { retry: { attempts: 3 } } });
  // @ts-expect-error what an operation carries is fixed
  createAuthClient({ baseURL: '', endpoints: { login: { auth: 'bearer' } } });
  // @ts-expect-error credentials are no matter of a plain client
  createHttpClient({ baseURL: '', credentials });
}

// --- Codes of a config's own rows. ----------------------------------------------------------------------------------
const final = { reaction: 'fail', processed: 'no', because: 'So says our API.', proof: 'ours' } as const;
export const own = createAuthClient({
  baseURL: 'https://api.example.com',
  failures: [
    { id: 'card-declined', when: [{ status: [402] }], code: 'CARD_DECLINED', ...final },
    { id: 'locked', when: [{ status: [423] }], code: 'LOCKED', ...final },
  ],
});
type Own = 'CARD_DECLINED' | 'LOCKED';
type OwnSession = ReturnType<(typeof own)['resume']>;

export type OwnCodes = [
  Expect<Equal<typeof own, AuthClient<Own>>>,
  Expect<Equal<CodeOf<Ending<typeof own, 'login'>>, CodesOf<'login'> | Own>>,
  Expect<Equal<CodeOf<Ending<OwnSession, 'validate'>>, CodesOf<'validate'> | Own>>,
  Expect<Equal<ValueOf<Ending<typeof own, 'login'>>, Session<Own>>>,
  Expect<Has<CodeOf<Ending<OwnSession, 'refresh'>>, Own>>,
  Refuse<Has<CodeOf<Ending<AuthClient, 'login'>>, 'LOCKED'>>,
  Expect<Has<FailureRow, FailureRow<Own>>>,
];

export function ownCodes(login: Ending<typeof own, 'login'>): void {
  if (login.ok) return;
  if (login.error.code === 'CARD_DECLINED') login.error satisfies AuthError<'CARD_DECLINED'>;
  // @ts-expect-error no row has this code
  if (login.error.code === 'CARD_EXPIRED') return;
}

// --- Schemas, results, caught errors. -------------------------------------------------------------------------------
interface Order {
  readonly id: number;
}
declare const orders: Schema<Order[]>;

/** A schema as other libraries type it, input and all. */
declare const foreign: {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (
      value: unknown,
    ) => { readonly value: Order } | { readonly issues: readonly { readonly message: string }[] };
    readonly types?: { readonly input: string; readonly output: Order } | undefined;
  };
};

export async function schemas(): Promise<void> {
  const result = await session.request({ url: '/orders', schema: orders });
  if (result.ok) result.value satisfies Order[];
  else result.error.code satisfies FailureCode;
  const one = await auth.request({ url: '/orders/1', schema: foreign, holdfast: { deadline: 1 } });
  if (one.ok) one.value satisfies Order;
  // @ts-expect-error a schema is what it is for
  await session.request({ url: '/orders' });
  // @ts-expect-error this is no schema
  await session.request({ url: '/orders', schema: { parse: () => 1 } });
}
type Requested = Awaited<ReturnType<typeof session.request<Order[]>>>;
export type RequestPins = [
  Expect<Equal<ValueOf<Requested>, Order[]>>,
  Expect<Equal<ErrorOf<Requested>, AuthErrorOf<FailureCode>>>,
];

export async function caught(error: unknown, result: Result<number, LoginError>): Promise<void> {
  unwrap(result) satisfies number;
  const response = await asResult(session.http.get<Order>('/orders/1'));
  if (response.ok) response.value.data satisfies Order;
  else response.error.code satisfies FailureCode;
  if (isAuthError(error)) error.code satisfies FailureCode;
  if (isAuthError(error, 'TIMEOUT')) error.code satisfies 'TIMEOUT';
  // @ts-expect-error anything may be thrown
  error.code;
}

// --- Bodies: a function for each attempt, wherever axios takes a body. ----------------------------------------------
declare const http: HttpClient;
declare const bytes: () => Promise<Uint8Array>;
export const factory: BodyFactory = bytes;
export const uploads = [
  http.put('/files/1', () => new ReadableStream()),
  http.post<{ id: number }>('/files', async () => ({ size: (await bytes()).length })),
  http.request({ method: 'put', url: '/files/1', data: factory }),
];
