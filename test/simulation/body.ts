// Bodies of the calls: made in the way of their kind, and read back where they arrive.
import { Readable } from 'node:stream';
import type { Kind } from './plan.js';

export interface Body {
  /** What is handed to axios; `undefined`: nothing. */
  readonly data: unknown;
  /** What must arrive, whatever becomes of `data` meanwhile. */
  readonly text: string | undefined;
  /** Changes `data`, as a careless caller does once the call is made. */
  readonly spoil: () => void;
}

export function bodyOf(kind: Kind, number: number): Body {
  const order = { article: number };
  const text = JSON.stringify(order);
  const spoil = () => void (order.article = -1);
  if (kind === 'get') return { data: undefined, text: undefined, spoil };
  if (kind === 'stream') return { data: Readable.from([text]), text, spoil };
  if (kind === 'made') return { data: () => ({ article: number }), text, spoil };
  return { data: order, text, spoil };
}

/** What an attempt carries. */
export async function readBody(data: unknown): Promise<string | undefined> {
  if (!(data instanceof Readable)) return data as string | undefined;
  let text = '';
  for await (const chunk of data) text += String(chunk);
  return text;
}
