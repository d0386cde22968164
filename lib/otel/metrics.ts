// The metrics: attempts by the conventions for HTTP clients, and what only this client has under names of its own.
import { ValueType, type Meter } from '@opentelemetry/api';
import type { EventMap } from '../index.js';
import { attemptAttributes, callAttributes } from './attributes.js';
import type { Hearer } from './stories.js';

/** In seconds; those of the conventions, and three more for calls that wait. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const LONG_BOUNDS = [...BOUNDS, 15, 30, 60];

type Told = {
  readonly [E in 'cooldown' | 'breaker' | 'refresh' | 'sessionStarted' | 'sessionEnded' | 'settled']: (
    event: EventMap[E],
  ) => void;
};

export function measure(meter: Meter): Hearer & Told {
  const seconds = (name: string, description: string, explicitBucketBoundaries: number[]) =>
    meter.createHistogram(name, {
      description,
      unit: 's',
      valueType: ValueType.DOUBLE,
      advice: { explicitBucketBoundaries },
    });
  const counter = (name: string, unit: string, description: string) =>
    meter.createCounter(name, { unit, description, valueType: ValueType.INT });

  const attempts = seconds('http.client.request.duration', 'Duration of HTTP client requests.', BOUNDS);
  const calls = seconds(
    'holdfast.call.duration',
    'Duration of calls, waits and repeats included.',
    LONG_BOUNDS,
  );
  const resends = counter('holdfast.call.resends', '{request}', 'Requests beyond the first of a call.');
  const waiting = meter.createUpDownCounter('holdfast.call.waiting', {
    unit: '{call}',
    description: 'Calls that wait: for a cooldown, for their turn or for a server that fails.',
    valueType: ValueType.INT,
  });
  const cooldowns = counter('holdfast.cooldowns', '{cooldown}', 'How often a bucket was closed.');
  const breakers = counter('holdfast.breaker.changes', '{change}', 'How often a breaker changed its state.');
  const refreshes = counter('holdfast.session.refreshes', '{refresh}', 'Refreshes that ended.');
  const refreshTimes = seconds('holdfast.session.refresh.duration', 'Duration of refreshes.', BOUNDS);
  const started = counter('holdfast.session.started', '{session}', 'Sessions that began.');
  const ended = counter('holdfast.session.ended', '{session}', 'Sessions that ended.');
  /** Refreshes under way: session by session, since when. */
  const under = new Map<string, number>();

  return {
    waits: (reason, by) => waiting.add(by, { 'holdfast.reason': reason }),
    attempted: (attempt, event) =>
      attempts.record(Math.max(0, attempt.to - attempt.from) / 1_000, attemptAttributes(attempt, event)),
    settled(event) {
      const attributes = callAttributes(event);
      calls.record(event.ms / 1_000, attributes);
      if (event.attempts > 1) resends.add(event.attempts - 1, attributes);
    },
    cooldown: ({ route }) => cooldowns.add(1, { 'url.template': route }),
    breaker: ({ state }) => breakers.add(1, { 'holdfast.state': state }),
    refresh({ session, at, phase, code }) {
      if (phase === 'started') under.set(session, at);
      if (phase !== 'succeeded' && phase !== 'failed') return;
      const attributes = phase === 'failed' ? { 'error.type': code ?? 'unknown' } : {};
      const since = under.get(session);
      under.delete(session);
      refreshes.add(1, attributes);
      if (since !== undefined) refreshTimes.record(Math.max(0, at - since) / 1_000, attributes);
    },
    sessionStarted: () => started.add(1),
    sessionEnded({ session, reason }) {
      under.delete(session);
      ended.add(1, { 'holdfast.reason': reason });
    },
  };
}
