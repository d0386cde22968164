// Everything a sandbox remembers. `reset()` makes a new one; nothing of it lives in a module.
import { createAccounts, type Accounts, type Customer } from './accounts.js';
import { createLockout, type Lockout } from './lockout.js';
import type { Settings } from './options.js';
import { createOrders, type Orders } from './orders.js';
import { createRefuse, type Refuse } from './replies.js';
import { createTokens, type Tokens } from './tokens.js';
import { createVouchers, type Vouchers } from './vouchers.js';

export interface World {
  readonly settings: Settings;
  readonly accounts: Accounts;
  readonly lockout: Lockout;
  /** Password reset hashes, as the reset mails carry them. */
  readonly hashes: Vouchers<Customer>;
  /** Authorization codes, as the sign-in of an identity provider hands them out. */
  readonly codes: Vouchers<{ readonly customer: Customer; readonly clientId: string }>;
  readonly tokens: Tokens;
  readonly orders: Orders;
  readonly refuse: Refuse;
}

const HASH_LIFETIME = 3_600_000;
const CODE_LIFETIME = 600_000;

export function createWorld(settings: Settings): World {
  const { now } = settings;
  return {
    settings,
    accounts: createAccounts(settings.customers),
    lockout: createLockout(settings),
    hashes: createVouchers({ lifetime: HASH_LIFETIME, now }),
    codes: createVouchers({ lifetime: CODE_LIFETIME, now }),
    tokens: createTokens(settings),
    orders: createOrders(settings),
    refuse: createRefuse(settings),
  };
}
