// What a run is made of, as plain data that fast-check draws, shrinks and prints, and that a file can hold: the plan says
// what kind of world it is, the steps what happens there.
import fc from 'fast-check';
import type { Rotation } from '../../lib/decide/rotation.js';

/** What goes wrong between a client and whatever it calls. */
export interface Trouble {
  readonly seed: number;
  /** Share of the exchanges that go wrong. */
  readonly network: number;
  /** Answers may be lost after the server has acted, requests may come twice, and tokens may be mixed up. */
  readonly losses: boolean;
  /** Share of the steps of the store that fail; half of them have taken effect. `null`: the store is left alone. */
  readonly store: number | null;
}

/** The limit of the API: `calls` within `per` ms for each customer and group of paths. */
export interface Limit {
  readonly calls: number;
  readonly per: number;
  /** How a 429 says when to come back; `quota`: every answer says what is left. */
  readonly tells: 'seconds' | 'date' | 'ms' | 'quota' | 'nothing';
}

export interface Plan {
  /** Clients that share the session. */
  readonly clients: number;
  /** They are in one process and share what is known about a server; otherwise each is a worker, or a tab, of its own. */
  readonly together: boolean;
  readonly rotation: Rotation;
  /** Life of an access token, ms. */
  readonly lifetime: number;
  readonly trouble: Trouble;
  readonly limit: Limit | null;
  /** How far the clock of the servers is off, ms; `null`: they do not tell the time. */
  readonly lie: number | null;
  /** Most calls that wait for a bucket. */
  readonly maxQueued: number;
  readonly concurrency: number;
  readonly budget: { readonly ratio: number; readonly floorPerSecond: number; readonly burst: number };
  readonly breaker: boolean;
}

/** What is sent: `keyed` is a POST with an idempotency key, `stream` one whose body can be read once, `made` one by a function. */
export type Kind = 'get' | 'post' | 'keyed' | 'stream' | 'made';

/** Which way of failing an API has chosen for a while. `refused`: nobody listens. `silent`: nobody answers. */
export type Weather = 500 | 424 | 502 | 503 | 504 | 'refused' | 'silent';

/** Calls of one kind. The client is a number, taken modulo how many there are. */
interface Calls {
  readonly who: number;
  readonly kind: Kind;
  /** First segment of the path, by which calls are limited together. */
  readonly group: string;
  readonly priority: 0 | 1;
}

interface Steps {
  calls: Calls & { readonly count: number };
  /** Calls of the application, without a session. */
  app: Calls & { readonly count: number };
  aborted: Calls & { readonly after: number };
  deadline: Calls & { readonly deadline: number };
  /** An answer that is final, as the failure table has it. */
  final: { readonly who: number; readonly row: number };
  expireAndCall: { readonly count: number };
  trickle: { readonly expires: boolean; readonly count: number; readonly every: number };
  storm: { readonly count: number; readonly group: string };
  /** Calls in so many buckets that the idle ones are forgotten. */
  crowd: { readonly who: number; readonly count: number };
  refresh: { readonly who: number; readonly abortAfter: number | null };
  logout: { readonly who: number };
  login: { readonly who: number };
  switchUser: { readonly who: number };
  expire: object;
  revoke: object;
  refuse: { readonly lasts: number };
  weather: { readonly how: Weather; readonly lasts: number; readonly tells: number | null };
  jump: { readonly by: number };
  replace: { readonly who: number };
  elsewhere: { readonly who: number };
}

/** One thing that happens, and how long the world goes on before the next, ms. */
export type Step = {
  [D in keyof Steps]: { readonly do: D; readonly wait: number } & Readonly<Steps[D]>;
}[keyof Steps];

/** A run as a file holds it. */
export interface Case {
  /** What was broken, where a file keeps the case. */
  readonly broke?: string;
  readonly plan: Plan;
  readonly steps: readonly Step[];
}

