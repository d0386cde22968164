// With the test runner of Node: node --test node.test.js
import assert from 'node:assert/strict';
import { after, afterEach, beforeEach, test } from 'node:test';
import { describePolicies, mockAuthApi, virtualTime } from 'holdfast/testing';
import { createShop } from './shop.js';

const time = virtualTime();
const api = mockAuthApi({ baseURL: 'https://auth.example.com/v1' });
const orders = api.route('GET', '/orders');
const shop = createShop();

beforeEach(() => api.reset());
afterEach(() => api.done());
after(() => {
  shop.auth.close();
  api.restore();
  time.restore();
});

test('a customer who was deactivated reads why', async () => {
  api.login.fails('USER_DEACTIVATED');
  const { message } = await shop.ordersOf('ada@example.com', 'correct horse');
  assert.match(message ?? '', /deactivated/);
  assert.equal(api.login.calls[0]?.body.password.matches('correct horse'), true);
});

test('a limit is waited out, and a token that expires is refreshed once', async () => {
  api.login.rateLimited({ retryAfter: 2 }).then.succeeds();
  orders.fails('INVALID_TOKEN').then.succeeds(['a book']);
  api.refresh.rotates();
  const answer = await time.until(shop.ordersOf('ada@example.com', 'correct horse'));
  assert.deepEqual(answer, { orders: ['a book'] });
  assert.equal(api.refresh.calls.length, 1);
});

test('the shop repeats twice', () => {
  assert.equal(describePolicies(shop.auth).retry.retries, 2);
});
