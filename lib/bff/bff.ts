// `createBff()`: a backend for browsers as one handler of the Fetch API. Tokens stay here; the browser has a cookie that
// scripts cannot read, and speaks the contract of the API.
import { ENDPOINTS } from '../contract/endpoints.js';
import {
  createAuthClient,
  type AuthClient,
  type AuthError,
  type OperationCallOptions,
  type Result,
  type ResumeError,
  type Session,
  type SessionInfo,
} from '../index.js';
import {
  answer,
  answerFailure,
  answerJson,
  answerNoSession,
  answerRefusal,
  answerSessions,
} from './answers.js';
import { takeInput } from './body.js';
import { createCookies, type Ticket } from './cookies.js';
import { customerOf } from './customer.js';
import { evidenceAgainst } from './evidence.js';
import { answerOpenFailure } from './masking.js';
import { resolveOptions, type BffOptions, type Connection } from './options.js';
import { below, isTricky } from './paths.js';
import { callResource } from './proxy.js';
import { REFUSALS } from './refusals.js';
import { createRouter, type Beginning, type OpenOperation, type OwnOperation, type Route } from './routes.js';

/** A backend for browsers. */
export interface Bff {
  /** Everything is below this path. */
  readonly basePath: string;
  /**
   * Answers a request of a browser. Never rejects.
   * @param connection what the server knows of the connection; adapters fill it in
   */
  readonly fetch: (request: Request, connection?: Connection) => Promise<Response>;
  /**
   * The session of a request, for routes of your own, such as pages made on the server. It goes by the cookie alone:
   * a route that changes something has to make sure itself that a page of yours asks.
   * @returns `undefined` as value where nobody is signed in
   */
  readonly session: (request: Request) => Promise<Result<Session<string> | undefined, ResumeError<string>>>;
  /** The client that speaks to the API. */
  readonly auth: AuthClient<string>;
  /** Closes the client; the coordinator is yours. */
  readonly close: () => void;
}

/** How long a login waits for the session before it to be ended at the API, ms. */
const FAREWELL = 2_000;

/**
 * Makes a backend for browsers.
 * @throws TypeError naming the first bad option
 */
export function createBff(options: BffOptions): Bff {
  const settings = resolveOptions(options);
  const { basePath, maskAccounts = false, maxBody } = settings;
  const { shopId, origins = [] } = settings.auth;
  const cookies = createCookies(shopId, settings.cookie);
  const route = createRouter(settings);
  const targets = settings.resources.map(({ target }) => new URL(target).origin);
  const auth: AuthClient<string> = createAuthClient({
    ...settings.auth,
    origins: [...new Set([...origins, ...targets])],
  });
  const fixed = { shopId, resetUrl: settings.resetUrl };

  async function sessionOf(ticket: Ticket | undefined) {
    return ticket
      ? auth.resume(ticket.key)
      : ({ ok: true, value: undefined, status: 200, attempts: 0 } as const);
  }

  /** Who begins a session gets a new cookie: one that came with the request is never taken over. */
  async function begin(
    request: Request,
    operation: Beginning,
    input: Readonly<Record<string, string>>,
    call: OperationCallOptions,
  ): Promise<Response> {
    const [ticket, before] = await Promise.all([cookies.fresh(), cookies.read(request)]);
    const perform = auth[operation] as (
      input: object,
      call: OperationCallOptions & { readonly key: string },
    ) => Promise<Result<Session<string>, AuthError<string>>>;
    const result = await perform(input, { ...call, key: ticket.key });
    if (!result.ok) return answerOpenFailure(operation, result.error, maskAccounts);
    const old = await sessionOf(before);
    if (old.ok) await old.value?.logout({ ...call, deadline: FAREWELL });
    return answerJson(200, tokenOf(ticket), { 'set-cookie': cookies.set(ticket) });
  }

  async function open(request: Request, operation: OpenOperation, call: OperationCallOptions) {
    const taken = await takeInput(request, ENDPOINTS[operation], fixed, maxBody);
    if ('refusal' in taken) return answerRefusal(taken.refusal);
    if (operation !== 'sendPasswordResetEmail') return begin(request, operation, taken.value, call);
    const input = taken.value as { readonly email: string; readonly resetUrl: string };
    const result = await auth.sendPasswordResetEmail(input, call);
    return result.ok ? answer(204) : answerOpenFailure(operation, result.error, maskAccounts);
  }

  async function own(
    request: Request,
    operation: OwnOperation,
    params: Readonly<Record<string, string>>,
    session: Session<string>,
    call: OperationCallOptions,
  ): Promise<Response> {
    const perform = async (): Promise<Result<unknown, AuthError<string>> | Response> => {
      if (operation === 'revoke') return session.revoke(params['tokenId'], call);
      if (operation !== 'updatePassword') return session[operation](call);
      const taken = await takeInput(request, ENDPOINTS[operation], fixed, maxBody);
      if ('refusal' in taken) return answerRefusal(taken.refusal);
      return session.updatePassword(taken.value as { password: string; newPassword: string }, call);
    };
    const endsItself =
      operation === 'logout' || (operation === 'revoke' && params['tokenId'] === session.state.tokenId);
    const result = await perform();
    if (result instanceof Response) return result;
    const isOver = session.state.status === 'ended';
    // It is over here, whether or not the API could be told.
    if (isOver && endsItself) return answer(204, null, { 'set-cookie': cookies.clear() });
    if (!result.ok) return isOver ? answerNoSession() : answerFailure(result.error, true);
    return operation === 'listSessions'
      ? answerSessions(result.value as readonly SessionInfo[])
      : answer(204);
  }

  async function forSession(
    request: Request,
    asked: Exclude<Route, { is: 'open' | 'refused' }>,
    call: OperationCallOptions,
  ) {
    const ticket = await cookies.read(request);
    const found = await sessionOf(ticket);
    if (!found.ok && found.error.code !== 'SESSION_ENDED') return answerFailure(found.error, true);
    const session = found.ok ? found.value : undefined;
    if (asked.is === 'session') return ticket && session ? answerJson(200, tokenOf(ticket)) : answer(204);
    if (!ticket || !session || request.headers.get('authorization') !== `Bearer ${ticket.stamp}`)
      return answerNoSession();
    return asked.is === 'own'
      ? own(request, asked.operation, asked.params, session, call)
      : callResource(request, asked, session, call, settings);
  }

  async function respond(request: Request, connection: Connection): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (isTricky(pathname)) return answerRefusal(REFUSALS.path);
    const path = below(basePath, pathname);
    if (path === undefined) return answerRefusal(REFUSALS.notFound);
    const against = evidenceAgainst(request, settings.origins);
    if (against) return answerRefusal(against);
    const asked = route(request.method, path);
    if (asked.is === 'refused') return answerRefusal(asked.refusal);
    const customer = customerOf(request, connection, settings.clientAddress);
    const call = { deadline: settings.deadline, ...(customer && { customer }) };
    return asked.is === 'open' ? open(request, asked.operation, call) : forSession(request, asked, call);
  }

  return {
    basePath,
    async fetch(request, connection = {}) {
      try {
        return await respond(request, connection);
      } catch {
        return answerRefusal(REFUSALS.fault); // what went wrong is nobody's business out there
      }
    },
    session: async (request) => sessionOf(await cookies.read(request)),
    auth,
    close: auth.close,
  };
}

/** A token response, as `readTokens()` reads it, without a token. */
const tokenOf = ({ stamp }: Ticket) => ({ access_token: stamp, token_type: 'Bearer' });
