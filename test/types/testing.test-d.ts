// The types of holdfast/testing: what an operation cannot get does not compile.
import { createAuthClient, createHttpClient, type Policies } from '../../lib/index.js';
import {
  describePolicies,
  type Call,
  type MockableCode,
  type MockedApi,
  type SentSecret,
  type Step,
  type VirtualTime,
} from '../../lib/testing/index.js';

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- two generic functions compare exactly
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Expect<T extends true> = T;

declare const api: MockedApi;
type PlainPolicies = Omit<Policies, 'refresh'>;

declare const time: VirtualTime;

export function outcomes(): void {
  api.login.fails('USER_DEACTIVATED').then.rateLimited({ retryAfter: 2 }).then.succeeds();
  api.login.fails('gateway').times(2).then.delays(5).hangs();
  api.register.fails('VALIDATION_FAILED', { errors: { email: ['No.'] } });
  api.refresh.rotates().then.fails('INVALID_TOKEN');
  api.route('GET', '/orders').fails('CONFLICT').always();
  api.anything.rateLimited().then.succeeds();
  // @ts-expect-error a login finds no account that is there already
  api.login.fails('USER_ALREADY_EXISTS');
  // @ts-expect-error a registration reads every 409 as an account that is there already
  api.register.fails('CONFLICT');
  // @ts-expect-error a logout takes a dead token for done
  api.logout.fails('INVALID_TOKEN');
  // @ts-expect-error this is decided by the client
  api.login.fails('ABORTED');
  // @ts-expect-error a row of the table, but none that a login can get
  api.login.fails('dead-refresh-token');
  // @ts-expect-error success is no failure
  api.login.fails('SUCCESS');
}

/** What is not there. */
export type Absent = [
  // @ts-expect-error only a refresh rotates
  MockedApi['login']['rotates'],
  // @ts-expect-error nothing comes after always
  ReturnType<Step<'login'>['always']>['then'],
  // @ts-expect-error there is no such operation
  MockedApi['signIn'],
  // @ts-expect-error a client without sessions refreshes nothing
  PlainPolicies['refresh'],
  // @ts-expect-error a login sends no code
  Call<'login'>['body']['code'],
];

export function successes(): void {
  api.login.succeeds({ expires_in: 60 });
  api.listSessions.succeeds([{ id: '1', ip: '203.0.113.7' }]);
  api.route('GET', '/orders').succeeds(['an order']);
  // @ts-expect-error a token response has no such field
  api.login.succeeds({ expiresIn: 60 });
  // @ts-expect-error a session has an id
  api.listSessions.succeeds([{ ip: '203.0.113.7' }]);
}

export function calls(): void {
  const [login] = api.login.calls;
  if (!login) return;
  login satisfies Call<'login'>;
  login.body.password.matches('x') satisfies boolean;
  login.headers.authorization satisfies SentSecret | undefined;
  // @ts-expect-error a secret is no text
  login.body.password satisfies string;
}

export async function policies(): Promise<void> {
  describePolicies(createAuthClient({ baseURL: '' })) satisfies Policies;
  const plain: PlainPolicies = describePolicies(createHttpClient({ baseURL: '' }));
  plain.retry.retries satisfies number;
  // @ts-expect-error this is no client
  describePolicies(api);
  (await time.until(Promise.resolve(1))) satisfies number;
}

export type Pins = [
  Expect<Equal<ReturnType<typeof api.refresh.rotates>, Step<'refresh'>>>,
  Expect<
    Equal<
      Extract<MockableCode<'exchangeCode'>, `INVALID_${string}`>,
      'INVALID_CLIENT' | 'INVALID_GRANT' | 'INVALID_REQUEST' | 'INVALID_RESPONSE'
    >
  >,
  Expect<
    Equal<Extract<MockableCode<'updatePasswordByHash'>, `PASSWORD_${string}`>, 'PASSWORD_RESET_HASH_EXPIRED'>
  >,
];
