// Writes scenarios/schema.json, by which editors complete and check scenario files: `npx tsx docs/scenario-schema.ts`. A
// test fails while it is not fresh, and another one where it and the parsers of the sandbox are not of one mind.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { OPERATIONS } from '../lib/sandbox/operations.js';
import { ANSWERED_ROWS } from '../lib/sandbox/replies.js';

const SCHEMA = new URL('../scenarios/schema.json', import.meta.url);

const say = (description: string, schema: object) => ({ ...schema, description });
const whole = (minimum: number, maximum = Number.MAX_SAFE_INTEGER) => ({ type: 'integer', minimum, maximum });
const text = { type: 'string', minLength: 1 };
const yes = { const: true };
const fields = (properties: object, required: string[] = []) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const some = (schema: object) => ({ type: 'array', items: schema });

const headers = say('Header names and values.', {
  type: 'object',
  propertyNames: { pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$" },
  additionalProperties: { type: 'string', pattern: '^[\\t\\x20-\\x7e\\x80-\\xff]*$' },
});

/** Where, how often and how late; then what goes wrong, with what goes with that. */
const scope = {
  on: say('An operation, the beginning of a path, or any request. Default: any.', {
    anyOf: [{ enum: ['any', ...OPERATIONS] }, { type: 'string', pattern: '^/' }],
  }),
  times: say('How many requests it hits. Default 1.', { anyOf: [whole(1), { const: 'always' }] }),
  after: say('How many requests it lets pass first. Default 0.', whole(0)),
  delay: say('Holds the answer back, ms.', whole(0, 2 ** 31 - 1)),
};
const { on, after, delay } = scope;
const kinds = [
  fields(scope, ['delay']),
  fields(
    {
      ...scope,
      status: say('Answered in place of processing.', whole(200, 599)),
      headers,
      body: say('Default: the example of the contract for the status.', {}),
      html: say('The body is a page.', { type: 'boolean' }),
    },
    ['status'],
  ),
  fields(
    {
      ...scope,
      row: say('Answered as the example of this row of docs/errors.md.', { enum: ANSWERED_ROWS }),
      headers,
    },
    ['row'],
  ),
  fields(
    {
      ...scope,
      drop: say('Hangs up, before or after the request is processed.', { enum: ['before', 'after'] }),
    },
    ['drop'],
  ),
  fields({ ...scope, stall: say('Half of the answer, then silence.', yes) }, ['stall']),
  fields({ ...scope, truncate: say('Half of the answer, then the end.', yes) }, ['truncate']),
  fields({ ...scope, html200: say('A page with status 200.', yes) }, ['html200']),
  fields({ ...scope, garbage: say('A page with status 200 that is said to be JSON.', yes) }, ['garbage']),
  fields(
    {
      on,
      after,
      delay,
      rateLimit: say(
        'Lets so many requests through in a window.',
        fields(
          {
            limit: whole(0),
            per: say('Length of a window, ms.', whole(1)),
            retryAfter: say('Seconds, a date, or nothing. Default: the seconds left.', {
              anyOf: [whole(0), { enum: ['date', 'none'] }],
            }),
          },
          ['limit', 'per'],
        ),
      ),
    },
    ['rateLimit'],
  ),
];

const person = fields(
  {
    email: text,
    password: text,
    firstName: text,
    lastName: text,
    gender: text,
    deactivated: { type: 'boolean' },
  },
  ['email', 'password', 'firstName', 'lastName', 'gender'],
);

const schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'A scenario of holdfast',
  ...fields(
    {
      $schema: text,
      title: say('One line that says what it is about.', text),
      sandbox: say(
        'Who is there, and how the API is.',
        fields({
          customers: some(person),
          clients: some(fields({ id: text, secret: text }, ['id', 'secret'])),
          shopId: whole(0),
          lifetimes: say('Of tokens, ms.', fields({ access: whole(0), refresh: whole(0) })),
          generation: say('Whose refusals the token endpoint speaks.', { enum: [8, 9] }),
          keyCase: say('The case of every error key.', { enum: ['upper', 'lower'] }),
          kid: say('Keys in the key set.', { enum: ['none', 'one', 'two'] }),
          lockout: say(
            'Failed logins until an address is locked, and for how many ms.',
            fields({ failures: whole(0), for: whole(0) }),
          ),
          clock: say('By how many ms its clock is fast.', whole(Number.MIN_SAFE_INTEGER)),
        }),
      ),
      steps: say(
        'What happens, and when.',
        some(
          fields({
            at: say('ms since the first request. Default 0: from the start.', whole(0)),
            heal: say('Ends all trouble.', yes),
            faults: say('Trouble, behind what is in force.', {
              anyOf: [{ $ref: '#/definitions/fault' }, some({ $ref: '#/definitions/fault' })],
            }),
            expire: say('Every access token of this moment is expired.', yes),
            revoke: say('Ends every session of this customer.', text),
            deactivate: say('Closes the account of this customer.', text),
          }),
        ),
      ),
      play: say(
        'The client that meets it: it logs in, and then calls.',
        fields({
          email: text,
          password: text,
          calls: say('Default 10.', whole(1, 10_000)),
          every: say('Between the starts of two calls, ms. Default 0.', whole(0, 60_000)),
          path: say('Default /orders.', { type: 'string', pattern: '^/' }),
          method: say('Default get.', text),
          policies: say('Policies of the client: docs/options.md.', { type: 'object' }),
        }),
      ),
      expect: say(
        'How it should end.',
        fields({
          outcomes: say('How many calls end in which way: ok, or the code of an error.', {
            type: 'object',
            additionalProperties: whole(0),
          }),
          refreshes: whole(0),
          sent: say('Requests that the calls cost at most.', whole(0)),
          session: { enum: ['live', 'ended', 'none'] },
        }),
      ),
    },
    ['title'],
  ),
  definitions: { fault: { anyOf: kinds } },
};

/** The schema, as text. */
export const renderSchema = (): Promise<string> =>
  format(JSON.stringify(schema), { parser: 'json', printWidth: 110 });

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(SCHEMA, await renderSchema());
