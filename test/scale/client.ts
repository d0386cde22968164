// A simulated process with holdfast, and one with a client as most are. What is sent when is decided in lib/decide; here is
// only who asks, in the order of wire.ts.
import { decideRetry } from '../../lib/decide/retry.js';
import type { Call, Kind } from './call.js';
import { Gate, type Owner } from './gate.js';
import { Server } from './server.js';
import { rowOf, type World } from './world.js';

export interface Client {
  call(kind: Kind, done: (ok: boolean) => void): void;
}

export class Holdfast implements Client, Owner {
  readonly #world: World;
  readonly #gate: Gate;
  readonly #server: Server;

  constructor(world: World) {
    this.#world = world;
    this.#gate = new Gate(world, this);
    this.#server = new Server(world, this);
  }

  call(kind: Kind, done: (ok: boolean) => void): void {
    const call = this.#world.call(kind, done);
    this.#server.earn();
    this.#enter(call);
  }

  #enter(call: Call): void {
    if (!this.#world.mode.pacing) this.#send(call);
    else if (!call.hasGate && !this.#gate.enter(call)) {
      this.#server.putBack(call);
      this.#watch(call);
    } else if (!call.hasServer && !this.#server.enter(call)) {
      this.#gate.putBack(call);
      this.#watch(call);
    } else this.#send(call);
  }

  goOn(call: Call): void {
    this.#enter(call);
  }

  giveUp(call: Call): void {
    this.#gate.putBack(call);
    this.#server.putBack(call);
    this.#world.over(call, false);
  }

  /** A call that waits does so until its deadline at most. */
  #watch(call: Call): void {
    if (call.isWatched || call.isOver) return;
    call.isWatched = true;
    this.#world.calendar.at(call.startedAt + call.kind.total, () => {
      if (call.isOver) return;
      this.#gate.remove(call);
      this.#server.remove(call);
      this.#world.over(call, false);
    });
  }

  #send(call: Call): void {
    const { now, tally, service, calendar, policies } = this.#world;
    call.attempts += 1;
    call.sentAt = now;
    tally.sent(now);
    const { status, after, told } = service(now);
    const isLate = after > policies.timeout.attempt;
    calendar.at(now + (isLate ? policies.timeout.attempt : after), () =>
      this.#back(call, isLate ? 503 : status, told),
    );
  }

  #back(call: Call, status: number, told: number | undefined): void {
    if (this.#world.mode.pacing) {
      this.#server.leave(call, status);
      this.#gate.leave(call, status, told);
    }
    if (call.isOver) return;
    if (status === 200) this.#world.over(call, true);
    else if (status === 503) this.#repeat(call, status);
    else if (this.#world.mode.pacing) this.#enter(call);
    else this.#waitAlone(call, told ?? this.#world.policies.cooldown.fallback);
  }

  #repeat(call: Call, status: number): void {
    const { now, policies, random } = this.#world;
    const row = rowOf(status);
    const left = call.startedAt + call.kind.total - now;
    call.repeats += 1;
    call.unclear += row.processed === 'unknown' ? 1 : 0;
    const { retry } = policies;
    const decision = decideRetry(
      {
        row,
        status,
        retry: call.tries ? Math.min(call.repeats, retry.retries) : call.repeats,
        repeats: call.kind.repeats,
        keyed: false,
        replayable: true,
        unclear: call.unclear,
        patience: left,
      },
      retry,
      random(),
    );
    const paid = decision.do === 'retry' ? this.#server.spend(call, left - decision.afterMs) : undefined;
    if (decision.do === 'give-up' || paid === undefined) this.#world.over(call, false);
    else this.#later(call, Math.max(decision.afterMs, paid));
  }

  #waitAlone(call: Call, told: number): void {
    const { now, policies } = this.#world;
    call.waited += told;
    const isTooLong =
      call.waited > policies.cooldown.maxWait || now + told >= call.startedAt + call.kind.total;
    if (isTooLong) this.#world.over(call, false);
    else this.#later(call, told);
  }

  #later(call: Call, afterMs: number): void {
    this.#world.calendar.at(this.#world.now + afterMs, () => this.#enter(call));
  }
}

/** Three repeats a second apart, or when a `Retry-After` says; each call by itself. */
export class Usual implements Client {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  call(kind: Kind, done: (ok: boolean) => void): void {
    this.#send(this.#world.call(kind, done));
  }

  #send(call: Call): void {
    const { now, tally, service, calendar } = this.#world;
    call.attempts += 1;
    tally.sent(now);
    const { status, after, told = 1_000 } = service(now);
    calendar.at(now + after, () => {
      if (status === 200 || call.attempts > 3) this.#world.over(call, status === 200);
      else calendar.at(this.#world.now + told, () => this.#send(call));
    });
  }
}
