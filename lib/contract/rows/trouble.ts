// Rows of the failure table for trouble on the other side, and for whatever is left.
import type { BuiltIn } from '../failure-row.js';

export const TROUBLE = [
  // Trouble on the other side.
  {
    id: 'api-exception',
    when: [{ status: [424, 500] }],
    code: 'API_EXCEPTION',
    reaction: 'retry',
    processed: 'unknown',
    because: 'The service or one of its dependencies failed.',
    proof: 'documented',
  },
  {
    id: 'gateway',
    when: [{ status: [502, 503, 504] }],
    code: 'API_EXCEPTION',
    reaction: 'retry',
    processed: 'unknown',
    overload: true,
    because: 'A gateway in front of the service could not get an answer from it.',
    proof: 'documented',
  },
  {
    id: 'not-implemented',
    when: [{ status: [501, 505] }],
    code: 'API_EXCEPTION',
    reaction: 'fail',
    processed: 'no',
    because: 'The server does not implement what was asked; repeating cannot help.',
    proof: 'inferred',
  },
  {
    id: 'server-error',
    when: [{ status: '5xx' }, { status: [408, 425] }],
    code: 'API_EXCEPTION',
    reaction: 'retry',
    processed: 'unknown',
    because: 'The server gave up on the request.',
    proof: 'inferred',
  },

  // The rest.
  {
    id: 'redirect',
    when: [{ status: [301, 302, 303, 307, 308] }, { cause: ['redirected'] }],
    code: 'UNEXPECTED_REDIRECT',
    reaction: 'fail',
    processed: 'unknown',
    because: 'Redirects are not followed, so that no credential reaches an unknown host: check baseURL.',
    proof: 'inferred',
  },
  {
    id: 'rejected',
    when: [{ status: '4xx' }],
    code: 'REQUEST_REJECTED',
    reaction: 'fail',
    processed: 'no',
    because: 'The server rejected the request; the same request would be rejected again.',
    proof: 'inferred',
  },
  {
    id: 'success',
    when: [{ status: '2xx' }],
    code: 'SUCCESS',
    reaction: 'accept',
    processed: 'yes',
    because: 'The request was carried out.',
    proof: 'documented',
  },
  {
    id: 'unexpected',
    when: [{}],
    code: 'UNEXPECTED_ANSWER',
    reaction: 'fail',
    processed: 'unknown',
    because: 'The answer fits no row of the contract.',
    proof: 'ours',
  },
] as const satisfies readonly BuiltIn[];
