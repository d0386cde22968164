// What can be ordered to go wrong: every row of the failure table that a server can cause, and ways to lose an answer.
// Statuses, keys and bodies come from the contract's examples; none is written here.
import { challengeOf } from '../contract/challenge.js';
import { classify } from '../contract/classify.js';
import { readErrorBody } from '../contract/error-body.js';
import { EXAMPLES, type Example } from '../contract/examples.js';
import { FAILURES } from '../contract/failures.js';
import type { FailureRow, Reaction } from '../contract/failure-row.js';
import type { FaultRule } from '../sandbox/index.js';

export interface Trouble {
  readonly id: string;
  /** What the client does about it; `'connection'`: there is no answer to go by, or none that is whole. */
  readonly group: Reaction | 'connection';
  readonly label: string;
  /** The requests that it hits. */
  readonly on: NonNullable<FaultRule['on']>;
  /** Says when to come back: the page chooses the time. */
  readonly waits?: true;
  readonly rule: FaultRule;
}

/** A call for orders with the customer's token: what the page has most of. */
const CALLS = 'listOrders';

const CONNECTION: readonly Trouble[] = [
  { id: 'slow', label: 'Answers 0.8 s later', rule: { on: CALLS, delay: 800 } },
  { id: 'drop-before', label: 'Hangs up, does nothing', rule: { on: CALLS, drop: 'before' } },
  { id: 'drop-after', label: 'Does it, hangs up', rule: { on: CALLS, drop: 'after' } },
  { id: 'truncate', label: 'Sends half, hangs up', rule: { on: CALLS, truncate: true } },
  { id: 'stall', label: 'Sends half, then silence', rule: { on: CALLS, stall: true } },
  { id: 'portal', label: 'A web page in place of a login', rule: { on: 'login', html200: true } },
  { id: 'garbage', label: 'A login that is no JSON', rule: { on: 'login', garbage: true } },
  { id: 'refresh-lost', label: 'Refreshes, hangs up', rule: { on: 'refresh', drop: 'after' } },
  { id: 'limit', label: '20 calls a second, no more', rule: { on: CALLS, rateLimit: { limit: 20, per: 1_000 } } },
].map((each) => ({ ...each, group: 'connection', on: each.rule.on }) as Trouble); // prettier-ignore

/** In the order of the table. */
export const TROUBLES: readonly Trouble[] = [
  ...FAILURES.flatMap((row) => fromRow(row, EXAMPLES[row.id])),
  ...CONNECTION,
];

/** Rows that no answer of a server leads to: the client's own doing, or that of the connection. */
export const UNORDERABLE: readonly string[] = FAILURES.map(({ id }) => id as string).filter(
  (id) => !TROUBLES.some((trouble) => trouble.id === id),
);

function fromRow(row: FailureRow, { operation, auth, status, cause, headers, body }: Example): Trouble[] {
  if (status === undefined || cause || auth === 'none' || row.id === 'success') return [];
  const said = readErrorBody(body);
  const challenge = challengeOf(headers?.['www-authenticate'], said);
  const meets =
    classify({ operation: 'request', auth: 'bearer', status, challenge, body: said }).id === row.id;
  const on = meets || operation === 'request' ? CALLS : operation;
  return [
    {
      id: row.id,
      group: row.reaction,
      label: `${status} ${row.code === 'SUCCESS' ? row.id : row.code}`,
      on,
      ...(row.reaction === 'cooldown' && { waits: true }),
      rule: { on, status, ...(headers && { headers }), ...(body !== undefined && { body }) },
    },
  ];
}

/** The rule of a trouble, as often as wanted; one that stays on by nature is ordered as it is. */
export function ruleOf({ rule, waits }: Trouble, times: number | 'always', seconds: number): FaultRule {
  if ('rateLimit' in rule) return rule;
  if (!waits || !('status' in rule)) return { ...rule, times };
  return { ...rule, times, headers: { ...rule.headers, 'retry-after': String(seconds) } };
}
