// A span for each call, and one for each of its attempts below it. They are made when the call is over, with the moments
// at which things happened: what a call waits for is known only then.
import { context, SpanKind, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api';
import type { EventMap } from '../index.js';
import { attemptAttributes, callAttributes, methodOf, spanAttributes } from './attributes.js';
import type { Story } from './stories.js';

export function traceCalls(tracer: Tracer): (event: EventMap['settled'], story: Story) => void {
  return (event, { attempts, notes }) => {
    const http = `${methodOf(event)} ${event.route}`;
    // The listener runs where the caller waits, so what is active is the caller's.
    const outside = context.active();
    const call = tracer.startSpan(
      event.operation === 'request' ? http : event.operation,
      {
        kind: SpanKind.INTERNAL,
        startTime: event.at - event.ms,
        attributes: { ...callAttributes(event), 'holdfast.attempts': event.attempts },
      },
      outside,
    );
    const inside = trace.setSpan(outside, call);
    for (const attempt of attempts) {
      const attributes = { ...attemptAttributes(attempt, event), ...spanAttributes(attempt) };
      const span = tracer.startSpan(
        http,
        { kind: SpanKind.CLIENT, startTime: attempt.from, attributes },
        inside,
      );
      if (attempt.failure) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end(attempt.to);
    }
    for (const { name, at, attributes } of notes) call.addEvent(name, attributes, at);
    if (!event.ok) call.setStatus({ code: SpanStatusCode.ERROR, ...(event.code && { message: event.code }) });
    call.end(event.at);
  };
}
