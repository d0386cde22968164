// The orders: a small API behind the same tokens, for a session's `http` to call.
import type { SessionHandler } from './handlers.js';
import type { Order } from './orders.js';
import { ok, type Reply } from './replies.js';

export const ORDER_HANDLERS = {
  listOrders: ({ orders }, _call, { customer }) => ok(orders.list(customer)),

  getOrder: ({ orders, refuse }, { params }, { customer }) => {
    const order = orders.find(customer, params.orderId ?? '');
    // Not the contract's page: this is another API, and it speaks JSON.
    return order
      ? ok(order)
      : { status: refuse('not-found').status, body: { message: 'There is no such order.' } };
  },

  createOrder: ({ orders, refuse }, { headers, content }, { customer }) => {
    const key = headers['idempotency-key'];
    if (typeof key !== 'string' || key === '') return created(orders.make(customer, content));
    const made = orders.makeOnce(customer, key, content);
    if (made === 'conflict')
      return refuse('conflict', { message: 'This Idempotency-Key came with another content before.' });
    // A replay answers as the first call did, and says that it is one.
    return created(made.order, made.isNew ? {} : { 'idempotency-replayed': 'true' });
  },
} satisfies Record<string, SessionHandler>;

function created(order: Order, headers: Record<string, string> = {}): Reply {
  return { status: 201, headers, body: order };
}
