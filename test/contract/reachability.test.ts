// contract/failures: no row, no way of a row and no value in it is dead, whatever stands before it in the table.
import { expect } from 'chai';
import { classify } from '../../lib/contract/classify.js';
import { ENDPOINTS, type AuthMode, type Endpoint, type Operation } from '../../lib/contract/endpoints.js';
import type { FailureRow, When } from '../../lib/contract/failure-row.js';
import { AUTH_MODES, OPERATIONS, ROWS } from './answers.js';

const NOTHING = [undefined];
const endpoints: Readonly<Record<string, Endpoint>> = ENDPOINTS;

/** Without credentials of its own a client sends no operation with Basic; a foreign call may carry anything. */
const mayCarry = (operation: Operation, auth: AuthMode) =>
  operation === 'request' || auth === 'none' || auth === endpoints[operation]?.auth;

/** A status class is reachable if any of its members is. */
const statusGroups = ({ status }: When): readonly (readonly (number | undefined)[])[] => {
  if (status === undefined) return [[304, undefined]]; // the last row takes what no other does
  if (typeof status !== 'string') return status.map((each) => [each]);
  return [Array.from({ length: 100 }, (_, index) => Number(status[0]) * 100 + index)];
};

interface Claim {
  readonly statuses: readonly (number | undefined)[];
  readonly operation: Operation | undefined;
  readonly key: string | undefined;
  readonly hint: string | undefined;
}

/** Each combination of values that a way of a row names. */
const claimsOf = (when: When): Claim[] =>
  statusGroups(when).flatMap((statuses) =>
    (when.operation ?? NOTHING).flatMap((operation) =>
      (when.key ?? NOTHING).flatMap((key) =>
        (when.hint ?? NOTHING).map((hint) => ({ statuses, operation, key, hint })),
      ),
    ),
  );

const decides = (row: FailureRow, when: When, { statuses, operation, key, hint }: Claim) =>
  (operation ? [operation] : OPERATIONS).some((op) =>
    (when.auth ?? AUTH_MODES)
      .filter((auth) => mayCarry(op, auth))
      .some((auth) =>
        (when.cause ?? NOTHING).some((cause) =>
          statuses.some((status) => {
            const details = when.details ? [{ message: 'not valid' }] : [];
            const body = { ...(key && { key }), ...(hint && { hint }), details };
            const { challenge } = when;
            const facts = {
              operation: op,
              auth,
              challenge,
              ...(status && { status }),
              ...(cause && { cause }),
            };
            return classify({ ...facts, body }) === row;
          }),
        ),
      ),
  );

describe('Each row of the failure table', () => {
  for (const row of ROWS)
    it(`"${row.id}" decides for every status, key, hint and operation it names`, () => {
      for (const when of row.when)
        for (const claim of claimsOf(when))
          expect(decides(row, when, claim), `dead: ${JSON.stringify(claim)}`).to.equal(true);
    });

  it('is reached for each cause it names', () => {
    for (const row of ROWS)
      for (const when of row.when)
        for (const cause of when.cause ?? [])
          for (const auth of when.auth ?? AUTH_MODES)
            expect(classify({ operation: 'request', auth, cause, body: { details: [] } })).to.equal(row);
  });
});
