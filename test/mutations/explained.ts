// Mutants that no test can tell from the original, and why. The gate does not count them.

export interface Explained {
  /** Path in lib/. */
  readonly file: string;
  /** Text of the place, and of what stands there instead, as the report has them. */
  readonly from: string;
  readonly to: string;
  readonly because: string;
}

export const EXPLAINED: readonly Explained[] = [
  {
    file: 'contract/auth-error.ts',
    from: 'true',
    to: 'false',
    because: 'It matters that the mark is there, whatever it is.',
  },
  {
    file: 'contract/classify.ts',
    from: 'false',
    to: 'undefined',
    because: 'Only whether it is true matters.',
  },
  {
    file: 'contract/success-body.ts',
    from: '{}',
    to: 'undefined',
    because: 'Both are spread into an object, and add nothing to it.',
  },
  {
    file: 'decide/backoff.ts',
    from: '0',
    to: '0 - 1',
    because: 'Repeats are counted from 1, so that the exponent is never below 0.',
  },
  {
    file: 'decide/budget.ts',
    from: '0',
    to: '0 - 1',
    because: 'It matters only where the clock went back, and the one that is handed in never does.',
  },
  {
    file: 'decide/flow.ts',
    from: '0',
    to: '0 + 1',
    because: 'They are moments before the first call.',
  },
  {
    file: 'decide/flow.ts',
    from: '0',
    to: '0 - 1',
    because: 'They are moments before the first call.',
  },
  {
    file: 'decide/gate.ts',
    from: '0',
    to: '0 + 1',
    because: 'A bucket that was never closed opened before the first call.',
  },
  {
    file: 'decide/gate.ts',
    from: '0',
    to: '0 - 1',
    because:
      'A bucket that was never closed opened before the first call, and no call is of a cooldown before the first.',
  },
  {
    file: 'decide/gate.ts',
    from: 'now >= state.opensAt',
    to: 'now > state.opensAt',
    because: 'What opens in this very moment has not let anybody through yet.',
  },
  {
    file: 'decide/gate.ts',
    from: 'now < state.opensAt',
    to: 'now <= state.opensAt',
    because: 'What opens in this very moment has not let anybody through yet.',
  },
  {
    file: 'decide/quota.ts',
    from: '1_000_000_000',
    to: '1_000_000_000 - 1',
    because: 'No server sends that one number: as a date it is in 2001, as a duration thirty years.',
  },
  {
    file: 'decide/rate.ts',
    from: '0',
    to: '0 - 1',
    because: 'Growth of less than nothing is no growth either, and no list is shorter than an empty one.',
  },
  {
    file: 'decide/rate.ts',
    from: '(spell.accepted - left) / spell.forMs > (best.accepted - left) / best.forMs',
    to: '(spell.accepted - left) / spell.forMs >= (best.accepted - left) / best.forMs',
    because: 'Two spells that show the same are worth the same.',
  },
  {
    file: 'decide/record.ts',
    from: '0',
    to: '0 - 1',
    because: 'Without a cooldown it ended before now.',
  },
  {
    file: 'decide/retry-after.ts',
    from: '/ \\d{4}$/.test(text)',
    to: '!(/ \\d{4}$/.test(text))',
    because: 'Where our own clock is on UTC, as in the tests, a date without a zone is the same with one.',
  },
  {
    file: 'decide/session-machine.ts',
    from: '0',
    to: '0 + 1',
    because: 'A token that was presented just now has been in doubt for next to no time.',
  },
  {
    file: 'decide/session-machine.ts',
    from: '0',
    to: '0 - 1',
    because:
      'A token that was presented just now has been in doubt for next to no time, and no pause is below 0.',
  },
  {
    file: 'decide/shared-limit.ts',
    from: '0',
    to: '0 + 1',
    because: 'What is saved up does not count: a new pace begins.',
  },
  {
    file: 'decide/shared-limit.ts',
    from: '0',
    to: '0 - 1',
    because: 'What is saved up does not count: a new pace begins.',
  },
  {
    file: 'decide/retry.ts',
    from: '0',
    to: '0 - 1',
    because: 'The larger of this and a backoff is taken, which is never below 0.',
  },
];
