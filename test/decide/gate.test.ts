// decide/gate: open or closed until a moment, and how many may be under way at once.
import { expect } from 'chai';
import fc from 'fast-check';
import {
  admitted,
  decideWait,
  isForgettable,
  limited,
  NEW_GATE,
  passed,
  refreshed,
  room,
  spent,
  unsent,
  wakesAt,
  type CooldownPolicy,
  type GateState,
} from '../../lib/decide/gate.js';

const POLICY: CooldownPolicy = { maxWait: 30_000, fallback: 1_000, concurrency: 8 };
const NOW = 50_000;
/** The bucket accepted nothing worth counting before it was limited. */
const NOTHING = { accepted: 0, forMs: 0 };

const anyPolicy: fc.Arbitrary<CooldownPolicy> = fc.record({
  maxWait: fc.integer({ min: 0, max: 60_000 }),
  fallback: fc.integer({ min: 1, max: 60_000 }),
  concurrency: fc.integer({ min: 1, max: 20 }),
});
const told = fc.option(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 100_000 })), { nil: undefined });

/** Something that happens `after` ms later to a call that left `older` cooldowns ago. */
const step = fc.record({
  after: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20_000 })),
  older: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3 })),
  end: fc.constantFrom('passed' as const, 'limited' as const),
  told,
});

/** Runs a schedule and shows each state with the one before it. */
function run(
  policy: CooldownPolicy,
  steps: readonly { after: number; older: number; end: string; told: number | undefined }[],
  look: (next: GateState, before: GateState, now: number, step: (typeof steps)[number]) => void,
): void {
  let state = NEW_GATE;
  let now = NOW;
  for (const one of steps) {
    now += one.after;
    const epoch = Math.max(0, state.epoch - one.older);
    const before = state;
    state =
      one.end === 'passed'
        ? passed(state, policy, epoch, now)
        : limited(state, policy, now, epoch, one.told, NOTHING);
    look(state, before, now, one);
  }
}

