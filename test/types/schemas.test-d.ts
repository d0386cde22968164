// What request() makes of the types of zod, valibot and arktype: the output of a schema, whatever it takes in.
import { type } from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';
import type { AuthClient, RequestError, Result, Schema, Session } from '../../lib/index.js';

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- two generic functions compare exactly
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Expect<T extends true> = T;

interface Order {
  id: number;
  createdAt: Date;
  note?: string | undefined;
}

declare const auth: AuthClient;
declare const session: Session;

const ofZod = z.object({
  id: z.coerce.number(),
  createdAt: z.string().transform((text) => new Date(text)),
  note: z.string().optional(),
});
const ofValibot = v.object({
  id: v.pipe(v.string(), v.transform(Number)),
  createdAt: v.pipe(v.string(), v.toDate()),
  note: v.optional(v.string()),
});
const ofValibotLater = v.objectAsync(ofValibot.entries);
const ofArktype = type({
  id: 'string.integer.parse',
  createdAt: 'string.date.parse',
  'note?': 'string | undefined',
});

export async function values() {
  const zod = await auth.request({ url: '/orders/1', schema: ofZod });
  // @ts-expect-error the value is what comes out of the schema, and not what went in
  if (zod.ok) zod.value.createdAt satisfies string;
  // @ts-expect-error no schema, but its parser alone
  await session.request({ url: '/orders', schema: { parse: () => 1 } });
  return [
    zod,
    await auth.request({ url: '/orders/1', schema: ofValibot }),
    await session.request({ url: '/orders/1', schema: ofValibotLater }),
    await session.request({ url: '/orders/1', schema: ofArktype }),
    await session.request({ method: 'post', url: '/orders', data: {}, schema: z.array(ofZod) }),
  ] as const;
}
type Values = Awaited<ReturnType<typeof values>>;
export type Same = [
  Expect<Equal<Values[0 | 1 | 2 | 3], Result<Order, RequestError>>>,
  Expect<Equal<Values[0], Values[1]>>,
  Expect<Equal<Values[1], Values[2]>>,
  Expect<Equal<Values[2], Values[3]>>,
  Expect<Equal<Values[4], Result<Order[], RequestError>>>,
];

export const schemas: readonly Schema<Order>[] = [ofZod, ofValibot, ofValibotLater, ofArktype];
// @ts-expect-error an order has a date
export const wrong: Schema<Order> = z.object({ id: z.number(), createdAt: z.string() });
