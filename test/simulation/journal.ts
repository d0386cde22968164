// What happened in a run, a numbered line for each step: what a failing case shows.

/** An invariant does not hold. */
export class Broken extends Error {
  /** Of the design, e.g. `I2`. */
  readonly invariant: string;
  readonly timeline: string;

  constructor(invariant: string, what: string, timeline: string) {
    super(`${invariant}: ${what}`);
    this.invariant = invariant;
    this.timeline = timeline;
  }
}

export interface Journal {
  readonly lines: readonly string[];
  say(line: string): void;
  /** Notes the first thing that is wrong: where it shows, nobody may be there to catch an error. */
  broken(invariant: string, what: string): void;
  /** @throws Broken where something is wrong */
  check(): void;
}

export function createJournal(): Journal {
  const startedAt = performance.now();
  const lines: string[] = [];
  let flaw: { readonly invariant: string; readonly what: string } | undefined;
  const say = (line: string) => {
    const ms = Math.round(performance.now() - startedAt);
    lines.push(`${String(lines.length + 1).padStart(4)} ${String(ms).padStart(7)} ms  ${line}`);
  };
  return {
    lines,
    say,
    broken(invariant, what) {
      say(`!! ${invariant}: ${what}`);
      flaw ??= { invariant, what };
    },
    check() {
      if (flaw) throw new Broken(flaw.invariant, flaw.what, lines.join('\n'));
    },
  };
}
