// The trace context of whoever made a call goes with each of its attempts, so that the spans of the server join that trace.
import { context, propagation, type TextMapSetter } from '@opentelemetry/api';
import { addHeaderOf, type AddHeader } from '../events.js';
import type { EventMap } from '../index.js';

const SETTER: TextMapSetter<AddHeader> = { set: (add, name, value) => add(name, value) };

/** In a page only to its own origin: to another the header would need the consent of that server (CORS). */
export function propagate(event: EventMap['attempt']): void {
  const add = addHeaderOf(event);
  const page = (globalThis as { readonly location?: { readonly origin?: string } }).location;
  if (!add || (page && page.origin !== event.origin)) return;
  // The attempt leaves where the caller waits, so what is active is the caller's.
  propagation.inject(context.active(), add, SETTER);
}
