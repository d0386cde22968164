// A protected resource for bearer calls to try: a few orders that all may read, and those a customer makes.
import type { Customer } from './accounts.js';

export interface Order {
  readonly id: string;
  /** Of the customer who made it; absent for those that were there from the start. */
  readonly customerId?: number;
  readonly createdAt: string;
  /** What was sent, or `null`. */
  readonly content: unknown;
}

export type Orders = ReturnType<typeof createOrders>;

const FIRST_ORDERS: readonly Order[] = ['1', '2', '3'].map((id) => ({
  id,
  createdAt: '2024-01-01T00:00:00.000Z',
  content: { article: `Article ${id}`, quantity: 1 },
}));

export function createOrders({ now }: { readonly now: () => number }) {
  const orders = [...FIRST_ORDERS];
  const byKey = new Map<string, { order: Order; fingerprint: string }>();
  const isVisible = (order: Order, customer: Customer) =>
    order.customerId === undefined || order.customerId === customer.id;

  function make(customer: Customer, content: unknown): Order {
    const id = String(orders.length + 1);
    const order = { id, customerId: customer.id, createdAt: new Date(now()).toISOString(), content };
    orders.push(order);
    return order;
  }

  return {
    make,

    /** Makes an order unless this key made one; `'conflict'` if the key came with another content then. */
    makeOnce(
      customer: Customer,
      key: string,
      content: unknown,
    ): { order: Order; isNew: boolean } | 'conflict' {
      const fingerprint = JSON.stringify(content);
      const scoped = `${customer.id} ${key}`;
      const known = byKey.get(scoped);
      if (known) return known.fingerprint === fingerprint ? { order: known.order, isNew: false } : 'conflict';
      const order = make(customer, content);
      byKey.set(scoped, { order, fingerprint });
      return { order, isNew: true };
    },

    list: (customer: Customer): Order[] => orders.filter((order) => isVisible(order, customer)),
    find: (customer: Customer, id: string): Order | undefined =>
      orders.find((order) => order.id === id && isVisible(order, customer)),
    /** How many were made, by anyone. */
    made: (): number => orders.length - FIRST_ORDERS.length,
  };
}
