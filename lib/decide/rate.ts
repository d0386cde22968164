// The rate that a limiting server can take, learned from what it accepted between two refusals. A server that allows
// bursts is a bucket of tokens: full, it accepts `burst` calls at once, and after that `rate` of them a second.
import { atRate, newPace, oneBack, oneLeft, type Pace } from './pace.js';

export interface Rate {
  /** What holds the calls back. */
  readonly pace: Pace;
  /** Calls that the server accepted at once before it first refused one. */
  readonly burst: number;
  /** How long it took for them, ms. */
  readonly burstFor: number;
  /**
   * How well the rate is known. What a refusal shows is never above the truth and may be far below, where the calls came
   * in fits: so it is known roughly until the next refusal shows much the same. Till then it grows with each success.
   */
  readonly known: 'not' | 'roughly' | 'well';
  /** When the server last refused a call. */
  readonly refusedAt: number;
  /** Calls accepted since the bucket opened again. */
  readonly accepted: number;
  /** How many of them had been accepted when; closer together in the beginning. */
  readonly marks: readonly { readonly at: number; readonly accepted: number }[];
}

/** What the server accepted before it first refused. */
export interface Shown {
  readonly accepted: number;
  readonly forMs: number;
}

/** Fewer accepted calls show nothing. */
const TELLING = 4;
/** A rate is trusted for so long, ms; then it grows again until the next refusal. */
const TRUST = 60_000;
/** Calls per second that each success adds: by 1 the rate doubles within a second at most. */
const GROWTH = { not: 1, roughly: 0.07, well: 0 };
/** Two measurements that differ by no more than this factor are much the same. */
const SAME = 1.25;

export const isTelling = ({ accepted }: Pick<Shown, 'accepted'>) => accepted >= TELLING;

/**
 * A first refusal: nothing is measured yet. Twice what was accepted before, spread over the cooldown, is where
 * the search begins; half of that burst may leave once the first call has come through.
 */
export function firstRate(shown: Shown, now: number, opensAt: number): Rate | undefined {
  if (!isTelling(shown)) return undefined;
  const perSecond = (2_000 * shown.accepted) / Math.max(100, opensAt - now);
  return reopened({ burst: shown.accepted, burstFor: shown.forMs, known: 'not' }, perSecond, now, opensAt);
}

/** The next refusal measures it. */
export function refusedAgain(rate: Rate, now: number, opensAt: number, openedAt: number): Rate {
  if (!isTelling(rate)) return reopened(rate, rate.pace.perSecond, now, opensAt);
  const first = measured(rate, rate.burst, now, openedAt);
  if (rate.known !== 'not') {
    const known = first * 1_000 <= rate.pace.perSecond * SAME ? 'well' : 'roughly';
    return reopened({ ...rate, known }, first * 1_000, now, opensAt);
  }
  // While the burst was accepted tokens came in already: without them it was that much smaller.
  const burst = Math.max(1, rate.burst - first * rate.burstFor);
  return reopened(
    { ...rate, burst, known: 'roughly' },
    measured(rate, burst, now, openedAt) * 1_000,
    now,
    opensAt,
  );
}

/**
 * Calls per ms. Since any moment the server can have accepted no more than its burst and what the rate brought in
 * until now, when the bucket is empty; since the refusal before, when it was empty too, what the rate brought alone.
 */
function measured(
  { accepted, marks, refusedAt }: Rate,
  burst: number,
  now: number,
  openedAt: number,
): number {
  const since = [{ at: openedAt, accepted: 0 }, ...marks].filter(({ at }) => at < now);
  return Math.max(
    accepted / Math.max(1, now - refusedAt),
    ...since.map((mark) => (accepted - mark.accepted - burst) / (now - mark.at)),
  );
}

function reopened(
  { burst, burstFor, known }: Pick<Rate, 'burst' | 'burstFor' | 'known'>,
  perSecond: number,
  refusedAt: number,
  opensAt: number,
): Rate {
  const pace = newPace(perSecond, opensAt, 1 + burst / 2);
  return { pace, burst, burstFor, known, refusedAt, accepted: 0, marks: [] };
}

/** A call was accepted. */
export function accepted(rate: Rate, now: number, openedAt: number): Rate {
  const { pace, marks } = rate;
  const last = marks.at(-1)?.at ?? openedAt;
  const total = rate.accepted + 1;
  const growth = GROWTH[isStale(rate, now) ? 'not' : rate.known];
  return {
    ...rate,
    accepted: total,
    pace: growth > 0 ? atRate(pace, pace.perSecond + growth, now) : pace,
    marks: now - last >= (now - openedAt) / 16 ? [...marks, { at: now, accepted: total }] : marks,
  };
}

/** A call leaves. */
export function left(rate: Rate, now: number): Rate {
  return { ...rate, pace: oneLeft(rate.pace, now) };
}

/** A call that was about to leave did not. */
export function stayed(rate: Rate, now: number): Rate {
  return { ...rate, pace: oneBack(rate.pace, now) };
}

/** Whether it is too old to hold back calls that come to an empty bucket. */
export function isStale({ refusedAt }: Rate, now: number): boolean {
  return now - refusedAt > TRUST;
}
