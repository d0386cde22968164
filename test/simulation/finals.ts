// Answers that are final for any request, as the failure table has them.
import { NO_BODY } from '../../lib/contract/answer.js';
import { classify } from '../../lib/contract/classify.js';
import { readErrorBody } from '../../lib/contract/error-body.js';
import { EXAMPLES, type Example } from '../../lib/contract/examples.js';
import { FAILURES } from '../../lib/contract/failures.js';
import type { Final } from './world.js';

export const FINALS: readonly Final[] = Object.values<Example>(EXAMPLES).flatMap(
  ({ status, body, cause }) => {
    if (status === undefined || cause !== undefined) return [];
    const said = body === undefined ? NO_BODY : readErrorBody(body);
    const row = classify({ operation: 'request', auth: 'bearer', status, body: said }, FAILURES);
    const isFinal = row.reaction === 'fail' && !('session' in row && row.session === 'end');
    return isFinal ? [{ status, body: body ?? '', code: row.code }] : [];
  },
);
