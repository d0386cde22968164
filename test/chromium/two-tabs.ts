// Two tabs for one case of the conformance suite: it runs in this one, and the second coordinator works in the other.
import { browserCoordinator, type BrowserOptions } from '../../lib/browser/index.js';
import { Secret } from '../../lib/contract/secret.js';
import type { Coordinator, Seat } from '../../lib/index.js';
import { coordinatorConformance } from '../../lib/testing/index.js';

type Method = Exclude<keyof Seat, 'subscribe'>;

interface Question {
  readonly id: string;
  readonly key: string;
  readonly method: Method | 'subscribe' | 'unsubscribe';
  readonly args: readonly unknown[];
}

interface Reply {
  readonly id: string;
  readonly value?: unknown;
  readonly error?: string;
}

const CHANNEL = 'tabs of the test';
const SECRET = '$secret';

/** A secret is no data that can be sent. */
function packed(value: unknown): unknown {
  if (value instanceof Secret) return { [SECRET]: value.reveal() };
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, packed(each)]));
}

function unpacked(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (SECRET in value) return new Secret(String(value[SECRET]));
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, unpacked(each)]));
}

/** Carries out what the other tab asks for. */
export function serve(options: BrowserOptions): void {
  const coordinator = browserCoordinator(options);
  const channel = new BroadcastChannel(CHANNEL);
  const seats = new Map<string, Seat>();
  const stops = new Map<string, () => void>();
  const tell = (reply: Reply) => channel.postMessage(reply);

  async function answer({ id, key, method, args }: Question): Promise<unknown> {
    if (method === 'unsubscribe') return stops.get(String(args[0]))?.();
    const seat = seats.get(key) ?? coordinator.open(key);
    seats.set(key, seat);
    if (method === 'subscribe')
      return void stops.set(
        id,
        seat.subscribe(() => tell({ id, value: 'hint' })),
      );
    const steps = seat as unknown as Readonly<Record<Method, (...given: unknown[]) => unknown>>;
    return packed(await steps[method](...args.map(unpacked)));
  }
  channel.onmessage = ({ data }: MessageEvent<Question>) => {
    answer(data).then(
      (value) => tell({ id: data.id, value }),
      (error: unknown) => tell({ id: data.id, error: String(error) }),
    );
  };
}

/** The coordinator of the tab that serves. */
function elsewhere(): Coordinator {
  const channel = new BroadcastChannel(CHANNEL);
  const waiting = new Map<string, (reply: Reply) => void>();
  channel.onmessage = ({ data }: MessageEvent<Reply>) => waiting.get(data.id)?.(data);
  function ask<T>(key: string, method: Question['method'], ...args: unknown[]): Promise<T> {
    const id = crypto.randomUUID();
    channel.postMessage({ id, key, method, args: args.map(packed) } satisfies Question);
    return new Promise((resolve, reject) => {
      waiting.set(id, ({ value, error }) => {
        waiting.delete(id);
        if (error === undefined) resolve(unpacked(value) as T);
        else reject(new Error(error));
      });
    });
  }
  return {
    open: (key) => ({
      begin: (grant, joins) => ask(key, 'begin', grant, joins),
      load: () => ask(key, 'load'),
      claim: (terms) => ask(key, 'claim', terms),
      mark: (fence, lease) => ask(key, 'mark', fence, lease),
      commit: (at, grant) => ask(key, 'commit', at, grant),
      cool: (fence, forMs, doubtful) => ask(key, 'cool', fence, forMs, doubtful),
      end: (at, end) => ask(key, 'end', at, end),
      subscribe(onChange) {
        const id = crypto.randomUUID();
        waiting.set(id, ({ value }) => value === 'hint' && onChange());
        channel.postMessage({ id, key, method: 'subscribe', args: [] } satisfies Question);
        return () => {
          waiting.delete(id);
          void ask(key, 'unsubscribe', id);
        };
      },
    }),
  };
}

/** Runs the case of that name. */
export async function conform(name: string, options: BrowserOptions): Promise<void> {
  const stage = () => ({ coordinators: [browserCoordinator(options), elsewhere()] as const });
  await coordinatorConformance({ stage })
    .find((each) => each.name === name)!
    .run();
}
