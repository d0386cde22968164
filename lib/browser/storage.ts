// Records in IndexedDB. Its transactions are what makes a step atomic among tabs: localStorage is no help, since each
// process of the browser has a copy of its own that lags behind, also under a Web Lock (docs/decisions/0019-tabs.md).
import type { SessionRecord } from '../decide/record.js';
import type { Grant } from '../session/coordinator.js';
import { endedAt, recordOfText, textOfRecord } from './record-text.js';

type MaybeRecord = SessionRecord<Grant> | undefined;
export type Change<A> = (record: MaybeRecord, now: number) => readonly [record: MaybeRecord, answer: A];

export interface Records {
  /** One step, and what was there before and after. Rejects where the storage is full, forbidden or damaged. */
  step<A>(
    key: string,
    change: Change<A>,
  ): Promise<{ readonly answer: A; readonly before: MaybeRecord; readonly after: MaybeRecord }>;
  close(): void;
}

const STORE = 'sessions';
/** How long other tabs may learn of an end, ms. */
const TOMBSTONE = 24 * 3_600_000;

export function openRecords(name: string): Records {
  let opening: Promise<IDBDatabase> | undefined;

  function database(): Promise<IDBDatabase> {
    opening ??= open(name).then((db) => {
      // Another version wants it, or the user cleared it: the next step opens it anew.
      const gone = () => void (opening = undefined);
      db.onversionchange = () => {
        db.close();
        gone();
      };
      db.onclose = gone;
      bury(db);
      return db;
    });
    opening.catch(() => void (opening = undefined));
    return opening;
  }

  return {
    async step(key, change) {
      const transaction = (await database()).transaction(STORE, 'readwrite');
      const store = transaction.objectStore(STORE);
      return new Promise((resolve, reject) => {
        const fail = (reason: unknown) =>
          reject(reason instanceof Error ? reason : new Error(String(reason)));
        const read = store.get(key);
        read.onsuccess = () => {
          try {
            const now = Date.now();
            const text: unknown = read.result;
            const [before, moved] = text === undefined ? [undefined, false] : recordOfText(text, now);
            const [after, answer] = change(before, now);
            // Unless the time that it is read at is kept, no time ever passes for a record of later.
            if (after && (moved || after !== before)) store.put(textOfRecord(after, now), key);
            transaction.oncomplete = () => resolve({ answer, before, after });
          } catch (thrown) {
            fail(thrown);
            transaction.abort();
          }
        };
        transaction.onabort = () => fail(transaction.error ?? 'The storage of the browser refused a change.');
      });
    },
    close() {
      opening?.then(
        (db) => db.close(),
        () => undefined,
      );
      opening = undefined;
    },
  };
}

function open(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () =>
      reject(request.error ?? new Error('The storage of the browser cannot be opened.'));
    request.onblocked = () => reject(new Error('The storage of the browser is held by another version.'));
  });
}

/** Takes away what is left of sessions that ended long ago. */
function bury(db: IDBDatabase): void {
  const cursor = db.transaction(STORE, 'readwrite').objectStore(STORE).openCursor();
  cursor.onsuccess = () => {
    const { result } = cursor;
    if (!result) return;
    const at = endedAt(result.value);
    if (at !== undefined && Date.now() - at > TOMBSTONE) result.delete();
    result.continue();
  };
}
