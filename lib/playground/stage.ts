// What the playground's buttons do: the sandbox's handles, calls of the backend, and trouble that can be taken back.
import { setTimeout } from 'node:timers/promises';
import type { Session } from '../index.js';
import type { FaultRule, Sandbox } from '../sandbox/index.js';
import type { Ordered, Seen } from './protocol.js';
import { SCENES, type Step } from './scenes.js';
import { ruleOf, TROUBLES } from './troubles.js';

/** A mistake of whoever asked; its message is for them. */
export class Mistake extends Error {}

/** For whom a scene is played. */
export interface Customer {
  readonly session: Session<string> | undefined;
  readonly email: string;
}

const MOST_CALLS = 200;

export type Stage = ReturnType<typeof createStage>;

/** Whom to tell: that what the sandbox has seen may have changed, and that calls are made which belong together. */
interface Audience {
  readonly changed: () => void;
  readonly act: (title: string) => void;
}

export function createStage(sandbox: Sandbox, { changed, act }: Audience) {
  /** In the order of the sandbox's own list, so that both can be read side by side. */
  let orders: { readonly id: number; readonly label: string; readonly rule: FaultRule }[] = [];
  let ordered = 0;
  const timers = new Set<NodeJS.Timeout>();

  function trouble(): Ordered[] {
    const inForce = sandbox.faults();
    return orders
      .map(({ id, label }, index) => ({ id, label, left: inForce[index]?.left ?? 0 }))
      .filter(({ left }) => left !== 0);
  }

  function order(name: unknown, times: unknown, seconds: unknown): number {
    const found = TROUBLES.find(({ id }) => id === name);
    if (!found) throw new Mistake(`There is no trouble ${JSON.stringify(name)}.`);
    const rule = ruleOf(found, times as number, seconds as number); // checked by the sandbox
    try {
      sandbox.fault(rule);
    } catch (error) {
      throw new Mistake((error as Error).message);
    }
    ordered += 1;
    orders.push({ id: ordered, label: `${found.label} (${found.on})`, rule });
    changed();
    return ordered;
  }

  /** The sandbox forgets all trouble or none, so the rest is ordered again, less what it has hit. */
  function takeBack(which: number): void {
    const left = new Map(trouble().map((each) => [each.id, each.left]));
    orders = orders.filter(({ id }) => id !== which && left.has(id));
    sandbox.heal();
    for (const { id, rule } of orders)
      sandbox.fault('rateLimit' in rule ? rule : { ...rule, times: left.get(id) ?? 1 });
    changed();
  }

  function call({ session }: Customer, count: unknown): void {
    if (!session) throw new Mistake('Sign in first.');
    if (typeof count !== 'number' || !Number.isInteger(count) || count < 1 || count > MOST_CALLS)
      throw new Mistake(`From 1 to ${MOST_CALLS} calls can be made at once.`);
    // How each ends is told by the client's events.
    for (let made = 0; made < count; made += 1) session.http.get('/orders').catch(() => undefined);
  }

  function revoke({ email }: Customer): void {
    try {
      sandbox.revokeCustomer(email);
    } catch {
      throw new Mistake('Sign in with an account first.');
    }
  }

  function play(step: Step, customer: Customer): Promise<unknown> | undefined {
    if (step.is === 'expire') sandbox.expireAccessTokens();
    else if (step.is === 'revoke') revoke(customer);
    else if (step.is === 'calls') call(customer, step.count);
    else if (step.is === 'pause') return setTimeout(step.ms);
    else {
      const id = order(step.id, step.times, step.seconds ?? 1);
      if (step.forMs === undefined) return undefined;
      const timer = globalThis.setTimeout(() => {
        timers.delete(timer);
        takeBack(id);
      }, step.forMs);
      timers.add(timer);
    }
    return undefined;
  }

  return {
    order,
    takeBack,
    call(customer: Customer, count: unknown): void {
      act(`${String(count)} calls`);
      call(customer, count);
    },
    revoke,
    expire: () => sandbox.expireAccessTokens(),
    heal(): void {
      orders = [];
      sandbox.heal();
      changed();
    },
    async scene(name: unknown, customer: Customer): Promise<void> {
      const scene = SCENES.find(({ id }) => id === name);
      if (!scene) throw new Mistake(`There is no scene ${JSON.stringify(name)}.`);
      if (!customer.session) throw new Mistake('Sign in first.');
      act(scene.title);
      for (const step of scene.steps) await play(step, customer);
    },
    /** What the mail has that the sandbox sent. */
    mail(email: string): string {
      try {
        return sandbox.resetHash(email);
      } catch {
        throw new Mistake('There is no mail for this address.');
      }
    },
    seen(): Seen {
      const { received, operations } = sandbox.counts();
      const granted = Object.entries(operations.refresh.answered).filter(([status]) =>
        status.startsWith('2'),
      );
      return {
        received,
        orders: operations.listOrders.answered,
        refreshes: granted.reduce((sum, [, count]) => sum + count, 0),
        trouble: trouble(),
      };
    },
    close(): void {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
