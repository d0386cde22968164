// `createBrowserClient()`: the client of a page whose backend is `holdfast/bff`. The session is in a cookie that no script
// can read; what stands for its access token here is good for nothing without it.
import { check, known, optional, type Rule } from '../check-options.js';
import { BFF } from '../contract/bff.js';
import { isRecord } from '../contract/error-body.js';
import { readTokens } from '../contract/success-body.js';
import {
  createAuthClient,
  type AuthClient,
  type AuthClientOptions,
  type OperationCallOptions,
  type OperationError,
  type RequestError,
  type Result,
  type Schema,
  type Session,
} from '../index.js';

/** Options of `createAuthClient()` without those that are the backend's. */
export type BrowserClientOptions<C extends string = never> = Omit<
  AuthClientOptions<C>,
  'credentials' | 'shopId' | 'origins' | 'onTokens' | 'coordinator'
>;

/** What a page may do. `C` are the codes of a config's own failure rows. */
export interface BrowserClient<C extends string = never> extends Omit<
  AuthClient<C>,
  'sendPasswordResetEmail' | 'exchangeCode' | 'resume'
> {
  /** Sends the mail with the reset link, which is the backend's choice. */
  readonly sendPasswordResetEmail: (
    input: { readonly email: string },
    options?: OperationCallOptions,
  ) => Promise<Result<undefined, OperationError<'sendPasswordResetEmail', C>>>;
  /** The session of this browser, as after the page was loaded again; `undefined`: nobody is signed in. */
  readonly session: () => Promise<Result<Session<C> | undefined, RequestError<C>>>;
}

const MAKER = 'createBrowserClient';
const anObject: Rule = optional({ says: 'an object', accepts: isRecord });

/**
 * What differs from the defaults: the backend has repeated a call already. Nor does a page share its budget with anybody, so
 * that the floor of a process of many customers would be a rush, times the number of pages (docs/scale.md).
 */
export const RETRY_OF_A_PAGE = { retries: 1, budget: { floorPerSecond: 0.1, burst: 10 } } as const;

/**
 * A client of a page, without tokens.
 * @param options `baseURL` is where the backend is: `/bff`, or the `basePath` it was given. Of `policies.retry`, `retries` is
 *   1 by default, for the backend has repeated a call already; of its `budget`, `burst` is 10 and `floorPerSecond` is 0.1,
 *   for there are many pages.
 * @throws TypeError naming the first bad option
 */
export function createBrowserClient<const C extends string = never>(
  options: BrowserClientOptions<C>,
): BrowserClient<C> {
  checkSpread(options);
  const { axios, policies } = options;
  const budget = { ...RETRY_OF_A_PAGE.budget, ...policies?.retry?.budget };
  const auth = createAuthClient<C>({
    ...options,
    policies: { ...policies, retry: { ...RETRY_OF_A_PAGE, ...policies?.retry, budget } },
    axios: {
      ...axios,
      headers: Object.fromEntries([...Object.entries(axios?.headers ?? {}), [BFF.header, BFF.headerValue]]),
    },
  });
  let current: Session<C> | undefined;

  /** So that a page which asks who is signed in gets the session that it has. */
  async function kept<E>(beginning: Promise<Result<Session<C>, E>>): Promise<Result<Session<C>, E>> {
    const result = await beginning;
    if (result.ok) current = result.value;
    return result;
  }

  return {
    http: auth.http,
    register: (input, call) => kept(auth.register(input, call)),
    login: (input, call) => kept(auth.login(input, call)),
    guestLogin: (input, call) => kept(auth.guestLogin(input, call)),
    updatePasswordByHash: (input, call) => kept(auth.updatePasswordByHash(input, call)),
    sendPasswordResetEmail: ({ email }, call) =>
      auth.sendPasswordResetEmail({ email, resetUrl: BFF.resetUrl }, call),
    async session() {
      const found = await auth.request({ url: BFF.sessionPath, schema: STAMP });
      if (!found.ok) return found;
      const { value: accessToken } = found;
      if (accessToken === undefined) current = undefined;
      else if (current?.state.status !== 'live' || current.tokens().accessToken !== accessToken)
        current = auth.resume({ accessToken });
      return { ...found, value: current };
    },
    request: auth.request,
    on: auth.on,
    close: auth.close,
  };
}

/** What is laid over something here is checked here: whatever has no fields would be gone, and nobody would say so. */
function checkSpread(options: BrowserClientOptions<string>): void {
  const given: Partial<BrowserClientOptions<string>> = isRecord(options) ? options : {};
  const { axios, policies } = given;
  known(MAKER, options, Object.keys(given));
  check(MAKER, 'policies', policies, anObject);
  check(MAKER, 'policies.retry', policies?.retry, anObject);
  check(MAKER, 'axios', axios, anObject);
  check(MAKER, 'axios.headers', axios?.headers, anObject);
}

/** A token response, or nothing; a page in its place says that `baseURL` leads elsewhere. */
const STAMP: Schema<string | undefined> = {
  '~standard': {
    version: 1,
    vendor: 'holdfast',
    validate(value) {
      if (value === '' || value === null || value === undefined) return { value: undefined };
      const tokens = readTokens(value)?.value;
      return tokens
        ? { value: tokens.accessToken.reveal() }
        : { issues: [{ message: 'This is no answer of holdfast/bff: check baseURL.' }] };
    },
  },
};
