// One call of a simulated client: what policies/call.ts keeps of one, as far as the decisions ask.

/** No call goes before another. */
const ALIKE = { priority: 0 };

export class Call {
  attempts = 0;
  repeats = 0;
  unclear = 0;
  sentAt = 0;
  /** Time spent waiting for cooldowns and outages, ms. */
  waited = 0;
  /** Since when it waits in the line that it is in, if any. */
  since = 0;
  limits = 0;
  epoch = 0;
  closed = false;
  held = false;
  tries = false;
  cuts = 0;
  paid = false;
  hasGate = false;
  hasServer = false;
  isWatched = false;
  isOver = false;
  readonly facts = ALIKE;
  readonly place: number;
  readonly startedAt: number;
  readonly kind: Kind;
  readonly done: (ok: boolean) => void;

  constructor(place: number, startedAt: number, kind: Kind, done: (ok: boolean) => void) {
    this.place = place;
    this.startedAt = startedAt;
    this.kind = kind;
    this.done = done;
  }
}

/** What all calls of a scenario have in common. */
export interface Kind {
  /** Total time, ms. */
  readonly total: number;
  readonly repeats: 'any' | 'once';
  /** It waits for no window and no outage. */
  readonly urgent: boolean;
}
