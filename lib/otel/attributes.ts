// Events as attributes, by the names of OpenTelemetry's conventions for HTTP clients; what these have no name for begins
// with `holdfast.`. Never the whole address of a request: ids and queries stand in it.
import type { Attributes } from '@opentelemetry/api';
import type { EventMap } from '../index.js';
import type { Attempt } from './stories.js';

type CallEvent = EventMap['failure' | 'settled'];

const METHODS = /^(?:CONNECT|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT|QUERY|TRACE)$/;

export function methodOf({ method }: CallEvent): string {
  const upper = method.toUpperCase();
  return METHODS.test(upper) ? upper : '_OTHER';
}

/** Of every span and metric of an HTTP attempt. */
export function attemptAttributes(attempt: Attempt, event: CallEvent): Attributes {
  const { status, failure } = attempt;
  return {
    'http.request.method': methodOf(event),
    'url.template': event.route,
    ...serverOf(event),
    ...(status !== undefined && { 'http.response.status_code': status }),
    ...(failure && { 'error.type': status !== undefined && status >= 400 ? String(status) : failure.code }),
  };
}

/** What only a span tells, since its values are many. */
export function spanAttributes({ number, failure }: Attempt): Attributes {
  return {
    ...(number > 1 && { 'http.request.resend_count': number - 1 }),
    ...(failure?.row !== undefined && { 'holdfast.row': failure.row }),
    ...(failure?.reaction !== undefined && { 'holdfast.reaction': failure.reaction }),
  };
}

/** Of a call as a whole. */
export function callAttributes(event: EventMap['settled']): Attributes {
  return {
    'holdfast.operation': event.operation,
    'http.request.method': methodOf(event),
    'url.template': event.route,
    ...serverOf(event),
    ...(!event.ok && { 'error.type': event.code ?? 'unknown' }),
  };
}

function serverOf({ origin }: CallEvent): Attributes {
  if (origin === undefined) return {};
  const { protocol, hostname, port } = new URL(origin);
  const scheme = protocol.slice(0, -1);
  return {
    'server.address': hostname,
    'server.port': Number(port) || (scheme === 'https' ? 443 : 80),
    'url.scheme': scheme,
  };
}
