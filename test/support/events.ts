// Every event that a client tells, for tests that listen to all of them.
import type { EventName } from '../../lib/index.js';

export const EVENTS: readonly EventName[] = [
  'attempt',
  'queued',
  'retry',
  'cooldown',
  'refresh',
  'breaker',
  'failure',
  'settled',
  'sessionStarted',
  'sessionEnded',
];
