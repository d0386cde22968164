// Many sessions in one process: what each holds beside its tokens, and what it takes to begin or find one.
import { loadHoldfast } from './clients.js';
import { collectGarbage, pause, serveTasks } from './tasks.js';

export interface SessionsOrder {
  readonly sessions: number;
  /** Somebody holds each session; else the coordinator alone knows of it. */
  readonly held: boolean;
}

export interface SessionsResult {
  /** Heap for each beside its tokens, bytes. */
  readonly bytes: number;
  /** Heap for each once they are all logged out, bytes. */
  readonly left: number;
  /** Time to begin one, and to find one again, µs. */
  readonly begin: number;
  readonly find: number;
}

const LIFE = 3_600_000;
/** As long as the tokens of the reference API. */
const tokenOf = (name: string, index: number) =>
  Buffer.from(`${name}${index}`.padEnd(300, '.')).toString('hex');

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** What finalizers free is free after some turns of the loop. */
async function heapUsed(): Promise<number> {
  for (let times = 0; times < 4; times += 1) {
    collectGarbage();
    await pause(50);
  }
  return process.memoryUsage().heapUsed;
}

serveTasks({
  async many({ sessions, held }: SessionsOrder): Promise<SessionsResult> {
    const { createAuthClient, memoryCoordinator } = await loadHoldfast();
    const auth = createAuthClient({
      baseURL: 'http://localhost',
      coordinator: memoryCoordinator({ idle: LIFE, most: sessions }),
      axios: {
        adapter: (config) => Promise.resolve({ config, status: 200, statusText: '', headers: {}, data: '' }),
      },
    });
    const texts = Array.from({ length: sessions }, (_, index) => ({
      accessToken: tokenOf('access', index),
      refreshToken: tokenOf('refresh', index),
      expiresIn: LIFE,
    }));
    const before = await heapUsed();
    const holding: unknown[] = [];
    let began = performance.now();
    for (const [index, tokens] of texts.entries()) {
      const session = auth.resume(tokens, { key: `session-${index}` });
      if (held) holding.push(session);
      if (index % 100 === 0) await turn(); // requests do not come all at once
    }
    const begin = (performance.now() - began) / sessions;
    const bytes = ((await heapUsed()) - before) / sessions;
    began = performance.now();
    for (let index = 0; index < 1_000; index += 1) await auth.resume(`session-${index}`);
    const find = (performance.now() - began) / 1_000;
    for (let index = 0; index < sessions; index += 1) {
      const found = await auth.resume(`session-${index}`);
      if (found.ok) await found.value?.logout();
    }
    holding.length = 0;
    const left = ((await heapUsed()) - before) / sessions;
    auth.close();
    if (texts.length !== sessions)
      throw new Error('The tokens are held to the end, so that they are not counted.');
    return { bytes, left, begin: begin * 1_000, find: find * 1_000 };
  },
});
