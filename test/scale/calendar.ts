// Time as numbers: what is due at which millisecond. Timers count whole ms, and so does the calendar.

export interface Time {
  /** ms */
  readonly now: number;
  at(moment: number, due: () => void): void;
}

export class Calendar implements Time {
  now = 0;
  readonly #days: ((() => void)[] | undefined)[] = [];

  /** Never at once: what is due now is due at the end of this millisecond. */
  at(moment: number, due: () => void): void {
    const ms = Math.max(this.now, Math.ceil(moment));
    (this.#days[ms] ??= []).push(due);
  }

  /** Lets time pass. */
  run(until: number): void {
    for (; this.now < until; this.now += 1) {
      const day = this.#days[this.now];
      if (!day) continue;
      // It grows meanwhile.
      for (let next = 0; next < day.length; next += 1) day[next]!();
      this.#days[this.now] = undefined;
    }
  }
}
