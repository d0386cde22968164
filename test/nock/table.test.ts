// Every row of the failure table that answers, replayed from its example and from its variants, through the public
// client: what the table says is what a caller gets.
import { expect } from 'chai';
import nock from 'nock';
import { CODES, KINDS, type Code } from '../../lib/contract/codes.js';
import type { EndpointName } from '../../lib/contract/endpoints.js';
import { EXAMPLES, type Example } from '../../lib/contract/examples.js';
import { FAILURES } from '../../lib/contract/failures.js';
import type { FailureRow } from '../../lib/contract/failure-row.js';
import { VARIANTS } from '../../lib/contract/variants.js';
import { BASE, CALLS, CREDENTIALS, errorOf, mock, RENEWED, TOKENS, useNock, type MockStage } from './mock.js';

interface Replay extends Example {
  readonly row: string;
  readonly about: string;
}

const REPLAYS: readonly Replay[] = [
  ...Object.entries<Example>(EXAMPLES).map(([row, example]) => ({ ...example, row, about: 'its example' })),
  ...VARIANTS,
].filter(({ status }) => status !== undefined);

const rowOf = (id: string): FailureRow => FAILURES.find((row) => row.id === id)!;

/** The call that a replay is for, made with what it says the call carries. */
function callOf({ client, http }: MockStage, { operation, auth: mode }: Replay): () => Promise<unknown> {
  if (operation === 'request') {
    if (mode === 'none') return () => http().get('/orders');
    return mode === 'basic'
      ? () => client().http.get('/orders')
      : () => client().resume(TOKENS).http.get('/orders');
  }
  const auth = client({ credentials: mode === 'none' ? undefined : CREDENTIALS });
  const session = auth.resume(TOKENS);
  return () => CALLS[operation](auth, session);
}

function interceptorOf({ operation }: Replay): nock.Interceptor {
  return operation === 'request' ? nock(BASE).get('/orders') : mock(operation satisfies EndpointName);
}

/** What the error says of the body, field by field, for a body of the contract's shape. */
function fieldsOf(body: unknown, row: FailureRow): Record<string, unknown> {
  const { error, message, error_description, hint } = (
    typeof body === 'object' && body !== null ? body : {}
  ) as Record<string, string | undefined>;
  return {
    key: error,
    message: message ?? error_description ?? row.because,
    description: error_description,
    hint,
  };
}

describe('Every row of the failure table that answers', () => {
  const stage = useNock();

  it('is here: all but those that a cause alone leads to', () => {
    const replayed = new Set(REPLAYS.map(({ row }) => row));
    const left = FAILURES.filter(({ id }) => !replayed.has(id));
    for (const { when, id } of left) for (const way of when) expect('cause' in way, id).to.equal(true);
    expect(replayed.size).to.be.greaterThan(20);
  });

  for (const replay of REPLAYS)
    it(`${replay.row}: ${replay.about} (${replay.status ?? ''} on ${replay.operation})`, async () => {
      const row = rowOf(replay.row);
      const { status = 0, body, headers } = replay;
      const isRefreshed = row.reaction === 'refresh';
      const content = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
      const type = typeof body === 'object' ? { 'content-type': 'application/json' } : {};
      interceptorOf(replay)
        .times(isRefreshed ? 2 : 1)
        .reply(status, content, { ...type, ...headers } as nock.ReplyHeaders);
      if (isRefreshed) mock('refresh').reply(200, RENEWED);

      const outcome = callOf(stage, replay)();
      if (row.reaction === 'accept') {
        expect(await outcome).to.include({ ok: true, status, attempts: 1 });
        return;
      }
      const error = await errorOf(outcome);
      const code = row.code as Code;
      const { kind, userMessage } = CODES[code];
      expect(error).to.include({
        code,
        kind,
        userMessage,
        status,
        retryable: KINDS[kind].retryable,
        operation: replay.operation,
        attempts: isRefreshed ? 2 : 1,
      });
      for (const [field, value] of Object.entries(fieldsOf(body, row)))
        expect(error[field], field).to.equal(value);
      expect(error.because).to.match(new RegExp(`^${row.because.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`));
      if (headers?.['retry-after'] === '30') expect(error.retryAfter).to.equal(30_000);
    });
});
