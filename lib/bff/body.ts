// Bodies of requests: bounded while they are read, JSON alone for operations, and of that the fields of the row.
import { BFF } from '../contract/bff.js';
import type { Endpoint } from '../contract/endpoints.js';
import { isRecord, parseJson } from '../contract/error-body.js';
import { fieldRefused, fieldsMissing, REFUSALS, type Refusal } from './refusals.js';

/** What was read, or why it was not. */
export type Taken<T> = { readonly value: T } | { readonly refusal: Refusal };

/** The bytes of a body of at most `most`; a larger one is not read to its end. */
export async function takeBytes(request: Request, most: number): Promise<Taken<Uint8Array<ArrayBuffer>>> {
  if (Number(request.headers.get('content-length') ?? 0) > most) return { refusal: REFUSALS.tooLarge };
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = request.body?.getReader();
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.byteLength;
    if (length > most) {
      reader.cancel().catch(() => undefined);
      return { refusal: REFUSALS.tooLarge };
    }
    chunks.push(value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return { value: bytes };
}

/** What the backend alone decides; a browser may repeat it, as a client does that has the same settings. */
export interface Fixed {
  readonly shopId: number;
  readonly resetUrl: string | undefined;
}

/** The input of an operation: the fields of its row, and no other. */
export async function takeInput(
  request: Request,
  { body: fields = {}, shop }: Pick<Endpoint, 'body' | 'shop'>,
  { shopId, resetUrl }: Fixed,
  most: number,
): Promise<Taken<Record<string, string>>> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/json\s*(?:;|$)/i.test(type)) return { refusal: REFUSALS.mediaType };
  const taken = await takeBytes(request, most);
  if ('refusal' in taken) return taken;
  const given = parseJson(new TextDecoder().decode(taken.value));
  if (!isRecord(given)) return { refusal: REFUSALS.unreadable };

  const inputs = new Map(Object.entries(fields).map(([input, wire]) => [wire, input]));
  const repeated = new Map<string, readonly unknown[]>([
    ['reset_url', 'resetUrl' in fields ? [BFF.resetUrl, resetUrl] : []],
    ['shop_id', shop === 'body' ? [shopId] : []],
  ]);
  const input: [string, string][] = resetUrl !== undefined && 'resetUrl' in fields ? [['resetUrl', resetUrl]] : []; // prettier-ignore
  const missing: string[] = [];
  for (const [wire, value] of Object.entries(given)) {
    const allowed = repeated.get(wire);
    if (allowed ? !allowed.includes(value) : !inputs.has(wire)) return { refusal: fieldRefused(wire) };
  }
  for (const [wire, name] of inputs) {
    if (repeated.has(wire)) continue;
    const value = Object.hasOwn(given, wire) ? given[wire] : undefined;
    if (typeof value === 'string' && value !== '') input.push([name, value]);
    else missing.push(wire);
  }
  return missing.length > 0 ? { refusal: fieldsMissing(missing) } : { value: Object.fromEntries(input) };
}
