// The error unions, derived from the two tables: what an operation can fail with is known to the compiler.
import type { AuthMode, ENDPOINTS, EndpointName, Operation } from './endpoints.js';
import type { BuiltInRow } from './failures.js';

/** What a call of this operation may carry; without credentials a Basic call carries nothing. */
export type AuthOf<Op extends Operation> = Op extends EndpointName
  ? (typeof ENDPOINTS)[Op]['auth'] extends 'basic'
    ? 'basic' | 'none'
    : (typeof ENDPOINTS)[Op]['auth']
  : AuthMode;

type Includes<List, Item> = List extends readonly (infer Member)[]
  ? Item & Member extends never
    ? false
    : true
  : true;

/** `true` where one way of a row can match a call of this operation. */
export type Matches<W, Op extends Operation> = (
  W extends { operation: infer L } ? Includes<L, Op> : true
) extends true
  ? (W extends { auth: infer A } ? Includes<A, AuthOf<Op>> : true) extends true
    ? true
    : false
  : false;

type CodeOf<Row, Op extends Operation> = Row extends {
  reaction: 'accept';
}
  ? never
  : Row extends { when: readonly (infer W)[]; code: infer C extends string }
    ? true extends (W extends unknown ? Matches<W, Op> : never)
      ? C
      : never
    : never;

type OwnCodes<Op extends Operation> = CodeOf<BuiltInRow, Op>;

/**
 * The codes that an operation can fail with. A bearer call may have to refresh first, so it can also fail with what
 * the refresh fails with.
 */
export type CodesOf<Op extends Operation> = Op extends Operation
  ? 'bearer' extends AuthOf<Op>
    ? OwnCodes<Op> | OwnCodes<'refresh'>
    : OwnCodes<Op>
  : never;
