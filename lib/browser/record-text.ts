// The record of a session as it stands in the storage of a browser.
import { isRecord, parseJson } from '../contract/error-body.js';
import type { Ending, Intent, SessionRecord } from '../decide/record.js';
import type { Grant } from '../session/coordinator.js';
import { grantOfText, textOfGrant } from '../session/grant-text.js';

interface Stored extends Omit<SessionRecord<Grant>, 'grant'> {
  readonly grant?: string | undefined;
  /** When it was written, ms since 1970: the clock of a machine may be set back. */
  readonly savedAt: number;
}

export function textOfRecord(record: SessionRecord<Grant>, now: number): string {
  const stored: Stored = { ...record, grant: record.grant && textOfGrant(record.grant), savedAt: now };
  return JSON.stringify(stored);
}

/**
 * A record that cannot be read is trouble with the store, and not the end of a session.
 * @returns the record, and whether it is to be written anew: its moments are of a clock that was ahead
 * @throws Error
 */
export function recordOfText(
  text: unknown,
  now: number,
): readonly [record: SessionRecord<Grant>, moved: boolean] {
  const stored = read(text);
  // No time has gone by that we know of, where the clock shows an earlier time than when it was written.
  const back = Math.min(0, now - stored.savedAt);
  const moved = (at: number) => at + back;
  const { gen, ver, fence, grantedAt, grant, intent, doubt, coolUntil, end } = stored;
  const record = {
    gen,
    ver,
    fence,
    grantedAt: moved(grantedAt),
    grant: grant === undefined ? undefined : grantOfText(grant),
    ...(intent && { intent: { ...intent, at: moved(intent.at), until: moved(intent.until) } }),
    ...(doubt !== undefined && { doubt: moved(doubt) }),
    ...(coolUntil !== undefined && { coolUntil: moved(coolUntil) }),
    ...(end && { end }),
  };
  return [record, back < 0];
}

/** When a session ended that is over; `undefined`: it is not, or this is none of ours. */
export function endedAt(text: unknown): number | undefined {
  try {
    const { end, savedAt } = read(text);
    return end && savedAt;
  } catch {
    return undefined;
  }
}

const NUMBERS = ['gen', 'ver', 'fence', 'grantedAt', 'savedAt'] as const;
const PERHAPS = ['doubt', 'coolUntil'] as const;

function read(text: unknown): Stored {
  const data = typeof text === 'string' ? parseJson(text) : undefined;
  const isStored =
    isRecord(data) &&
    NUMBERS.every((name) => Number.isFinite(data[name])) &&
    PERHAPS.every((name) => data[name] === undefined || Number.isFinite(data[name])) &&
    (data.grant === undefined || typeof data.grant === 'string') &&
    (data.intent === undefined || isIntent(data.intent)) &&
    (data.end === undefined || isEnding(data.end));
  if (!isStored) throw new Error('What is stored of the session cannot be read.');
  return data as unknown as Stored;
}

function isIntent(value: unknown): value is Intent {
  return (
    isRecord(value) &&
    [value.fence, value.at, value.until].every(Number.isFinite) &&
    (value.phase === 'claimed' || value.phase === 'sent')
  );
}

function isEnding(value: unknown): value is Ending {
  return isRecord(value) && typeof value.reason === 'string' && typeof value.because === 'string';
}
