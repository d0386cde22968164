// The coordinator of one process: the records are in memory, each for as long as somebody holds its session, or longer.
import {
  begun,
  claimed,
  committed,
  cooled,
  ended,
  marked,
  seenOf,
  type SessionRecord,
  type Version,
} from '../decide/record.js';
import type { Coordinator, Grant, Seat } from './coordinator.js';

interface Cell {
  record: SessionRecord<Grant> | undefined;
  /** Held by their sessions alone: a record that is kept must not keep those who once looked at it. */
  readonly listeners: Set<WeakRef<() => void>>;
}

/** It answers at once. */
export interface MemorySeat extends Seat {
  begin(grant: Grant, joins: boolean): Version;
}

export interface MemoryCoordinator extends Coordinator {
  open(key: string): MemorySeat;
}

/** Options of `memoryCoordinator()`. */
export interface MemoryOptions {
  /** How long a session is kept that nobody uses or holds, ms. Default 0: it is gone with its last holder. */
  readonly idle?: number;
  /** Most sessions that are kept for `idle`; those unused for longest make room. Default 100 000. */
  readonly most?: number;
}

export function createMemoryCoordinator({ idle = 0, most = 100_000 }: MemoryOptions = {}): MemoryCoordinator {
  // Holders keep their record alive: without `idle` nothing else does, and a session that everybody forgot is gone.
  const cells = new Map<string, WeakRef<Cell>>();
  const kept = new Map<string, { readonly cell: Cell; readonly usedAt: number }>(); // longest unused first
  const gone = new FinalizationRegistry<string>((key) => {
    if (!cells.get(key)?.deref()) cells.delete(key);
  });

  function cellOf(key: string): Cell {
    const known = cells.get(key)?.deref();
    if (known) return known;
    const cell: Cell = { record: undefined, listeners: new Set() };
    cells.set(key, new WeakRef(cell));
    gone.register(cell, key);
    return cell;
  }

  /** Keeps the record for a while, if it is worth it. */
  function used(key: string, cell: Cell): void {
    if (idle === 0) return;
    kept.delete(key);
    const now = performance.now();
    if (cell.record && !cell.record.end) kept.set(key, { cell, usedAt: now });
    for (const [oldest, { usedAt }] of kept) {
      if (now - usedAt < idle && kept.size <= most) return;
      kept.delete(oldest);
    }
  }

  return {
    open(key) {
      const cell = cellOf(key);
      return seatAt(cell, () => used(key, cell));
    },
  };
}

function seatAt(cell: Cell, used: () => void): MemorySeat {
  let own: (() => void) | undefined;

  /** What a step makes of the record, and what it answers. */
  function put<A>([record, answer]: readonly [SessionRecord<Grant> | undefined, A]): A {
    const changed = cell.record?.ver !== record?.ver || cell.record?.gen !== record?.gen || record?.end;
    if (cell.record === record) return answer;
    cell.record = record;
    used();
    // Later, because a listener may call back into whoever is in the middle of a step.
    if (changed) tellOthers();
    return answer;
  }
  function tellOthers(): void {
    for (const each of cell.listeners) {
      const listener = each.deref();
      if (!listener) cell.listeners.delete(each);
      else if (listener !== own) queueMicrotask(listener);
    }
  }
  const now = () => performance.now();

  return {
    begin: (grant, joins) => put(begun(cell.record, grant, joins, now())),
    load() {
      used();
      return cell.record && seenOf(cell.record, now());
    },
    claim: (terms) => put(claimed(cell.record, terms, now())),
    mark: (fence, lease) => put(marked(cell.record, fence, lease, now())),
    commit: (at, grant) => put(committed(cell.record, at, grant, now())),
    cool: (fence, forMs, doubtful) => put(cooled(cell.record, fence, forMs, doubtful, now())),
    end: (at, end) => put(ended(cell.record, at, end)),
    subscribe(onChange) {
      for (const each of cell.listeners) if (!each.deref()) cell.listeners.delete(each);
      own = () => onChange();
      const mine = new WeakRef(own);
      cell.listeners.add(mine);
      return () => void cell.listeners.delete(mine);
    },
  };
}
