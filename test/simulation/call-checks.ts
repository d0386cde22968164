// What must hold of every call to the API: when an attempt leaves, when it is back, and when the call has settled.
import { getEventListeners } from 'node:events';
import { inspect } from 'node:util';
import { isAuthError, type AuthError } from '../../lib/index.js';
import { NO_BODY } from '../../lib/contract/answer.js';
import { classify } from '../../lib/contract/classify.js';
import type { FailureRow } from '../../lib/contract/failure-row.js';
import { FAILURES } from '../../lib/contract/failures.js';
import { retryAfterMs } from '../../lib/decide/retry-after.js';
import { MARK } from './server.js';
import { TOTAL, type Bucket, type Call, type Client, type Send, type World } from './world.js';

/** Timers and clocks are read a moment apart, ms. */
const CLOSE = 2;

function bucketOf({ buckets }: World, { who, era, request }: Call): Bucket {
  const name = `${who.process} ${era?.key ?? 'app'} ${request!.group}`;
  const bucket = buckets.get(name) ?? { opensAt: 0, closedAt: 0, underWay: 0, answered: 0 };
  buckets.set(name, bucket);
  return bucket;
}

/** A client is closed: what none of the others in its process has used is forgotten there. */
export function checkClosed(world: World, { process }: Client): void {
  const isUsed = [...world.all.values()].some(
    ({ who, request }) => request && who.process === process && !who.closed,
  );
  if (isUsed) return;
  for (const name of world.buckets.keys()) if (name.startsWith(`${process} `)) world.buckets.delete(name);
}

/** A repeat after an unclear failure does no harm. */
const isHarmless = ({ request }: Call) => request!.kind === 'get' || request!.kind === 'keyed';

/** An attempt leaves. */
export function checkDeparture(world: World, call: Call, send: Send): void {
  const { journal } = world;
  const { sends, request, number } = call;
  const { at } = send;
  const last = sends.at(-1);
  const bucket = bucketOf(world, call);
  const wrong = (rule: string, what: string) => journal.broken(rule, `call ${number} ${what}`);

  if (call.settled) wrong('R10', 'is sent after it has settled');
  if (call.abortedAt !== undefined) wrong('R10', 'is sent after its abort');
  if (at > call.due) wrong('R7', 'is sent after its time is up');
  if (request!.seen.out !== 1) wrong('R1', `passed the user's interceptor ${request!.seen.out} times`);
  if (last) {
    if (last.until === undefined) wrong('R1', 'is sent while it is under way');
    if (last.answer === 200) wrong('I18', 'is sent again after its answer');
    if (request!.kind === 'stream') wrong('R4', 'is sent again though its body can be read only once');
    if (last.final) wrong('R18', 'is sent again after a final answer');
    if (!isHarmless(call) && isUnclear(last.answer))
      wrong('R13', `is sent again after ${last.answer}, and may be done twice`);
    if (last.told !== undefined && at < last.until! + last.told - CLOSE)
      wrong('R16', `is sent again ${Math.round(last.until! + last.told - at)} ms too early`);
    if (send.key !== last.key) wrong('R14', 'is sent again with another idempotency key');
  }
  if ((send.key !== undefined) !== (request!.kind === 'keyed')) wrong('R14', 'has the wrong idempotency key');
  if (at < bucket.opensAt - CLOSE)
    wrong('R21', `leaves ${Math.round(bucket.opensAt - at)} ms before its bucket opens`);
  if (bucket.closedAt > 0 && bucket.underWay > bucket.answered)
    wrong('R23', `leaves as number ${bucket.underWay + 1} at once, after ${bucket.answered} answers`);
  bucket.underWay += 1;
  checkOrder(world, call);
  sends.push(send);
}

/** The row of the failure table for an answer with an empty body. */
function meaningOf(answer: Send['answer']): FailureRow | undefined {
  if (typeof answer !== 'number') return undefined;
  return classify({ operation: 'request', auth: 'bearer', status: answer, body: NO_BODY }, FAILURES);
}

/** The server may have carried it out. */
function isUnclear(answer: Send['answer']): boolean {
  if (typeof answer !== 'number') return answer !== 'refused';
  return meaningOf(answer)?.processed !== 'no';
}

/** So long after a server failed, and after it was back, the newest may go first, ms: the others follow at a pace. */
const STRAIN = 5_000;

/** An answer of the server, to whatever was sent, is back. */
export function noteStrain(world: World, { process }: Client, answer: Send['answer']): void {
  const fails = typeof answer !== 'number' || meaningOf(answer)?.reaction === 'retry';
  if (fails || world.strained.get(process)?.fails)
    world.strained.set(process, { at: performance.now(), fails });
}

/** Who gives their turn away for a refresh in the very moment when that ends may see another leave just before, ms. */
const JUST = 100;

/** Who waits longer for the same bucket goes first, or at the same moment: nobody is overtaken while they wait. */
function checkOrder(world: World, call: Call): void {
  const { request, who, session, number, sends } = call;
  const now = performance.now();
  const strained = world.strained.get(who.process);
  if (sends.length > 0 || (strained && now < strained.at + STRAIN + TOTAL)) return;
  for (const [, later] of world.all) {
    const { request: other, sends: before } = later;
    if (later.number <= number || !other || !(before[0] && before[0].at < now - JUST)) continue;
    const isSame = later.who === who && later.session === session && other.group === request!.group;
    if (isSame && other.priority <= request!.priority && other.kind === request!.kind)
      world.journal.broken(
        'R25',
        `call ${number} waits while call ${later.number}, which came later, leaves`,
      );
  }
}

