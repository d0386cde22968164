// With jest, which needs a flag for ES modules: node --experimental-vm-modules node_modules/jest/bin/jest.js
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { describePolicies, mockAuthApi, virtualTime } from 'holdfast/testing';
import { createShop } from './shop.js';

const time = virtualTime();
const api = mockAuthApi({ baseURL: 'https://auth.example.com/v1' });
const orders = api.route('GET', '/orders');
const shop = createShop();

beforeEach(() => api.reset());
afterEach(() => api.done());
afterAll(() => {
  shop.auth.close();
  api.restore();
  time.restore();
});

test('a customer who was deactivated reads why', async () => {
  api.login.fails('USER_DEACTIVATED');
  const { message } = await shop.ordersOf('ada@example.com', 'correct horse');
  expect(message).toMatch(/deactivated/);
  expect(api.login.calls[0]?.body.password.matches('correct horse')).toBe(true);
});

test('a limit is waited out, and a token that expires is refreshed once', async () => {
  api.login.rateLimited({ retryAfter: 2 }).then.succeeds();
  orders.fails('INVALID_TOKEN').then.succeeds(['a book']);
  api.refresh.rotates();
  const answer = await time.until(shop.ordersOf('ada@example.com', 'correct horse'));
  expect(answer).toEqual({ orders: ['a book'] });
  expect(api.refresh.calls.length).toBe(1);
});

test('the shop repeats twice', () => {
  expect(describePolicies(shop.auth).retry.retries).toBe(2);
});
