// The lock-out: too many failed logins of one address close it for a while, known customer or not.
import { normal } from './accounts.js';
import type { Settings } from './options.js';

export type Lockout = ReturnType<typeof createLockout>;

export function createLockout({ lockout, now }: Pick<Settings, 'lockout' | 'now'>) {
  const records = new Map<string, { failures: number; lockedUntil: number }>();

  return {
    /** Ms until the address may try again; 0 if it may now. */
    remaining(email: string): number {
      const record = records.get(normal(email));
      if (!record || record.lockedUntil === 0) return 0;
      const left = record.lockedUntil - now();
      if (left <= 0) records.delete(normal(email)); // a served lock-out leaves no failures behind
      return Math.max(0, left);
    },

    failed(email: string): void {
      const record = records.get(normal(email)) ?? { failures: 0, lockedUntil: 0 };
      record.failures += 1;
      if (lockout.failures > 0 && record.failures >= lockout.failures)
        record.lockedUntil = now() + lockout.for;
      records.set(normal(email), record);
    },

    cleared(email: string): void {
      records.delete(normal(email));
    },
  };
}
