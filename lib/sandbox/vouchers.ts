// Vouchers: strings that may be redeemed once and not for long. Password reset hashes and authorization codes are these.
import { randomBytes } from 'node:crypto';

export type Redemption<T> =
  | { readonly state: 'ok'; readonly value: T }
  | { readonly state: 'unknown' | 'foreign' | 'expired' | 'used' };

interface Voucher<T> {
  readonly value: T;
  readonly expiresAt: number;
  used: boolean;
}

export type Vouchers<T> = ReturnType<typeof createVouchers<T>>;

export function createVouchers<T>(options: { readonly lifetime: number; readonly now: () => number }) {
  const { lifetime, now } = options;
  const vouchers = new Map<string, Voucher<T>>();

  function issue(value: T): string {
    const text = randomBytes(32).toString('hex');
    vouchers.set(text, { value, expiresAt: now() + lifetime, used: false });
    return text;
  }

  return {
    issue,

    /** The newest one that can still be redeemed for a value like this. */
    pending(isIt: (value: T) => boolean): string | undefined {
      return [...vouchers]
        .reverse()
        .find(([, voucher]) => !voucher.used && voucher.expiresAt > now() && isIt(voucher.value))?.[0];
    },

    /** Uses one up, unless it is none or not for who asks. */
    redeem(text: string, isTheirs: (value: T) => boolean = () => true): Redemption<T> {
      const voucher = vouchers.get(text);
      if (!voucher) return { state: 'unknown' };
      if (!isTheirs(voucher.value)) return { state: 'foreign' };
      if (voucher.expiresAt <= now()) return { state: 'expired' };
      if (voucher.used) return { state: 'used' };
      voucher.used = true;
      return { state: 'ok', value: voucher.value };
    },
  };
}
