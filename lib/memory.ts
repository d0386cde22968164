// `memoryCoordinator()`: sessions in this process, for a backend that meets a customer again with the next request.
import { known, number, whole, check } from './check-options.js';
import type { Coordinator } from './session/coordinator.js';
import { createMemoryCoordinator, type MemoryOptions } from './session/memory-coordinator.js';

/**
 * Keeps the sessions of one process, so that `resume(key)` finds them.
 * @throws TypeError naming the first bad option
 */
export function memoryCoordinator(options: MemoryOptions = {}): Coordinator {
  const maker = 'memoryCoordinator';
  known(maker, options, ['idle', 'most']);
  if (options.idle !== undefined) check(maker, 'idle', options.idle, number(0, Infinity, ' of ms'));
  if (options.most !== undefined) check(maker, 'most', options.most, whole(1));
  return createMemoryCoordinator(options);
}
