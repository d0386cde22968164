// The rate that a limiting server can take, learned from what it accepted between two refusals. A server that allows
// bursts is a bucket of tokens: full, it accepts `burst` calls at once, and after that `rate` of them a second.
import { atRate, newPace, oneBack, oneLeft, type Pace } from './pace.js';

export interface Rate {
  /** What holds the calls back. */
  readonly pace: Pace;
  /** Calls that the server accepts at once when it was left alone for a while; not known well. */
  readonly burst: number;
  /** What it accepted, from a full bucket to an empty one, before it refused a call the last time. */
  readonly last: Shown;
  /**
   * How well the rate is known. What a refusal shows is never above the truth and may be far below, where the calls came
   * in fits: so it is known roughly until the next refusal shows much the same. Till then it grows with each
   * success.
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
export const TRUST = 60_000;
/** Calls per second that each success adds: by 1 the rate doubles within a second at most. */
export const GROWTH = { not: 1, roughly: 0.07, well: 0 };
/**
 * A measured rate that is so much of the one that calls left at is much the same. One that is far lower may come from a
 * process that stood still and made up for it; nor is a rate much higher than what it was taken for known well.
 */
const SAME = { least: 0.6, most: 1.25 };

/** What is kept to of a measured rate: a hair too much ends in a cooldown, which costs more. */
const MARGIN = 0.97;

/** No rate is measured over less, ms. */
const SHORTEST = 100;
/** What is kept of a rate that a spell too short to measure one has shown to be too high. */
const CUT = 0.7;
/** Two spells tell burst from rate if one is so many times as long as the other. */
const DIFFERENT = 1.5;

export const isTelling = ({ accepted }: Pick<Shown, 'accepted'>) => accepted >= TELLING;

/**
 * A first refusal: nothing is measured yet. Twice what was accepted before, spread over the cooldown, is where
 * the search begins; half of that burst may leave once the first call has come through.
 */
export function firstRate(shown: Shown, now: number, opensAt: number): Rate | undefined {
  if (!isTelling(shown)) return undefined;
  const perSecond = (2_000 * shown.accepted) / Math.max(100, opensAt - now);
  return reopened({ burst: shown.accepted, last: shown, known: 'not' }, perSecond, now, opensAt);
}

/** So soon after the bucket opened a refusal says that what came through then was too much already, ms. */
const SOON = 1_000;

/**
 * A bucket that opened took a call or two and refused the next: the server wants a distance between them, and to let go
 * two at once is to be refused each time. So they leave one by one, at a rate that begins low and grows.
 */
export function sparseRate(taken: number, now: number, opensAt: number, openedAt: number): Rate | undefined {
  if (taken < 1 || taken >= TELLING || now - openedAt > SOON) return undefined;
  const perSecond = 2_000 / Math.max(100, opensAt - now);
  const shown = { accepted: taken, forMs: Math.max(1, now - openedAt) };
  return reopened({ burst: 1, last: shown, known: 'not' }, perSecond, now, opensAt);
}

/** The next refusal measures it. */
export function refusedAgain(rate: Rate, now: number, opensAt: number, openedAt: number): Rate {
  if (!isTelling(rate)) return reopened(rate, rate.pace.perSecond, now, opensAt);
  const { perMs, least, burst, last, isWeak } = measured(rate, now, openedAt);
  if (rate.known === 'not') {
    const known = isWeak ? 'not' : 'roughly';
    return reopened({ burst, last, known }, perMs * 1_000 * MARGIN, now, opensAt);
  }
  // That so little got through says itself that the rate is too high.
  const most = isWeak ? Math.max(least * 1_000, rate.pace.perSecond * CUT) : Infinity;
  const ratio = (perMs * 1_000) / rate.pace.perSecond;
  const known = !isWeak && ratio >= SAME.least && ratio <= SAME.most ? 'well' : 'roughly';
  return reopened({ burst, last, known }, Math.min(most, perMs * 1_000 * MARGIN), now, opensAt);
}

interface Measured {
  /** Calls per ms, and what they are at least, whatever the burst. */
  readonly perMs: number;
  readonly least: number;
  readonly burst: number;
  readonly last: Shown;
  /** It was refused too soon to show much. */
  readonly isWeak: boolean;
}

/**
 * A bucket that was full took its burst and what the rate brought in until it was empty; so do two spells of different
 * length tell both. Before a spell that counts calls may have come too slowly to empty anything: so each moment since
 * the opening may be its beginning, and the one that shows most is. Since the refusal before, when the bucket was empty
 * too, the rate alone brought what was accepted.
 */
function measured(rate: Rate, now: number, openedAt: number): Measured {
  const { accepted, marks, refusedAt, last, burst } = rate;
  // Not from moments just before: answers come in lumps.
  const latest = now - Math.max(SHORTEST, (now - openedAt) / 4);
  const whole = { accepted, forMs: Math.max(1, now - openedAt) };
  const later = marks.filter(({ at }) => at <= latest);
  const spells = [
    whole,
    ...later.map((mark) => ({ accepted: accepted - mark.accepted, forMs: now - mark.at })),
  ];
  const least = accepted / Math.max(1, now - refusedAt);
  const most = Math.max(least, ...spells.map((spell) => spell.accepted / spell.forMs));
  const longer = spells.filter(
    (spell) => spell.forMs >= DIFFERENT * last.forMs && spell.accepted >= DIFFERENT * last.accepted,
  );
  const shown =
    longer.length > 0
      ? longer.map((spell) => (spell.accepted - last.accepted) / (spell.forMs - last.forMs))
      : spells.map((spell) => (spell.accepted - burst) / spell.forMs);
  const perMs = Math.min(most, Math.max(least, ...shown));
  const left = longer.length > 0 ? Math.max(1, last.accepted - perMs * last.forMs) : burst;
  const telling = spells.reduce((best, spell) =>
    (spell.accepted - left) / spell.forMs > (best.accepted - left) / best.forMs ? spell : best,
  );
  // A spell shorter than the cooldown before it cannot tell a small burst at a high rate from a large one at a low rate.
  const isWeak = longer.length === 0 && whole.forMs < openedAt - refusedAt;
  return { perMs, least, burst: Math.min(left, accepted), last: telling, isWeak };
}

function reopened(
  { burst, last, known }: Pick<Rate, 'burst' | 'last' | 'known'>,
  perSecond: number,
  refusedAt: number,
  opensAt: number,
): Rate {
  // A server without bursts counts the distance between two calls: nothing is saved up for the second.
  const pace = newPace(perSecond, opensAt, burst > 1 ? 1 + burst / 2 : 1);
  return { pace, burst, last, known, refusedAt, accepted: 0, marks: [] };
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
