// `createGovernor()`: sets clients apart from the others of the process, or lets them share limits with other processes.
import { bad, known } from './check-options.js';
import type { Cooldowns } from './decide/shared-limit.js';
import { newGovernor, type Governor } from './policies/governor.js';

/** Options of `createGovernor()`. */
export interface GovernorOptions {
  /** Where limits are shared with other processes: `redisCooldowns()` of `holdfast/redis`. Default: they are not. */
  readonly cooldowns?: Cooldowns;
}

/**
 * A governor of its own: clients that get it share cooldowns, learned rates, windows and the retry budget with each
 * other and with no other client of the process.
 * @throws TypeError naming the first bad option
 */
export function createGovernor(options: GovernorOptions = {}): Governor {
  const maker = 'createGovernor';
  known(maker, options, ['cooldowns']);
  const { cooldowns } = options;
  if (cooldowns !== undefined && !isCooldowns(cooldowns))
    bad(maker, 'cooldowns', 'made by redisCooldowns()', cooldowns);
  return newGovernor(cooldowns);
}

function isCooldowns(given: unknown): boolean {
  const { bucket, start } = (given ?? {}) as Partial<Record<keyof Cooldowns, unknown>>;
  return typeof bucket === 'function' && typeof start === 'function';
}
