// Answers. Refusals are the contract's own examples: no status, key or message of the contract is written here.
import { STATUS_CODES } from 'node:http';
import { classify } from '../contract/classify.js';
import { isRecord, readErrorBody } from '../contract/error-body.js';
import { EXAMPLES, htmlPage, type Example } from '../contract/examples.js';
import { FAILURES, type BuiltInRow } from '../contract/failures.js';
import type { When } from '../contract/failure-row.js';
import type { EndpointName, Operation } from '../contract/endpoints.js';
import { authOf, endpointOf, type SandboxOperation } from './operations.js';
import type { Settings } from './options.js';

/** An answer before it is bytes. A text is sent as it is, `undefined` as no body, anything else as JSON. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export type RowId = BuiltInRow['id'];

/** Fields to put into a refusal's body; `undefined` takes a field out. */
type Fields = Readonly<Record<string, unknown>>;

/** The rows that an answer can be made of: those whose example is one. */
export type AnsweredRow = {
  [Row in RowId]: (typeof EXAMPLES)[Row] extends { readonly status: number } ? Row : never;
}[RowId];

export const ANSWERED_ROWS = FAILURES.map(({ id }) => id).filter(
  (id): id is AnsweredRow => 'status' in EXAMPLES[id],
);

/** Builds the refusal of a row of the failure table. */
export type Refuse = (
  row: AnsweredRow,
  fields?: Fields,
  changes?: Partial<Pick<Reply, 'status' | 'headers'>>,
) => Reply;

type Casing = Pick<Settings, 'keyCase'>;

/** What an operation answers whose success carries nothing; the contract asks for any 2xx. */
export const NOTHING: Reply = { status: 204 };

export function ok(body: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status: 200, headers, body };
}

export function createRefuse({ keyCase }: Casing): Refuse {
  return (row, fields = {}, changes = {}) => {
    const { status, headers, body }: Example & { readonly status: number } = EXAMPLES[row];
    return {
      status: changes.status ?? status,
      headers: { ...headers, ...changes.headers },
      body: isRecord(body) ? recase({ ...body, ...fields }, keyCase) : body,
    };
  };
}

/**
 * The body the contract shows for a status: the example of the operation itself or of a documented row that would
 * explain it on this operation too. Where there is none: a page that names the status.
 */
export function exampleBody(status: number, operation: SandboxOperation, { keyCase }: Casing): unknown {
  const asked: Operation = endpointOf(operation) ? (operation as EndpointName) : 'request';
  const auth = authOf(operation);
  const rowFor = (body: unknown) =>
    classify({ operation: asked, auth, status, body: readErrorBody(body) }).id;
  const bare = rowFor(undefined);
  const fitting = FAILURES.filter(({ id, reaction }) => {
    const example: Example = EXAMPLES[id];
    return reaction !== 'accept' && example.status === status && rowFor(example.body) === id;
  });
  const documented = fitting.filter(({ proof }) => proof === 'documented');
  const row =
    fitting.find(({ id }) => EXAMPLES[id].operation === asked) ??
    documented.find(({ id }) => EXAMPLES[id].auth === auth) ??
    documented.find(({ id }) => id === bare) ??
    documented[0];
  const { body }: Example = EXAMPLES[row?.id ?? (bare as RowId)];
  if (status < 400) return undefined;
  return isRecord(body) ? recase(body, keyCase) : statusPage(status);
}

/** What a gateway shows in place of JSON. */
export function statusPage(status: number): string {
  return htmlPage(`${status} ${STATUS_CODES[status] ?? 'Unknown'}`);
}

/** The ways of a row that go by a key, in the order of the table. */
export function keyedWays(row: RowId): readonly When[] {
  return waysOf(row).filter((way) => way.key);
}

/** The hint of a row that speaks of this. */
export function hintAbout(row: RowId, word: string): string {
  const hint = waysOf(row)
    .flatMap((way) => way.hint ?? [])
    .find((text) => text.includes(word));
  if (hint === undefined) throw new Error(`sandbox: row ${row} of the contract has no hint about "${word}"`);
  return hint;
}

function waysOf(id: RowId): readonly When[] {
  return FAILURES.find((row) => row.id === id)?.when ?? [];
}

function recase(body: Fields, keyCase: Settings['keyCase']): Fields {
  if (!keyCase || typeof body.error !== 'string') return body;
  return { ...body, error: keyCase === 'upper' ? body.error.toUpperCase() : body.error.toLowerCase() };
}
