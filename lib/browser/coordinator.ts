// `browserCoordinator()`: one session for all tabs of a browser. The record in IndexedDB is the truth, messages are hints.
import { aFunction, bad, check, known, oneOf, optional, text } from '../check-options.js';
import {
  begun,
  claimed,
  committed,
  cooled,
  ended,
  marked,
  seenOf,
  type Ending,
  type EndReason,
} from '../decide/record.js';
import type { Coordinator, Seat } from '../session/coordinator.js';
import { createMemoryCoordinator } from '../session/memory-coordinator.js';
import { createHints, type Hints } from './hints.js';
import { openRecords, type Change, type Records } from './storage.js';

/** Options of `browserCoordinator()`. */
export interface BrowserOptions {
  /**
   * Where the tokens are. `'memory'`: in this tab until it is left or loaded again; nothing can be read later.
   * `'indexeddb'`: in all tabs of the origin, also after a restart; any script that runs in the page can read them.
   * Default `'memory'`.
   */
  readonly storage?: 'memory' | 'indexeddb';
  /** Name of the database and of the channel for hints. Default `'holdfast'`. */
  readonly name?: string;
  /**
   * Told in this tab, once for each session that it holds, that the session is over, whichever tab ended it: the place to
   * show the login. `sessionEnded` is told in one tab of all.
   */
  readonly onEnded?: (ended: TabEnding) => void;
}

/** What a tab is told of the end of a session. */
export interface TabEnding {
  /** `session.key`. */
  readonly session: string;
  /** What ended it, for code. */
  readonly reason: EndReason;
  /** Why, as a sentence for a log. */
  readonly because: string;
}

/** A coordinator of all tabs of an origin. */
export interface BrowserCoordinator extends Coordinator {
  /** Stops listening to other tabs. What is stored stays. */
  close(): void;
}

/**
 * Keeps sessions in a browser.
 * @throws TypeError naming the first bad option, or what this browser does not have
 */
export function browserCoordinator(options: BrowserOptions = {}): BrowserCoordinator {
  const maker = 'browserCoordinator';
  known(maker, options, ['storage', 'name', 'onEnded']);
  const { storage = 'memory', name = 'holdfast', onEnded } = options;
  check(maker, 'storage', storage, oneOf('memory', 'indexeddb'));
  check(maker, 'name', name, text);
  check(maker, 'onEnded', onEnded, optional(aFunction));
  const watched = (key: string, seat: Seat) => (onEnded ? telling(seat, key, onEnded) : seat);
  if (storage === 'memory') {
    const memory = createMemoryCoordinator({ idle: Infinity });
    return { open: (key) => watched(key, memory.open(key)), close: () => undefined };
  }
  if (!('indexedDB' in globalThis)) bad(maker, 'storage', "'memory' where there is no IndexedDB", storage);
  if (!('document' in globalThis)) bad(maker, 'storage', "'memory' outside of a page", storage);
  const records = openRecords(name);
  const hints = createHints(name);
  return {
    open: (key) => watched(key, seatAt(records, hints, key)),
    close() {
      hints.close();
      records.close();
    },
  };
}

/** Whoever holds a session stops listening to it when it is over, and says why. */
function telling(seat: Seat, key: string, onEnded: (ended: TabEnding) => void): Seat {
  return {
    ...seat,
    subscribe(onChange) {
      const stop = seat.subscribe(onChange);
      let told = false;
      return (end?: Ending) => {
        stop();
        if (!end || told) return;
        told = true;
        const { reason, because } = end;
        queueMicrotask(() => onEnded({ session: key, reason, because })); // what it throws is the page's, not ours
      };
    },
  };
}

function seatAt(records: Records, hints: Hints, key: string): Seat {
  let own: (() => void) | undefined;

  async function step<A>(change: Change<A>): Promise<A> {
    const { answer, before, after } = await records.step(key, change);
    const isNews =
      after !== before && (after?.gen !== before?.gen || after?.ver !== before?.ver || after?.end);
    if (isNews) hints.tell(key);
    return answer;
  }

  return {
    begin: (grant, joins) => step((record, now) => begun(record, grant, joins, now)),
    load: () => step((record, now) => [record, record && seenOf(record, now)]),
    claim: (terms) => step((record, now) => claimed(record, terms, now)),
    mark: (fence, lease) => step((record, now) => marked(record, fence, lease, now)),
    commit: (at, grant) => step((record, now) => committed(record, at, grant, now)),
    cool: (fence, forMs, doubtful) => step((record, now) => cooled(record, fence, forMs, doubtful, now)),
    end: (at, end) => step((record) => ended(record, at, end)),
    subscribe(onChange) {
      own = onChange; // held here, with the session
      return hints.listen(key, own);
    },
  };
}
