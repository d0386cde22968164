// What a tab of the shop can do: a client without credentials, whose sessions all tabs share.
import { browserCoordinator, type BrowserCoordinator } from '../../lib/browser/index.js';
import { createAuthClient, isAuthError, unwrap, type AuthClient, type Session } from '../../lib/index.js';

/** Of a refresh, ms. */
const TIMEOUT = 1_500;

type Shared = Session<'SESSION_UNAVAILABLE'>;

let coordinator: BrowserCoordinator;
let auth: AuthClient<'SESSION_UNAVAILABLE'>;
let session: Shared | undefined;
/** What this tab was told of ends: by the event, and by the coordinator. */
const ends = { event: [] as string[], tab: [] as string[] };

const codeOf = (error: unknown) => (isAuthError(error) ? error.code : String(error));

function hold(next: Shared): string {
  session = next;
  return next.key;
}

function held(): Shared {
  if (!session) throw new Error('Nobody is logged in in this tab.');
  return session;
}

export const tab = {
  open(): void {
    coordinator = browserCoordinator({
      storage: 'indexeddb',
      onEnded: ({ reason }) => void ends.tab.push(reason),
    });
    auth = createAuthClient({
      baseURL: '/v1',
      shopId: 1001,
      coordinator,
      policies: {
        refresh: { timeout: TIMEOUT },
        retry: { backoff: { initial: 10, max: 50 } },
      },
    });
    auth.on('sessionEnded', ({ reason }) => ends.event.push(reason));
  },
  /** The name of the session. @param key takes the place of the session that has it */
  login: async (who: { email: string; password: string }, key?: string) =>
    hold(unwrap(await auth.login(who, key === undefined ? {} : { key }))),
  /** Goes on with the session of that name; `false`: there is none. */
  async resume(key: string): Promise<boolean> {
    const found = await auth.resume(key);
    if (found.ok && found.value) hold(found.value);
    return found.ok && found.value !== undefined;
  },
  /** So many calls at once: how many ended in which way. */
  async call(count = 1): Promise<Record<string, number>> {
    const calls = Array.from({ length: count }, () =>
      held()
        .http.get<unknown>('/orders')
        .then(({ status }) => String(status), codeOf),
    );
    const all = await Promise.all(calls);
    return Object.fromEntries(
      [...new Set(all)].map((end) => [end, all.filter((each) => each === end).length]),
    );
  },
  refresh: () =>
    held()
      .refresh()
      .then((result) => (result.ok ? 'ok' : result.error.code)),
  logout: () =>
    held()
      .logout()
      .then((result) => (result.ok ? 'ok' : result.error.code)),
  /** What the tab knows without asking anybody. */
  look() {
    const { status, version, subject, ended } = held().state;
    return { status, version, subject, reason: ended?.reason, ends };
  },
  close(): void {
    auth.close();
    coordinator.close();
  },
};
