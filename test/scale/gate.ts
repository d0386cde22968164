// The gate of a simulated process: the decisions are those of decide/gate.ts, asked as policies/gate.ts asks them.
import {
  admitted,
  decideWait,
  limited,
  NEW_GATE,
  passed,
  refreshed,
  room,
  unsent,
  wakesAt,
  type GateState,
} from '../../lib/decide/gate.js';
import type { Call } from './call.js';
import { Line } from './line.js';
import type { World } from './world.js';

const RECENT = 1_000;
const ASK_EVERY = 250;
const BONUS = 0.5;

export interface Owner {
  /** A call that waited may go on. */
  goOn(call: Call): void;
  /** It waits no longer. */
  giveUp(call: Call): void;
}

export class Gate {
  #state: GateState = NEW_GATE;
  #underWay = 0;
  #accepted = 0;
  #since = 0;
  #askedAt = 0;
  #alarm = Infinity;
  #line: Line | undefined;
  readonly #world: World;
  readonly #owner: Owner;

  constructor(world: World, owner: Owner) {
    this.#world = world;
    this.#owner = owner;
  }

  get #waiting(): number {
    return this.#line?.size ?? 0;
  }

  #places(): number {
    const { policies, now } = this.#world;
    return room(this.#state, policies.cooldown, this.#underWay, now);
  }

  /** `true`: the call has a place. Otherwise it waits, or has given up. */
  enter(call: Call): boolean {
    const { now, policies } = this.#world;
    if (this.#waiting === 0) {
      if (this.#underWay === 0) this.#state = refreshed(this.#state, now);
      if (this.#places() > 0) {
        this.#take(call);
        return true;
      }
    }
    const isFull = this.#waiting >= policies.cooldown.maxQueued && call.attempts === 0;
    call.since = now;
    if (isFull || this.#isTooLong(call)) {
      this.#owner.giveUp(call);
      return false;
    }
    call.closed = now < this.#state.opensAt;
    call.epoch = this.#state.epoch;
    const bonus = call.limits > 1 ? -BONUS : call.attempts > 0 ? BONUS : 0;
    (this.#line ??= new Line()).join(call, bonus, false);
    this.#arm();
    return false;
  }

  #take(call: Call): void {
    this.#underWay += 1;
    this.#state = admitted(this.#state, this.#world.now);
    call.epoch = this.#state.epoch;
    call.hasGate = true;
  }

  #isTooLong(call: Call): boolean {
    const { now, policies } = this.#world;
    // Only a gate that a limit closed can be waited for too long.
    if (this.#state.epoch === 0 || (now >= this.#state.opensAt && !this.#state.rate)) return false;
    const waited = call.waited + now - call.since;
    const left = call.startedAt + call.kind.total - now;
    return decideWait(this.#state, now, waited, policies.cooldown.maxWait, left).do === 'give-up';
  }

  remove(call: Call): void {
    if (this.#line?.remove(call)) this.#left(call);
  }

  #left(call: Call): void {
    if (call.closed || call.epoch !== this.#state.epoch) call.waited += this.#world.now - call.since;
  }

  #drain(): void {
    const { now } = this.#world;
    for (let places = Math.min(this.#places(), this.#waiting); places > 0; places -= 1) {
      const call = this.#line?.next();
      if (!call) break;
      this.#left(call);
      this.#take(call);
      this.#owner.goOn(call);
    }
    if (this.#state.rate && now - this.#askedAt >= ASK_EVERY) {
      this.#askedAt = now;
      this.#askAll();
    }
    this.#arm();
  }

  #askAll(): void {
    for (const call of this.#line?.all() ?? [])
      if (this.#isTooLong(call)) {
        this.remove(call);
        this.#owner.giveUp(call);
      }
  }

  #arm(): void {
    const { now, calendar } = this.#world;
    const { opensAt, rate } = this.#state;
    const next =
      this.#waiting === 0
        ? Infinity
        : now < opensAt
          ? opensAt
          : rate
            ? Math.max(now + 1, wakesAt(this.#state, now))
            : Infinity;
    if (next === this.#alarm) return;
    this.#alarm = next;
    if (next < Infinity) calendar.at(next, () => this.#ring(next));
  }

  #ring(alarm: number): void {
    if (alarm !== this.#alarm) return;
    this.#alarm = Infinity;
    this.#drain();
  }

  /** @param told `undefined`: it was no limit; `status` 0: the call has not left */
  leave(call: Call, status: number, told: number | undefined): void {
    if (!call.hasGate) return;
    call.hasGate = false;
    const { now, policies } = this.#world;
    this.#underWay -= 1;
    if (status === 200) {
      if (now - this.#since > RECENT) [this.#since, this.#accepted] = [now, 0];
      this.#accepted += 1;
      this.#state = passed(this.#state, policies.cooldown, call.epoch, now);
    } else if (status === 429) {
      const shown = { accepted: this.#accepted, forMs: now - this.#since };
      const strikes = Math.max(this.#state.strikes, call.limits - 1);
      call.limits += 1;
      const before = { ...this.#state, strikes };
      this.#state = limited(before, policies.cooldown, now, call.epoch, told, shown);
      this.#askAll();
    }
    if (this.#waiting > 0) this.#drain();
  }

  /** A call that had a place did not leave. */
  putBack(call: Call): void {
    if (!call.hasGate) return;
    call.hasGate = false;
    this.#underWay -= 1;
    this.#state = unsent(this.#state, this.#world.now);
    if (this.#waiting > 0) this.#drain();
  }
}
