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
    file: 'decide/retry.ts',
    from: '0',
    to: '0 - 1',
    because: 'The larger of this and a backoff is taken, which is never below 0.',
  },
];
