// What is counted in a run, by time.

const SLOT = 100;
const SECOND = 1_000;
const LONG = 5_000;

/** What a run found out. */
export interface Figures {
  /** Calls that were made. */
  readonly calls: number;
  /** Requests for each of them. */
  readonly amplification: number;
  /** Share of the calls that failed. */
  readonly lost: number;
  /** From the end of the trouble until calls succeed as before, s; `Infinity`: not in this run. */
  readonly recovery: number;
  /** Requests in the busiest 100 ms, over the mean of a usual day. */
  readonly peak: number;
  /** Requests in each second of the run. */
  readonly requests: readonly number[];
}

export class Tally {
  calls = 0;
  sends = 0;
  lost = 0;
  readonly #slots: number[] = [];
  readonly #good: number[] = [];
  readonly #bad: number[] = [];

  began(): void {
    this.calls += 1;
  }

  sent(now: number): void {
    this.sends += 1;
    count(this.#slots, now / SLOT);
  }

  /** @param took ms; one that took long is no success as before */
  settled(now: number, ok: boolean, took: number): void {
    if (!ok) this.lost += 1;
    count(ok && took <= LONG ? this.#good : this.#bad, now / SECOND);
  }

  /**
   * @param usual requests of a usual second
   * @param over when the trouble is over, ms: peaks count from then on
   */
  figures(usual: number, over: number, until: number): Figures {
    const slots = Array.from({ length: until / SLOT }, (_, slot) => this.#slots[slot] ?? 0);
    const requests = Array.from({ length: until / SECOND }, (_, second) =>
      sum(slots.slice(second * 10, second * 10 + 10)),
    );
    const most = slots.slice(over / SLOT).reduce((top, each) => Math.max(top, each), 0);
    return {
      calls: this.calls,
      amplification: this.sends / this.calls,
      lost: this.lost / this.calls,
      recovery: this.#recovery(over / SECOND, until / SECOND),
      peak: (most * SECOND) / SLOT / usual,
      requests,
    };
  }

  /** After the last second in which more than a hundredth of the calls failed, or had taken long. */
  #recovery(over: number, until: number): number {
    for (let second = until - 1; second >= over; second -= 1) {
      const bad = this.#bad[second] ?? 0;
      if (bad > ((this.#good[second] ?? 0) + bad) / 100)
        return second >= until - 2 ? Infinity : second + 1 - over;
    }
    return 0;
  }
}

function count(slots: number[], at: number): void {
  const slot = Math.floor(at);
  slots[slot] = (slots[slot] ?? 0) + 1;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);
