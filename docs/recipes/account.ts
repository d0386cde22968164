// What a page made on the server shows of its customer: a function of the request, for the loader of any framework.
import { asResult, type AuthError } from 'holdfast';
import type { Bff } from 'holdfast/bff';

export interface Order {
  readonly id: string;
}

export type Account =
  | { readonly is: 'known'; readonly orders: readonly Order[] }
  /** Nobody is signed in, or the session is over: answer with a redirect to the login. */
  | { readonly is: 'nobody' }
  /** Nobody is logged out by this: answer 503, with `Retry-After`. */
  | { readonly is: 'later'; readonly seconds: number; readonly message: string };

/**
 * Nothing of a customer is kept here: the session is asked for with each request, by its cookie. All requests of one
 * customer get the same session, and so share its refresh; no other request gets it.
 */
export async function loadAccount(bff: Bff, ordersUrl: string, request: Request): Promise<Account> {
  const found = await bff.session(request);
  if (!found.ok) return found.error.code === 'SESSION_ENDED' ? { is: 'nobody' } : later(found.error);
  const session = found.value;
  if (!session) return { is: 'nobody' };

  const { signal } = request; // who leaves waits for nothing, and takes no other's refresh along
  const holdfast = { deadline: 5_000 }; // a page that says "later" is better than one that does not come
  const orders = await asResult(session.http.get<Order[]>(ordersUrl, { signal, holdfast }));
  if (orders.ok) return { is: 'known', orders: orders.value.data };
  return session.state.status === 'ended' ? { is: 'nobody' } : later(orders.error);
}

function later({ retryAfter = 5_000, userMessage }: AuthError<string>): Account {
  return { is: 'later', seconds: Math.ceil(retryAfter / 1_000), message: userMessage };
}