/** @param store whether the store may be in trouble */
const plan = (store: boolean): fc.Arbitrary<Plan> =>
  fc.record({
    clients: fc.constantFrom(2, 2, 3, 4),
    together: fc.boolean(),
    rotation: fc.constantFrom('single-use', 'strict', 'grace', 'parent-of-active', 'none'),
    lifetime: fc.constantFrom(15_000, 60_000, 600_000),
    trouble: fc.record({
      seed: fc.nat(),
      network: fc.constantFrom(0, 0.2, 0.5),
      losses: fc.boolean(),
      store: store ? fc.constantFrom(null, 0, 0.15, 0.3) : fc.constant(null),
    }),
    limit: fc.option(
      fc.record({
        calls: fc.constantFrom(1, 5, 20),
        per: fc.constantFrom(300, 1_000, 4_000),
        tells: fc.constantFrom('seconds', 'date', 'ms', 'quota', 'nothing'),
      }),
    ),
    lie: fc.constantFrom(0, 0, null, -3_600_000, 86_400_000),
    maxQueued: fc.constantFrom(10_000, 10_000, 4),
    concurrency: fc.constantFrom(256, 3),
    budget: fc.constantFrom(
      { ratio: 0.1, floorPerSecond: 10, burst: 100 },
      { ratio: 0.1, floorPerSecond: 1, burst: 3 },
    ),
    breaker: fc.constantFrom(false, false, true),
  });

const who = fc.nat(3);
const lasts = fc.oneof(fc.nat(1_500), fc.nat(20_000));
const calls = {
  who,
  kind: fc.constantFrom<Kind>('get', 'get', 'get', 'post', 'keyed', 'stream', 'made'),
  group: fc.constantFrom('orders', 'orders', 'carts'),
  priority: fc.constantFrom(0, 0, 0, 1),
} as const;
const some = fc.integer({ min: 1, max: 4 });

/** What each step is drawn from, and how often it comes. */
const STEPS: {
  readonly [D in keyof Steps]: readonly [
    number,
    { readonly [F in keyof Steps[D]]: fc.Arbitrary<Steps[D][F]> },
  ];
} = {
  calls: [5, { ...calls, count: some }],
  app: [2, { ...calls, count: some }],
  aborted: [2, { ...calls, after: fc.nat(2_500) }],
  deadline: [2, { ...calls, deadline: fc.integer({ min: 1, max: 2_500 }) }],
  final: [1, { who, row: fc.nat(1_000) }],
  expireAndCall: [2, { count: fc.integer({ min: 1, max: 3 }) }],
  trickle: [
    1,
    {
      expires: fc.boolean(),
      count: fc.integer({ min: 4, max: 10 }),
      every: fc.integer({ min: 50, max: 700 }),
    },
  ],
  storm: [1, { count: fc.integer({ min: 10, max: 40 }), group: calls.group }],
  crowd: [0.05, { who, count: fc.integer({ min: 257, max: 320 }) }], // takes as long as a hundred others
  refresh: [2, { who, abortAfter: fc.option(fc.nat(1_000)) }],
  logout: [1, { who }],
  login: [1, { who }],
  switchUser: [1, { who }],
  expire: [1, {}],
  revoke: [1, {}],
  refuse: [1, { lasts: fc.nat(20_000) }],
  weather: [
    2,
    {
      how: fc.constantFrom<Weather>(500, 424, 502, 503, 504, 'refused', 'silent'),
      lasts,
      tells: fc.option(fc.integer({ min: 0, max: 4 })),
    },
  ],
  jump: [1, { by: fc.integer({ min: -7_200_000, max: 7_200_000 }) }],
  replace: [1, { who }],
  elsewhere: [1, { who }],
};

/** Mostly so short that things go on at the same time. */
const wait = fc.oneof(
  { weight: 6, arbitrary: fc.nat(120) },
  { weight: 3, arbitrary: fc.nat(3_000) },
  { weight: 1, arbitrary: fc.nat(40_000) },
);

const step = fc.oneof(
  ...Object.entries(STEPS).map(([name, [weight, fields]]) => ({
    weight: weight * 20, // whole numbers
    arbitrary: fc.record({
      do: fc.constant(name),
      ...(fields as Record<string, fc.Arbitrary<unknown>>),
      wait,
    }),
  })),
) as unknown as fc.Arbitrary<Step>;

/** @param store whether the store may be in trouble */
export const casesOf = (store: boolean): fc.Arbitrary<Case> =>
  fc.record({ plan: plan(store), steps: fc.array(step, { maxLength: 14, size: 'max' }) });
