// The SDK of OpenTelemetry, exporting into memory.
import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type DataPoint,
  type Histogram,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base';

export interface Sdk {
  readonly tracerProvider: BasicTracerProvider;
  readonly meterProvider: MeterProvider;
  readonly spans: () => ReadableSpan[];
  /** Data points of a metric; what was never recorded has none. */
  readonly points: (name: string) => Promise<DataPoint<number | Histogram>[]>;
  /** Everything that was exported, as text. */
  readonly everything: () => Promise<string>;
}

/** Call in a `describe`: each of its tests has an SDK of its own, and contexts that follow what is awaited. */
export function useSdk(): () => Sdk {
  let sdk: (Sdk & { end(): Promise<void> }) | undefined;
  const manager = new AsyncLocalStorageContextManager();
  before(() => void context.setGlobalContextManager(manager.enable()));
  beforeEach(() => (sdk = createSdk()));
  afterEach(() => sdk?.end());
  after(() => context.disable());
  return () => sdk!;
}

function createSdk() {
  const exporter = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 3_600_000 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  const exported = async () => {
    metrics.reset();
    await meterProvider.forceFlush();
    return metrics
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics: all }) => all));
  };
  return {
    tracerProvider,
    meterProvider,
    spans: () => exporter.getFinishedSpans(),
    async points(name: string) {
      const found = (await exported()).find(({ descriptor }) => descriptor.name === name);
      return (found?.dataPoints ?? []) as DataPoint<number | Histogram>[];
    },
    async everything() {
      const told = exporter
        .getFinishedSpans()
        .map(({ name, attributes, events, status, resource, links }) => [
          name,
          attributes,
          events,
          status,
          resource.attributes,
          links,
        ]);
      return JSON.stringify([told, await exported()]);
    },
    async end() {
      await tracerProvider.shutdown();
      await meterProvider.shutdown();
    },
  };
}
