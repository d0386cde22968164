// Calls of a resource for the customer: an allow-list of headers goes, an allow-list of headers comes back, and between
// them are the session's token, its refresh, repeats and cooldowns.
import { isSuccess, NO_BODY } from '../contract/answer.js';
import { classify } from '../contract/classify.js';
import { isAuthError, type RequestOptions, type Session } from '../index.js';
import { answer, answerFailure, answerNoSession, answerRefusal } from './answers.js';
import { takeBytes } from './body.js';
import type { Settings } from './options.js';
import { isTricky } from './paths.js';
import { REFUSALS } from './refusals.js';
import type { Route } from './routes.js';

/** Of what the browser sends. No cookie, no `Authorization`, nothing that says where the call comes from. */
const PASSED_ON = ['accept', 'accept-language', 'content-type', 'if-match', 'if-modified-since', 'if-none-match', 'if-unmodified-since', 'range'] as const; // prettier-ignore
/** Of what the resource answers. No `Set-Cookie`, no word on caching or other origins. */
const HANDED_BACK = ['accept-ranges', 'content-disposition', 'content-language', 'content-range', 'content-type', 'etag', 'last-modified', 'ratelimit', 'ratelimit-policy', 'retry-after', 'x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset', 'x-request-id'] as const; // prettier-ignore

const IDEMPOTENCY_KEY = 'idempotency-key';

/** A final answer of the resource is handed back as it is; what the session acts upon, or cannot follow, is not. */
function isFinal(status: number): boolean {
  if (isSuccess(status) || status === 304) return true;
  if (status < 400 || status > 499) return false;
  return classify({ operation: 'request', auth: 'bearer', status, body: NO_BODY }).reaction === 'fail';
}

const asIs = (data: unknown) => data;

export async function callResource(
  request: Request,
  { resource, rest }: Extract<Route, { is: 'resource' }>,
  session: Session<string>,
  call: Pick<RequestOptions, 'customer' | 'deadline'>,
  { maxBody, maxAnswer }: Pick<Settings, 'maxBody' | 'maxAnswer'>,
): Promise<Response> {
  const url = new URL(resource.target + rest + new URL(request.url).search);
  // What was checked is what is called, whatever the parser of addresses makes of it.
  const base = new URL(resource.target);
  if (url.origin !== base.origin || !url.pathname.startsWith(base.pathname) || isTricky(url.pathname))
    return answerRefusal(REFUSALS.path);
  const reads = request.method === 'GET' || request.method === 'HEAD';
  const taken = reads ? undefined : await takeBytes(request, maxBody);
  if (taken && 'refusal' in taken) return answerRefusal(taken.refusal);
  const bytes = taken?.value;
  const idempotencyKey = request.headers.get(IDEMPOTENCY_KEY);
  try {
    const response = await session.http.request<ArrayBuffer>({
      method: request.method,
      url: url.href,
      headers: passed(request.headers, bytes !== undefined && bytes.length > 0),
      ...(bytes && bytes.length > 0 && { data: bytes.buffer }),
      responseType: 'arraybuffer',
      transformRequest: [asIs],
      transformResponse: [asIs],
      validateStatus: isFinal,
      maxContentLength: maxAnswer,
      ...(reads && { signal: request.signal }), // a change that has left is waited for
      holdfast: {
        ...call,
        ...(idempotencyKey !== null && /^[ -~]{1,255}$/.test(idempotencyKey) && { idempotencyKey }),
      },
    });
    const headers = HANDED_BACK.flatMap((name): [string, string][] => {
      const value: unknown = response.headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    });
    const { status, data } = response;
    return answer(status, request.method === 'HEAD' ? null : data, Object.fromEntries(headers));
  } catch (error) {
    if (!isAuthError(error)) throw error;
    return session.state.status === 'ended' ? answerNoSession() : answerFailure(error, true);
  }
}

function passed(headers: Headers, hasBody: boolean): Record<string, string> {
  const kept = PASSED_ON.flatMap((name): [string, string][] => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  // Without a type axios would name one.
  return { ...(hasBody && { 'content-type': 'application/octet-stream' }), ...Object.fromEntries(kept) };
}
