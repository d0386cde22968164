// The sandbox of a soak, in a process of its own: what it remembers of a long run is not the client's.
import { createAuthClient, unwrap } from '../../lib/index.js';
import { DEMO, startSandbox, type Counts, type FaultRule } from '../../lib/sandbox/index.js';

/** What it can be asked. */
export interface Asked {
  readonly fault?: FaultRule;
  readonly expire?: true;
  /** Numbers in the orders that were made, each as often as it was carried out. */
  readonly orders?: true;
}

export interface Answered {
  readonly url?: string;
  readonly counts?: Counts;
  readonly orders?: readonly number[];
}

const sandbox = await startSandbox({ lifetimes: { access: 20_000 }, lockout: { failures: 0 } });
const tell = (answer: Answered) => process.send?.(answer);

async function numbersOrdered(): Promise<number[]> {
  const auth = createAuthClient({
    baseURL: sandbox.url,
    credentials: { clientId: DEMO.client.id, clientSecret: DEMO.client.secret },
    shopId: DEMO.shopId,
  });
  const session = unwrap(await auth.login(DEMO.customer));
  const { data } = await session.http.get<{ content: { number?: number } }[]>('/orders');
  auth.close();
  return data.flatMap(({ content }) => content.number ?? []);
}

async function answer({ fault, expire, orders }: Asked): Promise<void> {
  if (fault) sandbox.fault(fault);
  if (expire) sandbox.expireAccessTokens();
  if (!orders) return;
  sandbox.heal();
  const counts = sandbox.counts();
  tell({ counts, orders: await numbersOrdered() });
}

process.on('disconnect', () => process.exit());
process.on('message', (asked: Asked) => void answer(asked));
tell({ url: sandbox.url });
