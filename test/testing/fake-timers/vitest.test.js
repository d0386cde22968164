// Run by vitest: virtual time on the fake timers of `vi`, as they are unless told otherwise.
import { afterAll, expect, test, vi } from 'vitest';
import { createAuthClient } from 'holdfast';
import { mockAuthApi, virtualTime } from 'holdfast/testing';

const api = mockAuthApi({ baseURL: 'https://auth.example.com/v1' });
afterAll(() => api.restore());

test('a limit is waited out on the fake timers of vitest', async () => {
  vi.useFakeTimers();
  const time = virtualTime();
  const auth = createAuthClient({ baseURL: 'https://auth.example.com/v1' });
  api.login.rateLimited({ retryAfter: 3 }).then.succeeds();
  const began = Date.now();
  const login = await time.until(auth.login({ email: 'ada@example.com', password: 'correct horse' }));
  expect(login.ok).toBe(true);
  expect(Date.now() - began).toBeGreaterThanOrEqual(3_000);
  time.restore();
  expect(vi.isFakeTimers()).toBe(true);
  vi.useRealTimers();
  auth.close();
});
