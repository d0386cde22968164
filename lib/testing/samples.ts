// What a row of the failure table looks like on the wire for one operation: its example, one of its other spellings, or,
// where neither would be read as that row here, an answer made of the row's own conditions.
import { challengeOf } from '../contract/challenge.js';
import { classify } from '../contract/classify.js';
import { ENDPOINTS, type AuthMode, type Endpoint, type Operation } from '../contract/endpoints.js';
import { isRecord, readErrorBody } from '../contract/error-body.js';
import { EXAMPLES, type Example } from '../contract/examples.js';
import { FAILURES, type BuiltInRow } from '../contract/failures.js';
import type { FailureRow, When } from '../contract/failure-row.js';
import { VARIANTS } from '../contract/variants.js';
import type { NetworkCause } from './mockable.js';

export type RowId = BuiltInRow['id'];

/** An answer, or what happens in place of one. */
export type Sample =
  | { readonly is: 'answer'; readonly status: number; readonly headers: Headers; readonly body: unknown }
  | { readonly is: 'error'; readonly code: string }
  | { readonly is: 'silence' };

type Headers = Readonly<Record<string, string>>;

/** What the network does where no answer comes. */
const TROUBLE: Readonly<Record<Exclude<NetworkCause, 'unreadable'>, Sample>> = {
  refused: { is: 'error', code: 'ECONNREFUSED' },
  lost: { is: 'error', code: 'ECONNRESET' },
  untrusted: { is: 'error', code: 'CERT_HAS_EXPIRED' },
  timeout: { is: 'silence' },
};

/** A connection that breaks off when the request is on its way. */
export const BROKEN = TROUBLE.lost;

const ROWS: readonly FailureRow[] = FAILURES;

const rowThat = (is: (row: FailureRow) => boolean): string => ROWS.find(is)?.id ?? '';

/** The row of a rate limit. */
export const LIMITED = rowThat(({ reaction }) => reaction === 'cooldown');
/** The row of a refresh token that was used before. */
export const SPENT = rowThat(({ session }) => session === 'end');

/**
 * The answer that is read as the row a name stands for; `undefined` where this operation cannot get it.
 * @param name a code, or the `id` of a row; of the rows of a code the documented one, then one that something is done about
 */
export function sampleOf(name: string, operation: Operation, auth: AuthMode): Sample | undefined {
  const rows = ROWS.filter(
    ({ id, code, reaction }) => (id === name || code === name) && reaction !== 'accept',
  );
  const rank = ({ proof, reaction }: FailureRow) =>
    (proof === 'documented' ? 0 : 2) + (reaction === 'fail' ? 1 : 0);
  const ranked = [...rows].sort((a, b) => rank(a) - rank(b));
  for (const row of ranked) {
    const sample = ofRow(row, operation, auth);
    if (sample) return sample;
  }
  return undefined;
}

/** The names that `sampleOf()` knows for an operation. */
export function namesFor(operation: Operation, auth: AuthMode, by: 'code' | 'id'): string[] {
  const rows = ROWS.filter((row) => row.reaction !== 'accept' && ofRow(row, operation, auth));
  return [...new Set(rows.map((row) => row[by]))];
}

/** What a call of this operation may carry; without credentials, a call of the application carries nothing. */
export function authModesOf(operation: Operation): readonly AuthMode[] {
  if (operation === 'request') return ['bearer', 'basic', 'none'];
  const { auth }: Endpoint = ENDPOINTS[operation];
  return auth === 'basic' ? ['basic', 'none'] : [auth];
}

function ofRow(row: FailureRow, operation: Operation, auth: AuthMode): Sample | undefined {
  for (const { cause } of row.when)
    for (const each of cause ?? []) if (each in TROUBLE) return TROUBLE[each as keyof typeof TROUBLE];
  const example: Example = EXAMPLES[row.id as RowId];
  // Its status says success, so only an operation, which knows what it was promised, finds fault with it.
  if (example.cause !== undefined)
    return example.status !== undefined && operation !== 'request' ? answer(example, operation) : undefined;
  const spellings = [example, ...VARIANTS.filter((variant) => variant.row === row.id)];
  return [...spellings, ...row.when.map((way) => made(way, example))]
    .filter(({ status }) => status !== undefined)
    .map((each) => answer(each, operation))
    .find((each) => isRead(each, operation, auth) === row.id);
}

/** The example with what one way of the row asks for. */
function made({ status, key, hint }: When, example: Example): Pick<Example, 'status' | 'headers' | 'body'> {
  const asked = { ...(key && { error: key[0] }), ...(hint && { hint: hint[0] }) };
  const body = isRecord(example.body) ? { ...example.body, ...asked } : example.body;
  return {
    ...example,
    status: Array.isArray(status) ? (status[0] as number) : example.status,
    body,
  };
}

function answer(
  { status = 0, headers = {}, body }: Partial<Example>,
  operation: Operation,
): Sample & { is: 'answer' } {
  return { is: 'answer', status, headers, body: aboutFieldsOf(operation, body) };
}

/** A list of fields that are not valid speaks of fields that the operation sends. */
function aboutFieldsOf(operation: Operation, body: unknown): unknown {
  if (operation === 'request' || !isRecord(body) || !isRecord(body.errors)) return body;
  const { body: fields = {} }: Endpoint = ENDPOINTS[operation];
  const sent = Object.values(fields);
  const known = Object.entries(body.errors).filter(([field]) => sent.includes(field));
  const [first = 'request'] = sent;
  const errors = known.length > 0 ? Object.fromEntries(known) : { [first]: [`The ${first} is not valid.`] };
  return { ...body, errors };
}

function isRead({ status, headers, body }: Sample & { is: 'answer' }, operation: Operation, auth: AuthMode) {
  const said = readErrorBody(body);
  const challenge = challengeOf(headers['www-authenticate'], said);
  return classify({ operation, auth, status, challenge, body: said }).id;
}
