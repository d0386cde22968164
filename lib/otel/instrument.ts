// `instrument()`: listens to a client, and hands what it hears to the spans and the metrics.
import { metrics, trace, type MeterProvider, type TracerProvider } from '@opentelemetry/api';
import { check, known, type Rule } from '../check-options.js';
import { checkClient, type Observable } from './client.js';
import { measure } from './metrics.js';
import { propagate } from './propagate.js';
import { traceCalls } from './spans.js';
import { createStories } from './stories.js';

/** Options of `instrument()`: where spans and metrics go. */
export interface InstrumentOptions {
  /** Default: the one that is registered with `@opentelemetry/api`. */
  readonly tracerProvider?: TracerProvider;
  /** Default: the one that is registered with `@opentelemetry/api`. */
  readonly meterProvider?: MeterProvider;
}

const MAKER = 'instrument';
const NAME = 'holdfast';

const provider = (method: 'getTracer' | 'getMeter'): Rule => ({
  says: `a provider with ${method}()`,
  accepts: (value) => typeof (value as Record<string, unknown> | null)?.[method] === 'function',
});

/**
 * A span for each call with its attempts as children, and metrics of attempts, waits, repeats, refreshes and sessions.
 * The trace context of the caller goes with each attempt to an origin of the client's own.
 * They tell nothing of a header, a body, a query or a token, and no id that stands in a path.
 * @returns ends it
 * @throws TypeError where the client is none, or an option is unknown
 */
export function instrument(client: Observable, options: InstrumentOptions = {}): () => void {
  checkClient(MAKER, client);
  known(MAKER, options, ['tracerProvider', 'meterProvider']);
  const { tracerProvider = trace, meterProvider = metrics } = options;
  check(MAKER, 'tracerProvider', tracerProvider, provider('getTracer'));
  check(MAKER, 'meterProvider', meterProvider, provider('getMeter'));
  const meter = measure(meterProvider.getMeter(NAME));
  const tell = traceCalls(tracerProvider.getTracer(NAME));
  const stories = createStories(meter);
  const offs = [
    client.on('attempt', propagate),
    client.on('attempt', (event) => stories.attempt(event)),
    client.on('failure', (event) => stories.failure(event)),
    client.on('queued', (event) => stories.queued(event)),
    client.on('retry', (event) => stories.note(event, 'retry', { 'holdfast.after_ms': event.afterMs })),
    client.on('cooldown', (event) => {
      stories.note(event, 'cooldown', { 'holdfast.for_ms': event.forMs });
      meter.cooldown(event);
    }),
    client.on('breaker', (event) => {
      stories.note(event, 'breaker', { 'holdfast.state': event.state });
      meter.breaker(event);
    }),
    client.on('settled', (event) => {
      tell(event, stories.settled(event));
      meter.settled(event);
    }),
    client.on('refresh', meter.refresh),
    client.on('sessionStarted', meter.sessionStarted),
    client.on('sessionEnded', meter.sessionEnded),
  ];
  return () => {
    for (const off of offs) off();
    stories.forget();
  };
}
