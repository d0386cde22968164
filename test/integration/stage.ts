// The stage of the integration stories: sandboxes, servers and clients that are gone when a test is over.
import {
  createAuthClient,
  unwrap,
  type AuthClient,
  type AuthClientOptions,
  type Session,
} from '../../lib/index.js';
import { DEMO, startSandbox, type Sandbox, type SandboxOptions } from '../../lib/sandbox/index.js';
import {
  startLocalServer,
  startRotatingServer,
  type Answer,
  type LocalServer,
  type RotatingServer,
} from '../support/local-server.js';

export const ADA = { email: DEMO.customer.email, password: DEMO.customer.password };
export const CREDENTIALS = { clientId: DEMO.client.id, clientSecret: DEMO.client.secret };
export const GRACE = {
  firstName: 'Grace',
  lastName: 'Hopper',
  email: 'grace@example.com',
  gender: 'f',
  password: 'long enough',
} as const;

/** Repeats without a wait worth mentioning, so that a story of many attempts is still short. */
export const QUICK = {
  retry: { backoff: { initial: 1, factor: 1, max: 5, jitter: 'none' } },
} as const satisfies AuthClientOptions['policies'];

type Changes = Partial<AuthClientOptions>;

export interface Stage {
  sandbox(options?: SandboxOptions): Promise<Sandbox>;
  client(baseURL: string, changes?: Changes): AuthClient;
  /** Closes what is handed over when the test is over. */
  keep<T extends { close(): unknown }>(closable: T): T;
  /** A sandbox, a client of it and a session of Ada. */
  loggedIn(
    options?: SandboxOptions,
    changes?: Changes,
  ): Promise<{ sandbox: Sandbox; auth: AuthClient; session: Session }>;
  server(answer: Answer, port?: number): Promise<LocalServer>;
  rotating(refreshTakes?: number): Promise<RotatingServer>;
}

/** Call in a `describe`: whatever its tests start is closed after each. */
export function useStage(): Stage {
  let closables: { close(): unknown }[] = [];
  afterEach(async () => {
    const ending = closables.reverse();
    closables = [];
    for (const closable of ending) await closable.close();
  });

  const keep: Stage['keep'] = (closable) => {
    closables.push(closable);
    return closable;
  };
  const stage: Stage = {
    keep,
    sandbox: async (options) => keep(await startSandbox(options)),
    client: (baseURL, changes = {}) =>
      keep(
        createAuthClient({
          baseURL,
          credentials: CREDENTIALS,
          shopId: DEMO.shopId,
          policies: QUICK,
          ...changes,
        }),
      ),
    async loggedIn(options, changes) {
      const sandbox = await stage.sandbox(options);
      const auth = stage.client(sandbox.url, changes);
      const session = unwrap(await auth.login(ADA));
      return { sandbox, auth, session };
    },
    server: async (answer, port) => keep(await startLocalServer(answer, port)),
    rotating: async (refreshTakes) => keep(await startRotatingServer(refreshTakes)),
  };
  return stage;
}

/** `count` calls at once. */
export function times<T>(count: number, call: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => call(index)));
}

/** What a promise was rejected with; fails where it was not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  if (!outcome) throw new Error('expected a rejection');
  return outcome.error;
}

/** Resolves once `isSo()`; a condition is polled, not slept for. */
export async function until(isSo: () => boolean, withinMs = 3_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`not so within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** The first token of a process waits for its key to be made, which a story about time must not. */
export async function warmUp(): Promise<void> {
  const sandbox = await startSandbox();
  try {
    await fetch(`${sandbox.origin}/.well-known/jwks.json`);
  } finally {
    await sandbox.close();
  }
}
