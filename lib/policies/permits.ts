// Leave to send to one bucket, from the fleet: asked for while a limit is known, and not needed otherwise. Where the
// fleet cannot be asked, a process goes by what it has learned itself.
import type { Shown } from '../decide/rate.js';
import { lessonOf, type Cooldowns, type Leave, type News } from '../decide/shared-limit.js';

/** The gate that the permits are for. */
export interface PermitHolder {
  /**
   * The bucket is closed for so long, ms.
   * @param again it was not known to be, so that this is another cooldown
   * @returns what was accepted here before
   */
  closed(forMs: number, again: boolean): Shown;
  /** No limit is known any more. */
  freed(): void;
  /** Calls may leave, or ask again. */
  changed(): void;
}

export interface Permits {
  /** So many calls may leave now; `undefined`: the fleet does not say. */
  left(now: number): number | undefined;
  take(): void;
  /** A call that had one did not leave. */
  putBack(): void;
  /** Asks for `count` calls that wait, where that makes sense just now. */
  want(count: number, now: number): void;
  /** When to ask or look again, if nobody tells before. */
  wakesAt(now: number): number;
  /** A call was accepted. @param waiting calls wait, and will ask soon */
  accepted(waiting: boolean): void;
  /** A call was limited. @param shown what was accepted here before */
  limited(forMs: number, shown: Shown): void;
  release(): void;
}

/** After a question without an answer a process goes by what it knows itself for so long, ms; longer after the next. */
const ALONE = { least: 1_000, most: 30_000 };
/** Who waits for the one that goes first asks again after so long, ms, if it hears nothing. */
const PAUSE = { least: 50, most: 250 };
/** Most calls that are asked for at once. */
const AT_ONCE = 64;

export function createPermits(cooldowns: Cooldowns, name: string, holder: PermitHolder): Permits {
  let limited = true; // until the first answer
  let epoch = 0;
  let held = 0;
  let usableAt = 0;
  let asking = false;
  let askAt = 0;
  let aloneUntil = 0;
  let failures = 0; // in a row
  let unreported = 0;
  let reporting = false;
  const limit = cooldowns.bucket(name, hear);

  const rules = (now: number) => limited && now >= aloneUntil;

  function hear(news: News): void {
    if (news.epoch < epoch) return;
    if (news.is === 'closed') closed(news.epoch, news.forMs);
    else if (limited && news.epoch === epoch) {
      askAt = 0;
      holder.changed();
    }
  }

  /** Whether it was closed here or elsewhere: what was accepted since the last report is told. */
  function closed(since: number, forMs: number): void {
    const isNews = since > epoch;
    const wasLimited = limited && epoch > 0;
    const shown = holder.closed(forMs, isNews);
    limited = true;
    if (!isNews) return;
    enterEpoch(since);
    const accepted = wasLimited ? takeUnreported() : shown.accepted;
    if (accepted > 0) report({ accepted, forMs: wasLimited ? 0 : shown.forMs });
  }

  function enterEpoch(next: number): void {
    if (next === epoch) return;
    epoch = next;
    held = 0;
    askAt = 0;
  }

  function takeUnreported(): number {
    const taken = unreported;
    unreported = 0;
    return taken;
  }

  function report(shown: Shown): void {
    reporting = true;
    limit.report(epoch, shown).then(
      () => {
        reporting = false;
        if (unreported > 0 && !asking) report({ accepted: takeUnreported(), forMs: 0 });
      },
      () => {
        reporting = false;
        alone();
      },
    );
  }

  function alone(): void {
    aloneUntil = performance.now() + Math.min(ALONE.most, ALONE.least * 2 ** failures);
    failures += 1;
  }

  /** @param known the epoch when it was asked for */
  function understand(leave: Leave, known: number, now: number): void {
    if (leave.is === 'free') {
      limited = false;
      epoch = 0;
      held = 0;
      unreported = 0;
      holder.freed();
      return;
    }
    if (leave.epoch < epoch && epoch !== known) return; // closed meanwhile
    if (leave.epoch < epoch) epoch = 0; // a replica that is behind has taken over
    if (leave.is === 'closed') {
      closed(leave.epoch, leave.forMs);
      return;
    }
    enterEpoch(leave.epoch);
    if (leave.is === 'granted') {
      held += leave.count;
      usableAt = now + leave.forMs;
    } else if (leave.is === 'wait') {
      const pause = PAUSE.least + Math.random() * (PAUSE.most - PAUSE.least);
      askAt = now + Math.min(leave.forMs, pause);
    }
  }

  async function ask(count: number): Promise<void> {
    const known = epoch;
    const asked = await limit.ask(known, Math.min(count, AT_ONCE), takeUnreported());
    const leave = asked.is === 'first' ? await limit.reopen(asked.epoch, lessonOf(asked.tally)) : asked;
    understand(leave, known, performance.now());
    failures = 0;
  }

  return {
    left: (now) => (rules(now) ? (now >= usableAt ? held : 0) : undefined),
    take() {
      if (held > 0) held -= 1;
    },
    putBack() {
      if (limited) held += 1;
    },
    want(count, now) {
      if (asking || held > 0 || now < askAt || !rules(now)) return;
      asking = true;
      ask(count)
        .catch(alone)
        .finally(() => {
          asking = false;
          holder.changed();
        });
    },
    wakesAt(now) {
      if (held > 0) return usableAt;
      return asking ? Infinity : Math.max(now, askAt);
    },
    accepted(waiting) {
      if (!limited || epoch === 0) return;
      unreported += 1;
      if (!waiting && !reporting && !asking) report({ accepted: takeUnreported(), forMs: 0 });
    },
    limited(forMs, shown) {
      const accepted = limited && epoch > 0 ? takeUnreported() : shown.accepted;
      const before = epoch;
      held = 0;
      limited = true;
      limit.close(before, forMs, { accepted, forMs: before > 0 ? 0 : shown.forMs }).then((standing) => {
        if (standing.epoch < epoch) return;
        enterEpoch(standing.epoch);
        holder.closed(standing.forMs, false);
      }, alone);
    },
    release: () => limit.release(),
  };
}
