// The timeline in words: what a lane shows, for those who read or hear it. Pure.
import { counted, duration } from './figures.js';
import type { Doing, Lane, Stretch } from './timeline.js';

/** What each kind of stretch is called, in the order of the legend. */
export const DOINGS: Readonly<Record<Doing, string>> = {
  sent: 'attempt',
  line: 'in line',
  backoff: 'backoff',
  cooldown: 'cooldown',
  token: 'waits for a token',
};

export const nameOf = ({ call, method, route, operation }: Lane) =>
  `${call} ${operation === 'request' ? `${method.toUpperCase()} ${route}` : operation}`;

/** Mark, status or code: never by colour alone. */
export function outcomeOf({ end, stretches }: Lane): string {
  if (end) return end.ok ? `✓ ${end.status ?? ''}` : `✕ ${end.code ?? ''}`;
  const doing = stretches.at(-1)?.is;
  return doing ? `… ${DOINGS[doing]}` : '…';
}

/** The rows that fired on a lane, in order, each with how often. */
export function rowsOf({ stretches }: Lane): string {
  const fired = new Map<string, number>();
  for (const { row } of stretches) if (row !== undefined) fired.set(row, (fired.get(row) ?? 0) + 1);
  return [...fired].map(([row, count]) => (count === 1 ? row : `${row} ×${count}`)).join(', ');
}

export function storyOf(lane: Lane): string {
  const { end } = lane;
  const parts = lane.stretches.map(partOf);
  if (end)
    parts.push(
      `${end.ok ? 'succeeded' : `failed: ${end.because ?? ''}`} (${counted(end.attempts, 'attempt')}, ${duration(end.ms)})`,
    );
  return parts.join('; ');
}

function partOf({ is, from, to, attempt, row, status }: Stretch): string {
  const took = to === undefined ? '' : ` ${duration(to - from)}`;
  if (is !== 'sent') return DOINGS[is] + took;
  const why = row === undefined ? '' : `, failed by ${row}${status === undefined ? '' : ` (${status})`}`;
  return `attempt ${attempt ?? ''}${took}${why}`;
}
