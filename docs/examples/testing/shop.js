// What the examples of this folder test: how a shop signs its customers in, and loads their orders.
import { createAuthClient } from 'holdfast';

export function createShop() {
  const auth = createAuthClient({
    baseURL: 'https://auth.example.com/v1',
    credentials: { clientId: 'shop', clientSecret: 'the secret of the shop' },
    shopId: 1001,
    policies: { retry: { retries: 2 } },
  });
  /** @param {string} email @param {string} password */
  async function ordersOf(email, password) {
    const login = await auth.login({ email, password });
    if (!login.ok) return { message: login.error.userMessage };
    const response = await login.value.http.get('/orders');
    return { orders: /** @type {unknown} */ (response.data) };
  }
  return { auth, ordersOf };
}