describe('The gate of a bucket', () => {
  const anySchedule = fc.array(step, { maxLength: 60 });

  it('never opens earlier than it was closed for, whatever comes later', () => {
    fc.assert(
      fc.property(anyPolicy, anySchedule, (policy, steps) => {
        run(policy, steps, (next, before) => {
          expect(next.opensAt).to.be.at.least(before.opensAt);
        });
      }),
      { numRuns: 500 },
    );
  });

  it('stays closed for at least as long as the latest hint says', () => {
    fc.assert(
      fc.property(anyPolicy, anySchedule, (policy, steps) => {
        run(policy, steps, (next, _before, now, one) => {
          if (one.end === 'limited') expect(next.opensAt).to.be.at.least(now + (one.told ?? 0));
        });
      }),
      { numRuns: 500 },
    );
  });

  it('lets between one and `concurrency` calls be under way, and one after a cooldown', () => {
    fc.assert(
      fc.property(anyPolicy, anySchedule, (policy, steps) => {
        run(policy, steps, (next, before) => {
          expect(next.window).to.be.at.least(1);
          if (next.window !== Infinity) expect(next.window).to.be.at.most(policy.concurrency);
          if (next.epoch > before.epoch) expect(next.window).to.equal(1);
          else if (before.window < policy.concurrency) expect(next.window).to.be.at.most(before.window + 1);
        });
      }),
      { numRuns: 500 },
    );
  });

  it('waits for no more than maxWait or its first guess where the server does not say how long', () => {
    fc.assert(
      fc.property(anyPolicy, anySchedule, (policy, steps) => {
        run(policy, steps, (next, before, now, one) => {
          if (one.end === 'limited' && !one.told)
            expect(next.opensAt).to.be.at.most(
              Math.max(before.opensAt, now + Math.max(policy.maxWait, policy.fallback)),
            );
        });
      }),
      { numRuns: 500 },
    );
  });

  it('counts calls that are limited together as one cooldown', () => {
    fc.assert(
      fc.property(fc.array(told, { minLength: 1, maxLength: 30 }), (hints) => {
        const before = NEW_GATE;
        const after = hints.reduce(
          (state, hint) => limited(state, POLICY, NOW, before.epoch, hint, NOTHING),
          before,
        );
        expect(after).to.include({ strikes: 1, epoch: before.epoch + 1 });
        const silence = hints.includes(undefined) ? POLICY.fallback : 0;
        expect(after.opensAt).to.equal(NOW + Math.max(silence, ...hints.map((hint) => hint ?? 0)));
      }),
    );
  });

  it('believes the server rather than its own guess, shorter or longer', () => {
    for (const hint of [1, 999, 90_000])
      expect(limited(NEW_GATE, POLICY, NOW, 0, hint, NOTHING).opensAt).to.equal(NOW + hint);
  });

  it('doubles its own guess up to maxWait as long as it is refused', () => {
    const waits: number[] = [];
    let state = NEW_GATE;
    let now = NOW;
    for (let strike = 1; strike <= 8; strike += 1) {
      state = limited(state, POLICY, now, state.epoch, undefined, NOTHING);
      waits.push(state.opensAt - now);
      now = state.opensAt;
    }
    expect(waits).to.deep.equal([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('guesses maxWait after any number of refusals', () => {
    const state = { ...NEW_GATE, strikes: 5_000 };
    expect(limited(state, POLICY, NOW, 0, undefined, NOTHING).opensAt).to.equal(NOW + POLICY.maxWait);
  });

  it('begins again with its first guess after a success', () => {
    const closed = [0, 1].reduce(
      (state, epoch) => limited(state, POLICY, NOW + epoch * 1_000, epoch, undefined, NOTHING),
      NEW_GATE,
    );
    const open = passed(closed, POLICY, closed.epoch, NOW + 3_000);
    expect(limited(open, POLICY, NOW + 60_000, open.epoch, undefined, NOTHING).opensAt).to.equal(
      NOW + 61_000,
    );
  });

  it('does not believe in "now" a second time', () => {
    const once = limited(NEW_GATE, POLICY, NOW, 0, 0, NOTHING);
    expect(once.opensAt).to.equal(NOW);
    expect(limited(once, POLICY, NOW, once.epoch, 0, NOTHING).opensAt).to.be.above(NOW);
  });

  it('learns nothing from the success of a call that left before the cooldown', () => {
    const closed = limited(NEW_GATE, POLICY, NOW, 0, 5_000, NOTHING);
    expect(passed(closed, POLICY, 0, NOW)).to.deep.equal(closed);
  });

  it('lets one more through after each success, up to `concurrency`', () => {
    let state = limited(NEW_GATE, POLICY, NOW, 0, 0, NOTHING);
    const windows = Array.from({ length: 9 }, () => (state = passed(state, POLICY, state.epoch, NOW)).window);
    expect(windows).to.deep.equal([2, 3, 4, 5, 6, 7, 8, Infinity, Infinity]);
  });

  it('has room for nobody while it is closed, and never for more than its window', () => {
    const closed = limited(NEW_GATE, POLICY, NOW, 0, 1_000, NOTHING);
    expect(room(closed, POLICY, 0, NOW + 999)).to.equal(0);
    expect(room(closed, POLICY, 0, NOW + 1_000)).to.equal(1);
    expect(room(closed, POLICY, 5, NOW + 1_000)).to.equal(0);
    expect(room(NEW_GATE, POLICY, 3, NOW)).to.equal(5);
  });
});

describe('A gate that nobody needs just now', () => {
  const minute = 60_000;
  const forgettableAt = (gate: GateState) =>
    [NOW, gate.opensAt, gate.opensAt + minute - 1, gate.opensAt + minute].map((at) =>
      isForgettable(gate, at),
    );

  it('may be forgotten once it is open, and a minute later where it was refused', () => {
    expect(isForgettable(NEW_GATE, 0)).to.equal(true);
    expect(forgettableAt({ ...NEW_GATE, opensAt: NOW + 1 })).to.deep.equal([false, true, true, true]);
    const refused = limited(NEW_GATE, POLICY, NOW, 0, 1_000, NOTHING);
    expect(forgettableAt(refused)).to.deep.equal([false, false, false, true]);
    expect(isForgettable(refused, NOW + 999, 0)).to.equal(false);
    expect(isForgettable(refused, NOW + 1_000, 0), 'where there are too many').to.equal(true);
    const learned = spent(NEW_GATE, NOW, 1_000, { accepted: 50, forMs: 10 });
    expect(forgettableAt(learned)).to.deep.equal([false, false, false, true]);
  });
});

describe('A gate whose server takes a call or two and refuses the next', () => {
  const wide = { ...POLICY, concurrency: 1_000 };
  const first = limited(NEW_GATE, wide, NOW, 0, undefined, NOTHING);
  /** Opened, let through `taken`, and was refused `after` ms. */
  const again = (taken: number, after: number) => {
    const opened = Array.from({ length: taken }).reduce<GateState>(
      (state) => passed(state, wide, state.epoch, first.opensAt),
      first,
    );
    return limited(opened, wide, first.opensAt + after, opened.epoch, undefined, NOTHING);
  };

  it('lets them leave one by one from then on, not two at once, and faster with each success', () => {
    for (const taken of [1, 3]) {
      const gate = { ...again(taken, 20), window: Infinity };
      expect(room(gate, wide, 0, gate.opensAt)).to.equal(1);
      expect(room(gate, wide, 0, gate.opensAt + 5_000), 'nothing is saved up').to.equal(1);
      const left = admitted(gate, gate.opensAt);
      expect(room(left, wide, 0, gate.opensAt)).to.equal(0);
      expect(wakesAt(left, gate.opensAt)).to.equal(gate.opensAt + 500);
      const then = passed(left, wide, left.epoch, gate.opensAt);
      expect(wakesAt(then, gate.opensAt)).to.be.below(gate.opensAt + 500);
    }
  });

  it('learns nothing from a refusal of all, or from one that came later', () => {
    expect([again(0, 20).rate, again(2, 1_001).rate]).to.deep.equal([undefined, undefined]);
  });
});

describe('A gate that knows the rate of its server', () => {
  const shown = { accepted: 50, forMs: 10 };
  const closed = limited(NEW_GATE, POLICY, NOW, 0, 1_000, shown);
  const open = { ...closed, window: Infinity };
  const wide = { ...POLICY, concurrency: 1_000 };

  it('lets calls leave at it, and one whose place was given back is not counted', () => {
    const at = NOW + 1_000;
    const first = room(open, wide, 0, at);
    expect(first).to.equal(26);
    expect(room(admitted(open, at), wide, 0, at)).to.equal(first - 1);
    expect(room(unsent(admitted(open, at), at), wide, 0, at)).to.equal(first);
    const empty = Array.from({ length: first }).reduce<GateState>((state) => admitted(state, at), open);
    expect(room(empty, wide, 0, at)).to.equal(0);
    expect(wakesAt(empty, at)).to.be.within(at + 1, at + 11); // 100 a second
  });

  it('learns it anew from the next refusal', () => {
    let gate: GateState = open;
    for (let call = 0; call < 8; call += 1) gate = passed(gate, wide, gate.epoch, NOW + 1_500);
    const again = limited(gate, POLICY, NOW + 2_000, gate.epoch, 1_000, shown);
    expect(gate.rate).to.include({ known: 'not', accepted: 8 });
    expect(again.rate).to.include({ known: 'roughly', accepted: 0, refusedAt: NOW + 2_000 });
  });

  it('forgets it once it is old, and never before', () => {
    expect(refreshed(open, NOW + 59_000).rate).to.equal(open.rate);
    expect(refreshed(open, NOW + 61_000).rate).to.equal(undefined);
  });

  it('tries soon where the server does not say how long: it limits a rate, and will take a call again', () => {
    const guess = (accepted: number) =>
      limited(NEW_GATE, POLICY, NOW, 0, undefined, { ...shown, accepted }).opensAt - NOW;
    expect([guess(0), guess(3), guess(4)]).to.deep.equal([1_000, 1_000, 250]);
    const again = limited(closed, POLICY, NOW, closed.epoch, undefined, shown);
    expect(again.opensAt - NOW, 'and doubles its guess all the same').to.equal(2_000);
  });

  it('counts a quota that is used up as one refusal, however many answers tell of it', () => {
    const first = spent(NEW_GATE, NOW, 1_000, shown);
    expect(first).to.include({ opensAt: NOW + 1_000, epoch: 0, window: Infinity });
    const second = spent(first, NOW + 10, 995, shown);
    expect(second).to.deep.equal({ ...first, opensAt: NOW + 1_005 });
  });
});

describe('Waiting for the gate', () => {
  const until = (ms: number): GateState => ({ ...NEW_GATE, opensAt: NOW + ms });

  it('is worth while as long as both patience and deadline allow', () => {
    expect(decideWait(until(5_000), NOW, 0, 5_000, 5_001)).to.deep.equal({ do: 'wait' });
  });

  it('is given up where the call is not that patient', () => {
    expect(decideWait(until(5_000), NOW, 1, 5_000, 60_000)).to.deep.equal({
      do: 'give-up',
      because: 'Not waited for: the cooldown lasts longer than this call may wait for a cooldown.',
      retryAfter: 5_000,
    });
  });

  it('is given up where the deadline comes first', () => {
    expect(decideWait(until(5_000), NOW, 0, 30_000, 5_000)).to.deep.equal({
      do: 'give-up',
      because: 'Not waited for: the cooldown lasts longer than its deadline allows.',
      retryAfter: 5_000,
    });
  });

  it('never lasts longer than patience and deadline, and a refusal says how long it would have been', () => {
    const ms = fc.integer({ min: 0, max: 60_000 });
    fc.assert(
      fc.property(ms, ms, ms, ms, ms, (closedFor, ago, waited, patience, deadlineIn) => {
        const left = Math.max(0, closedFor - ago);
        const decision = decideWait(until(closedFor), NOW + ago, waited, patience, deadlineIn);
        if (decision.do === 'give-up') expect(decision.retryAfter).to.equal(left);
        else {
          expect(left + waited).to.be.at.most(patience);
          expect(left).to.be.below(deadlineIn);
        }
      }),
    );
  });
});
