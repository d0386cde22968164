// Figures that the page shows, from the timeline's data: sums, the state of the gate, an axis. Pure.
import type { Burst, View } from './timeline.js';

export interface Sum {
  readonly calls: number;
  readonly alive: number;
  readonly ok: number;
  readonly failed: number;
  readonly refreshes: number;
  readonly ms: number;
}

/** Calls for their own sake; a refresh is one too, but nobody asked for it. */
export function sumOf({ lanes, from, last, refreshes }: Burst): Sum {
  const own = lanes.filter(({ operation }) => operation !== 'refresh');
  return {
    calls: own.length,
    alive: own.filter(({ end }) => !end).length,
    ok: own.filter(({ end }) => end?.ok).length,
    failed: own.filter(({ end }) => end && !end.ok).length,
    refreshes,
    ms: last - from,
  };
}

export const counted = (count: number, noun: string, plural = `${noun}s`) =>
  `${count} ${count === 1 ? noun : plural}`;

/** What was asked for, the operation that it is about, or how many calls. */
export function titleOf(burst: Burst): string {
  if (burst.title !== undefined) return burst.title;
  const [only, ...others] = burst.lanes.filter(({ operation }) => operation !== 'refresh');
  if (only && only.operation !== 'request' && others.length === 0) return only.operation;
  return counted(sumOf(burst).calls, 'call');
}

/** For somebody who hears the page: one sentence when a burst is over. */
export function sentenceOf(burst: Burst): string {
  const { calls, ok, failed, refreshes, ms } = sumOf(burst);
  return `${counted(calls, 'call')}: ${ok} succeeded, ${failed} failed, ${counted(refreshes, 'refresh', 'refreshes')}, ${duration(ms)}.`;
}

export function duration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

export interface Gate {
  /** Until the last closed bucket opens, ms; 0: all are open. */
  readonly opensIn: number;
  /** Calls that wait in a line. */
  readonly waiting: number;
}

export function gateOf({ opensAt, bursts }: View, now: number): Gate {
  const waits = (burst: Burst) =>
    burst.lanes.filter(({ end, stretches }) => {
      const doing = stretches.at(-1)?.is;
      return !end && (doing === 'line' || doing === 'cooldown');
    }).length;
  return {
    opensIn: Math.max(0, ...Object.values(opensAt).map((at) => at - now)),
    waiting: bursts.reduce((sum, burst) => sum + waits(burst), 0),
  };
}

/** Marks of an axis as long as this: at most `most`, at round distances, from 0 on. */
export function ticks(spanMs: number, most: number): number[] {
  const rough = spanMs / most;
  const power = 10 ** Math.floor(Math.log10(Math.max(rough, 1)));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough) ?? power;
  return Array.from({ length: Math.floor(spanMs / step) + 1 }, (_, index) => index * step);
}
