// With mocha and chai: npx mocha mocha.test.js
import { expect } from 'chai';
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

it('a customer who was deactivated reads why', async () => {
  api.login.fails('USER_DEACTIVATED');
  const { message } = await shop.ordersOf('ada@example.com', 'correct horse');
  expect(message).to.match(/deactivated/);
  expect(api.login.calls[0]?.body.password.matches('correct horse')).to.equal(true);
});

it('a limit is waited out, and a token that expires is refreshed once', async () => {
  api.login.rateLimited({ retryAfter: 2 }).then.succeeds();
  orders.fails('INVALID_TOKEN').then.succeeds(['a book']);
  api.refresh.rotates();
  const answer = await time.until(shop.ordersOf('ada@example.com', 'correct horse'));
  expect(answer).to.deep.equal({ orders: ['a book'] });
  expect(api.refresh.calls.length).to.equal(1);
});

it('the shop repeats twice', () => {
  expect(describePolicies(shop.auth).retry.retries).to.equal(2);
});
