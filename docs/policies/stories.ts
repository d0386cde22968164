// One story for each policy, played by a real client against a mocked API in virtual time; its events become the
// picture of the page. Without jitter, so that each wait is as long as it can be.
import { createAuthClient, createGovernor, type PolicyOptions, type Session } from '../../lib/index.js';
import type { Policies } from '../../lib/options.js';
import { mockAuthApi, virtualTime, type MockedApi } from '../../lib/testing/index.js';
import { record, type Recording } from './record.js';

const BASE = 'https://api.example.com/v1';

interface Story {
  /** What happens, in a sentence: the name of the picture. */
  readonly title: string;
  readonly policies?: PolicyOptions;
  readonly server: (api: MockedApi) => void;
  /** Calls: when each begins, ms, and how it is made. */
  readonly calls: readonly (readonly [at: number, call: (http: Session['http']) => Promise<unknown>])[];
}

type Call = Story['calls'][number][1];

const get: Call = (http) => http.get('/orders');
const times = (count: number, at: number, every: number, call: Call): Story['calls'] =>
  Array.from({ length: count }, (_, index) => [at + index * every, call] as const);

export const STORIES: Readonly<Record<keyof Policies, Story>> = {
  timeout: {
    title: 'An attempt without an answer ends and is repeated; a call ends with its deadline',
    server(api) {
      api.route('GET', '/orders').hangs().then.delays(900).succeeds();
      api.route('GET', '/report').hangs().always();
    },
    calls: [
      [0, get],
      [0, (http) => http.get('/report', { holdfast: { deadline: 6_000 } })],
    ],
  },
  retry: {
    title: 'A GET is repeated after three failures; a POST without an idempotency key is not',
    server(api) {
      api.route('GET', '/orders').delays(120).fails('gateway').times(3).then.delays(120).succeeds();
      api.route('POST', '/orders').delays(120).fails('API_EXCEPTION').always();
      api.route('GET', '/orders/{id}').delays(120).fails('NOT_FOUND').always();
    },
    calls: [
      [0, get],
      [0, (http) => http.post('/orders', { article: 7 })],
      [0, (http) => http.get('/orders/8')],
    ],
  },
  cooldown: {
    title: 'A 429 closes the bucket for all calls; one goes first when it opens, and the others follow',
    server(api) {
      api.route('GET', '/orders').delays(150).rateLimited({ retryAfter: 2 });
      api.route('GET', '/orders').delays(150).succeeds().always();
      api.route('GET', '/products').delays(150).succeeds().always();
    },
    calls: [[0, get], ...times(5, 400, 300, get), [1_000, (http) => http.get('/products')]],
  },
  refresh: {
    title: 'Four calls meet an expired token: one refresh, and each is sent once more',
    server(api) {
      api.route('GET', '/orders').delays(100).fails('INVALID_TOKEN').times(3);
      api.route('GET', '/orders').delays(100).succeeds().always();
      api.refresh.delays(250).succeeds();
    },
    calls: [...times(3, 0, 30, get), [200, get]],
  },
  breaker: {
    title: 'Four failures open the breaker: calls fail at once, then one tries, and the server is back',
    policies: { breaker: { enabled: true, minimum: 4 }, retry: { retries: 0 } },
    server(api) {
      api.route('GET', '/orders').delays(150).fails('gateway').times(4);
      api.route('GET', '/orders').delays(150).succeeds().always();
    },
    calls: [...times(4, 0, 300, get), ...times(3, 2_000, 900, get), [6_100, get], [6_500, get]],
  },
};

/** Plays a story from its beginning to the end of its last call. */
export async function play({ policies = {}, server, calls }: Story): Promise<Recording> {
  const time = virtualTime();
  const api = mockAuthApi({ baseURL: BASE });
  const auth = createAuthClient({
    baseURL: BASE,
    governor: createGovernor(),
    policies: { ...policies, retry: { backoff: { jitter: 'none' }, ...policies.retry } },
  });
  try {
    server(api);
    const { http } = auth.resume({ accessToken: 'at-1', refreshToken: 'rt-1', expiresIn: 3_600_000 });
    const heard = record(auth.on);
    await time.until(
      Promise.all(
        calls.map(
          ([at, call]) =>
            new Promise((settled) => {
              setTimeout(() => void call(http).then(settled, settled), at);
            }),
        ),
      ),
    );
    return heard();
  } finally {
    auth.close();
    api.restore();
    time.restore();
  }
}
