// The limit of one bucket as the workers of a fleet share it. One of them is refused, all hear of it; what each had
// accepted is added up, so that they learn as one; one goes first when the bucket opens, and after that each asks for
// leave, so that together they keep to one rate, whoever of them has how much to do.
import { firstRate, GROWTH, refusedAgain, type Rate, type Shown } from './rate.js';

/** Where limits are shared. What rejects or hangs is done without: each worker then goes by what it knows itself. */
export interface Cooldowns {
  /**
   * The limit of one bucket.
   * @param name origin, identity and operation or path, and the address of a customer: not to be shown
   * @param hear called with what others do
   */
  bucket(name: string, hear: (news: News) => void): SharedLimit;
  /** How many calls this worker may send at once to a server that it knows nothing about: a share of one burst. */
  start(origin: string, burst: number): Promise<number>;
}

/** Each method is one step at the record that all share. `epoch` counts closings, as in `GateState`. */
export interface SharedLimit {
  /**
   * A call was limited.
   * @param epoch what this worker knows; a call of an earlier one brings no news
   * @param forMs how long the bucket stays closed
   * @param shown what this worker's calls got before; see `report`
   */
  close(epoch: number, forMs: number, shown: Shown): Promise<Standing>;
  /** Calls that were accepted since the last report, of this epoch; or before its closing, where it has just begun. */
  report(epoch: number, shown: Shown): Promise<void>;
  /**
   * Asks for leave to send up to `want` calls, and reports what was accepted.
   * @param epoch 0: this worker knows nothing yet
   */
  ask(epoch: number, want: number, accepted: number): Promise<Leave>;
  /** Opens the bucket after this closing, at a rate or without; whoever does it goes first. */
  reopen(epoch: number, lesson: Lesson | undefined): Promise<Leave>;
  /** Hears nothing more. */
  release(): void;
}

/** How the limit of a bucket stands: the number of its closing, and for how long. */
export interface Standing {
  /** How often the bucket has been closed; tells an old answer from a new one. */
  readonly epoch: number;
  /** Until it opens, ms. */
  readonly forMs: number;
}

/** What other processes are told of a bucket. */
export type News =
  | { readonly is: 'closed'; readonly epoch: number; readonly forMs: number }
  /** The first call after a closing was accepted. */
  | { readonly is: 'going'; readonly epoch: number };

/** The answer to a process that asks whether its calls may leave. */
export type Leave =
  /** Nothing is known of a limit: calls just leave. */
  | { readonly is: 'free' }
  | { readonly is: 'closed'; readonly epoch: number; readonly forMs: number }
  /** It may be opened now, by whoever is told so. */
  | { readonly is: 'first'; readonly epoch: number; readonly tally: Tally }
  /** Somebody else goes first. */
  | { readonly is: 'wait'; readonly epoch: number; readonly forMs: number }
  /** So many may leave, in `forMs`. */
  | { readonly is: 'granted'; readonly epoch: number; readonly count: number; readonly forMs: number };

/** What all workers together have counted until a bucket was closed. Moments on one clock, ms. */
export interface Tally {
  /** When the bucket was closed last. */
  readonly closedAt: number;
  /** When it may be opened again, as the server said or the fallback has it. */
  readonly opensAt: number;
  /** Accepted before the first closing, and within which time. */
  readonly shown: Shown;
  /** From the second closing on. */
  readonly since?: {
    readonly lesson: Lesson;
    readonly refusedAt: number;
    readonly openedAt: number;
    readonly accepted: number;
    readonly marks: Rate['marks'];
  };
}

/** What was learned, as far as others go on with it. */
export interface Lesson extends Pick<Rate, 'burst' | 'last' | 'known'> {
  /** Calls per second that all workers together may send. */
  readonly perSecond: number;
  /** Most calls that can be saved up. */
  readonly most: number;
  /** Calls per second that each success adds. */
  readonly growth: number;
}

/** What a closing teaches; `undefined`: too little was accepted to show anything. */
export function lessonOf({ closedAt, opensAt, shown, since }: Tally): Lesson | undefined {
  if (!since) return told(firstRate(shown, closedAt, opensAt));
  const { lesson, openedAt, ...counted } = since;
  const pace = { perSecond: lesson.perSecond, most: lesson.most, saved: 0, at: openedAt };
  return told(refusedAgain({ ...lesson, ...counted, pace }, closedAt, opensAt, openedAt));
}

function told(rate: Rate | undefined): Lesson | undefined {
  if (!rate) return undefined;
  const { burst, last, known, pace } = rate;
  return { burst, last, known, perSecond: pace.perSecond, most: pace.most, growth: GROWTH[known] };
}
