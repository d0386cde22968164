// request() with the schemas that people have: zod, valibot and arktype, on what the sandbox and other servers answer.
import { inspect } from 'node:util';
import { type } from 'arktype';
import { expect } from 'chai';
import * as v from 'valibot';
import { z } from 'zod';
import { unwrap, type AuthError, type Result, type Schema } from '../../lib/index.js';
import { sendJson } from '../support/local-server.js';
import { rejection, useStage } from './stage.js';

interface Order {
  readonly id: number;
  readonly createdAt: Date;
}

/** The same in three libraries: of an order its id as a number, and its time as a date. */
const ORDERS: Readonly<Record<string, Schema<readonly Order[]>>> = {
  zod: z.array(z.object({ id: z.coerce.number().int(), createdAt: z.coerce.date() })),
  'zod, asynchronous': z.array(
    z
      .object({ id: z.coerce.number().int(), createdAt: z.coerce.date() })
      .refine(({ id }) => Promise.resolve(Number.isInteger(id))),
  ),
  valibot: v.array(
    v.object({
      id: v.pipe(v.string(), v.transform(Number), v.integer()),
      createdAt: v.pipe(v.string(), v.isoTimestamp(), v.toDate()),
    }),
  ),
  'valibot, asynchronous': v.arrayAsync(
    v.objectAsync({
      id: v.pipeAsync(
        v.string(),
        v.checkAsync((id) => Promise.resolve(/^\d+$/.test(id))),
        v.transform(Number),
      ),
      createdAt: v.pipe(v.string(), v.isoTimestamp(), v.toDate()),
    }),
  ),
  arktype: type({ id: 'string.integer.parse', createdAt: 'string.date.iso.parse' }).array(),
};

const FIRST = { id: 1, createdAt: new Date('2024-01-01T00:00:00.000Z') };
/** No shape of a token that anybody would know. */
const OPAQUE = 'kept-from-everybody';

describe('An answer typed by a schema', () => {
  const stage = useStage();

  const failureOf = (result: Result<unknown>): AuthError => {
    if (result.ok) throw new Error('expected a failure');
    return result.error;
  };
  const answering = async (body: unknown) => {
    const { origin } = await stage.server((_request, response) => sendJson(response, 200, body));
    return stage.client(origin);
  };

  for (const [library, schema] of Object.entries(ORDERS)) {
    it(`is what ${library} made of it`, async () => {
      const { session } = await stage.loggedIn();
      const orders = unwrap(await session.request({ url: '/orders', schema }));
      expect(orders).to.have.length(3);
      expect(orders[0]).to.deep.include(FIRST);
    });

    it(`is INVALID_RESPONSE where ${library} refuses it, and names the field`, async () => {
      const { sandbox, session } = await stage.loggedIn();
      const body = [{ id: '1', createdAt: '2024-01-01T00:00:00.000Z' }, { id: 'two', createdAt: '2024-01-01T00:00:00.000Z' }]; // prettier-ignore
      sandbox.fault({ on: 'listOrders', times: 1, status: 200, body });
      const error = failureOf(await session.request({ url: '/orders', schema }));
      expect(error).to.include({ code: 'INVALID_RESPONSE', kind: 'protocol', status: 200, attempts: 1 });
      expect(error.details).to.have.length(1);
      expect(error.details[0]).to.include({ field: '1.id' });
      expect(error.details[0]!.message).to.match(/\w{4}/);
    });
  }

  const REFUSING: Readonly<Record<string, Schema<unknown>>> = {
    zod: z.object({ token: z.literal('another', { error: ({ input }) => `not ${String(input)}` }) }),
    valibot: v.object({ token: v.literal('another') }),
    arktype: type({ token: "'another'" }),
  };
  for (const [library, schema] of Object.entries(REFUSING))
    it(`shows no secret of itself that ${library} quotes`, async () => {
      const client = await answering({ token: OPAQUE });
      const error = failureOf(await client.request({ url: '/', schema }));
      expect(error.details).to.deep.include({ ...error.details[0], field: 'token' });
      expect(error.details[0]!.message).to.contain('[secret]');
      expect(inspect(error, { depth: 9 }) + JSON.stringify(error)).not.to.contain(OPAQUE);
    });

  it('shows no secret of the request that it repeats, nor one that it has for a key', async () => {
    const { origin } = await stage.server(({ headers }, response) =>
      sendJson(response, 200, { [headers['x-api-key'] as string]: headers.authorization, token: OPAQUE }),
    );
    const session = stage.client(origin).resume({ accessToken: 'opaque-access-token', refreshToken: 'r' });
    const headers = { 'X-Api-Key': 'of-the-shop-itself' };
    const schema = type({ '[string]': "'nothing'" });
    const error = failureOf(await session.request({ url: '/', headers, schema }));
    expect(error.details.map(({ field }) => field)).to.have.members(['[secret]', 'token']);
    expect(inspect(error, { depth: 9 })).not.to.match(/opaque-access-token|of-the-shop|kept-from/);
  });

  const THROWING: Readonly<Record<string, Schema<unknown>>> = {
    zod: z.object({ token: z.string().transform((text): unknown => JSON.parse(text)) }),
    valibot: v.object({ token: v.pipe(v.string(), v.rawTransform(({ dataset }): unknown => JSON.parse(dataset.value))) }), // prettier-ignore
    arktype: type({ token: type('string').pipe((text): unknown => JSON.parse(text)) }),
  };
  for (const [library, schema] of Object.entries(THROWING))
    it(`is INVALID_RESPONSE where something in a schema of ${library} throws, and shows no secret`, async () => {
      const error = failureOf(await (await answering({ token: OPAQUE })).request({ url: '/', schema }));
      expect(error).to.include({ code: 'INVALID_RESPONSE', status: 200 });
      expect(error.details).to.deep.equal([{ message: 'Schema threw: SyntaxError' }]);
      expect(inspect(error, { depth: 9 })).not.to.contain(OPAQUE.slice(0, 9));
    });

  it('is INVALID_RESPONSE where a schema throws what is no error, at once or later', async () => {
    const client = await answering({});
    const validations = [
      (): never => {
        throw OPAQUE as unknown as Error;
      },
      () => Promise.reject(OPAQUE),
    ];
    for (const validate of validations) {
      const schema: Schema<unknown> = { '~standard': { version: 1, vendor: 'mine', validate } };
      const error = failureOf(await client.request({ url: '/', schema }));
      expect(error.details).to.deep.equal([{ message: 'Schema threw: string' }]);
    }
  });

  it('is asked for by no schema that is none: nothing is sent', async () => {
    const { sandbox, session } = await stage.loggedIn();
    const before = sandbox.counts().received;
    for (const [schema, got] of [
      [undefined, 'undefined'],
      [{ parse: () => 1 }, '{}'],
      [null, 'null'],
    ] as const) {
      const error = await rejection(session.request({ url: '/orders', schema: schema as never }));
      expect(error).to.be.instanceOf(TypeError);
      expect(String(error)).to.contain(`request: schema must be a Standard Schema; got ${got}.`);
    }
    expect(sandbox.counts().received).to.equal(before);
  });
});
