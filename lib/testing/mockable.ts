// Types: which answers of the failure table an operation can get. The table is read from the top, as `classify()` does:
// what a row above takes in any case never comes to a row below.
import type { Cause } from '../contract/codes.js';
import type { EndpointName, Operation } from '../contract/endpoints.js';
import type { AuthOf, Matches } from '../contract/failure-types.js';
import type { BuiltInRow, FAILURES } from '../contract/failures.js';

/** Causes that lie outside of the client; a raw request may be answered with anything. */
export type NetworkCause = Extract<Cause, 'untrusted' | 'refused' | 'lost' | 'timeout' | 'unreadable'>;
type CausesOf<Op extends Operation> = Op extends EndpointName
  ? NetworkCause
  : Exclude<NetworkCause, 'unreadable'>;

type WaysOf<Row> = Row extends { readonly when: readonly (infer W)[] } ? W : never;
type Matching<W, Op extends Operation> = W extends unknown
  ? Matches<W, Op> extends true
    ? W
    : never
  : never;

type Condition = 'key' | 'hint' | 'json' | 'details' | 'challenge' | 'cause';
/** Ways that ask for nothing but a status, whatever the call carries. */
type Plain<W, Op extends Operation> = W extends unknown
  ? [Extract<keyof W, Condition>] extends [never]
    ? W extends { readonly auth: readonly (infer A)[] }
      ? [AuthOf<Op>] extends [A]
        ? W
        : never
      : W
    : never
  : never;
type StatusesOf<W> = W extends { readonly status: readonly (infer S)[] } ? S : never;
type TakenBy<Row, Op extends Operation> = StatusesOf<Plain<Matching<WaysOf<Row>, Op>, Op>>;

/** `true` for a way that something is left for. */
type IsOpen<W, Op extends Operation, Taken> = W extends { readonly cause: readonly (infer C)[] }
  ? Extract<C, CausesOf<Op>>
  : W extends { readonly status: readonly (infer S)[] }
    ? Exclude<S, Taken>
    : true;
type IsReachable<Row, Op extends Operation, Taken> = Row extends { readonly reaction: 'accept' }
  ? false
  : [IsOpen<Matching<WaysOf<Row>, Op>, Op, Taken>] extends [never]
    ? false
    : true;

type Reach<
  Rows extends readonly unknown[],
  Op extends Operation,
  Taken = never,
  Found = never,
> = Rows extends readonly [infer Row, ...infer Rest]
  ? Reach<
      Rest,
      Op,
      Taken | TakenBy<Row, Op>,
      Found | (IsReachable<Row, Op, Taken> extends true ? Row : never)
    >
  : Found;

type RowsOf<Op extends Operation> = Extract<Reach<typeof FAILURES, Op>, BuiltInRow>;

/** The codes that an answer to a call of this operation can lead to, or its absence. */
export type MockableCode<Op extends Operation> = RowsOf<Op>['code'];

/** The rows of the failure table behind them, by `id`: where several mean the same, the way to choose one. */
export type MockableRow<Op extends Operation> = RowsOf<Op>['id'];
