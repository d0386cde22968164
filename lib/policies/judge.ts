// From what an attempt brought back to a success or a `Failure`: the only reader of answers.
import { AxiosHeaders, type AxiosResponse } from 'axios';
import { isSuccess } from '../contract/answer.js';
import { challengeOf } from '../contract/challenge.js';
import { classify, type FailureTable } from '../contract/classify.js';
import type { AuthMode, Endpoint } from '../contract/endpoints.js';
import { parseJson, readErrorBody } from '../contract/error-body.js';
import { quotaWaitMs, type QuotaHeaders } from '../decide/quota.js';
import { retryAfterMs } from '../decide/retry-after.js';
import type { Passage } from './gate.js';
import { Failure, failureOf, type WireConfig } from './failure.js';
import type { NoAnswer } from './transport.js';

/** Headers that carry the server's id of a request, best first. */
const REQUEST_IDS = ['x-request-id', 'x-correlation-id', 'cf-ray', 'x-amzn-requestid'] as const;

/** The failure behind an answer, or `undefined` where it is a success. */
export function judge(
  config: WireConfig,
  auth: AuthMode,
  response: AxiosResponse,
  table: FailureTable,
  /** The table has rows of a config that may find fault with a 2xx. */
  strict: boolean,
): Failure | undefined {
  const { status } = response;
  const { call } = config;
  const { validateStatus } = call.facts.request;
  const accepted = validateStatus ? validateStatus(status) : true;
  const { endpoint } = call.facts;
  if (accepted && endpoint && !isPromised(endpoint, response.data))
    return failureOf(config, 'unreadable', table, auth, status);
  if (accepted && !strict && isSuccess(status)) return undefined;
  // Judged as the server said it: what a person typed may be part of a key.
  const said = readErrorBody(response.data);
  const header = headerOf(response);
  const challenge = challengeOf(header('www-authenticate'), said);
  const row = classify({ operation: call.facts.operation, auth, status, challenge, body: said }, table);
  if (row.reaction === 'accept') return undefined;
  // `validateStatus` has the last word on an answer, once nothing is left to be done about it.
  const open = row.reaction === 'refresh' || row.reaction === 'cooldown' || isSuccess(status);
  if (accepted && (!open || row.code === 'UNEXPECTED_ANSWER')) return undefined;
  const now = Date.now();
  const told = retryAfterMs(
    {
      'retry-after': header('retry-after'),
      'retry-after-ms': header('retry-after-ms'),
      date: header('date'),
    },
    now,
  );
  return new Failure(config, row, {
    status,
    body: readErrorBody(response.data, call.secrets),
    told: told ?? (row.reaction === 'cooldown' ? quotaWaitMs(quotaHeaders(header), now, true) : undefined),
    requestId: REQUEST_IDS.map(header).find(Boolean)?.slice(0, 200),
  });
}

/** A captive portal answers 200 too. The body may be text still. */
const isPromised = ({ read }: Endpoint, data: unknown) =>
  read(typeof data === 'string' ? (parseJson(data) ?? data) : data) !== undefined;

/** What the answer to an attempt, or its absence, says about the gate of its bucket. */
export function passageOf(outcome: AxiosResponse | Failure): Passage {
  if (outcome instanceof Failure) {
    if (outcome.reaction === 'cooldown') return { limitedBy: outcome };
    if (outcome.row.reaction === 'retry') return { failedWith: outcome };
    return outcome.status !== undefined ? 'passed' : 'unknown';
  }
  const { headers } = outcome;
  // Nearly no answer has these, and asking axios for a header costs more than looking.
  if (headers.ratelimit === undefined && headers['x-ratelimit-remaining'] === undefined) return 'passed';
  const spentFor = quotaWaitMs(quotaHeaders(headerOf(outcome)), Date.now());
  return spentFor === undefined ? 'passed' : { spentFor };
}

function headerOf(response: AxiosResponse): (name: string) => string | undefined {
  const headers = AxiosHeaders.from(response.headers as AxiosHeaders);
  return (name) => headers.get(name)?.toString();
}

function quotaHeaders(header: (name: string) => string | undefined): QuotaHeaders {
  return {
    ratelimit: header('ratelimit'),
    'x-ratelimit-remaining': header('x-ratelimit-remaining'),
    'x-ratelimit-reset': header('x-ratelimit-reset'),
  };
}

/** The failure behind an attempt without an answer. */
export function judgeSilence(
  config: WireConfig,
  auth: AuthMode,
  { cause, code, because }: NoAnswer,
  table: FailureTable,
): Failure {
  const failure = failureOf(config, cause, table, auth, undefined, because);
  failure.code = code;
  failure.because = because;
  return failure;
}
