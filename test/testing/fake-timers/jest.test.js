// Run by jest: virtual time on its fake timers, which have to leave alone what answers travel on.
import { afterAll, expect, jest, test } from '@jest/globals';
import { createAuthClient } from 'holdfast';
import { mockAuthApi, virtualTime } from 'holdfast/testing';

const api = mockAuthApi({ baseURL: 'https://auth.example.com/v1' });
afterAll(() => api.restore());

test('a limit is waited out on the fake timers of jest', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  const time = virtualTime();
  const auth = createAuthClient({ baseURL: 'https://auth.example.com/v1' });
  api.login.rateLimited({ retryAfter: 3 }).then.succeeds();
  const began = Date.now();
  const login = await time.until(auth.login({ email: 'ada@example.com', password: 'correct horse' }));
  expect(login.ok).toBe(true);
  expect(Date.now() - began).toBeGreaterThanOrEqual(3_000);
  time.restore();
  jest.useRealTimers();
  auth.close();
});
