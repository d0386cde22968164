// Whatever the API answers, the browser's client finds the code that the backend found: every example of the contract.
import { expect } from 'chai';
import { isSuccess } from '../../lib/contract/answer.js';
import { classify } from '../../lib/contract/classify.js';
import { EXAMPLES, type Example } from '../../lib/contract/examples.js';
import { readErrorBody } from '../../lib/contract/error-body.js';
import { createAuthClient, createGovernor } from '../../lib/index.js';
import { startLocalServer, type LocalServer } from '../support/local-server.js';
import { ADA, CREDENTIALS, GRACE, QUICK } from '../integration/stage.js';
import { useBff } from './stage.js';

const INPUT = {
  login: ADA,
  register: GRACE,
  guestLogin: GRACE,
  sendPasswordResetEmail: { email: ADA.email },
  updatePasswordByHash: { password: 'long enough', hash: 'x' },
} as const;
type Open = keyof typeof INPUT;

/** Codes that only a backend can act upon, and what a browser is told in their place. */
const INSTEAD: Readonly<Record<string, string>> = {
  UNEXPECTED_REDIRECT: 'API_EXCEPTION',
  UNEXPECTED_ANSWER: 'API_EXCEPTION',
  INVALID_RESPONSE: 'API_EXCEPTION',
};

describe('A browser and its backend agree about', () => {
  const stage = useBff();
  const examples = Object.entries(EXAMPLES as Readonly<Record<string, Example>>);
  const statuses = examples.filter(([, { status = 0, cause }]) => !cause && !isSuccess(status) && status > 0);

  async function upstream({ status = 500, headers, body }: Example): Promise<LocalServer> {
    return stage.keep(
      await startLocalServer((_request, response) => {
        const isText = typeof body === 'string';
        response.writeHead(status, { ...(!isText && { 'content-type': 'application/json' }), ...headers });
        response.end(body === undefined ? undefined : isText ? body : JSON.stringify(body));
      }),
    );
  }

  for (const [row, example] of statuses)
    for (const operation of Object.keys(INPUT) as Open[])
      it(`${row} as the answer to ${operation}`, async () => {
        const api = await upstream(example);
        const policies = { ...QUICK, cooldown: { maxWait: 0 } };
        const direct = stage.keep(
          createAuthClient({ baseURL: api.origin, credentials: CREDENTIALS, shopId: 1, policies, governor: createGovernor() }), // prettier-ignore
        );
        const there = await direct[operation]({ ...INPUT[operation], resetUrl: '{hash}' } as never);
        const { visitor } = await stage.backend({ auth: { baseURL: api.origin, policies } });
        const here = await visitor({ policies }).client[operation](INPUT[operation] as never);
        expect(here.ok).to.equal(there.ok);
        if (here.ok || there.ok) return;
        const { code, status, key } = there.error;
        expect(here.error.code, key).to.equal(INSTEAD[code] ?? code);
        if (INSTEAD[code] === undefined && code !== 'INVALID_CLIENT')
          expect(here.error).to.include({ status, userMessage: there.error.userMessage });
        const answer = { operation, auth: 'basic', status: status ?? 0, body: readErrorBody(example.body) } as const; // prettier-ignore
        expect(classify(answer).code, 'the stage is right').to.equal(code);
      });
});
