// What happened in a run of the model, a numbered line for each step: what a failing seed shows.

/** An invariant does not hold. */
class Broken extends Error {}

export interface Journal {
  say(line: string): void;
  /** Notes the first thing that is wrong: where it shows, nobody may be there to catch an error. */
  broken(invariant: string, what: string): void;
  /** @throws Broken with all that happened, where something is wrong */
  check(): void;
}

export function createJournal(title: string): Journal {
  const startedAt = performance.now();
  const lines: string[] = [];
  let flaw: string | undefined;
  const say = (line: string) => {
    const ms = Math.round(performance.now() - startedAt);
    lines.push(`${String(lines.length + 1).padStart(4)} ${String(ms).padStart(7)} ms  ${line}`);
  };
  return {
    say,
    broken(invariant, what) {
      say(`!! ${invariant}: ${what}`);
      flaw ??= `${invariant}: ${what}`;
    },
    check() {
      if (flaw !== undefined) throw new Broken([flaw, title, ...lines, flaw].join('\n'));
    },
  };
}