/** An attempt is back, or nobody waits for it any more. */
export function checkBack(
  world: World,
  call: Call,
  send: Send,
  answer: NonNullable<Send['answer']>,
  headers: Readonly<Record<string, string>> = {},
): void {
  send.answer = answer;
  send.until = performance.now();
  noteStrain(world, call.who, answer);
  const told = retryAfterMs(
    {
      'retry-after': headers['retry-after'],
      'retry-after-ms': headers['retry-after-ms'],
      date: headers.date,
    },
    Date.now(),
  );
  // Where it had to be read by a wrong clock, it is not what the server meant; the client can only go by it.
  if (told !== undefined && (answer === 429 || Number(answer) >= 500)) send.told = told;
  const bucket = bucketOf(world, call);
  const isNew = send.at >= bucket.closedAt;
  if (isNew) bucket.underWay -= 1;
  if (answer === 429) {
    if (isNew) Object.assign(bucket, { closedAt: send.until, underWay: 0, answered: 0 });
    bucket.opensAt = Math.max(bucket.opensAt, send.until + (send.told ?? 0));
  } else if (isNew) bucket.answered += 1;
}

/** Codes that any call may end with in trouble; the others have to be true. */
const TROUBLES: ReadonlySet<string> = new Set(
  `INVALID_TOKEN UNAUTHORIZED REFRESH_LIMITED OUTCOME_UNKNOWN SESSION_UNAVAILABLE API_EXCEPTION CONNECTION_LOST
  CONNECTION_FAILED TIMEOUT TOO_MANY_ATTEMPTS INVALID_RESPONSE INVALID_CLIENT CIRCUIT_OPEN QUEUE_FULL`.split(
    /\s+/,
  ),
);

/** A call, or another promise, has settled. */
export function checkOutcome(world: World, call: Call, outcome: unknown, failed: boolean): void {
  const { journal } = world;
  const name = `${call.who.name}'s ${call.what} ${call.number}`;
  const wrong = (rule: string, what: string) => journal.broken(rule, `${name} ${what}`);
  if (call.request) checkRequest(call, outcome, failed, wrong);
  if (!failed) {
    // A session may be over before the store knew of it.
    if (call.what === 'logout()') return;
    const held = call.session && world.server.pairOf(call.session.tokens().accessToken);
    if (held && !call.era!.saved.includes(held)) wrong('I10', `got ${held.name}, which is not saved`);
  } else if (isAuthError(outcome)) checkCode(world, call, outcome, wrong);
  else wrong('I6', `failed with ${inspect(outcome)}`);
}

type Wrong = (rule: string, what: string) => void;

function checkRequest({ request, sends, era }: Call, outcome: unknown, failed: boolean, wrong: Wrong): void {
  const { seen, signal, final, kind } = request!;
  const last = sends.at(-1);
  if (seen.out !== 1) wrong('R1', `passed the user's request interceptor ${seen.out} times`);
  if (seen.back !== (failed ? 0 : 1))
    wrong('R1', `passed the user's response interceptor ${seen.back} times`);
  if (getEventListeners(signal, 'abort').length > 0) wrong('R11', 'left a listener at its signal');
  const { attempts } = outcome as { attempts?: number };
  if (attempts !== sends.length) wrong('R28', `says ${attempts} attempts and was sent ${sends.length} times`);
  if (!failed) {
    const { data } = outcome as { data?: { call?: number; family?: number } };
    if (last?.answer !== 200) wrong('R20', `succeeds after ${last?.answer}`);
    if (data?.family !== era?.family.id) wrong('I5', 'was answered for somebody else');
    return;
  }
  const { status, ambiguous, code } = outcome as AuthError;
  if (last?.answer === 200) wrong('R20', `fails with ${code} though it was answered`);
  if (final && last?.final && (code !== final.code || status !== final.status))
    wrong('R19', `ends with ${code}, not ${final.code}`);
  const acted = sends.some((send) => send.acted);
  if (acted && kind !== 'get' && kind !== 'keyed' && !ambiguous)
    wrong('R13', `ends with ${code} as if it had not been carried out, and it was`);
}

function checkCode(world: World, call: Call, error: AuthError, wrong: Wrong): void {
  const { code } = error;
  const { session, era, who, request } = call;
  // A key leads to whoever had it last, also while somebody else is about to take it.
  const closed = world.eras.some(
    (other) => other.closed && (other === era || (!session && other.key === era?.key)),
  );
  const over = session?.state.status === 'ended' || !era || closed || (era.over ?? era.told.length > 0);
  const now = performance.now();
  const lies =
    (code === 'ABORTED' && call.abortedAt === undefined) ||
    (code === 'DEADLINE_EXCEEDED' && now < (call.endsAt ?? Infinity) - CLOSE) ||
    (code === 'CLIENT_CLOSED' && !who.closed) ||
    (code === 'CIRCUIT_OPEN' && !world.plan.breaker) ||
    (code === 'QUEUE_FULL' && waiting(world, call) < world.plan.maxQueued);
  if (lies) wrong('I14', `ends with ${code}, which is true of another call`);
  if (code === 'SESSION_ENDED' && !over) wrong('I8', `ends with ${code}, but it has not`);
  const isKnown =
    TROUBLES.has(code) ||
    ['ABORTED', 'DEADLINE_EXCEEDED', 'CLIENT_CLOSED', 'SESSION_ENDED', request?.final?.code].includes(code);
  if (!isKnown) wrong('I6', `ends with ${code}`);
  const shown = inspect(error, { depth: 8, showHidden: true }) + JSON.stringify(error);
  if (shown.includes(MARK)) wrong('I17', 'shows a secret in its error');
}

/** Calls of the same process that have not settled. */
const waiting = ({ calls }: World, { who }: Call) =>
  [...calls.values()].filter((other) => other.who.process === who.process).length;
