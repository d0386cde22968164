// Who is simulated: holdfast, whole and in parts, and a client as most are.
import { RETRY_OF_A_PAGE } from '../../lib/browser/client.js';
import { DEFAULTS } from '../../lib/options.js';
import { Holdfast, Usual, type Client } from './client.js';
import type { Mode, Retry, World } from './world.js';

export interface Variant {
  readonly name: string;
  readonly mode: Mode;
  readonly usual?: true;
  /** Simulated with a tenth of the calls, for what it costs. */
  readonly tenth?: true;
  /** Where its policy differs from that of the population. */
  readonly retry?: Retry;
}

const OFF: Mode = { budget: false, jitter: false, pacing: false, ahead: 'no' };
const ON: Mode = { budget: true, jitter: true, pacing: true, ahead: 'spread' };

export const USUAL: Variant = { name: 'usual client', mode: OFF, usual: true };
export const ALONE: Variant = { name: 'backoff alone ¹', tenth: true, mode: OFF };
export const JITTER: Variant = { name: '… and jitter ¹', tenth: true, mode: { ...OFF, jitter: true } };
export const BUDGET: Variant = { name: '… and budget ¹', tenth: true, mode: { ...OFF, budget: true } };
export const PACING: Variant = { name: '… and pacing ¹', tenth: true, mode: { ...OFF, pacing: true } };
export const HOLDFAST: Variant = { name: 'holdfast', mode: ON };
/** What a page did before it had a budget of its own. */
export const BEFORE: Variant = {
  name: 'holdfast, budget of a backend ¹',
  tenth: true,
  mode: ON,
  retry: { budget: DEFAULTS.retry.budget },
};
export const UNPACED: Variant = {
  name: 'holdfast without pacing ¹',
  tenth: true,
  mode: { ...ON, pacing: false },
};
export const LATE: Variant = {
  name: 'holdfast, refresh when expired ¹',
  tenth: true,
  mode: { ...ON, ahead: 'no' },
};
export const TOGETHER: Variant = {
  name: 'holdfast without spread ¹',
  tenth: true,
  mode: { ...ON, ahead: 'together' },
};

/** Who lives where. */
export interface Population {
  readonly name: string;
  readonly customers: number;
  readonly perProcess: number;
  /** Calls that a customer makes at once. */
  readonly atOnce: number;
  /** Where its client differs from the defaults. */
  readonly retry?: Retry;
}

/** As `createBrowserClient()` has it. */
const PAGE: Retry = {
  ...RETRY_OF_A_PAGE,
  budget: { ...DEFAULTS.retry.budget, ...RETRY_OF_A_PAGE.budget },
};

export const browsers = (calls: number): Population => ({
  name: 'browsers, one call at once',
  customers: calls,
  perProcess: 1,
  atOnce: 1,
  retry: PAGE,
});

export const pages = (calls: number): Population => ({
  name: 'browsers, five calls at once',
  customers: calls / 5,
  perProcess: 1,
  atOnce: 5,
  retry: PAGE,
});

export const backends = (calls: number): Population => ({
  name: 'backends of 1 000 customers',
  customers: calls,
  perProcess: 1_000,
  atOnce: 1,
});

/** The client that a customer's calls go through. */
export function clients(
  { customers, perProcess }: Population,
  make: () => Client,
): (customer: number) => Client {
  const all = Array.from({ length: Math.ceil(customers / perProcess) }, make);
  return (customer) => all[customer % all.length]!;
}

export const clientOf = (world: World, { usual }: Variant): Client =>
  usual ? new Usual(world) : new Holdfast(world);
