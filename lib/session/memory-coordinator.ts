// The coordinator of one process: the records are in memory, each for as long as somebody holds its session.
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
  readonly listeners: Set<() => void>;
}

/** It answers at once. */
export interface MemorySeat extends Seat {
  begin(grant: Grant): Version;
}

export interface MemoryCoordinator extends Coordinator {
  open(key: string): MemorySeat;
}

export function createMemoryCoordinator(): MemoryCoordinator {
  // Holders keep their record alive, and nothing else does: a session that everybody forgot is gone.
  const cells = new Map<string, WeakRef<Cell>>();
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

  return { open: (key) => seatAt(cellOf(key)) };
}

function seatAt(cell: Cell): MemorySeat {
  let own: (() => void) | undefined;

  /** What a step makes of the record, and what it answers. */
  function put<A>([record, answer]: readonly [SessionRecord<Grant> | undefined, A]): A {
    const changed = cell.record?.ver !== record?.ver || cell.record?.gen !== record?.gen || record?.end;
    if (cell.record === record) return answer;
    cell.record = record;
    // Later, because a listener may call back into whoever is in the middle of a step.
    if (changed) for (const listener of cell.listeners) if (listener !== own) queueMicrotask(listener);
    return answer;
  }
  const now = () => performance.now();

  return {
    begin: (grant) => put(begun(cell.record, grant, now())),
    load: () => cell.record && seenOf(cell.record, now()),
    claim: (terms) => put(claimed(cell.record, terms, now())),
    mark: (fence, lease) => put(marked(cell.record, fence, lease, now())),
    commit: (at, grant) => put(committed(cell.record, at, grant, now())),
    cool: (fence, forMs, doubtful) => put(cooled(cell.record, fence, forMs, doubtful, now())),
    end: (at, end) => put(ended(cell.record, at, end)),
    subscribe(onChange) {
      own = () => onChange();
      cell.listeners.add(own);
      const mine = own;
      return () => void cell.listeners.delete(mine);
    },
  };
}
