// Many calls may share one AbortSignal: we keep a single listener on each signal and fan out to the calls.

import type { Waiter } from '../ports.js';

interface Group {
  readonly followers: Set<() => void>;
  readonly stop: () => void;
}

const GROUPS = new WeakMap<AbortSignal, Group>();

/** Calls `onAbort` once when the signal aborts; the result stops that. An aborted signal calls at once. */
export function follow(signal: AbortSignal, onAbort: () => void): () => void {
  if (signal.aborted) {
    onAbort();
    return () => undefined;
  }
  const group = GROUPS.get(signal) ?? newGroup(signal);
  group.followers.add(onAbort);
  return () => {
    group.followers.delete(onAbort);
    // The last one out removes the listener, so that a long-lived signal holds on to nothing.
    if (group.followers.size === 0) group.stop();
  };
}

function newGroup(signal: AbortSignal): Group {
  const followers = new Set<() => void>();
  const onAbort = () => {
    stop();
    for (const follower of [...followers]) follower();
  };
  const stop = () => {
    signal.removeEventListener('abort', onAbort);
    if (GROUPS.get(signal) === group) GROUPS.delete(signal);
  };
  const group = { followers, stop };
  GROUPS.set(signal, group);
  signal.addEventListener('abort', onAbort);
  return group;
}

/** Someone who waits until a signal aborts. */
export function waiterOf(signal: AbortSignal | undefined): Waiter {
  let unfollow: (() => void) | undefined;
  return {
    get ended() {
      return signal?.aborted ? ('aborted' as const) : undefined;
    },
    heldBy(what) {
      unfollow?.();
      unfollow = signal && what && follow(signal, () => what.stop('aborted'));
    },
  };
}
