// How a simulated process sees the server: the decisions are those of decide/flow.ts and budget.ts, asked as
// policies/server.ts asks them.
import { earn, newBudget, payBack, spend, type BudgetState } from '../../lib/decide/budget.js';
import {
  answered,
  decideHold,
  failed,
  followsAt,
  NEW_FLOW,
  roomFor,
  roomForWaiting,
  sentOne,
  sentWaiting,
  type FlowState,
} from '../../lib/decide/flow.js';
import type { Call } from './call.js';
import type { Owner } from './gate.js';
import { Line } from './line.js';
import { rowOf, type World } from './world.js';

const CEILING = 256;
const BONUS = 0.5;
const ASK_EVERY = 250;

export class Server {
  #flow: FlowState = NEW_FLOW;
  #budget: BudgetState | undefined;
  #underWay = 0;
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

  earn(): void {
    const { policies, now } = this.#world;
    const { budget } = policies.retry;
    this.#budget = earn(this.#budget ?? newBudget(budget, now), budget, now);
  }

  /** When a repeat is covered, ms from now; `undefined`: not in time. */
  spend(call: Call, patience: number): number | undefined {
    const { policies, now, mode } = this.#world;
    if (!mode.budget) return 0;
    const { budget } = policies.retry;
    const decision = spend(this.#budget ?? newBudget(budget, now), budget, now, patience);
    call.paid = decision.do === 'grant';
    if (decision.do === 'refuse') return undefined;
    this.#budget = decision.next;
    return decision.afterMs;
  }

  /** `true`: the call has a place. Otherwise it waits, or has given up. */
  enter(call: Call): boolean {
    const { now, apart, policies } = this.#world;
    const mayPass = this.#flow.following ? !call.paid : this.#waiting === 0;
    if (call.kind.urgent || (mayPass && roomFor(this.#flow, CEILING, this.#underWay, now) > 0)) {
      this.#flow = sentOne(this.#flow, now, apart);
      this.#place(call);
      return true;
    }
    call.held = this.#flow.outage !== undefined;
    call.since = now;
    const isFull = this.#waiting >= policies.cooldown.maxQueued && call.attempts === 0;
    if (isFull || this.#isTooLong(call)) {
      this.#owner.giveUp(call);
      return false;
    }
    const newestFirst = !this.#flow.outage && now < this.#flow.strainedUntil;
    (this.#line ??= new Line()).join(call, BONUS * (call.attempts / (call.attempts + 1)), newestFirst);
    this.#arm();
    return false;
  }

  #place(call: Call): void {
    this.#underWay += 1;
    call.tries = this.#flow.outage !== undefined && this.#waiting > 0;
    call.cuts = this.#flow.cuts;
    call.hasServer = true;
  }

  #isTooLong(call: Call): boolean {
    const { now, policies } = this.#world;
    if (!this.#flow.outage) return false;
    const waited = call.waited + now - call.since;
    return decideHold(this.#flow.outage, now, waited, policies.cooldown.maxWait).do === 'give-up';
  }

  remove(call: Call): void {
    if (this.#line?.remove(call)) this.#left(call);
  }

  #left(call: Call): void {
    if (call.held) call.waited += this.#world.now - call.since;
  }

  #drain(): void {
    const { now } = this.#world;
    let places = roomForWaiting(this.#flow, CEILING, this.#underWay, now);
    for (places = Math.min(places, this.#waiting); places > 0; places -= 1) {
      const call = this.#line?.next();
      if (!call) break;
      this.#left(call);
      this.#flow = sentWaiting(this.#flow, now, this.#world.apart);
      this.#place(call);
      this.#owner.goOn(call);
    }
    if (this.#flow.outage && now - this.#askedAt >= ASK_EVERY) {
      this.#askedAt = now;
      for (const call of this.#line?.all() ?? [])
        if (this.#isTooLong(call)) {
          this.remove(call);
          this.#owner.giveUp(call);
        }
    }
    this.#arm();
  }

  #arm(): void {
    const { now, calendar } = this.#world;
    const waits =
      this.#waiting > 0 && (this.#flow.outage !== undefined || this.#flow.following !== undefined);
    const next = waits ? Math.max(now + 1, followsAt(this.#flow, now)) : Infinity;
    if (next === this.#alarm) return;
    this.#alarm = next;
    if (waits) calendar.at(next, () => this.#ring(next));
  }

  #ring(alarm: number): void {
    if (alarm !== this.#alarm) return;
    this.#alarm = Infinity;
    this.#drain();
  }

  /** The call is back. */
  leave(call: Call, status: number): void {
    const { now, policies } = this.#world;
    call.hasServer = false;
    const back = {
      now,
      took: now - call.sentAt,
      cuts: call.cuts,
      underWay: this.#underWay,
      waiting: this.#waiting,
      ceiling: CEILING,
    };
    const row = rowOf(status);
    if (row.reaction === 'retry') this.#flow = failed(this.#flow, back, row);
    else {
      this.#flow = answered(this.#flow, back);
      if (call.paid && this.#budget) this.#budget = payBack(this.#budget, policies.retry.budget, now);
    }
    call.paid = false;
    this.#underWay -= 1;
    if (this.#waiting > 0) this.#drain();
  }

  /** A call that had a place did not leave. */
  putBack(call: Call): void {
    if (!call.hasServer) return;
    call.hasServer = false;
    this.#underWay -= 1;
    if (this.#waiting > 0) this.#drain();
  }
}
