// Scenes: what one click plays, as data.

export type Step =
  | { readonly is: 'expire' }
  | { readonly is: 'revoke' }
  | {
      readonly is: 'trouble';
      readonly id: string;
      readonly times: number | 'always';
      /** `Retry-After`, where the trouble has one. */
      readonly seconds?: number;
      /** Switched off after this time. */
      readonly forMs?: number;
    }
  | { readonly is: 'calls'; readonly count: number }
  | { readonly is: 'pause'; readonly ms: number };

export interface Scene {
  readonly id: string;
  readonly title: string;
  /** What to look for. */
  readonly says: string;
  readonly steps: readonly Step[];
}

export const SCENES: readonly Scene[] = [
  {
    id: 'expired',
    title: 'Expired token, 50 calls',
    says: 'All are refused, one refresh serves them all.',
    steps: [{ is: 'expire' }, { is: 'calls', count: 50 }],
  },
  {
    id: 'failures',
    title: 'Three failures, 6 calls',
    says: 'Repeated with backoff, each at its own time.',
    steps: [
      { is: 'trouble', id: 'gateway', times: 3 },
      { is: 'calls', count: 6 },
    ],
  },
  {
    id: 'cooldown',
    title: 'Told to wait 2 s, 20 calls',
    says: 'The first is limited, and nobody else knocks before its time is up.',
    steps: [
      { is: 'trouble', id: 'too-many-attempts', times: 1, seconds: 2 },
      { is: 'calls', count: 1 },
      { is: 'pause', ms: 100 },
      { is: 'calls', count: 19 },
    ],
  },
  {
    id: 'limit',
    title: '20 calls a second, 50 calls',
    says: 'The rate is learned, and calls leave at it. The limit stays until it is switched off.',
    steps: [
      { is: 'trouble', id: 'limit', times: 'always' },
      { is: 'calls', count: 50 },
    ],
  },
  {
    id: 'outage',
    title: 'Outage of 5 s, 20 calls',
    says: 'Calls are held back while one after another tries, and go on when it is over.',
    steps: [
      { is: 'trouble', id: 'gateway', times: 'always', forMs: 5_000 },
      { is: 'calls', count: 20 },
    ],
  },
  {
    id: 'revoked',
    title: 'Signed out elsewhere, 10 calls',
    says: 'The refresh is refused: the session ends, once.',
    steps: [{ is: 'revoke' }, { is: 'calls', count: 10 }],
  },
];
