// What a sandbox can be told at its start, and the demo values that stand in for what it is not told.
import { DEMO } from './demo.js';
import { parseFaults } from './fault-parser.js';
import type { Fault, FaultRule } from './fault-rules.js';

/** A customer who can log in. */
export interface SandboxCustomer {
  readonly email: string;
  readonly password: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly gender: string;
  readonly deactivated?: boolean;
}

/** An OAuth client: who may call with Basic authentication. */
export interface SandboxClient {
  readonly id: string;
  readonly secret: string;
}

export interface SandboxOptions {
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default `127.0.0.1`. The admin routes have no password, so think before opening this up. */
  readonly host?: string;
  readonly customers?: readonly SandboxCustomer[];
  readonly clients?: readonly SandboxClient[];
  readonly shopId?: number;
  /** Lifetimes of tokens, ms. Default 31 and 60 days. That of the refresh token is absolute: rotation keeps it. */
  readonly lifetimes?: { readonly access?: number; readonly refresh?: number };
  /** Whose refusals the token endpoint speaks: those of the OAuth library's version 8 (default) or 9. */
  readonly generation?: 8 | 9;
  /** Forces the case of every error key; default: as the contract's examples write it. */
  readonly keyCase?: 'upper' | 'lower';
  /** Keys in the key set and `kid` in tokens. Default `'none'`: one key, no `kid`. */
  readonly kid?: 'none' | 'one' | 'two';
  /** Failed logins of one address before it is locked, and for how many ms. 0 failures: never. */
  readonly lockout?: { readonly failures?: number; readonly for?: number };
  /** In force from the start, and again after `reset()`. */
  readonly faults?: readonly FaultRule[];
  /** The clock, ms since 1970. */
  readonly now?: () => number;
}

/** Options with every gap filled. */
export interface Settings {
  readonly port: number;
  readonly host: string;
  readonly customers: readonly SandboxCustomer[];
  readonly clients: readonly SandboxClient[];
  readonly shopId: number;
  readonly lifetimes: { readonly access: number; readonly refresh: number };
  readonly generation: 8 | 9;
  readonly keyCase: 'upper' | 'lower' | undefined;
  readonly kid: 'none' | 'one' | 'two';
  readonly lockout: { readonly failures: number; readonly for: number };
  readonly faults: readonly Fault[];
  readonly now: () => number;
}

const DAY = 86_400_000;

/** Checks and completes the options; throws a `TypeError` that names the bad one. */
export function resolveOptions(options: SandboxOptions = {}): Settings {
  const { lifetimes, lockout } = options;
  return {
    port: whole('port', options.port ?? 0, 65_535),
    host: options.host ?? '127.0.0.1',
    customers: options.customers ?? [DEMO.customer, DEMO.otherCustomer, DEMO.deactivated],
    clients: options.clients ?? [DEMO.client],
    shopId: whole('shopId', options.shopId ?? DEMO.shopId),
    lifetimes: {
      access: whole('lifetimes.access', lifetimes?.access ?? 31 * DAY),
      refresh: whole('lifetimes.refresh', lifetimes?.refresh ?? 60 * DAY),
    },
    generation: oneOf('generation', options.generation ?? 8, [8, 9]),
    keyCase: options.keyCase && oneOf('keyCase', options.keyCase, ['upper', 'lower']),
    kid: oneOf('kid', options.kid ?? 'none', ['none', 'one', 'two']),
    lockout: {
      failures: whole('lockout.failures', lockout?.failures ?? 5),
      for: whole('lockout.for', lockout?.for ?? 60_000),
    },
    faults: parseFaults(options.faults ?? []),
    now: options.now ?? Date.now,
  };
}

function whole(name: string, value: number, max = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && value >= 0 && value <= max) return value;
  throw new TypeError(`sandbox: ${name} must be a whole number of 0 to ${max}, got ${String(value)}`);
}

function oneOf<T>(name: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value;
  throw new TypeError(`sandbox: ${name} must be one of ${allowed.join(', ')}, got ${String(value)}`);
}
